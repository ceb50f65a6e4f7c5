/**
 * Where files, templates, roles and playbooks are looked for.
 *
 * @module
 */

import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { SearchPath } from "./playbook.ts";

/** The folder of the built-in playbooks and roles. */
export const BUILTIN_PLAYBOOKS = fileURLToPath(new URL("../../playbooks", import.meta.url));

/** The search path of a play's own tasks, or of a role's, which looks in the role first. */
export function searchPath(playbookDirectory: string, roleDirectory?: string): SearchPath {
  const bases = roleDirectory ? [roleDirectory, playbookDirectory] : [playbookDirectory];
  const below = (folder: string) => bases.flatMap((base) => [join(base, folder), base]);
  return { files: below("files"), templates: below("templates") };
}

/** The first existing place of a path, or undefined; `tried` takes the places looked at. */
export async function find(folders: readonly string[], path: string, tried?: string[]): Promise<string | undefined> {
  const places = isAbsolute(path) ? [path] : [...new Set(folders.map((folder) => resolve(folder, path)))];
  for (const place of places) {
    tried?.push(place);
    if (await exists(place)) return place;
  }
  return undefined;
}

/** The folder of a role, or undefined. Looks beside the playbook, in the working directory, then among the built-in ones. */
export async function findRole(name: string, playbookDirectory: string, tried: string[]): Promise<string | undefined> {
  const folders = [
    join(playbookDirectory, "roles"),
    playbookDirectory,
    resolve("roles"),
    join(BUILTIN_PLAYBOOKS, "roles"),
  ];
  return await find(folders, name, tried);
}

/**
 * The file of a playbook: a path, or the name of one in `./playbooks`, or of a built-in one. A file of the operator's
 * wins over a built-in of the same name.
 */
export async function findPlaybook(name: string): Promise<string | undefined> {
  if (/\.(ya?ml|json)$/.test(name) || name.includes("/")) return await find([resolve(".")], name);
  for (const folder of [resolve("."), resolve("playbooks"), BUILTIN_PLAYBOOKS]) {
    for (const extension of [".yml", ".yaml"]) {
      const place = await find([folder], name + extension);
      if (place) return place;
    }
  }
  return undefined;
}

/** The names of the built-in playbooks. */
export async function builtinPlaybooks(): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(BUILTIN_PLAYBOOKS)) {
    if (entry.isFile && entry.name.endsWith(".yml")) names.push(entry.name.slice(0, -4));
  }
  return names.sort();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** The folder that holds a file. */
export function folderOf(path: string): string {
  return dirname(resolve(path));
}
