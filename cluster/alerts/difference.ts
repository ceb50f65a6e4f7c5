/**
 * What would change in a directory of rule files.
 *
 * @module
 */

import type { RuleFile } from "./rule_files.ts";

/** A file that differs. */
export interface FileDifference {
  /** Below the directory of rules. */
  readonly path: string;
  /** What becomes of it. */
  readonly kind: "added" | "changed" | "removed";
  /** Its text now; empty where there is none. */
  readonly before: string;
  /** The text that it will have; empty where it goes. */
  readonly after: string;
}

/** How the files begin that are made from the configuration. */
export const OURS = "# Written by aami from ";

/** Whether a file of that text was made from the configuration, and so is ours to remove. */
export function isOurs(text: string): boolean {
  return text.startsWith(OURS);
}

/**
 * The files that differ, by path. Files that aami did not write stay as they are and are not told.
 *
 * @param existing the texts that are there, by path below the directory
 */
export function differences(wanted: readonly RuleFile[], existing: ReadonlyMap<string, string>): FileDifference[] {
  const found: FileDifference[] = [];
  for (const { path, text } of wanted) {
    const before = existing.get(path);
    if (before === undefined) found.push({ path, kind: "added", before: "", after: text });
    else if (before !== text) found.push({ path, kind: "changed", before, after: text });
  }
  const paths = new Set(wanted.map(({ path }) => path));
  for (const [path, text] of existing) {
    if (!paths.has(path) && isOurs(text)) found.push({ path, kind: "removed", before: text, after: "" });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}
