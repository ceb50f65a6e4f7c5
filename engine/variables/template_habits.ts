/**
 * Recognises what is written in a template as an expression or as Jinja, and says how Handlebars has it.
 *
 * @module
 */

import { type CelNode, CelSyntaxError, parseCel } from "../support/cel.ts";
import { jinjaToCel } from "./jinja.ts";
import { FUNCTIONS_BY_NAME } from "./functions.ts";
import { OPERATOR_HELPERS } from "./template_helpers.ts";
import type { Range } from "./place.ts";

/** What to write for the tag around an offset, where it reads as an expression; undefined where it does not. */
export function tagInHandlebars(text: string, offset: number): string | undefined {
  const open = text.lastIndexOf("{{", offset + 1);
  const close = text.indexOf("}}", Math.max(offset, open + 2));
  if (open === -1 || close === -1) return undefined;
  const inner = text.slice(open + 2, close).replace(/^[{~]+|[}~]+$/g, "");
  const [, prefix, body] = /^\s*(#\s*(?:if|unless|each|with)\s|else\s+if\s)?(.*)$/s.exec(inner) ?? [];
  const node = body === undefined ? undefined : expressionOf(body.trim());
  const written = node && (prefix ? toArgument(node) : toTag(node));
  if (written === undefined || written === inner.trim()) return undefined;
  if (prefix) return `{{${prefix.trim()} ${written}}}`;
  return written.startsWith("{{") ? written : `{{${written}}}`;
}

function expressionOf(text: string): CelNode | undefined {
  try {
    return parseCel(jinjaToCel(text) ?? text);
  } catch (error) {
    if (error instanceof CelSyntaxError) return undefined;
    throw error;
  }
}

function toTag(node: CelNode): string | undefined {
  if (node.kind === "ternary") {
    const [condition, then, otherwise] = [toArgument(node.condition), toText(node.then), toText(node.otherwise)];
    if (!condition || then === undefined || otherwise === undefined) return undefined;
    return `{{#if ${condition}}}${then}${otherwise && `{{else}}${otherwise}`}{{/if}}`;
  }
  const argument = toArgument(node);
  return argument?.startsWith("(") ? argument.slice(1, -1) : argument;
}

function toText(node: CelNode): string | undefined {
  if (node.kind === "literal") return String(node.value ?? "");
  const tag = toTag(node);
  return tag === undefined || tag.startsWith("{{") ? tag : `{{${tag}}}`;
}

function toArgument(node: CelNode): string | undefined {
  switch (node.kind) {
    case "literal":
      return typeof node.value === "string" ? quoted(node.value) : String(node.value);
    case "name":
      return node.name;
    case "member":
    case "index":
      return toPath(node);
    case "unary":
      return node.operator === "!" ? helper("not", [node.operand]) : undefined;
    case "logic":
      return helper(node.operator === "&&" ? "and" : "or", [node.left, node.right]);
    case "binary": {
      const found = OPERATOR_HELPERS.find((one) => one.operator === node.operator);
      return found && helper(found.name, [node.left, node.right]);
    }
    case "call": {
      const isKnown = FUNCTIONS_BY_NAME.has(node.name) || node.name === "default" || node.name === "defined";
      return isKnown ? helper(node.name, node.receiver ? [node.receiver, ...node.args] : node.args) : undefined;
    }
    default:
      return undefined;
  }
}

function toPath(node: CelNode & { kind: "member" | "index" }): string | undefined {
  const target = toArgument(node.target);
  if (!target) return undefined;
  const isPath = !target.startsWith("(") && node.target.kind !== "literal";
  if (node.kind === "member") return isPath ? `${target}.${node.key}` : `(lookup ${target} '${node.key}')`;
  if (isPath && node.index.kind === "literal") return `${target}.[${node.index.value}]`;
  return helper("lookup", [node.target, node.index]);
}

function helper(name: string, nodes: readonly CelNode[]): string | undefined {
  const args = nodes.map(toArgument);
  return args.every((arg) => arg !== undefined) ? `(${[name, ...args].join(" ")})` : undefined;
}

function quoted(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

/** A Jinja statement or comment in the text of a template. */
export interface JinjaStatement extends Range {
  /** What is Jinja, without a full stop. */
  readonly message: string;
  /** What to write in Handlebars. */
  readonly help: string;
}

const STATEMENT = /\{%[-+]?\s*(\w+)[^%\n]*%\}|\{#(?!#)[^\n]*?#\}/;

const HELP: ReadonlyMap<string, string> = new Map(Object.entries({
  if: "write {{#if x}} … {{else}} … {{/if}}",
  for: "write {{#each list as |item|}} … {{/each}}",
  set: "give the value a name in the playbook's vars",
  raw: "write {{{{raw}}}} … {{{{/raw}}}}",
  include: "one template is one file; write out what it includes",
  macro: "repeat with {{#each}}, or write it out",
}));

/** Finds a Jinja statement or comment in the text between tags. */
export function jinjaStatement(text: string): JinjaStatement | undefined {
  const match = STATEMENT.exec(text);
  if (!match) return undefined;
  const [whole, word] = match;
  const range = { start: match.index, end: match.index + whole.length };
  if (!word) return { ...range, message: "{# #} is a comment in Jinja", help: "write {{!-- … --}}" };
  const opener = word.startsWith("end") ? word.slice(3) : word === "else" || word === "elif" ? "if" : word;
  const help = HELP.get(opener) ?? "write it in the playbook";
  return { ...range, message: `{% ${word} %} is Jinja, template files are Handlebars`, help };
}
