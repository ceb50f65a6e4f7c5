/**
 * Reads what is set of one rule: `false`, or a mapping of its parameters, `for`, `severity`, `enabled` and `where`.
 *
 * @module
 */

import type { Diagnostic } from "../../engine/support/diagnostic.ts";
import { didYouMean } from "../../engine/support/suggest.ts";
import { entryOf, type YamlMap, type YamlNode, type YamlScalar } from "../../engine/support/yaml.ts";
import { DURATION } from "../duration.ts";
import { type AlertRule, type Parameter, SEVERITIES } from "./rule.ts";
import { asMap, type Condition, error, type RuleSettings, type SetValue } from "./settings.ts";

/** Reads the settings of a rule; what is wrong is added to the findings. */
export function readRuleSettings(rule: AlertRule, node: YamlNode, findings: Diagnostic[]): RuleSettings {
  if (node.kind === "scalar" && typeof node.value === "boolean") {
    return { own: new Map([["enabled", { value: node.value, span: node.span }]]), where: [] };
  }
  const map = asMap(node, `what is set of '${rule.id}'`, findings);
  if (!map) return { own: new Map(), where: [] };
  const own = readValues(rule, map, ["where"], findings);
  const where = entryOf(map, "where")?.value;
  if (where === undefined) return { own, where: [] };
  if (where.kind !== "seq") {
    findings.push(error("type", "'where' is a list of mappings with 'label', 'is' and values", where.span));
    return { own, where: [] };
  }
  return { own, where: where.items.flatMap((item) => readCondition(rule, item, findings)) };
}

function readCondition(rule: AlertRule, node: YamlNode, findings: Diagnostic[]): Condition[] {
  if (node.kind !== "map") {
    findings.push(error("type", "'where' holds mappings with 'label', 'is' and values", node.span));
    return [];
  }
  const own = readValues(rule, node, ["label", "is"], findings);
  const [label, is] = [entryOf(node, "label")?.value, entryOf(node, "is")?.value];
  if (label?.kind !== "scalar" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(String(label.value))) {
    const message = label ? "a label's name is letters, digits and _" : "a part of 'where' needs 'label'";
    findings.push(error("type", message, label?.span ?? node.span));
    return [];
  }
  const values = is?.kind === "seq" ? is.items : is ? [is] : [];
  const texts = values.flatMap((value) => value.kind === "scalar" && value.value !== null ? [String(value.value)] : []);
  if (texts.length === 0 || texts.length < values.length) {
    findings.push(
      error("type", "a part of 'where' needs 'is', a value of the label or a list of them", is?.span ?? node.span),
    );
    return [];
  }
  return [{ label: String(label.value), is: texts, own }];
}

function readValues(
  rule: AlertRule,
  map: YamlMap,
  other: readonly string[],
  findings: Diagnostic[],
): Map<string, SetValue> {
  const values = new Map<string, SetValue>();
  const known = [...Object.keys(rule.parameters), "for", "severity", "enabled", ...other];
  for (const { key, keySpan, value: node } of map.entries) {
    if (other.includes(key)) continue;
    if (!known.includes(key)) {
      const help = didYouMean(key, known) ?? `there are ${known.join(", ")}`;
      findings.push({ ...error("unknown-key", `'${key}' is no parameter of '${rule.id}'`, keySpan), help });
      continue;
    }
    const problem = node.kind === "scalar" ? wrongValue(rule, key, node) : "is one value, not several";
    if (problem) findings.push(error("type", `'${key}' of '${rule.id}' ${problem}`, node.span));
    else values.set(key, { value: (node as YamlScalar).value as SetValue["value"], span: node.span });
  }
  return values;
}

/** What is wrong with a value, as the end of a sentence; undefined where nothing is. */
function wrongValue(rule: AlertRule, key: string, { value, written }: YamlScalar): string | undefined {
  const shown = typeof value === "string" ? `'${value}'` : written;
  if (key === "enabled") return typeof value === "boolean" ? undefined : `is true or false, not ${shown}`;
  if (key === "severity") {
    return SEVERITIES.some((each) => each === value) ? undefined : `is one of ${SEVERITIES.join(", ")}, not ${shown}`;
  }
  const parameter: Parameter | undefined = rule.parameters[key];
  if (key === "for" || typeof parameter?.default === "string") {
    return typeof value === "string" && DURATION.test(value)
      ? undefined
      : `is a duration such as 30s or 5m, not ${shown}`;
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return `is a number (${parameter.unit}), not ${shown}`;
  const { min = -Infinity, max = Infinity, unit } = parameter;
  if (value >= min && value <= max) return undefined;
  return max === Infinity
    ? `is at least ${min} ${unit}, not ${shown}`
    : `is from ${min} to ${max} ${unit}, not ${shown}`;
}
