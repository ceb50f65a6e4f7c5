/**
 * The one place that imports the YAML parser. Gives a small tree of positioned nodes, so that every later message can
 * point at the very character.
 *
 * @module
 */

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  type Scalar,
  stringify,
  visit,
  type YAMLMap,
} from "yaml";
import { type Diagnostic, DiagnosticError, inputError, type SourceText, type Span } from "./diagnostic.ts";

/** A positioned YAML value. */
export type YamlNode = YamlMap | YamlSeq | YamlScalar;

/** A mapping; keys are strings in the order they were written. */
export interface YamlMap {
  /** Tells it from the other nodes. */
  readonly kind: "map";
  /** Where the mapping stands, in the text that was parsed. */
  readonly span: Span;
  /** Its keys with their values, each key once. */
  readonly entries: readonly YamlEntry[];
}

/** One key of a mapping with its value. */
export interface YamlEntry {
  /** The key as text; a number is taken as it was written. */
  readonly key: string;
  /** Where the key stands. */
  readonly keySpan: Span;
  /** The value; a scalar of null where none was written. */
  readonly value: YamlNode;
}

/** A sequence. */
export interface YamlSeq {
  /** Tells it from the other nodes. */
  readonly kind: "seq";
  /** Where the sequence stands, in the text that was parsed. */
  readonly span: Span;
  /** Its items, in order. */
  readonly items: readonly YamlNode[];
}

/** A scalar of YAML 1.2's core schema. */
export interface YamlScalar {
  /** Tells it from the other nodes. */
  readonly kind: "scalar";
  /** Where the scalar stands, quotes included. */
  readonly span: Span;
  /** The value, resolved by its type; the text where it was quoted. */
  readonly value: string | number | boolean | null;
  /** `raw` for `!raw` or `!unsafe` (text that is not ours to read), `vault` for `!vault`. */
  readonly tag?: "raw" | "vault";
  /** The number as it was written (e.g. `0644`), for messages about it. */
  readonly written: string;
}

/** Finds the value of a key, or undefined. */
export function entryOf(map: YamlMap, key: string): YamlEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** A plain value without positions. */
export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue };

/** The node as a plain value. */
export function toPlain(node: YamlNode): PlainValue {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "seq") return node.items.map(toPlain);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, toPlain(entry.value)]));
}

/** Writes a plain value as YAML, block style, no line folding. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** How deep nodes may nest. Deeper input is refused, so that no recursion over it can overflow the stack. */
const MAX_DEPTH = 200;
/** How many nodes aliases may multiply a document to. */
const MAX_NODES = 1_000_000;

/**
 * Parses a text of one document.
 *
 * @returns the root node, or undefined for an empty text
 * @throws {DiagnosticError} for what is not valid YAML, duplicate keys, alias cycles, several documents
 */
export function parseYaml(source: SourceText): YamlNode | undefined {
  const documents = parseDocuments(source);
  if (!Array.isArray(documents)) return undefined;
  const findings = documents.flatMap((document) =>
    [...document.errors, ...document.warnings].map((error) => toDiagnostic(source, error.message, error.pos))
  );
  // What follows the first error of syntax is mostly its consequence.
  const firstSyntax = findings.findIndex(({ code }) => code === "yaml-syntax");
  const told = findings.filter(({ code }, index) => code !== "yaml-syntax" || index === firstSyntax);
  if (told.length > 0) throw new DiagnosticError(told);
  if (documents.length > 1) {
    const start = documents[1].range?.[0] ?? 0;
    throw inputError("yaml-documents", "the file holds several YAML documents", { source, start, end: start + 3 });
  }
  const document = documents[0];
  if (!document?.contents) return undefined;
  const converter = new Converter(source);
  if (source.text.includes("&")) visit(document, (_key, node) => converter.remember(node));
  const root = converter.convert(document.contents as Node, 0);
  if (converter.duplicates.length > 0) throw new DiagnosticError(converter.duplicates);
  return root;
}

