/**
 * What a task asks of which package, compared with what the host has.
 *
 * @module
 */

import type { PackageState } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import { globPattern } from "../_shared/commands.ts";
import type { PackageArgs } from "./mod.ts";

/** The package managers that the module speaks to. */
export type Manager = "apt" | "dnf" | "zypper";

/** A package as the task names it. */
export interface Wanted {
  /** As written. */
  readonly spec: string;
  /** The name that the package database knows. */
  readonly name: string;
  /** The version asked for, possibly a glob. */
  readonly version?: string;
  /** The version may be without epoch and release, as zypper takes it. */
  readonly loose?: true;
  /** It is a package file on the host: its name and version are in it. */
  readonly file?: true;
}

/** What a package file says of itself. */
export interface PackageFile {
  /** The package's name. */
  readonly name: string;
  /** Its version, with epoch and release. */
  readonly version: string;
}

/** What is known of a package. */
export interface Found extends PackageState {
  /** The packages that provide a name which is none of its own. */
  readonly providers?: readonly string[];
  /** Of these, one that is installed. */
  readonly provider?: string;
  /** What the package file holds, where one was named. */
  readonly file?: PackageFile;
  /** On dnf, where a version was asked for: the one that is installed instead, and whether it is newer. */
  readonly other?: string;
  /** Whether `other` is newer than the version asked for; undefined without `other`. */
  readonly otherIsNewer?: boolean;
}

/**
 * Reads a name as it stands in the task.
 *
 * @throws {ModuleError} for a text that names no package
 */
export function parseSpec(spec: string, manager: Manager): Wanted {
  if (/:\/\/|^[^/].*\.(deb|rpm)$/.test(spec)) {
    throw new ModuleError(
      `'${spec}' is no package that the host has: get the file there first, with 'get_url' or 'copy', and name its path from the root`,
    );
  }
  if (/^\/.*\.(deb|rpm)$/.test(spec)) return parseFile(spec, manager);
  const match = (manager === "dnf" ? /^([\w.+:~^@()/-]+)$/ : /^([^\s=<>!*?/]+)(?:=(\S+))?$/).exec(spec);
  if (match && !spec.startsWith("-")) {
    const [, name, version] = match;
    return { spec, name, ...version && { version, ...manager === "zypper" && { loose: true } } };
  }
  const form = manager === "dnf" ? "NAME or NAME-VERSION" : "NAME or NAME=VERSION";
  throw new ModuleError(`'${spec}' names no package: write ${form}`);
}

function parseFile(path: string, manager: Manager): Wanted {
  const own = manager === "apt" ? ".deb" : ".rpm";
  if (path.endsWith(own)) return { spec: path, name: path, file: true };
  throw new ModuleError(`'${path}' is no package for ${manager}, which takes files that end with ${own}`);
}

/** A package file by what is in it; others as they are. */
export function resolved(wanted: Wanted, { file }: Pick<Found, "file">): Wanted {
  return file ? { ...wanted, ...file } : wanted;
}

/** Whether the package already is as the task wants it. */
export function satisfied(wanted: Wanted, found: Found, state: PackageArgs["state"]): boolean {
  if (state === "absent" || state === "removed") return !found.installed;
  if (!found.installed) return found.provider !== undefined && wanted.version === undefined;
  if (wanted.version !== undefined) return isVersion(found.version ?? "", wanted);
  return state !== "latest" || found.candidate === undefined || found.candidate === found.version;
}

function isVersion(version: string, { version: wanted = "", file, loose }: Wanted): boolean {
  if (file) return version === wanted;
  const epoch = loose && !wanted.includes(":") ? /^\d+:/ : "";
  const release = loose && !wanted.includes("-") ? /-[^-]*$/ : "";
  return globPattern(wanted).test(version.replace(epoch, "").replace(release, ""));
}
