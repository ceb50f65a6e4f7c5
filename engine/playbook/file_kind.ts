/**
 * Tells what a YAML file is from what it holds, for those who look through a folder.
 *
 * @module
 */

import { entryOf, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { TASK_KEYWORDS } from "./keywords.ts";

/** What a file of an operator is. */
export type FileKind = "playbook" | "tasks" | "inventory" | "variables";

/** Folders whose files hold variables. */
const VARIABLE_FOLDERS = /(^|\/)(group_vars|host_vars|vars|defaults)\//;

const GROUP_KEYS = new Set(["hosts", "children", "vars"]);

/**
 * What a file is; undefined for one that is none of ours.
 *
 * @param path as it lies below the folder that is looked through
 * @param modules the names that tasks may call
 */
export function kindOfFile(path: string, root: YamlNode, modules: ReadonlySet<string>): FileKind | undefined {
  if (VARIABLE_FOLDERS.test(path)) return "variables";
  if (root.kind === "seq") {
    const maps = root.items.filter((item) => item.kind === "map");
    if (maps.some(isPlay)) return "playbook";
    return maps.some((map) => isTask(map, modules)) ? "tasks" : undefined;
  }
  if (root.kind !== "map" || root.entries.length === 0) return undefined;
  if (entryOf(root, "hosts") && entryOf(root, "tasks")) return "playbook";
  const inventory = entryOf(root, "plugin") || entryOf(root, "all")?.value.kind === "map" ||
    root.entries.every(({ value }) => isGroup(value));
  return inventory ? "inventory" : undefined;
}

function isPlay(map: YamlMap): boolean {
  return ["hosts", "import_playbook"].some((key) => entryOf(map, key));
}

function isTask(map: YamlMap, modules: ReadonlySet<string>): boolean {
  const keys = map.entries.map(({ key }) => key.replace(/^ansible\.(builtin|posix|legacy)\./, ""));
  const known = (key: string) => modules.has(key) || key === "block" || /^(import|include)_(tasks|role)$/.test(key);
  return keys.some(known) || keys.filter((key) => (TASK_KEYWORDS as readonly string[]).includes(key)).length > 1;
}

function isGroup(value: YamlNode): boolean {
  if (value.kind !== "map") return false;
  return value.entries.length > 0 && value.entries.every(({ key }) => GROUP_KEYS.has(key));
}
