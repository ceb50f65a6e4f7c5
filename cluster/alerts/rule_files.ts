/**
 * The rule files of a site: one for each preset, and one for each group that has values of its own.
 *
 * @module
 */

import { expressionOf, fillIn, type Values } from "./expression.ts";
import { findPreset } from "./presets.ts";
import type { AlertRule } from "./rule.ts";
import { activeRules, type AlertSettings } from "./settings.ts";
import { type Cell, matchersOf, parentsFirst, type Version, versionsOf } from "./versions.ts";

/** A file of alert rules. */
export interface RuleFile {
  /** Below the directory of rules: `gpu-production.yaml`, `generated/group-training.yaml`. */
  readonly path: string;
  /** The whole text; the same settings give the same bytes. */
  readonly text: string;
  /** How many alerts are in it. */
  readonly alerts: number;
}

/** Above each file. */
const HEADING = "# Written by aami from the alert presets and the groups of the configuration: changes are lost.\n";

/**
 * All rule files, presets first, then groups by name. A rule that several presets have is in the first one's file.
 */
export function ruleFiles(settings: AlertSettings): RuleFile[] {
  const ordered = parentsFirst(settings.groups);
  const fileOf = presetOfRule(settings.presets);
  const paths = [
    ...settings.presets.map((name) => `${name}.yaml`),
    ...[...settings.groups.keys()].sort().map(groupFile),
  ];
  const files = new Map(paths.map((path) => [path, { path, text: headOf(path), alerts: 0 }]));
  for (const rule of activeRules(settings.presets)) {
    for (const version of versionsOf(rule, settings, ordered)) {
      const path = version.group === undefined ? `${fileOf.get(rule.id)}.yaml` : groupFile(version.group);
      const file = files.get(path)!;
      for (const cell of version.cells) {
        if (!cell.enabled) continue;
        file.text += versionText(version, cell);
        file.alerts++;
      }
    }
  }
  return [...files.values()].filter(({ alerts }) => alerts > 0);
}

/** The file of a group's own versions. */
export function groupFile(group: string): string {
  return `generated/group-${group}.yaml`;
}

/** Which preset's file has a rule, by rule id. */
export function presetOfRule(presets: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const preset of presets) {
    for (const id of findPreset(preset)?.rules ?? []) if (!files.has(id)) files.set(id, preset);
  }
  return files;
}

function headOf(path: string): string {
  const name = JSON.stringify(`aami-${path.replace(/^generated\//, "").replace(/\.yaml$/, "")}`);
  return `${HEADING}groups:\n  - name: ${name}\n    rules:\n`;
}

/** The alert's name in Prometheus: `HighCPUUsage`, `HighCPUUsage_Production`, `HighCPUUsage_Production_A100`. */
export function alertName({ rule, group }: Version, { condition }: Cell): string {
  const parts = [rule.alert];
  if (group !== undefined) parts.push(camelCase(group));
  if (condition) parts.push(camelCase(condition.is.join(" ")));
  return parts.join("_");
}

function camelCase(name: string): string {
  return name.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

/** Stands around the names of what a version puts in. A character of one byte: strings with wider ones take twice the memory. */
const MARK = "\x80";

/** A rule's text in parts: what is the same in all versions, and at odd places the names of what is not. */
type Parts = readonly string[];

const texts = new WeakMap<AlertRule, { readonly chosen: Parts; readonly all: Parts }>();

/** The text is put together once a rule: a version only sets its values in, which thousands of groups need. */
function partsOf(rule: AlertRule): { readonly chosen: Parts; readonly all: Parts } {
  const known = texts.get(rule);
  if (known) return known;
  const names = ["for", ...Object.keys(rule.parameters)];
  const marks = Object.fromEntries(names.map((name) => [name, `${MARK}${name}${MARK}`]));
  const made = {
    all: ruleText(rule, marks, "").split(MARK),
    chosen: ruleText(rule, marks, `${MARK}matchers${MARK}`).split(MARK),
  };
  texts.set(rule, made);
  return made;
}

function ruleText(rule: AlertRule, marks: Values, matchers: string): string {
  // Quoted as JSON is, which YAML reads.
  const fill = (text: string) => JSON.stringify(fillIn(text, marks));
  const own = Object.entries(rule.labels ?? {}).map(([name, value]) => `          ${name}: ${fill(value)}\n`);
  const expression = expressionOf(rule, marks, matchers).replaceAll("\n", "\n          ");
  return [
    `      - alert: ${MARK}alert${MARK}\n        expr: |-\n          ${expression}\n`,
    `        for: ${MARK}for${MARK}\n        labels:\n          severity: ${MARK}severity${MARK}\n`,
    `          rule: ${rule.id}\n${own.join("")}        annotations:\n          summary: ${fill(rule.summary)}\n`,
    `          description: ${fill(rule.description)}\n          runbook: ${fill(rule.runbook)}\n`,
  ].join("");
}

function versionText(version: Version, cell: Cell): string {
  const matchers = matchersOf(version, cell);
  const { all, chosen } = partsOf(version.rule);
  const parts = matchers === "" ? all : chosen;
  let text = parts[0];
  for (let index = 1; index < parts.length; index += 2) {
    const name = parts[index];
    if (name === "matchers") text += matchers;
    else if (name === "alert") text += alertName(version, cell);
    else if (name === "severity") text += JSON.stringify(cell.severity);
    else text += cell.values[name];
    text += parts[index + 1];
  }
  return text;
}
