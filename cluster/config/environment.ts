/**
 * `${NAME}` and `${NAME:-otherwise}` in the values of the configuration, from the environment.
 *
 * @module
 */

import type { Diagnostic, Span } from "../../engine/support/diagnostic.ts";
import { schemaAt } from "./schema.ts";
import { offsetInScalar, type YamlNode, type YamlScalar } from "../../engine/support/yaml.ts";

/** An environment variable, or undefined where it is unset. */
export type Environment = (name: string) => string | undefined;

const VARIABLE = /\$(?:\{([^}]*)\}|\$\{)/g;

/**
 * The node with the variables in its values put in; keys stay as they are. `$${` stands for `${`. A value without quotes
 * that is a variable alone becomes a number or a boolean where it looks like one. Texts tagged `!raw` stay, and those that the
 * schema calls raw: a shell script has its own variables.
 *
 * @param findings gets an error for each variable that is unset and has no other value
 * @param path where the node stands in the file
 */
export function withEnvironment(
  node: YamlNode,
  environment: Environment,
  findings: Diagnostic[],
  path: readonly PropertyKey[] = [],
): YamlNode {
  const below = (value: YamlNode, part: PropertyKey) => withEnvironment(value, environment, findings, [...path, part]);
  if (node.kind === "seq") return { ...node, items: node.items.map(below) };
  if (node.kind === "map") {
    return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: below(entry.value, entry.key) })) };
  }
  if (node.tag === "vault") {
    const help = "put it into an environment variable and write ${NAME}";
    const message = "encrypted values are not opened in the configuration";
    findings.push({ severity: "error", code: "environment", message, span: node.span, help });
  }
  if (typeof node.value !== "string" || node.tag !== undefined || !node.value.includes("${")) return node;
  if (schemaAt(path)?.raw) return node;
  return expanded(node, node.value, environment, findings);
}

function expanded(node: YamlScalar, text: string, environment: Environment, findings: Diagnostic[]): YamlScalar {
  const value = text.replace(VARIABLE, (whole, inside: string | undefined, index: number) => {
    if (inside === undefined) return "${";
    const [, name, otherwise] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(inside) ?? [];
    const found = name === undefined ? undefined : environment(name);
    const empty = otherwise !== undefined && found === "";
    const known = empty ? otherwise : found ?? otherwise;
    if (known !== undefined) return known;
    const start = offsetInScalar(node, index);
    findings.push(unknown(name, whole, { ...node.span, start, end: start + whole.length }));
    return whole;
  });
  const quoted = /^["'|>]/.test(node.span.source.text[node.span.start] ?? "");
  return { ...node, value: quoted ? value : plain(value), written: value };
}

function unknown(name: string | undefined, whole: string, span: Span): Diagnostic {
  const base = { severity: "error", code: "environment", span } as const;
  if (name === undefined) {
    const help = "write ${NAME} or ${NAME:-otherwise}; for the text itself $${";
    return { ...base, message: `'${whole}' names no environment variable`, help };
  }
  const help = `export ${name}=… before, or write \${${name}:-otherwise}`;
  return { ...base, message: `the environment variable ${name} is not set`, help };
}

/** As YAML reads a value without quotes. */
function plain(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
