/**
 * The lines of an authorized_keys file.
 *
 * @module
 */

import type { Change } from "../../engine/module/module.ts";
import { fingerprint, keyLines, parseKey, type PublicKey, wrongKey } from "../_shared/ssh_keys.ts";
import { linesOf, textOfLines } from "../_shared/text_file.ts";

/** A key that may log in. */
export interface AuthorizedKey extends PublicKey {
  /** What it may do, and from where, e.g. `from="10.0.0.0/8"`. */
  readonly options: readonly string[];
}

/** Splits options at the commas outside of quotes. */
export function splitOptions(text: string): string[] {
  return [...text.matchAll(/((?:[^",\s]|"(?:[^"\\]|\\[^])*")+),?/g)].map((match) => match[1]);
}

/** Reads a line; undefined where it is no key. */
export function parseLine(line: string): AuthorizedKey | undefined {
  const text = line.trim();
  if (text.startsWith("#")) return undefined;
  const plain = parseKey(text);
  if (plain) return { ...plain, options: [] };
  const [, options, rest] = /^((?:[^"\s]|"(?:[^"\\]|\\[^])*")+)[ \t]+(.*)$/.exec(text) ?? [];
  const key = rest === undefined ? undefined : parseKey(rest);
  return key && { ...key, options: splitOptions(options) };
}

/** The keys of an argument of several lines. */
export function keysOf(text: string): AuthorizedKey[] {
  return keyLines(text).map(parseLine).filter((key) => key !== undefined);
}

/** What is wrong with an argument of several lines, or undefined. The key itself is not repeated: it may be a secret. */
export function wrongKeys(text: string): string | undefined {
  if (/PRIVATE KEY/.test(text)) return "'key' holds a private key: give the public one, from the file with .pub";
  if (/^\s*https?:\/\//.test(text)) {
    return "'key' is the address of keys: download them, look at them, and give them with file()";
  }
  const lines = keyLines(text);
  if (lines.length === 0) return "'key' holds no key";
  for (const [index, line] of lines.entries()) {
    const key = parseLine(line);
    const wrong = key ? wrongKey(key) : "it is no public key: a key is its type, its data and a comment on one line";
    if (wrong) return lines.length > 1 ? `key ${index + 1} of ${lines.length}: ${wrong}` : `'key': ${wrong}`;
  }
  return undefined;
}

/** A file with keys as they should be: those that are there keep their place, and their line where nothing differs. */
export function withKeys(text: string, wanted: readonly AuthorizedKey[], exclusive: boolean): string {
  const placed = new Set<string>();
  const lines = linesOf(text).flatMap((line) => {
    const found = parseLine(line);
    const key = found && wanted.find((each) => each.data === found.data);
    if (!found || !key) return exclusive ? [] : [line];
    if (placed.has(key.data)) return [];
    placed.add(key.data);
    return [same(found, key) ? line : formatKey(key)];
  });
  for (const key of wanted) {
    if (!placed.has(key.data)) lines.push(formatKey(key));
    placed.add(key.data);
  }
  return lines.join("\n") === linesOf(text).join("\n") ? text : textOfLines(lines);
}

/** A file without some keys. */
export function withoutKeys(text: string, unwanted: readonly AuthorizedKey[]): string {
  const lines = linesOf(text);
  const kept = lines.filter((line) => !unwanted.some((key) => key.data === parseLine(line)?.data));
  return kept.length === lines.length ? text : textOfLines(kept);
}

/** The order of options says nothing. */
function same(one: AuthorizedKey, other: AuthorizedKey): boolean {
  const options = (key: AuthorizedKey) => key.options.toSorted().join(",");
  return one.type === other.type && one.comment === other.comment && options(one) === options(other);
}

function formatKey({ options, type, data, comment }: AuthorizedKey): string {
  return [options.join(","), type, data, comment].filter((part) => part !== "").join(" ");
}

/** The changes of keys from one text to another, by their fingerprints. */
export function keyChanges(path: string, before: string, after: string): Change[] {
  const [old, next] = [before, after].map((text) => new Map(keysOf(text).map((key) => [key.data, words(key)])));
  return [...new Set([...old.keys(), ...next.keys()])]
    .filter((data) => old.get(data) !== next.get(data))
    .map((data) => ({ path, what: "key", before: old.get(data) ?? "absent", after: next.get(data) ?? "absent" }));
}

function words(key: AuthorizedKey): string {
  return [key.options.join(","), fingerprint(key)].filter((part) => part !== "").join(" ");
}
