/**
 * Small changes to a YAML text that a person wrote: every other character of it stays, comments, order and quotes
 * included.
 *
 * @module
 */

import { DiagnosticError, inputError, type SourceText } from "./diagnostic.ts";
import { entryOf, parseYaml, type PlainValue, toPlain, toYaml, type YamlMap, type YamlNode } from "./yaml.ts";

/** Keys from the top of a document. */
export type KeyPath = readonly string[];

/**
 * The text with items added at the end of a list; keys and lists that are not there are made.
 *
 * @throws {DiagnosticError} where something else stands there, or the text has a form that this does not change
 */
export function addToList(source: SourceText, path: KeyPath, items: readonly PlainValue[]): string {
  const root = mapOf(parseYaml(source), source);
  const list = listAt(root, path);
  const before = list?.kind === "seq" ? list.items.map(toPlain) : [];
  return checked(source, root, path, [...before, ...items], withItems(source, root, path, items));
}

/**
 * The text without some items of a list. Comments on the lines of an item go with it.
 *
 * @param indexes of the items that go, from 0
 * @throws {DiagnosticError} where there is no such list, or the text has a form that this does not change
 */
export function removeFromList(source: SourceText, path: KeyPath, indexes: readonly number[]): string {
  const root = mapOf(parseYaml(source), source);
  const list = listAt(root, path);
  if (list?.kind !== "seq") throw inputError("type", `'${path.join(".")}' is no list`, list?.span);
  const left = list.items.filter((_item, index) => !indexes.includes(index)).map(toPlain);
  return checked(source, root, path, left, withoutItems(source.text, list, indexes));
}

function mapOf(root: YamlNode | undefined, source: SourceText): YamlMap | undefined {
  if (root === undefined || root.kind === "map") return root;
  throw inputError("type", `${source.path} is no mapping`, root.span);
}

/** What stands at a path; undefined for nothing. */
function listAt(root: YamlMap | undefined, path: KeyPath): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const key of path) {
    if (node === undefined || isNothing(node)) return undefined;
    if (node.kind !== "map") throw inputError("type", `'${key}' has no place here: this is no mapping`, node.span);
    node = entryOf(node, key)?.value;
  }
  if (node === undefined || isNothing(node) || node.kind === "seq") return node;
  throw inputError("type", `'${path.join(".")}' is a list`, node.span);
}

