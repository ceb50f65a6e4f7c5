/**
 * The rule files of a site: one for each preset, and one for each group that has values of its own.
 *
 * @module
 */

import { expressionOf, fillIn } from "./expression.ts";
import { findPreset } from "./presets.ts";
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
  const texts = new Map<string, string[]>();
  const fileOf = presetOfRule(settings.presets);
  for (const name of settings.presets) texts.set(`${name}.yaml`, []);
  for (const name of [...settings.groups.keys()].sort()) texts.set(groupFile(name), []);
  for (const rule of activeRules(settings.presets)) {
    for (const version of versionsOf(rule, settings, ordered)) {
      const path = version.group === undefined ? `${fileOf.get(rule.id)}.yaml` : groupFile(version.group);
      texts.get(path)!.push(...rulesOf(version));
    }
  }
  return [...texts].filter(([, rules]) => rules.length > 0).map(([path, rules]) => ({
    path,
    text: `${HEADING}groups:\n  - name: ${nameOfGroup(path)}\n    rules:\n${rules.join("")}`,
    alerts: rules.length,
  }));
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

function nameOfGroup(path: string): string {
  return JSON.stringify(`aami-${path.replace(/^generated\//, "").replace(/\.yaml$/, "")}`);
}

function rulesOf(version: Version): string[] {
  return version.cells.filter(({ enabled }) => enabled).map((cell) => ruleText(version, cell));
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

/** One rule of a file. Quoted as JSON is, which YAML reads: it takes a hundredth of a writer's time. */
function ruleText(version: Version, cell: Cell): string {
  const { rule } = version;
  const fill = (text: string) => JSON.stringify(fillIn(text, cell.values));
  const wait = cell.values.for === "0s" ? "" : `        for: ${cell.values.for}\n`;
  let labels = `          severity: ${JSON.stringify(cell.severity)}\n          rule: ${rule.id}\n`;
  for (const [name, value] of Object.entries(rule.labels ?? {})) labels += `          ${name}: ${fill(value)}\n`;
  return `      - alert: ${alertName(version, cell)}\n        expr: ${
    expressionText(expressionOf(rule, cell.values, matchersOf(version, cell)))
  }\n${wait}        labels:\n${labels}        annotations:\n          summary: ${fill(rule.summary)}\n` +
    `          description: ${fill(rule.description)}\n          runbook: ${fill(rule.runbook)}\n`;
}

/** Indented below its key, so that quotes stay as they are. */
function expressionText(expression: string): string {
  return `|-\n          ${expression.replaceAll("\n", "\n          ")}`;
}
