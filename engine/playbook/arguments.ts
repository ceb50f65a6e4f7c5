/**
 * Compiles a task's arguments and checks what can be checked before any host is contacted.
 *
 * @module
 */

import { type Diagnostic, DiagnosticError, inputError, type Span } from "../support/diagnostic.ts";
import {
  offsetInScalar,
  toPlain,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from "../support/yaml.ts";
import type { z } from "../support/zod.ts";
import { type ArgumentInfo, argumentsOf } from "../module/schema_info.ts";
import type { Value } from "../module/module.ts";
import { compileCondition, compileExpression, compileValue } from "../variables/expression.ts";
import { compileTemplate } from "../variables/handlebars_template.ts";
import type { Scope, Variable } from "../variables/variable.ts";
import { NO_VAULT, type Vault } from "../variables/vault.ts";
import { isTrue, OMIT } from "../variables/values.ts";
import { argumentDiagnostics } from "./argument_issues.ts";
import { describe } from "../module/schema.ts";
import type { SearchPath, TaskArguments } from "./playbook.ts";
import { Findings } from "./findings.ts";
import { readSource } from "./read_source.ts";
import { find } from "./search_path.ts";

/** What a task calls, as far as arguments go. */
export interface CalleeArguments {
  /** The module's or action's name. */
  readonly name: string;
  /** The schema of its arguments. */
  // deno-lint-ignore no-explicit-any -- any callee's schema
  readonly args: z.ZodType<any>;
  /** The argument that a bare text stands for. */
  readonly freeForm?: string;
  /** The argument that gets what follows the first word of that text; absent where it is one. */
  readonly freeFormRest?: string;
}

/**
 * Compiles the arguments of a task.
 *
 * @param value what stands under the module's name
 * @param extra what stands under `args:`
 * @param defaults what `module_defaults` gives this module, outermost first
 * @throws {DiagnosticError} for unknown and missing arguments, wrong values that need no host to be seen, and source
 * files that lie nowhere on the search path
 */
export async function compileArguments(
  callee: CalleeArguments,
  key: YamlEntry,
  extra: YamlMap | undefined,
  search: SearchPath,
  vault: Vault = NO_VAULT,
  defaults: readonly YamlMap[] = [],
): Promise<TaskArguments> {
  const findings = new Findings();
  const written = findings.attempt(() => argumentEntries(callee, key));
  const own = [...(written ?? []), ...(extra?.entries ?? [])];
  findings.add(...givenTwice(own));
  const entries = withDefaults(own, defaults);
  const infos = new Map(argumentsOf(callee.args).map((info) => [info.name, info]));
  const compiled = new Map<string, Variable>();
  for (const entry of entries) {
    // A value that does not compile is none that the schema could judge.
    const variable = findings.attempt(() => compileArgument(entry.value, infos.get(entry.key)));
    compiled.set(entry.key, variable ?? { evaluate: () => null });
  }
  const sources = new Map<string, "files" | "templates">();
  for (const [name, info] of infos) if (info.source && compiled.has(name)) sources.set(name, info.source);
  if (isTrue(String(compiled.get("remote_src")?.constant ?? ""))) sources.clear();
  const args: TaskArguments = {
    span: key.keySpan,
    value: new ArgumentsVariable(key.keySpan, compiled),
    sources,
    nodes: new Map(entries.map((entry) => [entry.key, { keySpan: entry.keySpan, node: entry.value }])),
  };
  if (written) findings.attempt(() => checkStatically(callee, compiled, args));
  await findings.keep(() => checkSources(compiled, args, search, vault));
  findings.report();
  return args;
}

/** What the task says, and what `module_defaults` says of the rest; the innermost wins. */
function withDefaults(own: readonly YamlEntry[], defaults: readonly YamlMap[]): readonly YamlEntry[] {
  if (defaults.length === 0) return own;
  const byName = new Map(defaults.flatMap((map) => map.entries).map((entry) => [entry.key, entry]));
  for (const entry of own) byName.set(entry.key, entry);
  return [...byName.values()];
}

function givenTwice(entries: readonly YamlEntry[]): Diagnostic[] {
  const seen = new Set<string>();
  return entries.filter(({ key }) => seen.size === seen.add(key).size).map(({ key, keySpan }) => ({
    severity: "error",
    code: "argument",
    message: `the argument '${key}' is given twice`,
    span: keySpan,
    help: "under the module and under 'args:'",
  }));
}

/** The arguments as one variable: a mapping whose values are evaluated in turn. */
class ArgumentsVariable implements Variable {
  constructor(readonly span: Span, readonly compiled: ReadonlyMap<string, Variable>) {}

  evaluate(scope: Scope): Value {
    const value: { [key: string]: Value } = {};
    for (const [name, variable] of this.compiled) {
      const argument = variable.evaluate(scope);
      if (argument !== OMIT) value[name] = argument;
    }
    return value;
  }
}

function argumentEntries(callee: CalleeArguments, { value, keySpan }: YamlEntry): readonly YamlEntry[] {
  if (value.kind === "map") return value.entries.flatMap((entry) => words(callee, entry));
  if (value.kind === "scalar" && value.value === null) return [];
  if (value.kind === "scalar" && callee.freeForm) return words(callee, { key: callee.freeForm, keySpan, value });
  if (value.kind === "seq" && callee.freeForm) return [{ key: callee.freeForm, keySpan, value }];
  if (value.kind === "scalar" && typeof value.value === "string") return keyValues(callee.name, value);
  throw inputError(
    "type",
    `the arguments of '${callee.name}' must be a mapping, got ${describe(toPlain(value))}`,
    value.span,
  );
}

/** `script: burn-in.sh --minutes 10`: the first word is one argument, the rest another. */
function words(callee: CalleeArguments, entry: YamlEntry): YamlEntry[] {
  const { freeForm, freeFormRest } = callee;
  if (!freeFormRest || entry.key !== freeForm || entry.value.kind !== "scalar") return [entry];
  const text = String(entry.value.value);
  const [, first, rest] = /^((?:\{\{.*?\}\}|\S)+)\s+(\S[^]*)$/.exec(text) ?? [];
  if (rest === undefined) return [entry];
  return [
    { ...entry, value: part(entry.value, 0, first.length) },
    { ...entry, key: freeFormRest, value: part(entry.value, text.length - rest.length, rest.length) },
  ];
}

/** Reads Ansible's one-line form, `path=/x state=directory`. */
function keyValues(module: string, scalar: YamlScalar): YamlEntry[] {
  const text = String(scalar.value);
  const pattern = /\s*([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:\{\{.*?\}\}|\S)*)/y;
  const entries: YamlEntry[] = [];
  while (pattern.lastIndex < text.trimEnd().length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) {
      const help = `write the arguments as a mapping under '${module}:'`;
      const rest = text.slice(from).trim().split(/\s/)[0];
      const { span } = part(scalar, text.indexOf(rest, from), rest.length);
      throw inputError("type", `'${module}' takes no free text: '${rest}' is no argument`, span, help);
    }
    const [, key, raw] = match;
    const start = pattern.lastIndex - raw.length - key.length - 1;
    const value = { ...part(scalar, start + key.length + 1, raw.length), value: unquoted(raw) };
    entries.push({ key, keySpan: part(scalar, start, key.length).span, value });
  }
  return entries;
}

