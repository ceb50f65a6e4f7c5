/**
 * What is known of a GPU, by what each exporter calls it, in base units: one panel serves NVIDIA's GPUs with
 * dcgm-exporter before and from 4.9, and AMD's.
 *
 * @module
 */

import type { Unit } from "./dashboard.ts";

/** The makers that a panel is for. */
export type Maker = "nvidia" | "amd";

/** Something that is measured of each GPU. */
export interface Quantity {
  /** What it is called. */
  readonly title: string;
  /** What its values are. */
  readonly unit: Unit;
  /** NVIDIA's: PromQL before and from 4.9. Selectors end in `{$gpus}`. */
  readonly nvidia?: readonly string[];
  /** AMD's. */
  readonly amd?: readonly string[];
}

const MIB = 1048576;

/** The same of both generations of dcgm-exporter. */
const both = (
  old: string,
  since: string,
  toBase = "",
): readonly string[] => [`${old}{$gpus}${toBase}`, `${since}{$gpus}`];

/** How much a counter rose. */
const rise = (counters: readonly string[]) =>
  counters.map((counter) => `increase(${counter}{$gpus}[$__rate_interval])`);

const USED = "DCGM_FI_DEV_FB_USED{$gpus}";
const FREE = "DCGM_FI_DEV_FB_FREE{$gpus}";

/** The quantities, by name. */
export const QUANTITIES = {
  temperature: {
    ...{ title: "Temperature", unit: "celsius" },
    nvidia: both("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_GPU_TEMP_CELSIUS"),
    amd: ["gpu_junction_temperature{$gpus}", "gpu_edge_temperature{$gpus}"],
  },
  memoryTemperature: {
    ...{ title: "Temperature of the memory", unit: "celsius" },
    nvidia: both("DCGM_FI_DEV_MEMORY_TEMP", "DCGM_FI_DEV_MEMORY_TEMP_CELSIUS"),
    amd: ["gpu_memory_temperature{$gpus}"],
  },
  power: {
    ...{ title: "Power", unit: "watt" },
    nvidia: both("DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_BOARD_POWER_WATTS"),
    amd: ["gpu_power_usage{$gpus}"],
  },
  utilization: {
    ...{ title: "Utilization", unit: "percentunit" },
    nvidia: both("DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_GPU_UTIL_RATIO", " / 100"),
    amd: ["gpu_gfx_activity{$gpus} / 100"],
  },
  memoryUsed: {
    ...{ title: "Memory in use", unit: "bytes" },
    nvidia: both("DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_FB_USED_BYTES", ` * ${MIB}`),
    amd: [`gpu_used_vram{$gpus} * ${MIB}`],
  },
  memoryShare: {
    ...{ title: "Memory in use", unit: "percentunit" },
    // Versions before 4 do not tell what the driver reserves.
    nvidia: [
      `${USED} / (${USED} + (${FREE} + DCGM_FI_DEV_FB_RESERVED{$gpus} or ${FREE}))`,
      "DCGM_FI_DEV_FB_USED_BYTES{$gpus} / DCGM_FI_DEV_FB_CAPACITY_BYTES{$gpus}",
    ],
    amd: ["gpu_used_vram{$gpus} / gpu_total_vram{$gpus}"],
  },
  clock: {
    ...{ title: "Clock", unit: "hertz" },
    nvidia: both("DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_SM_CLOCK_HERTZ", " * 1e6"),
    amd: ['gpu_clock{clock_type="system",$gpus} * 1e6'],
  },
  engine: {
    ...{ title: "Graphics engine active", unit: "percentunit" },
    nvidia: both("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO"),
  },
  tensor: {
    ...{ title: "Tensor pipe active", unit: "percentunit" },
    nvidia: both("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "DCGM_FI_PROF_TENSOR_UTIL_RATIO"),
  },
  memoryInterface: {
    ...{ title: "Memory interface active", unit: "percentunit" },
    nvidia: both("DCGM_FI_PROF_DRAM_ACTIVE", "DCGM_FI_PROF_DRAM_UTIL_RATIO"),
    amd: ["gpu_umc_activity{$gpus} / 100"],
  },
  pcieSent: { title: "PCIe sent", unit: "Bps", nvidia: ["DCGM_FI_PROF_PCIE_TX_BYTES{$gpus}"] },
  pcieReceived: { title: "PCIe received", unit: "Bps", nvidia: ["DCGM_FI_PROF_PCIE_RX_BYTES{$gpus}"] },
  slowedForHeat: {
    ...{ title: "Time slowed down for heat", unit: "percentunit" },
    nvidia: ["rate(DCGM_FI_DEV_THERMAL_VIOLATION{$gpus}[$__rate_interval]) / 1e9"],
  },
  uncorrected: {
    ...{ title: "Uncorrectable memory errors", unit: "short" },
    nvidia: ["DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{$gpus}"],
    amd: ["gpu_ecc_uncorrect_total{$gpus}"],
  },
  corrected: {
    ...{ title: "Corrected memory errors", unit: "short" },
    nvidia: ["DCGM_FI_DEV_ECC_SBE_VOL_TOTAL{$gpus}"],
    amd: ["gpu_ecc_correct_total{$gpus}"],
  },
  remapped: {
    ...{ title: "Rows remapped for uncorrectable errors", unit: "short" },
    nvidia: both("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL"),
  },
  nvlinkCrc: {
    ...{ title: "NVLink CRC errors", unit: "short" },
    nvidia: rise(["DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_TOTAL"]),
  },
  nvlinkReplays: {
    ...{ title: "NVLink replays", unit: "short" },
    nvidia: rise(["DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_TOTAL"]),
  },
  nvlinkRecoveries: {
    ...{ title: "NVLink recoveries", unit: "short" },
    nvidia: rise(["DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_TOTAL"]),
  },
  pcieReplays: {
    ...{ title: "PCIe replays", unit: "short" },
    nvidia: both("DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "DCGM_FI_DEV_PCIE_REPLAY_TOTAL"),
    amd: ["pcie_replay_count{$gpus}"],
  },
  lastXid: {
    ...{ title: "Last Xid", unit: "none" },
    nvidia: both("DCGM_FI_DEV_XID_ERRORS", "DCGM_FI_DEV_XID_ERROR"),
  },
} satisfies Readonly<Record<string, Quantity>>;

/**
 * A quantity of each GPU, with the labels `node` and `gpu`. A value that a GPU does not give may be reported as 9.2e18: it
 * is left out.
 *
 * @param matchers what chooses the nodes, e.g. `node=~"$node"`
 * @param gpu the regular expression of GPUs' numbers; all of them where there is none
 */
export function expressionOf(quantity: Quantity, matchers: string, gpu?: string, makers?: readonly Maker[]): string {
  const wanted = makers ?? ["nvidia", "amd"];
  const choose = (text: string, label: string) =>
    text.replaceAll("$gpus", () => gpu === undefined ? matchers : `${matchers},${label}=~"${gpu}"`);
  const nvidia = wanted.includes("nvidia") ? (quantity.nvidia ?? []).map((text) => choose(text, "gpu")) : [];
  const amd = wanted.includes("amd") ? (quantity.amd ?? []).map((text) => choose(text, "gpu_id")) : [];
  // AMD's exporter numbers its GPUs in another label.
  const renamed = amd.map((text) => `label_replace(${text}, "gpu", "$1", "gpu_id", "(.+)")`);
  return `max by (node, gpu) (\n${[...nvidia, ...renamed].join("\nor\n")}\n) < 1e18`;
}
