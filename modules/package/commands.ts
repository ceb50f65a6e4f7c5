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
  if (manager === "zypper") return zypper(["refresh"]);
  return { do: "run", argv: ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=60", "update"], environment: APT_ENVIRONMENT };
}

/** Installs or upgrades packages. */
export function installAction(manager: Manager, specs: readonly string[], args: PackageArgs): RunAction {
  if (manager === "apt") return apt(installArguments(specs, args));
  if (manager === "zypper") return zypper(zypperInstall(specs, args), args);
  // Without `--best`, dnf leaves what is installed; a version that is named it installs, older or not.
  const best = args.state === "latest" ? ["--best"] : [];
  const unsigned = args.disable_gpg_check ? ["--nogpgcheck"] : [];
  return { do: "run", argv: ["dnf", "-y", ...best, ...unsigned, "install", "--", ...specs] };
}

/** Installs files with dnf, whose `install` takes none that is older than what is installed. */
export function downgradeAction(files: readonly string[], args: PackageArgs): RunAction {
  const unsigned = args.disable_gpg_check ? ["--nogpgcheck"] : [];
  return { do: "run", argv: ["dnf", "-y", ...unsigned, "downgrade", "--", ...files] };
}

/** Removes packages. */
export function removeAction(manager: Manager, specs: readonly string[], args: PackageArgs): RunAction {
  if (manager === "apt") return apt(removeArguments(specs, args));
  if (manager === "zypper") {
    return zypper(["remove", ...args.autoremove ? ["--clean-deps"] : [], "--", ...specs]);
  }
  // Without `clean_requirements_on_remove`, dnf leaves what others needed, as apt does.
  const keep = args.autoremove ? [] : ["--noautoremove"];
  return { do: "run", argv: ["dnf", "-y", "remove", ...keep, "--", ...specs] };
}

function apt(words: readonly string[]): RunAction {
  return { do: "run", argv: ["apt-get", ...words], environment: APT_ENVIRONMENT };
}

function zypperInstall(specs: readonly string[], args: PackageArgs): string[] {
  const words = ["install", "--auto-agree-with-licenses"];
  if (args.install_recommends !== undefined) {
    words.push(args.install_recommends ? "--recommends" : "--no-recommends");
  }
  if (args.allow_downgrade) words.push("--oldpackage");
  return [...words, "--", ...specs];
}

/** From 100 on zypper only has something to say: a restart is due, a repository was left out, a scriptlet failed. */
function zypper(words: readonly string[], args?: PackageArgs): RunAction {
  const unsigned = args?.disable_gpg_check ? ["--no-gpg-checks"] : [];
  const accept = [0, 100, 101, 102, 103, 106];
  return { do: "run", argv: ["zypper", "--non-interactive", ...unsigned, ...words], accept };
}
