/**
 * Rule groups as Prometheus reads them from a file: their schema, each expression parsed, every finding at its place.
 *
 * @module
 */

import {
  type Diagnostic,
  DiagnosticError,
  inputError,
  type SourceText,
  type Span,
} from "../../engine/support/diagnostic.ts";
import { checkPromql, promqlPosition } from "../../engine/support/promql.ts";
import { didYouMean } from "../../engine/support/suggest.ts";
import { offsetInScalar, parseYaml, toPlain, type YamlNode } from "../../engine/support/yaml.ts";
import { z } from "../../engine/support/zod.ts";
import { describe } from "../../engine/module/schema.ts";
import { secondsOf } from "../../cluster/duration.ts";

/** Longer units before shorter ones, each once: as Prometheus takes them. */
const IN_ORDER = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** The seconds of a duration as Prometheus writes them (`1h30m`), or undefined for what is none. */
export function durationSeconds(text: string): number | undefined {
  if (text === "0") return 0;
  if (text === "" || !IN_ORDER.test(text)) return undefined;
  return secondsOf(text);
}

const duration = z.unknown().transform((value, context) => {
  const text = value === 0 ? "0" : value;
  if (typeof text === "string" && durationSeconds(text) !== undefined) return text;
  context.addIssue({ code: "custom", message: `expected a duration such as 30s or 5m, got ${describe(value)}` });
  return z.NEVER;
});

/** Text; a number or boolean is taken as it was written, as Prometheus does. */
const scalar = z.unknown().transform((value, context) => {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  context.addIssue({ code: "custom", message: `expected text, got ${describe(value)}` });
  return z.NEVER;
});

const labels = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a label's name is letters, digits and _"),
  scalar,
);

const expression = z.unknown().transform((value, context) => {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") {
    context.addIssue({ code: "custom", message: `expected a PromQL expression, got ${describe(value)}` });
    return z.NEVER;
  }
  for (const { from, to, message } of checkPromql(text)) {
    context.addIssue({
      code: "custom",
      message,
      params: { text, offset: from, length: to - from, position: promqlPosition(text, from) },
    });
  }
  return text;
});

const RULE_KEYS = ["alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"];
const GROUP_KEYS = ["name", "interval", "limit", "query_offset", "labels", "rules"];

const rule = z.strictObject({
  alert: z.string().min(1, "an alert needs a name").optional(),
  record: z.string().regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/, "a recorded metric's name is letters, digits, _ and :")
    .optional(),
  expr: expression,
  for: duration.optional(),
  keep_firing_for: duration.optional(),
  labels: labels.optional(),
  annotations: labels.optional(),
}).superRefine((value, context) => {
  const problem = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  if (value.alert === undefined && value.record === undefined) problem([], "a rule needs 'alert' or 'record'");
  if (value.record === undefined) return;
  if (value.alert !== undefined) problem(["record"], "a rule is an 'alert' or a 'record', not both");
  for (const key of ["for", "keep_firing_for", "annotations"] as const) {
    if (value[key] !== undefined) problem([key], `a recording rule has no '${key}'`);
  }
});

const group = z.strictObject({
  name: z.string("a group needs a 'name'").min(1, "a group needs a name"),
  interval: duration.optional(),
  limit: z.number().int().min(0).optional(),
  query_offset: duration.optional(),
  labels: labels.optional(),
  rules: z.array(rule, "a group needs 'rules', a list"),
});

/** One rule: an alert or a recorded metric. Durations are as Prometheus writes them, e.g. `5m`. */
export type Rule = {
  /** The alert's name; undefined for a recording rule. */
  alert?: string;
  /** The metric that the result is kept as; undefined for an alert. */
  record?: string;
  /** The PromQL expression; it parses. */
  expr: string;
  /** How long the expression must hold before the alert fires; undefined for at once. */
  for?: string;
  /** How long the alert goes on once the expression holds no more; undefined for not at all. */
  keep_firing_for?: string;
  /** Labels that the alert or metric gets, by name. */
  labels?: Record<string, string>;
  /** The alert's annotations, by name; their values may be Go templates. */
  annotations?: Record<string, string>;
};

