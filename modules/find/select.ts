/**
 * What is looked for: names, ages, sizes, types.
 *
 * @module
 */

import type { FileStat } from "../../engine/host/host.ts";
import { globPattern } from "../_shared/commands.ts";
import { baseName } from "../_shared/files.ts";
import { compilePattern } from "../lineinfile/python_regex.ts";

/** What is asked of a path's name. */
export interface NameRequest {
  /** At least one of them must match; none for every name. */
  readonly patterns: readonly string[];
  /** None of them may match. */
  readonly excludes: readonly string[];
  /** They are regular expressions, matched at the name's beginning, and not globs. */
  readonly use_regex: boolean;
  /** Names that begin with a dot count too. */
  readonly hidden: boolean;
}

/** Tells whether the last part of a path is what is looked for. */
export function nameFilter({ patterns, excludes, use_regex, hidden }: NameRequest): (path: string) => boolean {
  const compile = (pattern: string) =>
    use_regex ? compilePattern(pattern, { text: true, atStart: true }) : globPattern(pattern);
  const wanted = patterns.map(compile);
  const unwanted = excludes.map(compile);
  const matches = (name: string) => (pattern: RegExp) => {
    pattern.lastIndex = 0;
    return pattern.test(name);
  };
  return (path) => {
    const name = baseName(path);
    if (!hidden && name.startsWith(".")) return false;
    if (wanted.length > 0 && !wanted.some(matches(name))) return false;
    return !unwanted.some(matches(name));
  };
}

/** What is asked of what lies at a path. */
export interface StatRequest {
  /** Its type; a link is not followed. */
  readonly file_type: "file" | "directory" | "link" | "any";
  /** Seconds; older, or with a minus younger. */
  readonly age?: number;
  /** Which of its times counts. */
  readonly age_stamp: "mtime" | "atime" | "ctime";
  /** Bytes; larger, or with a minus smaller. Only files have one. */
  readonly size?: number;
}

/** Whether something is of the type, age and size that is looked for; `now` in seconds since 1970. */
export function statMatches(stat: FileStat, { file_type, age, age_stamp, size }: StatRequest, now: number): boolean {
  if (file_type !== "any" && stat.type !== file_type) return false;
  const atLeast = (value: number, limit: number) => limit >= 0 ? value >= limit : value <= -limit;
  if (age !== undefined && !atLeast(now - stat[age_stamp], age)) return false;
  return size === undefined || stat.type !== "file" || atLeast(stat.size, size);
}

/**
 * Whether a file's content is what is looked for: a line that begins so, or with `whole` any place in it. As in Ansible,
 * what is no text never is.
 */
export function contentMatches(content: Uint8Array, pattern: string, whole: boolean): boolean {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return false;
  }
  if (whole) return compilePattern(pattern, { text: true }).test(text);
  const line = compilePattern(pattern, { text: true, atStart: true });
  return (text.match(/[^\n]*\n|[^\n]+/g) ?? []).some((each) => {
    line.lastIndex = 0;
    return line.test(each);
  });
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `-2d` as seconds; undefined for what is no age. */
export function parseAge(text: string): number | undefined {
  return withUnit(text, SECONDS);
}

/** `10m` as bytes; undefined for what is no size. */
export function parseSize(text: string): number | undefined {
  return withUnit(text, BYTES);
}

function withUnit(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit = ""] = /^(-?\d+)([a-z]?)$/.exec(text.toLowerCase()) ?? [];
  if (number === undefined || (unit !== "" && !Object.hasOwn(units, unit))) return undefined;
  return Number(number) * (units[unit] ?? 1);
}
