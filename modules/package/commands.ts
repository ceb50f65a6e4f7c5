/**
 * The command lines of the package managers.
 *
 * @module
 */

import type { RunAction } from "../../engine/host/action.ts";
import type { PackageArgs } from "./mod.ts";
import type { Manager } from "./wanted.ts";

/** Nobody answers questions: keep the operator's configuration files, wait a minute for another apt. */
const APT_OPTIONS = [
  "-q",
  "-y",
  "-o",
  "Dpkg::Options::=--force-confdef",
  "-o",
  "Dpkg::Options::=--force-confold",
  "-o",
  "DPkg::Lock::Timeout=60",
];

const APT_ENVIRONMENT = {
  DEBIAN_FRONTEND: "noninteractive",
  DEBIAN_PRIORITY: "critical",
  APT_LISTCHANGES_FRONTEND: "none",
  LC_ALL: "C",
};

/** The words behind `apt-get` that install packages. */
export function installArguments(specs: readonly string[], args: PackageArgs): string[] {
  const words = [...APT_OPTIONS];
  if (args.install_recommends !== undefined) {
    words.push(args.install_recommends ? "--install-recommends" : "--no-install-recommends");
  }
  if (args.default_release !== undefined) words.push("-t", args.default_release);
  if (args.allow_downgrade) words.push("--allow-downgrades");
  if (args.allow_change_held_packages) words.push("--allow-change-held-packages");
  if (args.autoremove) words.push("--auto-remove");
  return [...words, "install", "--", ...specs];
}

/** The words behind `apt-get` that remove packages. */
export function removeArguments(specs: readonly string[], args: PackageArgs): string[] {
  const words = [...APT_OPTIONS];
  if (args.allow_change_held_packages) words.push("--allow-change-held-packages");
  if (args.autoremove) words.push("--auto-remove");
  return [...words, args.purge ? "purge" : "remove", "--", ...specs];
}

/** Reads the repositories again. */
export function updateAction(manager: Manager): RunAction {
  if (manager === "dnf") return { do: "run", argv: ["dnf", "-q", "-y", "makecache", "--refresh"] };
  return { do: "run", argv: ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=60", "update"], environment: APT_ENVIRONMENT };
}

/** Installs or upgrades packages. */
export function installAction(manager: Manager, specs: readonly string[], args: PackageArgs): RunAction {
  if (manager === "apt") return apt(installArguments(specs, args));
  // Without `--best`, dnf leaves what is installed; a version that is named it installs, older or not.
  const best = args.state === "latest" ? ["--best"] : [];
  return { do: "run", argv: ["dnf", "-y", ...best, "install", "--", ...specs] };
}

/** Removes packages. */
export function removeAction(manager: Manager, specs: readonly string[], args: PackageArgs): RunAction {
  if (manager === "apt") return apt(removeArguments(specs, args));
  // Without `clean_requirements_on_remove`, dnf leaves what others needed, as apt does.
  const keep = args.autoremove ? [] : ["--noautoremove"];
  return { do: "run", argv: ["dnf", "-y", "remove", ...keep, "--", ...specs] };
}

function apt(words: readonly string[]): RunAction {
  return { do: "run", argv: ["apt-get", ...words], environment: APT_ENVIRONMENT };
}