function isNothing(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Fails unless the new text says what it should, and all else as before. */
function checked(
  source: SourceText,
  before: YamlMap | undefined,
  path: KeyPath,
  list: readonly PlainValue[],
  text: string,
): string {
  const plain = (node: YamlNode | undefined) => node ? toPlain(node) : {};
  const wanted = JSON.stringify(withValue(plain(before), path, [...list]));
  let found: string | undefined;
  try {
    found = JSON.stringify(plain(parseYaml({ path: source.path, text })));
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
  }
  if (found === wanted) return text;
  const message = `'${path.join(".")}' of ${source.path} is written in a way that is not changed here`;
  throw inputError("type", message, undefined, "change it by hand");
}

function withValue(root: PlainValue, [key, ...rest]: KeyPath, value: PlainValue): PlainValue {
  if (key === undefined) return value;
  const map = typeof root === "object" && root !== null && !Array.isArray(root) ? root : {};
  return { ...map, [key]: withValue(map[key] ?? null, rest, value) };
}

function withItems(source: SourceText, root: YamlMap | undefined, path: KeyPath, items: readonly PlainValue[]): string {
  const { text } = source;
  const list = listAt(root, path);
  if (list?.kind === "seq" && list.items.length > 0) return afterLast(text, list, items);
  // The deepest key of the path that is there.
  let map = root;
  for (const [depth, key] of path.entries()) {
    const entry = map && entryOf(map, key);
    if (!entry) return withKeys(text, map, path.slice(depth), items);
    const { value, keySpan } = entry;
    if (value.kind === "map" && value.entries.length > 0) {
      map = value;
      continue;
    }
    // `key:`, `key: []` or `key: {}`: what is made stands below, one level in.
    const indent = columnOf(text, keySpan.start);
    const end = isNothing(value) ? text.indexOf(":", keySpan.end) + 1 : value.span.end;
    const start = isNothing(value) ? end : text.lastIndexOf(":", value.span.start) + 1;
    const block = blockOf(path.slice(depth + 1), items, indent + 2);
    const after = lineEnd(text, end);
    // A comment behind the key stays behind it.
    const rest = text.slice(end, after);
    return `${text.slice(0, start)}${rest}\n${block.trimEnd()}${text.slice(after)}`;
  }
  return text;
}

/** With new keys below a mapping; at the end of the text where there is none. */
function withKeys(text: string, map: YamlMap | undefined, path: KeyPath, items: readonly PlainValue[]): string {
  if (map === undefined) return `${withLineBreak(text)}${blockOf(path, items, 0)}`;
  const indent = columnOf(text, map.entries[0].keySpan.start);
  const at = lineEnd(text, trimmedEnd(text, map.span.end));
  const block = blockOf(path, items, indent);
  // A new section of the file stands apart.
  const gap = indent === 0 ? "\n" : "";
  return `${withLineBreak(text.slice(0, at))}${gap}${block}${text.slice(at).replace(/^\n/, "")}`;
}

/** Behind the last item of a list that has one. */
function afterLast(text: string, list: Extract<YamlNode, { kind: "seq" }>, items: readonly PlainValue[]): string {
  const last = list.items.at(-1)!.span;
  if (text[list.span.start] === "[") {
    const flow = items.map(inFlow).join(", ");
    return `${text.slice(0, last.end)}, ${flow}${text.slice(last.end)}`;
  }
  const indent = columnOf(text, list.span.start);
  const at = lineEnd(text, trimmedEnd(text, last.end));
  return `${withLineBreak(text.slice(0, at))}${indented(toYaml(items), indent)}${text.slice(at).replace(/^\n/, "")}`;
}

/** A value as it stands within brackets. */
function inFlow(item: PlainValue): string {
  return typeof item === "string" && /^[A-Za-z][\w.-]*$/.test(item) ? item : JSON.stringify(item);
}

function withoutItems(text: string, list: Extract<YamlNode, { kind: "seq" }>, indexes: readonly number[]): string {
  if (indexes.length === list.items.length) {
    const start = text[list.span.start] === "[" ? list.span.start : text.lastIndexOf(":", list.span.start) + 1;
    const end = trimmedEnd(text, list.span.end);
    const between = text.slice(start, list.span.start).replace(/\s+$/, "").replace(/^[ \t]+/, " ");
    return `${text.slice(0, start)}${start === list.span.start ? "" : " "}[]${between}${text.slice(end)}`;
  }
  let left = text;
  for (const index of [...indexes].sort((a, b) => b - a)) {
    const { span } = list.items[index];
    if (text[list.span.start] === "[") {
      const [from, to] = index === 0
        ? [span.start, list.items[1].span.start]
        : [list.items[index - 1].span.end, span.end];
      left = left.slice(0, from) + left.slice(to);
      continue;
    }
    const from = text.lastIndexOf("\n", text.lastIndexOf("-", span.start - 1)) + 1;
    const to = lineEnd(text, trimmedEnd(text, span.end));
    left = left.slice(0, from) + left.slice(Math.min(to + 1, left.length));
  }
  return left;
}

/** New keys with the items below them. */
function blockOf(path: KeyPath, items: readonly PlainValue[], indent: number): string {
  const value = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), items);
  return indented(toYaml(value), indent);
}

function indented(block: string, columns: number): string {
  return block.replace(/^(?=.)/gm, " ".repeat(columns));
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** Where the line of an offset ends: its line break, or the end of the text. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end;
}

/** A block's end reaches over the line breaks behind it. */
function trimmedEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1])) at--;
  return at;
}

function withLineBreak(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
