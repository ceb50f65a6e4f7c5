/**
 * What dcgm-exporter says of fake GPUs, before 4.9 and since: other names, and base units in place of MiB, MHz, mJ and %.
 * Beside its default counters there are those that the alert rules are sharper with, and its counts of Xid errors.
 *
 * @module
 */

import { findXid } from "../xid/catalogue.ts";
import type { Family, Labels } from "./exposition.ts";
import type { FakeGpu } from "./gpu.ts";

/** A counter of dcgm-exporter. */
interface Counter {
  /** Before 4.9; undefined for one that was not there. */
  readonly old?: string;
  /** Since 4.9. */
  readonly new: string;
  /** What a value before 4.9 is multiplied by since; 1 where nothing is said. */
  readonly scale?: number;
  readonly type?: "counter";
  readonly help: string;
  readonly value: (gpu: FakeGpu) => number;
}

const MIB = 1048576;
const DEV = "DCGM_FI_DEV_";
const PROF = "DCGM_FI_PROF_";
const percent = (share: number) => Math.round(100 * share);
const ratio = (share: number) => Number(share.toFixed(4));

/** A counter that kept its unit. */
const same = (
  prefix: string,
  names: readonly [string, string],
  help: string,
  value: Counter["value"],
  type?: "counter",
): Counter => ({ old: prefix + names[0], new: prefix + names[1], help, value, type });

