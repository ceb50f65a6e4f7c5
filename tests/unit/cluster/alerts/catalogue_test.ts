import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { expressionOf } from "../../../../cluster/alerts/expression.ts";
import { findPreset, PRESETS, RULES } from "../../../../cluster/alerts/presets.ts";
import { type AlertRule, type Exporter, EXPORTERS } from "../../../../cluster/alerts/rule.ts";
import { checkPromql, metricNames } from "../../../../engine/support/promql.ts";

const defaults = (rule: AlertRule) => ({
  for: rule.for,
  ...Object.fromEntries(Object.entries(rule.parameters).map(([name, { default: value }]) => [name, value])),
});

Deno.test("gpu-production has the eight rules, gpu-basic three of them", () => {
  deepStrictEqual(findPreset("gpu-production")!.rules, [
    ...["gpu_temperature_critical", "gpu_temperature_warning", "gpu_memory_high", "gpu_memory_leak"],
    ...["gpu_ecc_errors", "gpu_xid_error", "gpu_nvlink_error", "node_down"],
  ]);
  deepStrictEqual(findPreset("gpu-basic")!.rules, ["gpu_temperature_critical", "gpu_memory_high", "node_down"]);
});

Deno.test("presets name rules that are there, and every rule is in one", () => {
  const used = new Set(PRESETS.flatMap(({ rules }) => rules));
  deepStrictEqual([...used].filter((id) => !RULES.has(id)), []);
  deepStrictEqual([...RULES.keys()].filter((id) => !used.has(id)), []);
});

Deno.test("alerts have names of their own", () => {
  const names = [...RULES.values()].map(({ alert }) => alert);
  strictEqual(new Set(names).size, names.length);
  for (const { id, alert } of RULES.values()) {
    ok(/^[a-z][a-z0-9_]*$/.test(id), id);
    ok(/^[A-Z][A-Za-z0-9]*$/.test(alert), alert);
  }
});

Deno.test("every expression is PromQL, and each of its selectors can choose a group's nodes", () => {
  for (const rule of RULES.values()) {
    for (const matchers of ["", 'group="a"', 'group!~"a|b",gpu_type="x"']) {
      const expression = expressionOf(rule, defaults(rule), matchers);
      deepStrictEqual(checkPromql(expression), [], `${rule.id}: ${expression}`);
      ok(!expression.includes("$"), `${rule.id}: ${expression}`);
    }
    // A selector without the group's matcher would be one whose metric is found without it.
    const chosen = expressionOf(rule, defaults(rule), 'chosen="1"');
    for (const metric of metricNames(chosen)) {
      const bare = [...chosen.matchAll(new RegExp(`\\b${metric}\\b(?!\\{[^}]*chosen="1"\\})`, "g"))];
      strictEqual(bare.length, 0, `${rule.id}: ${metric} in ${chosen}`);
    }
  }
});

Deno.test("texts hold parameters of the rule and nothing else of the catalogue's own", () => {
  for (const rule of RULES.values()) {
    const known = ["labels", "value", "for", ...Object.keys(rule.parameters)];
    for (const text of [rule.summary, rule.description, rule.runbook, ...Object.values(rule.labels ?? {})]) {
      for (const [, name] of text.matchAll(/\$(\w+)/g)) ok(known.includes(name), `${rule.id}: $${name}`);
      ok(text.trim() === text && text.length > 3, rule.id);
    }
  }
});

Deno.test("every rule has a test that fires and one that stays silent, for each exporter it reads", () => {
  for (const rule of RULES.values()) {
    const exporters = Object.keys(rule.expr) as Exporter[];
    ok(exporters.length > 0, rule.id);
    for (const exporter of exporters) {
      ok(exporter in EXPORTERS, exporter);
      const tests = rule.tests.filter(({ series }) => series[exporter]);
      ok(tests.some(({ alerts }) => alerts.length > 0), `${rule.id} fires for ${exporter}`);
      ok(tests.some(({ alerts }) => alerts.length === 0), `${rule.id} is silent for ${exporter}`);
    }
  }
});
