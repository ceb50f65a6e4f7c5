/**
 * The health score as recording rules, for dashboards and alerts: the expressions of `factors.ts`, put together as
 * `score.ts` does it.
 *
 * @module
 */

import { toYaml } from "../../engine/support/yaml.ts";
import { FACTOR_NAMES } from "./factor_names.ts";
import { FACTOR_EXPRESSIONS, HAS_NVLINK_EXPR, healthExpression, REPORTING_EXPR } from "./factors.ts";
import type { Weights } from "./score.ts";

/** A recording rule as Prometheus reads it. */
interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The labels that tell the GPUs of a node, and their exporters, apart. */
const GPU_LABELS = "gpu, UUID, pci_bus_id, device, modelName, serial_number, card_model, card_series, card_vendor, " +
  "instance, job";

/** The rule file. Rules of a group run in order, so that each sees what those before it have just recorded. */
export function healthRules(weights: Weights): string {
  const rules = [...factorRules(), ...scoreRules(weights)];
  return "# Written by aami from the weights of the configuration: the health score of GPUs, nodes and the cluster.\n" +
    toYaml({ groups: [{ name: "aami-health", interval: "1m", rules }] });
}

function factorRules(): RecordingRule[] {
  return [
    ...FACTOR_NAMES.map((factor) => ({
      record: "aami:gpu_health_factor",
      expr: healthExpression(FACTOR_EXPRESSIONS[factor], ""),
      labels: { factor },
    })),
    { record: "aami:gpu_reporting", expr: healthExpression(REPORTING_EXPR, "") },
    { record: "aami:gpu_has_nvlink", expr: healthExpression(HAS_NVLINK_EXPR, "") },
  ];
}

function scoreRules(weights: Weights): RecordingRule[] {
  const points = FACTOR_NAMES.filter((factor) => weights[factor] > 0)
    .map((factor) => `${weights[factor]} * aami:gpu_health_factor{factor="${factor}"}`).join("\n  or ");
  const always = FACTOR_NAMES.filter((factor) => factor !== "nvlink")
    .reduce((sum, factor) => sum + weights[factor], 0);
  const total = `(${always} + ${weights.nvlink} * aami:gpu_has_nvlink or ${always} + 0 * aami:gpu_reporting)`;
  return [
    {
      record: "aami:gpu_health",
      expr: `100 * sum without (factor) (\n  ${points}\n)\n/ ${total}\n* aami:gpu_reporting`,
    },
    { record: "aami:node_health", expr: `min without (${GPU_LABELS}) (aami:gpu_health)` },
    { record: "aami:cluster_health", expr: "avg(aami:node_health)" },
  ];
}
