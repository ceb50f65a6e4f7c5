/**
 * The argument types that module schemas are built from. They convert as operators expect (`yes` is true, `"80"` is 80)
 * and their words for what is wrong are the ones the operator reads.
 *
 * @module
 */

import { z } from "../support/zod.ts";
import type { LocalFile } from "../host/action.ts";

/** What the engine looks for on the search path before a module sees the argument. */
export type SourceKind = "files" | "templates";

/** A file of the controller, found on the search path. */
export interface FileSource {
  /** Tells it from the other sources. */
  readonly kind: "file";
  /** Its path on the controller. */
  readonly path: string;
  /** Permission bits on the controller, e.g. 0o755. */
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
  /** The bytes where there are at most 1 MiB of them; larger files are sent as {@linkcode LocalFile}. */
  readonly content: Uint8Array | LocalFile;
}

/** A directory of the controller. */
export interface TreeSource {
  /** Tells it from the other sources. */
  readonly kind: "tree";
  /** Its path on the controller. */
  readonly path: string;
  /** Whether the source was written with a trailing slash: copy what is in it, not itself. */
  readonly contentsOnly: boolean;
  /** Relative paths of the directories and files below, sorted. */
  readonly directories: readonly { path: string; mode: number }[];
  /** The files below, each with its path relative to the directory, sorted. */
  readonly files: readonly (FileSource & { relative: string })[];
}

/** A template, rendered. */
export interface RenderedSource {
  /** Tells it from the other sources. */
  readonly kind: "rendered";
  /** The template's path on the controller. */
  readonly path: string;
  /** What it rendered to. */
  readonly text: string;
}

/** Any resolved source. */
export type Source = FileSource | TreeSource | RenderedSource;

function isSource(value: unknown): value is Source {
  return typeof value === "object" && value !== null && "kind" in value && "path" in value;
}

/**
 * A file or tree of the controller. The engine replaces the path by the {@linkcode FileSource} or
 * {@linkcode TreeSource} before the schema sees it; with `remote_src: true` it stays a path on the host.
 */
export function fileSource(): z.ZodType<FileSource | TreeSource | string> {
  return z.custom<FileSource | TreeSource | string>(
    (value) => typeof value === "string" || (isSource(value) && value.kind !== "rendered"),
    "expected the path of a file",
  ).meta({ source: "files", type: "string", words: "path on the controller" });
}

/** A Handlebars template of the controller; the engine replaces the path by the {@linkcode RenderedSource}. */
export function templateSource(): z.ZodType<RenderedSource> {
  return z.custom<RenderedSource>(
    (value) => isSource(value) && value.kind === "rendered",
    "expected the path of a template",
  ).meta({ source: "templates", type: "string", words: "path of a template" });
}

const TRUE = new Set(["true", "yes", "on", "y", "t", "1"]);
const FALSE = new Set(["false", "no", "off", "n", "f", "0"]);

/** A boolean; takes true/false/yes/no/on/off as text and 0/1. */
export function flag(): z.ZodType<boolean> {
  return z.unknown().transform((value, context) => {
    if (typeof value === "boolean") return value;
    const word = String(value).toLowerCase();
    if (TRUE.has(word)) return true;
    if (FALSE.has(word)) return false;
    context.addIssue({ code: "custom", message: `expected true or false, got ${describe(value)}` });
    return z.NEVER;
  }).meta({ type: "boolean", words: "boolean" });
}

/** A whole number within bounds; takes digits as text. */
export function integer(bounds: { min?: number; max?: number } = {}): z.ZodType<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = bounds;
  return z.unknown().transform((value, context) => {
    const number = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max) return number;
    const range = bounds.min === undefined
      ? ""
      : bounds.max === undefined
      ? ` of at least ${min}`
      : ` from ${min} to ${max}`;
    context.addIssue({ code: "custom", message: `expected a whole number${range}, got ${describe(value)}` });
    return z.NEVER;
  }).meta({ type: "integer", words: "integer" });
}

/** A number within bounds; takes digits as text. */
export function decimal(bounds: { min?: number } = {}): z.ZodType<number> {
  return z.unknown().transform((value, context) => {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number) && number >= (bounds.min ?? -Infinity)) return number;
    context.addIssue({ code: "custom", message: `expected a number, got ${describe(value)}` });
    return z.NEVER;
  }).meta({ type: "number", words: "number" });
}

