/**
 * Where files, templates, roles and playbooks are looked for.
 *
 * @module
 */

import { dirname, isAbsolute, join, resolve } from "node:path";
import { BUILTIN_PLAYBOOKS, BUILTIN_ROOT, exists, isBuiltin, list, shownAsset } from "../support/assets.ts";
import type { SearchPath } from "./playbook.ts";

/**
 * The search path of a play's own tasks, or of a role's, which looks in the role first. What is built in also looks in
 * the operator's directory, then in the built-in templates.
 *
 * @param roleDirectories the role's folder, and before it what lies over it
 */
export function searchPath(playbookDirectory: string, roleDirectories: readonly string[] = []): SearchPath {
  const own = [...roleDirectories, playbookDirectory];
  const bases = own.some(isBuiltin) ? [...own, resolve("."), BUILTIN_ROOT] : own;
  const below = (folder: string) => bases.flatMap((base) => [join(base, folder), base]);
  return { files: below("files"), templates: below("templates") };
}

/** The first existing place of a path, or undefined; `tried` takes the places looked at. */
export async function find(folders: readonly string[], path: string, tried?: string[]): Promise<string | undefined> {
  const places = isAbsolute(path) ? [path] : [...new Set(folders.map((folder) => resolve(folder, path)))];
  for (const place of places) {
    tried?.push(shownAsset(place));
    if (await exists(place)) return place;
  }
  return undefined;
}

/** Where roles lie: beside the playbook, in the working directory, then the built-in ones. The operator's come first. */
export function roleFolders(playbookDirectory: string): string[] {
  const beside = isBuiltin(playbookDirectory) ? [] : [join(playbookDirectory, "roles"), playbookDirectory];
  return [...beside, resolve("roles"), join(BUILTIN_PLAYBOOKS, "roles")];
}

/**
 * The folders of a role, none where there is no such role. There is a second where the operator's has nothing but files
 * and templates, and lies so over the built-in role of its name.
 */
export async function findRole(name: string, playbookDirectory: string, tried: string[]): Promise<string[]> {
  const role = await find(roleFolders(playbookDirectory), name, tried);
  if (!role) return [];
  const builtin = join(BUILTIN_PLAYBOOKS, "roles", name);
  if (isBuiltin(role) || isAbsolute(name) || !await exists(builtin)) return [role];
  const entries = await list(role);
  const over = entries.length > 0 && entries.every((entry) => entry === "files" || entry === "templates");
  return over ? [role, builtin] : [role];
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
  const names = await list(BUILTIN_PLAYBOOKS);
  return names.filter((name) => name.endsWith(".yml")).map((name) => name.slice(0, -4));
}

/** The folder that holds a file. */
export function folderOf(path: string): string {
  return dirname(resolve(path));
}
