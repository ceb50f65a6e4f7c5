/**
 * What a GPU's health is made of: five factors, each an expression in PromQL from 0 (bad) to 1 (good), one value a GPU.
 * This is the one definition: the recording rules record these expressions and `aami health` asks Prometheus the same.
 * A factor without a value for a GPU is a metric that its exporter does not give.
 *
 * @module
 */

import { fillIn } from "../alerts/expression.ts";
import { NVLINK } from "../alerts/rules/gpu_errors.ts";
import { actionOf, QUIET_CODES, XIDS } from "../xid/catalogue.ts";
import { COOL, EDGE, type FactorName, HOT, JUNCTION } from "./factor_names.ts";

/** Puts NVIDIA's series of one GPU (parts, jobs, versions of the exporter) together. */
const nvidia = (how: string, expr: string, more = "") => `${how} without ($volatile${more}) (${expr})`;

/** The same for AMD, whose label of a GPU gets NVIDIA's name. */
const amd = (how: string, expr: string, more = "") =>
  `${how} without (gpu_id, $volatile_amd${more}) (${withGpu(expr)})`;
const withGpu = (expr: string) => `label_replace(${expr}, "gpu", "$1", "gpu_id", "(.+)")`;

const or = (parts: readonly string[]) => parts.join(" or ");

/** The first of these that holds for a GPU is its value. */
const cases = (parts: readonly (readonly [number, string])[]) =>
  parts.map(([value, expr]) => value === 1 ? expr : `${value} * ${expr}`).join("\nor\n");

const cooling = (temperature: string, more: number) => `clamp((${HOT + more} - ${temperature}) / ${HOT - COOL}, 0, 1)`;

const TEMPERATURE = or([
  cooling(nvidia("max", "DCGM_FI_DEV_GPU_TEMP{$nodes} < 1000 or DCGM_FI_DEV_GPU_TEMP_CELSIUS{$nodes} < 1000"), 0),
  cooling(amd("max", "gpu_junction_temperature{$nodes} > 0"), JUNCTION),
  cooling(amd("max", "gpu_edge_temperature{$nodes} > 0"), EDGE),
]);

const ECC_COUNTERS = [
  "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL",
  "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
  "DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL",
];
const REMAP_FAILURES = ["DCGM_FI_DEV_ROW_REMAP_FAILURE", "DCGM_FI_DEV_ROW_REMAP_FAILED"];

const ECC = cases([
  [
    0,
    nvidia(
      "group",
      or([
        ...ECC_COUNTERS.map((name) => `increase(${name}{$nodes}[24h]) > 0`),
        ...REMAP_FAILURES.map((name) => `${name}{$nodes} > 0 < 1000`),
      ]),
    ),
  ],
  [0, amd("group", "increase(gpu_ecc_uncorrect_total{$nodes}[24h]) > 0")],
  [1, nvidia("group", or([...ECC_COUNTERS, ...REMAP_FAILURES].map((name) => `${name}{$nodes} < 1e18`)))],
  [1, amd("group", "gpu_ecc_uncorrect_total{$nodes}")],
]);

/** Codes that mostly tell of an application's fault. */
const MILD_CODES = XIDS.filter((xid) =>
  xid.severity === "warning" && ["restart_application", "restart_vm", "none"].includes(actionOf(xid))
).map(({ code }) => code);

/** The labels of Xid errors, beside the GPU's. */
const XID_LABELS = ", xid, err_code, err_msg, window_size_in_ms";
const XID_GAUGES = ["DCGM_FI_DEV_XID_ERRORS", "DCGM_FI_DEV_XID_ERROR"];

/** Xid errors of the last day but these codes. */
function xidsBut(codes: readonly number[]): string {
  const pattern = `"|0|${codes.join("|")}"`;
  const others = codes.map((code) => ` != ${code}`).join("");
  return or([
    `max_over_time(DCGM_EXP_XID_ERRORS_COUNT{xid!~${pattern},$nodes}[24h]) > 0`,
    `increase(DCGM_EXP_XID_ERRORS_TOTAL{xid!~${pattern},$nodes}[24h]) > 0`,
    // A counter that begins is an error too, where the exporter was there before.
    `(DCGM_EXP_XID_ERRORS_TOTAL{xid!~${pattern},$nodes} unless DCGM_EXP_XID_ERRORS_TOTAL{$nodes} offset 24h) ` +
    "and on (instance) up{$nodes} offset 24h == 1",
    ...XID_GAUGES.flatMap((gauge) => [
      // The last code stays in the gauge. Where it is a label, a new code is a new series of a GPU that had another.
      `(present_over_time(${gauge}{err_code!~${pattern},$nodes}[24h]) unless ${gauge}{$nodes} offset 24h) and ` +
      `on (instance, gpu) (present_over_time(${gauge}{err_code="0",$nodes}[24h]) or ${gauge}{$nodes} offset 24h)`,
      `(${gauge}{err_code="",$nodes} > 0 < 10000${others}) and changes(${gauge}{err_code="",$nodes}[24h]) > 0`,
    ]),
  ]);
}

