import { findPreset, type Preset, PRESETS, RULES } from "../cluster/alerts/presets.ts";
import { type AlertRule, type Exporter, EXPORTERS } from "../cluster/alerts/rule.ts";
import { ruleFiles } from "../cluster/alerts/rule_files.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The preset of a name.
 *
 * @throws {DiagnosticError} where there is none
 */
export function presetOf(name: string): Preset {
  const preset = findPreset(name);
  if (preset) return preset;
  const help = didYouMean(name, PRESETS.map((each) => each.name)) ?? "'aami alerts list-presets' shows what there is";
  throw inputError("unknown-preset", `there is no preset '${name}'`, undefined, help);
}

/** `aami alerts list-presets`. */
export function listPresets(output: "text" | "json", terminal: Terminal): number {
  if (output === "json") {
    terminal.out(JSON.stringify(PRESETS, undefined, 2));
    return 0;
  }
  for (const { name, summary, rules } of PRESETS) {
    terminal.out(`${terminal.paint("bold", name)} (${rules.length} rules): ${summary}`);
    for (const id of rules) terminal.out(`  ${id}`);
  }
  return 0;
}

/**
 * `aami alerts show PRESET`: its rules for people, as data, or as a rule file.
 *
 * @throws {DiagnosticError} where there is no such preset
 */
export function showPreset(name: string, output: "text" | "json" | "yaml", terminal: Terminal): number {
  const preset = presetOf(name);
  if (output === "yaml") {
    const [file] = ruleFiles({ presets: [preset.name], rules: new Map(), groups: new Map() });
    terminal.out(file.text.trimEnd());
    return 0;
  }
  const rules = preset.rules.map((id) => RULES.get(id)!);
  if (output === "json") {
    terminal.out(JSON.stringify({ ...preset, rules: rules.map(ruleData) }, undefined, 2));
    return 0;
  }
  terminal.out(`${terminal.paint("bold", preset.name)} (${rules.length} rules): ${preset.summary}`);
  for (const rule of rules) terminal.out(`\n${ruleText(rule, terminal)}`);
  return 0;
}

/** A rule without its tests. */
function ruleData({ tests: _tests, around: _around, ...rule }: AlertRule): object {
  return rule;
}

function ruleText(rule: AlertRule, terminal: Terminal): string {
  const { id, alert, severity, parameters, runbook } = rule;
  const urgent = severity.startsWith("{{") ? "severity by the error" : severity;
  const wait = rule.for === "0s" ? "at once" : `after ${rule.for}`;
  const set = Object.entries(parameters).map(([name, { default: value, unit, description }]) =>
    `  ${name}: ${value}${unit === "duration" ? "" : ` ${unit}`}  ${terminal.paint("dim", description)}`
  );
  const exporters = (Object.keys(rule.expr) as Exporter[]).map((exporter) => EXPORTERS[exporter]);
  return [
    `${terminal.paint("bold", id)}  ${alert}, ${urgent}, ${wait}`,
    ...set,
    `  from ${exporters.join("; ")}`,
    ...(runbook.startsWith("{{") ? [] : [`  ${runbook}`]),
  ].join("\n");
}