/** One group of rules, which are evaluated in order. */
export type RuleGroup = {
  /** Unique within the file. */
  name: string;
  /** The duration between two evaluations; undefined for Prometheus' own. */
  interval?: string;
  /** How many alerts or series a rule may give; undefined or 0 for any number. */
  limit?: number;
  /** The duration that evaluations look back by; undefined for Prometheus' own. */
  query_offset?: string;
  /** Labels that all rules get, by name; a rule's own go before. */
  labels?: Record<string, string>;
  /** The rules, in order. */
  rules: Rule[];
};

/** The schema of a list of groups; names are unique within a file. */
export const ruleGroups: z.ZodType<RuleGroup[]> = z.array(group).superRefine((groups, context) => {
  groups.forEach(({ name }, index) => {
    if (groups.findIndex((other) => other.name === name) === index) return;
    context.addIssue({ code: "custom", path: [index, "name"], message: `there are two groups named '${name}'` });
  });
});

/**
 * Reads a rule file.
 *
 * @throws {DiagnosticError} with every finding at its place in the file
 */
export function parseRuleFile(source: SourceText): RuleGroup[] {
  const root = parseYaml(source);
  const span = { source, start: 0, end: 1 };
  if (!root) throw inputError("rules", "the file holds no rule groups", span, "write: groups: []");
  const parsed = z.strictObject({ groups: ruleGroups }).safeParse(toPlain(root));
  if (parsed.success) return parsed.data.groups;
  throw new DiagnosticError(parsed.error.issues.flatMap((issue) => toDiagnostics(issue, root)));
}

type Issue = z.core.$ZodIssue & { params?: { offset?: number; length?: number } };

function toDiagnostics(issue: Issue, root: YamlNode): Diagnostic[] {
  const node = nodeAt(root, issue.path);
  const base = { severity: "error", code: "rules" } as const;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      ...base,
      message: `unknown key '${key}'`,
      span: keySpan(node, key),
      help: didYouMean(key, issue.path.length > 2 ? RULE_KEYS : issue.path.length > 0 ? GROUP_KEYS : ["groups"]),
    }));
  }
  const where = nameOf(issue.path, root);
  return [{ ...base, message: `${where}${issue.message}`, span: spanIn(node, issue.params) }];
}

function nodeAt(root: YamlNode, path: readonly PropertyKey[]): YamlNode {
  let node = root;
  for (const part of path) {
    const next = node.kind === "seq"
      ? node.items[Number(part)]
      : node.kind === "map"
      ? node.entries.find((entry) => entry.key === part)?.value
      : undefined;
    if (!next) return node;
    node = next;
  }
  return node;
}

function keySpan(node: YamlNode, key: string): Span {
  return (node.kind === "map" ? node.entries.find((entry) => entry.key === key)?.keySpan : undefined) ?? node.span;
}

function spanIn(node: YamlNode, params: Issue["params"]): Span {
  if (params?.offset === undefined || node.kind !== "scalar") {
    return { ...node.span, end: Math.min(node.span.end, node.span.start + 60) };
  }
  const start = offsetInScalar(node, params.offset);
  return { source: node.span.source, start, end: start + Math.max(1, params.length ?? 1) };
}

/** `group 'node', alert 'NodeDown': `, as far as a path leads. */
function nameOf(path: readonly PropertyKey[], root: YamlNode): string {
  if (path[0] !== "groups" || path.length < 2) return "";
  const group = asMap(toPlain(nodeAt(root, path.slice(0, 2))));
  const words = [`group '${group.name ?? path[1].toString()}'`];
  if (path[2] === "rules" && path.length > 3) {
    const rule = asMap(toPlain(nodeAt(root, path.slice(0, 4))));
    words.push(
      rule.alert ? `alert '${rule.alert}'` : rule.record ? `record '${rule.record}'` : `rule ${Number(path[3]) + 1}`,
    );
  }
  const key = path.at(-1);
  if (typeof key === "string" && path.length > 2) words.push(`'${key}'`);
  return `${words.join(", ")}: `;
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