/** New errors of AMD GPUs: the last one stays in the gauge. One that was there as long as its GPU is known is old. */
const newAfids = (severity: string) => {
  const series = `gpu_afid_errors{severity="${severity}",$nodes}`;
  const now = amd("max", series, ", afid_index, severity");
  const before = amd("max", `${series} offset 24h`, ", afid_index, severity");
  const count = (labels: string, name: string) => `sum by (${labels}) (${withGpu(`count_over_time(${name}[24h])`)})`;
  const young = `max by (instance, gpu) (${count("instance, gpu, afid_index", series)}) < ` +
    count("instance, gpu", "gpu_health{$nodes}");
  return `group without () ((${now} != ${before}) or ((${now} unless ${before}) and on (instance, gpu) (${young})))`;
};

const XID = cases([
  [0, nvidia("group", xidsBut([...QUIET_CODES, ...MILD_CODES]), XID_LABELS)],
  [0, amd("group", "gpu_health{$nodes} == 0")],
  [0, newAfids("fatal")],
  [0.8, nvidia("group", xidsBut(QUIET_CODES), XID_LABELS)],
  [0.8, newAfids("non_fatal_uncorrected")],
  [
    1,
    nvidia(
      "group",
      or([...XID_GAUGES, "DCGM_EXP_XID_ERRORS_COUNT", "DCGM_EXP_XID_ERRORS_TOTAL"].map((name) => `${name}{$nodes}`)),
      XID_LABELS,
    ),
  ],
  [1, amd("group", "gpu_health{$nodes}")],
]);

/** Metrics that every GPU has, whatever else its exporter is told to leave out. */
const SIGNS = {
  nvidia: ["DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_GPU_TEMP_CELSIUS", "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_USED_BYTES"],
  amd: ["gpu_health", "gpu_junction_temperature", "gpu_edge_temperature", "gpu_used_vram"],
};

/** The GPUs that report now. */
const PRESENT = or([
  ...SIGNS.nvidia.map((name) => nvidia("group", `${name}{$nodes}`)),
  ...SIGNS.amd.map((name) => amd("group", `${name}{$nodes}`)),
]);

/** A GPU's NVLink counters have other labels than its own metrics in some versions, and may be one a link. */
const ofLinks = (expr: string) => `(${PRESENT}) * on (instance, gpu) group_left () group by (instance, gpu) (${expr})`;

const LINK_COUNTERS = [...NVLINK["dcgm"], ...NVLINK["dcgm-4.9"]];
const LINK_COUNTED = LINK_COUNTERS.map(([name]) => `${name}{$nodes} < 1e18`);

const LINKS = cases([
  [
    0,
    ofLinks(
      or(LINK_COUNTERS.map(([name, threshold]) => `increase(${name}{$nodes}[1h]) > ${threshold === "0" ? 0 : 10}`)),
    ),
  ],
  [1, ofLinks(or(LINK_COUNTED))],
]);

/** The labels of jobs: with each job a GPU's series begin anew. */
const JOB_LABELS = "hpc_job, container, namespace, pod, pod_uid, job_id, job_user, job_partition";

const counted = (name: string) => `sum without (${JOB_LABELS}) (count_over_time(${name}{$nodes}[24h]))`;

/** What one sign is called before dcgm-exporter 4.9 and since counts together, so that an upgrade is no gap. */
const either = (a: string, b: string) => `(${a} + ${b}) or ${a} or ${b}`;
const [OLD, NEW, ...REST] = SIGNS.nvidia.map((name) => nvidia("max", counted(name)));

const UPTIME =
  `clamp_max((${or([either(OLD, NEW), ...REST, ...SIGNS.amd.map((name) => amd("max", counted(name)))])}) ` +
  "/ on (instance, job) group_left () sum by (instance, job) (count_over_time(up{$nodes}[24h])), 1)";

/** Whether a GPU reports: 1 now, 0 within a day; no value for one that nobody knows. */
export const REPORTING_EXPR: string = `${PRESENT} or 0 * (${UPTIME})`;

/** 1 for each GPU that has NVLink: the others are not asked for it. */
export const HAS_NVLINK_EXPR: string = ofLinks(or([
  "DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL{$nodes} < 1e18",
  "DCGM_FI_DEV_NVLINK_THROUGHPUT_TOTAL{$nodes} < 1e18",
  ...LINK_COUNTED,
]));

/** The expression of each factor: PromQL; each selector ends in `$nodes`, where nodes are chosen. */
export const FACTOR_EXPRESSIONS: Readonly<Record<FactorName, string>> = {
  temperature: TEMPERATURE,
  ecc: ECC,
  xid: XID,
  nvlink: LINKS,
  uptime: UPTIME,
};

/**
 * An expression of this file as Prometheus takes it.
 *
 * @param matchers what chooses the nodes, e.g. `node=~"gpu-01|gpu-02"`; empty for all of them
 */
export function healthExpression(template: string, matchers: string): string {
  const chosen = matchers === ""
    ? template.replaceAll("{$nodes}", "").replaceAll(/,\s*\$nodes\}/g, "}")
    : template.replaceAll("$nodes", () => matchers);
  return fillIn(chosen, {});
}