const COUNTERS: readonly Counter[] = [
  {
    ...{ old: `${DEV}SM_CLOCK`, new: `${DEV}SM_CLOCK_HERTZ`, scale: 1e6 },
    ...{ help: "Clock of the SMs", value: (gpu) => gpu.clock },
  },
  {
    ...{ old: `${DEV}MEM_CLOCK`, new: `${DEV}MEMORY_CLOCK_HERTZ`, scale: 1e6 },
    ...{ help: "Clock of the memory", value: (gpu) => gpu.model.memoryClock },
  },
  same(DEV, ["MEMORY_TEMP", "MEMORY_TEMP_CELSIUS"], "Temperature of the memory", (gpu) => degrees(gpu) + 6),
  same(DEV, ["GPU_TEMP", "GPU_TEMP_CELSIUS"], "Temperature of the GPU", degrees),
  same(DEV, ["POWER_USAGE", "BOARD_POWER_WATTS"], "Power drawn, W", (gpu) => Number(gpu.power.toFixed(3))),
  {
    ...{ old: `${DEV}TOTAL_ENERGY_CONSUMPTION`, new: `${DEV}GPU_ENERGY_JOULES_TOTAL`, scale: 1e-3, type: "counter" },
    ...{ help: "Energy since boot", value: (gpu) => Math.round(gpu.counters.energy) * 1000 },
  },
  same(DEV, ["PCIE_REPLAY_COUNTER", "PCIE_REPLAY_TOTAL"], "PCIe retries", (gpu) => gpu.counters.pcieReplays, "counter"),
  {
    ...{ old: `${DEV}GPU_UTIL`, new: `${DEV}GPU_UTIL_RATIO`, scale: 0.01 },
    ...{ help: "Utilization of the GPU", value: (gpu) => percent(gpu.utilization) },
  },
  {
    ...{ old: `${DEV}MEM_COPY_UTIL`, new: `${DEV}MEMORY_UTIL_RATIO`, scale: 0.01 },
    ...{ help: "Utilization of the memory's interface", value: (gpu) => percent(0.6 * gpu.utilization) },
  },
  { old: `${DEV}ENC_UTIL`, new: `${DEV}ENC_UTIL_RATIO`, help: "Utilization of the encoder", value: () => 0 },
  { old: `${DEV}DEC_UTIL`, new: `${DEV}DEC_UTIL_RATIO`, help: "Utilization of the decoder", value: () => 0 },
  {
    ...{ old: `${DEV}FB_FREE`, new: `${DEV}FB_FREE_BYTES`, scale: MIB },
    ...{ help: "Memory that is free", value: (gpu) => gpu.memoryFree },
  },
  { new: `${DEV}FB_CAPACITY_BYTES`, scale: MIB, help: "Memory", value: (gpu) => gpu.model.memory },
  {
    ...{ old: `${DEV}FB_USED`, new: `${DEV}FB_USED_BYTES`, scale: MIB },
    ...{ help: "Memory in use", value: (gpu) => gpu.memoryUsed },
  },
  {
    ...{ old: `${DEV}FB_RESERVED`, new: `${DEV}FB_RESERVED_BYTES`, scale: MIB },
    ...{ help: "Memory that the driver keeps", value: (gpu) => gpu.model.reserved },
  },
  same(
    DEV,
    ["NVLINK_BANDWIDTH_TOTAL", "NVLINK_THROUGHPUT_TOTAL"],
    "Traffic of all NVLinks",
    (gpu) => gpu.counters.nvlinkBytes,
    "counter",
  ),
  same(DEV, ["VGPU_LICENSE_STATUS", "VGPU_LICENSE_STATUS"], "vGPU license status", () => 0),
  same(
    DEV,
    ["UNCORRECTABLE_REMAPPED_ROWS", "ROW_REMAP_UNCORRECTABLE_TOTAL"],
    "Rows remapped for uncorrectable errors",
    (gpu) => gpu.counters.remapped,
    "counter",
  ),
  same(
    DEV,
    ["CORRECTABLE_REMAPPED_ROWS", "ROW_REMAP_CORRECTABLE_TOTAL"],
    "Rows remapped for correctable errors",
    () => 0,
    "counter",
  ),
  same(DEV, ["ROW_REMAP_FAILURE", "ROW_REMAP_FAILED"], "Whether remapping of rows failed", () => 0),
  same(PROF, ["GR_ENGINE_ACTIVE", "GR_ENGINE_UTIL_RATIO"], "Graphics engine active", (gpu) => ratio(gpu.utilization)),
  same(PROF, ["PIPE_TENSOR_ACTIVE", "TENSOR_UTIL_RATIO"], "Tensor pipe active", (gpu) => ratio(0.55 * gpu.utilization)),
  same(PROF, ["DRAM_ACTIVE", "DRAM_UTIL_RATIO"], "Memory interface active", (gpu) => ratio(0.5 * gpu.utilization)),
  same(PROF, ["PCIE_TX_BYTES", "PCIE_TX_BYTES"], "PCIe sent, B/s", (gpu) => Math.round(4e9 * gpu.utilization)),
  same(PROF, ["PCIE_RX_BYTES", "PCIE_RX_BYTES"], "PCIe received, B/s", (gpu) => Math.round(6e9 * gpu.utilization)),
  // Not among the defaults.
  same(
    DEV,
    ["ECC_SBE_VOL_TOTAL", "ECC_SBE_VOL_TOTAL"],
    "Single-bit errors since the reset",
    (gpu) => gpu.counters.corrected,
    "counter",
  ),
  same(
    DEV,
    ["ECC_DBE_VOL_TOTAL", "ECC_DBE_VOL_TOTAL"],
    "Double-bit errors since the reset",
    (gpu) => gpu.counters.uncorrected,
    "counter",
  ),
  same(
    DEV,
    ["THERMAL_VIOLATION", "THERMAL_VIOLATION"],
    "Time slowed down for heat, ns",
    (gpu) => gpu.counters.thermalViolation,
    "counter",
  ),
  same(
    DEV,
    ["NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "NVLINK_CRC_FLIT_ERROR_TOTAL"],
    "NVLink flit CRC errors",
    (gpu) => gpu.counters.nvlinkCrc,
    "counter",
  ),
  same(
    DEV,
    ["NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "NVLINK_CRC_DATA_ERROR_TOTAL"],
    "NVLink data CRC errors",
    () => 0,
    "counter",
  ),
  same(
    DEV,
    ["NVLINK_REPLAY_ERROR_COUNT_TOTAL", "NVLINK_REPLAY_ERROR_TOTAL"],
    "NVLink replays",
    (gpu) => gpu.counters.nvlinkReplay,
    "counter",
  ),
  same(
    DEV,
    ["NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "NVLINK_RECOVERY_ERROR_TOTAL"],
    "NVLink recoveries",
    (gpu) => gpu.counters.nvlinkRecovery,
    "counter",
  ),
];

function degrees(gpu: FakeGpu): number {
  return Math.round(gpu.temperature);
}

/** The exporter's window in which it counts Xid errors, in seconds. */
const XID_WINDOW = 300;

/**
 * The metrics of a node's GPUs.
 *
 * @param since49 whether they have the names and units of 4.9
 * @param at the second, which tells the Xid errors of the last 5 minutes
 */
export function dcgmMetrics(gpus: readonly FakeGpu[], node: string, since49: boolean, at: number): Family[] {
  const labelled = gpus.map((gpu) => ({ gpu, labels: labelsOf(gpu, node, since49) }));
  const counters = COUNTERS.filter(({ old }) => since49 || old !== undefined);
  const values = counters.map((counter): Family => ({
    name: since49 ? counter.new : counter.old!,
    type: counter.type ?? "gauge",
    help: counter.help,
    samples: labelled.filter(({ gpu }) => !gpu.lost).map(({ gpu, labels }) => ({
      labels,
      value: Number((counter.value(gpu) * (since49 ? counter.scale ?? 1 : 1)).toPrecision(12)),
    })),
  }));
  const last = labelled.map(({ gpu, labels }) => {
    const code = gpu.xids.at(-1)?.code ?? 0;
    const message = code === 0 ? "No Error" : findXid(code)?.name ?? "Unknown Error";
    return { labels: { ...labels, err_code: String(code), err_msg: message }, value: code };
  });
  const counts = (seconds: number, more: Labels) =>
    labelled.flatMap(({ gpu, labels }) =>
      [...new Set(gpu.xids.map(({ code }) => code))].map((code) => ({
        labels: { ...labels, ...more, xid: String(code) },
        value: gpu.xids.filter((xid) => xid.code === code && at - xid.at < seconds).length,
      }))
    ).filter(({ value }) => value > 0);
  return [
    ...values,
    { name: `${DEV}XID_ERROR${since49 ? "" : "S"}`, type: "gauge", help: "The last Xid error", samples: last },
    {
      ...{ name: "DCGM_EXP_XID_ERRORS_COUNT", type: "counter", help: "Xid errors in the last 5 minutes" },
      samples: counts(XID_WINDOW, { window_size_in_ms: String(XID_WINDOW * 1000) }),
    },
    {
      ...{ name: "DCGM_EXP_XID_ERRORS_TOTAL", type: "counter", help: "Xid errors since the exporter started" },
      samples: counts(Infinity, {}),
    },
  ];
}

function labelsOf(gpu: FakeGpu, node: string, since49: boolean): Labels {
  const place = { gpu: String(gpu.index), UUID: gpu.uuid, pci_bus_id: gpu.busId, device: `nvidia${gpu.index}` };
  return {
    ...{ ...place, modelName: gpu.model.name },
    ...(since49
      ? { hostname: node, DCGM_FI_SYSTEM_DRIVER_VERSION: "595.71.05" }
      : { Hostname: node, DCGM_FI_DRIVER_VERSION: "570.172.08" }),
  };
}
