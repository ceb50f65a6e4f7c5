import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { DiagnosticError, placeOf } from "../../../../engine/support/diagnostic.ts";
import { readText, SITE } from "./sample.ts";

/** What is said of a text: `place: message (help)`. */
function findings(text: string): string[] {
  try {
    readText(text);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ span, message, help }) =>
      `${span ? placeOf(span).replace("config.yaml:", "") : "-"} ${message}${help ? ` (${help})` : ""}`
    );
  }
  return [];
}

Deno.test("a site's settings are read without a word", () => {
  const { settings, warnings } = readText(SITE);
  deepStrictEqual(warnings, []);
  deepStrictEqual(settings.presets, ["gpu-basic", "node"]);
  strictEqual(settings.groups.get("inference")!.parent, "production");
  strictEqual(settings.groups.get("development")!.rules.get("node_rebooted")!.own.get("enabled")!.value, false);
});

Deno.test("nothing at all is fine", () => {
  deepStrictEqual(findings("alerts:\ngroups:\n"), []);
  deepStrictEqual(findings("cluster: {}\n"), []);
});

const WRONG: Record<string, readonly [string, string]> = {
  "a preset that is not there": [
    "alerts: {presets: [gpu-prodution]}",
    "1:20 there is no preset 'gpu-prodution' (did you mean 'gpu-production'?)",
  ],
  "a preset that is there twice": ["alerts: {presets: [node, node]}", "1:26 the preset 'node' is there twice"],
  "presets that are no list": ["alerts: {presets: node}", "1:19 'alerts.presets' is a list of names"],
  "alerts that are no mapping": ["alerts: [node]", "1:9 'alerts' is a mapping"],
  "a rule that is not there": [
    "alerts:\n  rules:\n    high_cpu_usge: {threshold: 90}",
    "3:5 there is no alert rule 'high_cpu_usge' (did you mean 'high_cpu_usage'?)",
  ],
  "a parameter that is not there": [
    "alerts: {rules: {high_cpu_usage: {treshold: 90}}}",
    "1:35 'treshold' is no parameter of 'high_cpu_usage' (did you mean 'threshold'?)",
  ],
  "a threshold of another type": [
    "alerts: {rules: {high_cpu_usage: {threshold: high}}}",
    "1:46 'threshold' of 'high_cpu_usage' is a number (%), not 'high'",
  ],
  "a threshold beyond its unit": [
    "alerts: {rules: {high_cpu_usage: {threshold: 120}}}",
    "1:46 'threshold' of 'high_cpu_usage' is from 0 to 100 %, not 120",
  ],
  "a threshold below zero": [
    "alerts: {rules: {gpu_nvlink_error: {threshold: -1}}}",
    "1:48 'threshold' of 'gpu_nvlink_error' is at least 0 errors, not -1",
  ],
  "several thresholds": [
    "alerts: {rules: {high_cpu_usage: {threshold: [80, 90]}}}",
    "1:46 'threshold' of 'high_cpu_usage' is one value, not several",
  ],
  "a time without a unit": [
    "alerts: {rules: {high_cpu_usage: {for: 5}}}",
    "1:40 'for' of 'high_cpu_usage' is a duration such as 30s or 5m, not 5",
  ],
  "a severity that is none": [
    "alerts: {rules: {high_cpu_usage: {severity: fatal}}}",
    "1:45 'severity' of 'high_cpu_usage' is one of critical, warning, info, not 'fatal'",
  ],
  "enabled with another word": [
    "alerts: {rules: {high_cpu_usage: {enabled: no}}}",
    "1:44 'enabled' of 'high_cpu_usage' is true or false, not 'no'",
  ],
  "a rule that is set to a number": [
    "alerts: {rules: {high_cpu_usage: 90}}",
    "1:34 what is set of 'high_cpu_usage' is a mapping",
  ],
  "a condition without a label": [
    "alerts: {rules: {high_cpu_usage: {where: [{is: a, threshold: 1}]}}}",
    "1:43 a part of 'where' needs 'label'",
  ],
  "a condition without a value": [
    "alerts: {rules: {high_cpu_usage: {where: [{label: a, threshold: 1}]}}}",
    "1:43 a part of 'where' needs 'is', a value of the label or a list of them",
  ],
  "a condition on what is no label": [
    "alerts: {rules: {high_cpu_usage: {where: [{label: a-b, is: c}]}}}",
    "1:51 a label's name is letters, digits and _",
  ],
  "conditions that are no list": [
    "alerts: {rules: {high_cpu_usage: {where: {label: a, is: b}}}}",
    "1:42 'where' is a list of mappings with 'label', 'is' and values",
  ],
  "a parent that is not there": [
    "groups:\n  production: {}\n  training: {parent: prodction}",
    "3:22 there is no group 'prodction', the parent of 'training' (did you mean 'production'?)",
  ],
  "groups that are parents of each other": [
    "groups:\n  a: {parent: c}\n  b: {parent: a}\n  c: {parent: b}",
    "2:15 groups are parents of each other: a → c → b → a",
  ],
  "a group that is its own parent": ["groups:\n  a: {parent: a}", "2:15 groups are parents of each other: a → a"],
  "a group's name with a blank": [
    "groups:\n  'gpu nodes': {}",
    "2:3 'gpu nodes' is no name for a group (a group's name is letters, digits, '.', '_' and '-')",
  ],
  "groups that are a list": ["groups: [a, b]", "1:9 'groups' is a mapping"],
  "a group that is a text": ["groups: {a: b}", "1:13 group 'a' is a mapping"],
};

for (const [name, [text, finding]] of Object.entries(WRONG)) {
  Deno.test(`${name} is told with its place`, () => deepStrictEqual(findings(text), [finding]));
}

Deno.test("all that is wrong is told at once", () => {
  const text = "alerts: {presets: [a-preset], rules: {b_rule: {}}}\ngroups: {c: {parent: d}}";
  strictEqual(findings(text).length, 3);
  throws(() => readText(text), DiagnosticError);
});

Deno.test("a value of a rule that no preset has is a warning at its place", () => {
  const { warnings } = readText(
    "alerts:\n  presets: [node]\ngroups:\n  a: {alerts: {gpu_memory_high: {threshold: 90}}}",
  );
  deepStrictEqual(warnings.map(({ severity, span, help }) => [severity, placeOf(span!), help]), [
    ["warning", "config.yaml:4:45", "add 'gpu-basic' to 'alerts.presets'"],
  ]);
});