/** Text; numbers and booleans become text as YAML wrote them. */
export function text(): z.ZodType<string> {
  return z.unknown().transform((value, context) => {
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    context.addIssue({ code: "custom", message: `expected text, got ${describe(value)}` });
    return z.NEVER;
  }).meta({ type: "string", words: "string" });
}

/** Text that is not ours to read: `{{ … }}` in it stays as it is (rule files, annotations). */
export function rawText(): z.ZodType<string> {
  return text().meta({ type: "string", words: "string, taken as it is", raw: true });
}

/** An absolute path on the host; `~` of the connecting user is not expanded here. */
export function path(): z.ZodType<string> {
  return z.unknown().transform((value, context) => {
    if (typeof value === "string" && value.startsWith("/") && !value.includes("\0")) return normalizePath(value);
    const message = typeof value === "string" && value.includes("\0")
      ? "a path cannot hold a NUL character"
      : typeof value === "string" && value !== ""
      ? `expected an absolute path, got '${value}'`
      : `expected a path, got ${describe(value)}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }).meta({ type: "string", words: "path on the host" });
}

/** Without doubled and trailing slashes; `..` is kept as it may go through a link. */
export function normalizePath(path: string): string {
  const short = path.replace(/\/{2,}/g, "/").replace(/\/(\.\/)+/g, "/");
  return short.length > 1 ? short.replace(/\/$/, "") : short;
}

/**
 * Permission bits: octal text (`"0644"`) or symbolic (`u=rw,g=r`). A bare number is refused: YAML 1.2 reads 0644 as
 * six hundred and forty-four.
 */
export function mode(): z.ZodType<string> {
  return z.unknown().transform((value, context) => {
    if (typeof value === "string" && (/^0?[0-7]{3,4}$/.test(value) || isSymbolicMode(value))) return value;
    const message = typeof value === "number"
      ? `a mode is text: write it in quotes, e.g. "${likelyMode(value)}" (YAML reads 0644 as the decimal number 644)`
      : `expected a mode such as "0644" or "u=rw,g=r,o=", got ${describe(value)}`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }).meta({ type: "string", words: "mode" });
}

/** The mode that a number was meant to be: its digits, as of `0644`, or, as of `0o644`, its octal form. */
function likelyMode(number: number): string {
  const octal = `0${number.toString(8)}`;
  const isMode = (digits: string) => {
    const [owner, group, others] = digits.slice(-3).split("").map(Number);
    // Nobody gives a group what its owner may not do.
    return /^[0-7]{3,4}$/.test(digits) && (group & ~owner) === 0 && (others & ~group) === 0;
  };
  return !isMode(String(number)) && isMode(octal.slice(1)) ? octal : `0${number}`;
}

function isSymbolicMode(value: string): boolean {
  return value.split(",").every((clause) => /^[ugoa]*([-+=]([rwxXst]*|[ugo]))+$/.test(clause));
}

/** A list; a single value stands for a list of it, and text is split at commas as in Ansible. */
export function list<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z.preprocess((value) => {
    if (Array.isArray(value)) return value;
    if (typeof value === "string") return value.split(",").map((part) => part.trim()).filter((part) => part !== "");
    return value === null || value === undefined ? [] : [value];
  }, z.array(item)).meta({ type: "array", words: "list" }) as unknown as z.ZodType<T[]>;
}

/** One of some words. */
export function choice<const T extends string>(...words: readonly [T, ...T[]]): z.ZodType<T> {
  return z.unknown().transform((value, context) => {
    const word = words.find((candidate) => candidate === String(value));
    if (word !== undefined) return word;
    context.addIssue({
      code: "custom",
      message: `expected ${words.map((candidate) => `'${candidate}'`).join(" or ")}, got ${describe(value)}`,
      params: { typed: String(value), known: words },
    });
    return z.NEVER;
  }).meta({ type: "string", enum: words, words: words.join(" | ") });
}

/** How a wrong value is named in a message. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return `'${value.length > 60 ? `${value.slice(0, 57)}…` : value}'`;
  return String(value);
}
