/**
 * From a rule's template to PromQL.
 *
 * @module
 */

import type { AlertRule } from "./rule.ts";

/**
 * Labels that dcgm-exporter's versions name differently, or that change while the GPU stays the same (a job, a driver, a
 * part of a GPU): an alert that had them would start anew with each change.
 */
const VOLATILE_LABELS = [
  ...["Hostname", "hostname", "DCGM_FI_DRIVER_VERSION", "DCGM_FI_SYSTEM_DRIVER_VERSION"],
  ...["GPU_I_ID", "GPU_I_PROFILE", "hpc_job", "container", "namespace", "pod", "pod_uid"],
].join(", ");

/** The same for AMD's exporter; it names a job by four labels. */
const VOLATILE_LABELS_AMD =
  "hostname, job_id, job_user, job_partition, cluster_name, gpu_partition_id, gpu_compute_partition_type, " +
  "gpu_memory_partition_type, container, namespace, pod, driver_version, vbios_version";

const MACROS: Readonly<Record<string, string>> = {
  volatile: VOLATILE_LABELS,
  volatile_amd: VOLATILE_LABELS_AMD,
};

/** Values of a rule's parameters, by name. */
export type Values = Readonly<Record<string, number | string>>;

/** Puts the values of parameters into a text; `$labels`, `$value` and what is no parameter stay. */
export function fillIn(text: string, values: Values): string {
  return text.replace(/\$([a-z_]+)/g, (whole, name) => {
    const value = values[name] ?? MACROS[name];
    return value === undefined ? whole : String(value);
  });
}

const templates = new WeakMap<AlertRule, string>();

/** The whole template: the parts of all exporters. */
function templateOf(rule: AlertRule): string {
  const known = templates.get(rule);
  if (known !== undefined) return known;
  const parts = [...new Set(Object.values(rule.expr))].join("\nor\n");
  const template = rule.around?.replace("$parts", () => parts) ?? parts;
  templates.set(rule, template);
  return template;
}

/**
 * The PromQL expression of a rule.
 *
 * @param matchers what chooses the nodes, e.g. `group="training"`; empty for all of them
 */
export function expressionOf(rule: AlertRule, values: Values, matchers: string): string {
  const chosen = matchers === ""
    ? templateOf(rule).replaceAll("{$nodes}", "").replaceAll(/,\s*\$nodes\}/g, "}")
    : templateOf(rule).replaceAll("$nodes", () => matchers);
  return fillIn(chosen, values);
}
