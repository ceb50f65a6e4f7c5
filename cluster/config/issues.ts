/**
 * Turns what the schema says of a configuration into diagnostics at the very place.
 *
 * @module
 */

import type { Diagnostic, Span } from "../../engine/support/diagnostic.ts";
import { didYouMean } from "../../engine/support/suggest.ts";
import { entryOf, type YamlNode } from "../../engine/support/yaml.ts";
import type { z } from "../../engine/support/zod.ts";
import { schemaAt } from "./schema.ts";

/** One thing that the schema says of a value. */
export type Issue = z.core.$ZodIssue & { readonly params?: { readonly atKey?: boolean } };

/** Keys and indexes from the top of the file. */
export type Path = readonly PropertyKey[];

/** The diagnostics for what the schema found. */
export function issueDiagnostics(issues: readonly Issue[], root: YamlNode): Diagnostic[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue.path, key, root));
    if (issue.code === "invalid_union") {
      const first = issue.errors.find((branch) => branch.length > 0)?.[0];
      return first ? issueDiagnostics([{ ...first, path: [...issue.path, ...first.path] } as Issue], root) : [];
    }
    if (issue.code === "invalid_key") return [wrongKey(issue, root)];
    return [wrongValue(issue, root)];
  });
}

/** `nodes[0].labels.rack`; `the configuration` for the whole. */
export function pathText(path: Path): string {
  const text = path.map((part) => typeof part === "number" ? `[${part}]` : `.${String(part)}`).join("");
  return text === "" ? "the configuration" : `'${text.replace(/^\./, "")}'`;
}

/** The node at a path, or the nearest one above it. */
export function nodeAt(path: Path, root: YamlNode): YamlNode {
  let node = root;
  for (const part of path) {
    const next = node.kind === "seq"
      ? node.items[Number(part)]
      : node.kind === "map"
      ? entryOf(node, String(part))?.value
      : undefined;
    if (!next) break;
    node = next;
  }
  return node;
}

/** Where the last key of a path stands. */
function keySpan(path: Path, root: YamlNode): Span {
  const parent = nodeAt(path.slice(0, -1), root);
  const entry = parent.kind === "map" ? entryOf(parent, String(path.at(-1))) : undefined;
  return entry?.keySpan ?? firstLine(parent.span);
}

/** A mapping or list is pointed at by its first line. */
function firstLine(span: Span): Span {
  const end = span.source.text.indexOf("\n", span.start);
  return end === -1 || end > span.end ? span : { ...span, end };
}

function unknownKey(path: Path, key: string, root: YamlNode): Diagnostic {
  const known = Object.keys(schemaAt(path)?.properties ?? {});
  return {
    severity: "error",
    code: "unknown-key",
    message: `unknown key '${key}' in ${pathText(path)}`,
    span: keySpan([...path, key], root),
    help: didYouMean(key, known) ?? `there are ${known.join(", ")}`,
  };
}

function wrongKey(issue: Extract<Issue, { code: "invalid_key" }>, root: YamlNode): Diagnostic {
  const message = `${pathText(issue.path)}: ${issue.issues[0]?.message ?? "this cannot be a name"}`;
  return { severity: "error", code: "config", message, span: keySpan(issue.path, root) };
}

function wrongValue(issue: Issue, root: YamlNode): Diagnostic {
  const parent = nodeAt(issue.path.slice(0, -1), root);
  const last = issue.path.at(-1);
  const there = last === undefined || parent.kind === "seq" ||
    (parent.kind === "map" && entryOf(parent, String(last)) !== undefined);
  if (!there) {
    const span = issue.path.length > 1 ? keySpanOf(issue.path.slice(0, -1), root) : firstLine(parent.span);
    const message = `${pathText(issue.path.slice(0, -1))} needs '${String(last)}'`;
    return { severity: "error", code: "missing-key", message, span, help: meaningOf(issue.path) };
  }
  const node = nodeAt(issue.path, root);
  const span = issue.params?.atKey ? keySpan(issue.path, root) : firstLine(node.span);
  const got = issue.params?.atKey || schemaAt(issue.path)?.writeOnly ? "" : `, got ${described(node)}`;
  const { text, help } = wordsOf(issue, node);
  const says = text.startsWith("expected") ? `${text}${got}` : text;
  return { severity: "error", code: "config", message: `${pathText(issue.path)}: ${says}`, span, help };
}

/** What a key stands for, as the end of a line. */
function meaningOf(path: Path): string | undefined {
  const text = schemaAt(path)?.description;
  return text && `${String(path.at(-1))}: ${text[0].toLowerCase()}${text.slice(1).replace(/\.$/, "")}`;
}

/** What needs a key: its own key where it has one, else its first line. */
function keySpanOf(path: Path, root: YamlNode): Span {
  return typeof path.at(-1) === "number" ? firstLine(nodeAt(path, root).span) : keySpan(path, root);
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

function wordsOf(issue: Issue, node: YamlNode): { text: string; help?: string } {
  switch (issue.code) {
    case "invalid_type": {
      const quote = issue.expected === "string" && node.kind === "scalar" && node.value !== null;
      const wanted = schemaAt(issue.path)?.type === "integer" ? "int" : issue.expected;
      return {
        text: `expected ${TYPES[wanted] ?? wanted}`,
        help: quote ? "put it in quotes" : undefined,
      };
    }
    case "invalid_value": {
      const values = issue.values.map(String);
      const typed = node.kind === "scalar" ? String(node.value) : "";
      return { text: `expected ${values.map((value) => `'${value}'`).join(" or ")}`, help: didYouMean(typed, values) };
    }
    case "too_small":
      return {
        text: issue.origin === "number" || issue.origin === "int"
          ? `expected at least ${issue.minimum}`
          : issue.message,
      };
    case "too_big":
      return { text: `expected at most ${issue.maximum}` };
    default:
      return { text: issue.message };
  }
}

/** How a wrong value is named in a message. */
function described(node: YamlNode): string {
  if (node.kind === "map") return "a mapping";
  if (node.kind === "seq") return node.items.length === 0 ? "an empty list" : "a list";
  if (node.value === null) return "nothing";
  const text = String(node.value);
  if (typeof node.value !== "string") return node.written || text;
  return text === "" ? "nothing" : `'${text.length > 60 ? `${text.slice(0, 57)}…` : text}'`;
}
