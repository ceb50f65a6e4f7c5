/**
 * The catalogue's tests as promtool reads them: each for every exporter and version that the rule serves.
 *
 * @module
 */

import { toYaml } from "../../engine/support/yaml.ts";
import { fillIn } from "./expression.ts";
import { findPreset, RULES } from "./presets.ts";
import type { AlertRule, ExpectedAlert, Exporter, RuleTest } from "./rule.ts";
import { alertLabels, expandSeries, VERSIONS } from "./series_labels.ts";

/** One test of promtool's. */
interface PromtoolTest {
  name: string;
  interval: "1m";
  input_series: { series: string; values: string }[];
  alert_rule_test: { eval_time: string; alertname: string; exp_alerts: object[] }[];
}

/** A test file, and what is in it. */
export interface PromtoolTests {
  /** The file's text. */
  readonly text: string;
  /** How many tests of a rule with one exporter's version. */
  readonly count: number;
}

/**
 * The tests of a preset's rules, with the values that they have where nobody sets others.
 *
 * @param ruleFile the preset's rule file, as seen from the test file
 */
export function promtoolTests(preset: string, ruleFile: string): PromtoolTests {
  const tests = (findPreset(preset)?.rules ?? []).flatMap((id) => testsOf(RULES.get(id)!));
  return { text: toYaml({ rule_files: [ruleFile], evaluation_interval: "1m", tests }), count: tests.length };
}

function testsOf(rule: AlertRule): PromtoolTest[] {
  return rule.tests.flatMap((test) =>
    (Object.keys(test.series) as Exporter[]).flatMap((exporter) =>
      (VERSIONS[exporter] ?? [exporter]).map((title, version) => promtoolTest(rule, test, exporter, version, title))
    )
  );
}

function promtoolTest(
  rule: AlertRule,
  test: RuleTest,
  exporter: Exporter,
  version: number,
  title: string,
): PromtoolTest {
  const input = test.series[exporter]!.map((line) => {
    const cut = line.indexOf("} ") + 1;
    return { series: expandSeries(line.slice(0, cut), exporter, version), values: line.slice(cut + 1) };
  });
  const expected = test.alerts.map((alert) => expectedAlert(rule, alert, exporter, version));
  return {
    name: `${rule.id}: ${test.name} (${title})`,
    interval: "1m",
    input_series: input,
    alert_rule_test: [{ eval_time: test.at, alertname: rule.alert, exp_alerts: expected }],
  };
}

function expectedAlert(rule: AlertRule, expected: ExpectedAlert, exporter: Exporter, version: number): object {
  const { "@": set, ...own } = expected.labels;
  const series = set === undefined ? {} : alertLabels(set, exporter, version);
  const severity = expected.severity ?? rule.severity;
  const labels: Record<string, string> = { ...series, ...own, severity, rule: rule.id };
  const values = { ...defaultsOf(rule), ...labels };
  const exp_annotations = {
    summary: fillIn(expected.summary, values),
    description: fillIn(expected.description, values),
    runbook: fillIn(expected.runbook ?? rule.runbook, values),
  };
  return { exp_labels: labels, exp_annotations };
}

function defaultsOf(rule: AlertRule): Record<string, number | string> {
  const entries = Object.entries(rule.parameters).map(([name, { default: value }]) => [name, value] as const);
  return { for: rule.for, ...Object.fromEntries(entries) };
}
