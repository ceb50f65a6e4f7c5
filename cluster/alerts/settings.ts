/**
 * What a site sets of its alerts: the presets, and values of rules for all nodes, for groups, and for nodes of a group by
 * a label. Read from the configuration with every finding at its place.
 *
 * @module
 */

import { type Diagnostic, DiagnosticError, type Span } from "../../engine/support/diagnostic.ts";
import { didYouMean } from "../../engine/support/suggest.ts";
import { entryOf, type YamlMap, type YamlNode } from "../../engine/support/yaml.ts";
import { findPreset, PRESETS, RULES } from "./presets.ts";
import type { AlertRule } from "./rule.ts";
import { readRuleSettings } from "./rule_settings.ts";

/** A value that somebody set. */
export interface SetValue {
  /** A number, a duration, a severity, or whether the rule is on. */
  readonly value: number | string | boolean;
  /** Where it was set; undefined where no text did it. */
  readonly span?: Span;
}

/** Values by name: the rule's parameters, `for`, `severity` and `enabled`. */
export type SetValues = ReadonlyMap<string, SetValue>;

/** Values for the nodes, GPUs, ports or file systems that have a label. */
export interface Condition {
  /** The label's name. */
  readonly label: string;
  /** Its value, one of these. */
  readonly is: readonly string[];
  /** What holds for them. */
  readonly own: SetValues;
}

/** What is set of one rule. */
export interface RuleSettings {
  /** For all that the settings are for. */
  readonly own: SetValues;
  /** For some of them; of those that match, the first holds. */
  readonly where: readonly Condition[];
}

/** One group of nodes. */
export interface AlertGroup {
  /** The name, which nodes have as their label `group`. */
  readonly name: string;
  /** The group whose values it takes over; undefined for all nodes' values. */
  readonly parent?: string;
  /** Its own settings by rule id. */
  readonly rules: ReadonlyMap<string, RuleSettings>;
}

/** All of it. */
export interface AlertSettings {
  /** The presets that are on, in order. */
  readonly presets: readonly string[];
  /** Settings for all nodes, by rule id. */
  readonly rules: ReadonlyMap<string, RuleSettings>;
  /** The groups by name; a parent may stand behind its children. */
  readonly groups: ReadonlyMap<string, AlertGroup>;
}

/** Settings, and what is odd about them without being wrong. */
export interface ReadSettings {
  /** The settings. */
  readonly settings: AlertSettings;
  /** Warnings. */
  readonly warnings: readonly Diagnostic[];
}

/** The rules that the presets switch on, each once, in the order of the presets. */
export function activeRules(presets: readonly string[]): AlertRule[] {
  const ids = new Set(presets.flatMap((name) => findPreset(name)?.rules ?? []));
  return [...ids].map((id) => RULES.get(id)!);
}

/**
 * Reads the settings.
 *
 * @param alerts the mapping with `presets` and `rules`; other keys of it are not looked at
 * @param groups the mapping of group names to mappings with `parent` and `alerts`; other keys are not looked at
 * @throws {DiagnosticError} with all that is wrong
 */
export function readAlertSettings(alerts: YamlNode | undefined, groups: YamlNode | undefined): ReadSettings {
  const findings: Diagnostic[] = [];
  const alertsMap = asMap(alerts, "'alerts'", findings);
  const presets = readPresets(alertsMap && entryOf(alertsMap, "presets")?.value, findings);
  const rules = readRules(alertsMap && entryOf(alertsMap, "rules")?.value, "'alerts.rules'", findings);
  const read = new Map<string, AlertGroup>();
  for (const { key, keySpan, value } of asMap(groups, "'groups'", findings)?.entries ?? []) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(key)) {
      const help = "a group's name is letters, digits, '.', '_' and '-'";
      findings.push({ ...error("group-name", `'${key}' is no name for a group`, keySpan), help });
    }
    const map = asMap(value, `group '${key}'`, findings);
    const parent = map && entryOf(map, "parent")?.value;
    const own = readRules(map && entryOf(map, "alerts")?.value, `'alerts' of group '${key}'`, findings);
    read.set(key, { name: key, parent: textOf(parent, "'parent'", findings), rules: own });
  }
  findings.push(...wrongParents(groups, read));
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new DiagnosticError(errors);
  const settings = { presets, rules, groups: read };
  return { settings, warnings: withoutEffect(settings) };
}