function parseDocuments(source: SourceText) {
  const resolve = keep;
  try {
    return parseAllDocuments(source.text, {
      merge: true,
      prettyErrors: false,
      uniqueKeys: false,
      customTags: [{ tag: "!raw", resolve }, { tag: "!unsafe", resolve }, { tag: "!vault", resolve }],
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The parser recurses; so deep a text ends its stack.
    throw inputError("yaml-depth", `values nest deeper than ${MAX_DEPTH} levels`, { source, start: 0, end: 1 });
  }
}

function keep(text: string): string {
  return text;
}

function toDiagnostic(source: SourceText, message: string, [start, end]: [number, number]): Diagnostic {
  const { text } = source;
  const lineEnd = text.indexOf("\n", start);
  const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, lineEnd === -1 ? undefined : lineEnd);
  const span = { source, start, end };
  // The parser's words repeat what stands there.
  if (source.secret) {
    const help = "its lines are secret: aami secret edit shows them";
    return { severity: "error", code: "yaml-syntax", message: "this is no YAML", span, help };
  }
  const first = message.split("\n")[0].replace(/\.$/, "");
  return { severity: "error", code: "yaml-syntax", message: first, span, help: syntaxHelp(line, first) };
}

function syntaxHelp(line: string, message: string): string | undefined {
  if (/(:|^\s*-)\s+\{\{/.test(line)) return 'a value that begins with {{ needs quotes: "{{ … }}"';
  if (/(:|^\s*-)\s+![^ ]/.test(line) && /tag/i.test(message)) return "a value that begins with ! needs quotes";
  if (message.startsWith("Nested mappings")) return "a value that holds ': ' needs quotes";
  if (/[{[,].*[^"'$]\$\{/.test(line)) return 'within braces a value with ${ needs quotes: "${NAME}"';
  if (line.includes("\t")) return "YAML does not allow tabs in the indentation: use spaces";
  return undefined;
}

class Converter {
  /** Keys that stand twice in a mapping. */
  readonly duplicates: Diagnostic[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #count = 0;

  constructor(readonly source: SourceText) {}

  remember(node: unknown): void {
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) this.#anchors.set(node.anchor, node);
  }

  convert(node: Node | null, depth: number): YamlNode {
    if (node === null) {
      return { kind: "scalar", value: null, written: "", span: { source: this.source, start: 0, end: 0 } };
    }
    const span = this.#span(node);
    if (depth > MAX_DEPTH) throw inputError("yaml-depth", `values nest deeper than ${MAX_DEPTH} levels`, span);
    if (++this.#count > MAX_NODES) throw inputError("yaml-size", "aliases multiply this document beyond measure", span);
    if (isAlias(node)) return this.#alias(node.source, span, depth);
    if (isScalar(node)) return this.#scalar(node, span);
    if (isSeq(node)) {
      return {
        kind: "seq",
        span,
        items: this.#guard(node, () => node.items.map((item) => this.convert(item as Node | null, depth + 1))),
      };
    }
    if (isMap(node)) return { kind: "map", span, entries: this.#guard(node, () => this.#entries(node, depth)) };
    throw inputError("yaml-syntax", "a value of a kind that is not understood", span);
  }

  #guard<T>(node: Node, build: () => T): T {
    if (this.#open.has(node)) {
      throw inputError("yaml-alias", "an alias refers to a value that contains it", this.#span(node));
    }
    this.#open.add(node);
    try {
      return build();
    } finally {
      this.#open.delete(node);
    }
  }

  #alias(name: string, span: Span, depth: number): YamlNode {
    const target = this.#anchors.get(name);
    if (!target) throw inputError("yaml-alias", `there is no anchor '&${name}'`, span);
    return this.convert(target, depth + 1);
  }

  #scalar(node: Scalar, span: Span): YamlScalar {
    const written = node.source ?? String(node.value);
    const tag = node.tag === "!raw" || node.tag === "!unsafe" ? "raw" : node.tag === "!vault" ? "vault" : undefined;
    const value = node.value;
    if (typeof value === "bigint") return { kind: "scalar", span, value: Number(value), written };
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return { kind: "scalar", span, value, tag, written };
    }
    return { kind: "scalar", span, value: written, written };
  }

  #entries(map: YAMLMap, depth: number): YamlEntry[] {
    const own: YamlEntry[] = [];
    const seen = new Set<string>();
    const merged: YamlEntry[] = [];
    for (const pair of map.items) {
      const keyNode = pair.key as Node;
      const keySpan = this.#span(keyNode);
      if (!isScalar(keyNode)) {
        const help = this.source.text.slice(keySpan.start - 1, keySpan.end + 1).startsWith("{{")
          ? 'a value that begins with {{ needs quotes: "{{ … }}"'
          : undefined;
        throw inputError("yaml-key", "a key must be plain text", keySpan, help);
      }
      const value = this.#valueOf(pair.value as Node | null, keySpan, depth);
      if (keyNode.value === "<<" || (typeof keyNode.value === "symbol")) merged.push(...this.#merge(value));
      else own.push({ key: this.#once(String(keyNode.source ?? keyNode.value), keySpan, seen), keySpan, value });
    }
    const keys = new Set(own.map((entry) => entry.key));
    for (const entry of merged) {
      if (!keys.has(entry.key)) {
        keys.add(entry.key);
        own.push(entry);
      }
    }
    return own;
  }

  #once(key: string, keySpan: Span, seen: Set<string>): string {
    if (seen.has(key)) {
      this.duplicates.push({
        severity: "error",
        code: "yaml-duplicate-key",
        message: `the key '${key}' is there twice`,
        span: keySpan,
        help: "keep one of them",
      });
    }
    seen.add(key);
    return key;
  }

  #valueOf(value: Node | null, keySpan: Span, depth: number): YamlNode {
    if (value === null) return { kind: "scalar", value: null, written: "", span: keySpan };
    return this.convert(value, depth + 1);
  }

  #merge(value: YamlNode): readonly YamlEntry[] {
    if (value.kind === "map") return value.entries;
    if (value.kind === "seq") return value.items.flatMap((item) => this.#merge(item));
    throw inputError("yaml-merge", "'<<' merges a mapping", value.span);
  }

  #span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    // A tag or an anchor is not part of the value.
    return { source: this.source, start, end: Math.max(end, start) };
  }
}

/**
 * The offset in the source text of a character of a scalar's value, so that an expression inside a quoted, folded or
 * block scalar is pointed at exactly.
 */
export function offsetInScalar(scalar: YamlScalar, index: number): number {
  const { source, start, end } = scalar.span;
  const value = String(scalar.value ?? "");
  const text = source.text;
  let at = start;
  const quote = text[at];
  const quoted = quote === '"' || quote === "'";
  if (quoted) at++;
  else if (quote === "|" || quote === ">") at = text.indexOf("\n", at) + 1;
  for (let seen = 0; seen < index && at < end; seen++) {
    at = skipTo(text, at, end, value[seen], quoted ? quote : "") + 1;
    if (quote === '"' && text[at - 1] === "\\") at += escapeLength(text, at);
    else if (quote === "'" && value[seen] === "'" && text[at] === "'") at++;
  }
  // What follows may be indentation or a line break that is not part of the value.
  const next = value[index];
  return next === undefined ? Math.min(at, end) : skipTo(text, at, end, next, quoted ? quote : "");
}

function skipTo(text: string, from: number, end: number, wanted: string, quote: string): number {
  for (let at = from; at < end; at++) {
    const char = text[at];
    // An escaped line break stands for nothing.
    if (quote === '"' && char === "\\" && /[\r\n]/.test(text[at + 1])) continue;
    if (char === wanted || (quote === '"' && char === "\\")) return at;
    if (char === "\n" && /\s/.test(wanted)) return at;
    if (!/\s/.test(char)) return at;
  }
  return from;
}

function escapeLength(text: string, at: number): number {
  const lengths: Record<string, number> = { x: 3, u: 5, U: 9 };
  return lengths[text[at]] ?? 1;
}
