/**
 * All rule files of a configuration: those of the presets and groups, one of the site's own alerts, and the health score.
 *
 * @module
 */

import { toYaml } from "../../engine/support/yaml.ts";
import { healthRules } from "../health/recording_rules.ts";
import type { ReadConfig } from "../config/read.ts";
import type { Config } from "../config/schema.ts";
import { type RuleFile, ruleFiles } from "./rule_files.ts";

/** The files, those of presets first. */
export function siteRuleFiles({ config, alerts }: ReadConfig): RuleFile[] {
  const { custom } = config.alerts;
  const health = { path: "health.yaml", text: healthRules(config.health.weights), alerts: 0 };
  return [...ruleFiles(alerts), ...custom.length === 0 ? [] : [customFile(custom)], health];
}

function customFile(custom: Config["alerts"]["custom"]): RuleFile {
  const rules = custom.map(({ name, expr, for: wait, severity, labels, summary, description, runbook }) => ({
    alert: name,
    expr,
    for: wait,
    labels: { severity, rule: name, ...labels },
    annotations: {
      summary: summary ?? `${name} on {{ $labels.node }}`,
      ...(description === undefined ? {} : { description }),
      ...(runbook === undefined ? {} : { runbook }),
    },
  }));
  const heading = "# Written by aami from 'alerts.custom' of the configuration: changes are lost.\n";
  return {
    path: "custom.yaml",
    text: `${heading}${toYaml({ groups: [{ name: "custom", rules }] })}`,
    alerts: custom.length,
  };
}