function unquoted(text: string): string {
  return /^["']/.test(text) ? text.slice(1, -1).replace(/\\(["\\])/g, "$1") : text;
}

/** A part of a scalar's text, as a scalar of its own. */
function part(scalar: YamlScalar, from: number, length: number): YamlScalar {
  const { source } = scalar.span;
  const start = offsetInScalar(scalar, from);
  const written = String(scalar.value).slice(from, from + length);
  return { kind: "scalar", value: written, written, span: { source, start, end: start + length } };
}

function compileArgument(node: YamlNode, info: ArgumentInfo | undefined): Variable {
  if (info?.raw) return constant(node);
  if (info?.expression === "condition") return failingConditions(node);
  if (info?.expression === "value" && node.kind === "scalar") return compileExpression(node);
  return compileValue(node);
}

/** Conditions as an argument: the texts of those that do not hold. */
function failingConditions(node: YamlNode): Variable {
  const items = node.kind === "seq" ? node.items : [node];
  const conditions = items.map((item) => {
    const { source, start, end } = item.span;
    return { text: source.text.slice(start, end), holds: compileCondition(item) };
  });
  return {
    span: node.span,
    evaluate: (scope) => conditions.filter(({ holds }) => holds.evaluate(scope) !== true).map(({ text }) => text),
  };
}

function constant(node: YamlNode): Variable {
  const value = toPlain(node) as Value;
  return { span: node.span, constant: value, evaluate: () => value };
}

/** Stands for a value that only a host resolves. */
const LATER = "\u0000later";

function checkStatically(
  callee: CalleeArguments,
  compiled: ReadonlyMap<string, Variable>,
  args: TaskArguments,
): void {
  const input: Record<string, unknown> = {};
  for (const [name, variable] of compiled) {
    input[name] = variable.constant === undefined || args.sources.has(name) ? LATER : variable.constant;
  }
  const parsed = callee.args.safeParse(input);
  if (parsed.success) return;
  const open = new Set(Object.keys(input).filter((name) => input[name] === LATER));
  const certain = parsed.error.issues.filter((issue) => {
    if (issue.path.length === 0) return issue.code === "unrecognized_keys" || open.size === 0;
    return !open.has(String(issue.path[0]));
  });
  if (certain.length > 0) throw new DiagnosticError(argumentDiagnostics(certain, callee, args, input));
}

async function checkSources(
  compiled: ReadonlyMap<string, Variable>,
  args: TaskArguments,
  search: SearchPath,
  vault: Vault,
): Promise<void> {
  for (const [name, kind] of args.sources) {
    const path = compiled.get(name)?.constant;
    if (typeof path !== "string" || /^[a-z]+:\/\//.test(path)) continue;
    const span = args.nodes.get(name)?.node.span ?? args.span;
    const place = await findSource(kind, path, span, search);
    if (kind === "templates") compileTemplate(await readSource(place, span, vault));
  }
}

/**
 * Finds a source file on the search path.
 *
 * @throws {DiagnosticError} at `span`, naming the places tried
 */
export async function findSource(
  kind: "files" | "templates",
  path: string,
  span: Span,
  search: SearchPath,
): Promise<string> {
  const tried: string[] = [];
  const place = await find(search[kind], path, tried);
  if (place) return place;
  const what = kind === "templates" ? "template" : "file";
  throw inputError("source-missing", `there is no ${what} '${path}'`, span, `looked in: ${tried.join(", ")}`);
}
