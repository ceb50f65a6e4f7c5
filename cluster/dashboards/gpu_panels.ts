/** Panels of GPUs that several dashboards have. @module */

import { RULES } from "../alerts/presets.ts";
import { type Panel, series, type Unit } from "./dashboard.ts";
import { expressionOf, type Maker, QUANTITIES, type Quantity } from "./quantities.ts";

/** The name of a quantity. */
export type QuantityName = keyof typeof QUANTITIES;

/** A threshold of the alert catalogue, so that panels turn red where alerts fire. */
export function limitOf(rule: string): number {
  return Number(RULES.get(rule)!.parameters.threshold.default);
}

/** Where a temperature is a warning, and critical. */
export const HEAT = {
  nvidia: { warning: limitOf("gpu_temperature_warning"), critical: limitOf("gpu_temperature_critical") },
  amd: { warning: limitOf("amd_gpu_temperature_warning"), critical: limitOf("amd_gpu_temperature_critical") },
};

/** Under which score of health something is a warning, and critical. */
export const HEALTH = { warning: 90, critical: 60, below: true } as const;

/** A quantity of each chosen GPU of the chosen nodes, over time. */
export function gpuSeries(name: QuantityName, makers?: readonly Maker[], more: Partial<Panel> = {}): Panel {
  const quantity: Quantity = QUANTITIES[name];
  const expr = expressionOf(quantity, 'node=~"$node"', "$gpu", makers);
  return series(quantity.title, quantity.unit, [{ expr, legend: "{{node}} gpu{{gpu}}" }], more);
}

/** A quantity of the chosen nodes' GPUs taken together, e.g. the `avg` of each node's. */
export function nodeSeries(title: string, unit: Unit, by: "avg" | "max" | "sum", name: QuantityName): Panel {
  const expr = `${by} by (node) (${expressionOf(QUANTITIES[name], 'node=~"$node"')})`;
  return series(title, unit, [{ expr, legend: "{{node}}" }]);
}

/** PromQL of a quantity of all GPUs of the chosen groups. */
export function allGpus(name: QuantityName): string {
  return expressionOf(QUANTITIES[name], 'group=~"$group"');
}
