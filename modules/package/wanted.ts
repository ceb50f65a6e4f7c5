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
export type Manager = "apt" | "dnf";

/** A package as the task names it. */
export interface Wanted {
  /** As written. */
  readonly spec: string;
  /** The name that the package database knows. */
  readonly name: string;
  /** The version asked for, possibly a glob. */
  readonly version?: string;
}

/** What is known of a package. */
export interface Found extends PackageState {
  /** The packages that provide a name which is none of its own. */
  readonly providers?: readonly string[];
  /** Of these, one that is installed. */
  readonly provider?: string;
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
  const match = (manager === "apt" ? /^([^\s=<>!*?/]+)(?:=(\S+))?$/ : /^([\w.+:~^@()/-]+)$/).exec(spec);
  if (match && !spec.startsWith("-")) return { spec, name: match[1], ...match[2] && { version: match[2] } };
  if (/^\/|:\/\/|\.(deb|rpm)$/.test(spec)) {
    throw new ModuleError(`'${spec}' is a file, not the name of a package: put it into a repository of the host`);
  }
  const form = manager === "apt" ? "NAME or NAME=VERSION" : "NAME or NAME-VERSION";
  throw new ModuleError(`'${spec}' names no package: write ${form}`);
}

/** Whether the package already is as the task wants it. */
export function satisfied(wanted: Wanted, found: Found, state: PackageArgs["state"]): boolean {
  if (state === "absent" || state === "removed") return !found.installed;
  if (!found.installed) return found.provider !== undefined && wanted.version === undefined;
  if (wanted.version !== undefined) return globPattern(wanted.version).test(found.version ?? "");
  return state !== "latest" || found.candidate === undefined || found.candidate === found.version;
}
