/**
 * Which files `aami lint` looks at.
 *
 * @module
 */

import { join } from "node:path";
import { inputError } from "../engine/support/diagnostic.ts";
import { nearestPath } from "../engine/inventory/files.ts";

/** Folders whose files are not ours to read. */
const LEFT_OUT = /^(\..*|node_modules|files|templates)$/;
/** Names of INI inventories; any other `.ini` may be a program's. */
const INI = /^(hosts|inventory)([._-].*)?$|^hosts?\.ini$/;

/** A file to look at. */
export interface LintFile {
  /** As it is opened. */
  readonly path: string;
  /** Whether the operator named it, so that it must be something. */
  readonly named: boolean;
}

/** What a folder holds. */
export interface LintTree {
  /** YAML files and INI inventories, in order. */
  readonly files: readonly LintFile[];
  /** The folders of roles, in order. */
  readonly roles: readonly string[];
}

/**
 * Lists the files below some paths; a role's are listed by its folder.
 *
 * @throws {DiagnosticError} for a path that does not exist
 */
export async function lintTree(paths: readonly string[]): Promise<LintTree> {
  const files: LintFile[] = [];
  const roles: string[] = [];
  for (const path of paths) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(path);
    } catch {
      const near = await nearestPath(path);
      const help = near ? `did you mean '${near}'?` : "name a file, or a folder with playbooks, roles and inventories";
      throw inputError("file-unreadable", `there is no file '${path}'`, undefined, help);
    }
    if (info.isDirectory) walk(path, files, roles);
    else files.push({ path, named: true });
  }
  return { files, roles };
}

function walk(folder: string, files: LintFile[], roles: string[]): void {
  if (isRole(folder)) return void roles.push(folder);
  const entries = [...Deno.readDirSync(folder)].sort((left, right) => left.name < right.name ? -1 : 1);
  for (const { name, isDirectory, isFile } of entries) {
    const path = folder === "." ? name : join(folder, name);
    if (isDirectory && !LEFT_OUT.test(name)) walk(path, files, roles);
    else if (isFile && !name.startsWith(".") && (/\.ya?ml$/.test(name) || INI.test(name))) {
      files.push({ path, named: false });
    }
  }
}

/** A folder in `roles/`, or one with the tasks of a role. */
function isRole(folder: string): boolean {
  if (/(^|\/)roles\/[^/]+$/.test(folder)) return true;
  return ["main.yml", "main.yaml"].some((name) => isFile(join(folder, "tasks", name)));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