/** An error at a place. */
export function error(code: Diagnostic["code"], message: string, span?: Span): Diagnostic {
  return { severity: "error", code, message, span };
}

/** The mapping, or undefined with a finding where it is none. Nothing at all is an empty one. */
export function asMap(node: YamlNode | undefined, what: string, findings: Diagnostic[]): YamlMap | undefined {
  if (node === undefined || node.kind === "map") return node;
  if (node.kind === "scalar" && node.value === null) return undefined;
  findings.push(error("type", `${what} is a mapping`, node.span));
  return undefined;
}

function textOf(node: YamlNode | undefined, what: string, findings: Diagnostic[]): string | undefined {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return undefined;
  if (node.kind === "scalar" && node.value !== "") return String(node.value);
  findings.push(error("type", `${what} is a name`, node.span));
  return undefined;
}

function readPresets(node: YamlNode | undefined, findings: Diagnostic[]): string[] {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return [];
  if (node.kind !== "seq") {
    findings.push(error("type", "'alerts.presets' is a list of names", node.span));
    return [];
  }
  const names: string[] = [];
  for (const item of node.items) {
    const name = item.kind === "scalar" ? String(item.value) : "";
    const known = PRESETS.map((preset) => preset.name);
    if (names.includes(name)) findings.push(error("unknown-preset", `the preset '${name}' is there twice`, item.span));
    else if (!known.includes(name)) {
      const help = didYouMean(name, known) ?? `there are ${known.join(", ")}`;
      findings.push({ ...error("unknown-preset", `there is no preset '${name}'`, item.span), help });
    } else names.push(name);
  }
  return names;
}

function readRules(node: YamlNode | undefined, what: string, findings: Diagnostic[]): Map<string, RuleSettings> {
  const rules = new Map<string, RuleSettings>();
  for (const { key, keySpan, value } of asMap(node, what, findings)?.entries ?? []) {
    const rule = RULES.get(key);
    if (rule) rules.set(key, readRuleSettings(rule, value, findings));
    else {
      const help = didYouMean(key, RULES.keys()) ?? "'aami alerts list-presets' shows the rules";
      findings.push({ ...error("unknown-rule", `there is no alert rule '${key}'`, keySpan), help });
    }
  }
  return rules;
}

function wrongParents(node: YamlNode | undefined, groups: ReadonlyMap<string, AlertGroup>): Diagnostic[] {
  const findings: Diagnostic[] = [];
  const settled = new Set<string>();
  for (const { key, value } of node?.kind === "map" ? node.entries : []) {
    const span = value.kind === "map" ? entryOf(value, "parent")?.value.span : undefined;
    const parent = groups.get(key)?.parent;
    if (parent !== undefined && !groups.has(parent)) {
      const help = didYouMean(parent, groups.keys());
      findings.push({ ...error("unknown-group", `there is no group '${parent}', the parent of '${key}'`, span), help });
    }
    const path: string[] = [];
    for (let at: string | undefined = key; at !== undefined && !settled.has(at); at = groups.get(at)?.parent) {
      const start = path.indexOf(at);
      if (start !== -1) {
        const loop = [...path.slice(start), at].join(" → ");
        findings.push(error("group-cycle", `groups are parents of each other: ${loop}`, span));
        break;
      }
      path.push(at);
    }
    for (const name of path) settled.add(name);
  }
  return findings;
}

/** Settings of rules that no preset switches on. */
function withoutEffect({ presets, rules, groups }: AlertSettings): Diagnostic[] {
  const active = new Set(activeRules(presets).map(({ id }) => id));
  const warnings: Diagnostic[] = [];
  for (const list of [rules, ...[...groups.values()].map((group) => group.rules)]) {
    for (const [id, settings] of list) {
      if (active.has(id)) continue;
      const [first] = [...settings.own.values(), ...settings.where.flatMap(({ own }) => [...own.values()])];
      const preset = PRESETS.find((each) => each.rules.includes(id))?.name;
      warnings.push({
        severity: "warning",
        code: "unknown-rule",
        message: `no preset switches '${id}' on: what is set of it has no effect`,
        span: first?.span,
        help: `add '${preset}' to 'alerts.presets'`,
      });
    }
  }
  return warnings;
}
