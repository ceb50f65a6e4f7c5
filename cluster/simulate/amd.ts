/** What AMD's device-metrics-exporter says of fake GPUs, for the MI300 series and the MI200 series. @module */

import { findAfid } from "../afid/catalogue.ts";
import type { Family, Labels } from "./exposition.ts";
import type { FakeGpu } from "./gpu.ts";

/** `gpu_afid_errors` has its own words for a severity. */
const SEVERITIES: Readonly<Record<string, string>> = {
  "Corrected": "non_fatal_corrected",
  "Uncorrected, Non-fatal": "non_fatal_uncorrected",
};

/** GPUs with the labels that their series have. */
type Labelled = readonly { readonly gpu: FakeGpu; readonly labels: Labels }[];

/** The metrics of a node's GPUs. */
export function amdMetrics(gpus: readonly FakeGpu[], node: string, mi3xx: boolean): Family[] {
  const labelled = gpus.map((gpu) => ({ gpu, labels: labelsOf(gpu, node) }));
  const total = { name: "gpu_nodes_total", help: "Nodes with GPUs", samples: [{ labels: {}, value: 1 }] };
  return [{ ...total, type: "gauge" }, ...workMetrics(labelled, mi3xx), ...errorMetrics(labelled, mi3xx)];
}

function gauge(labelled: Labelled, name: string, help: string, value: (gpu: FakeGpu) => number): Family {
  return { name, type: "gauge", help, samples: labelled.map(({ gpu, labels }) => ({ labels, value: value(gpu) })) };
}

function workMetrics(labelled: Labelled, mi3xx: boolean): Family[] {
  const metric = gauge.bind(undefined, labelled);
  const degrees = (gpu: FakeGpu) => Math.round(gpu.temperature);
  const percent = (share: number) => Math.round(100 * share);
  const watts = (gpu: FakeGpu) => Math.round(gpu.power);
  const links = labelled.map(({ gpu, labels }) => ({ gpu, labels: { ...labels, link_index: "0" } }));
  const traffic = (gpu: FakeGpu) => Math.round(gpu.counters.nvlinkBytes / 7);
  return [
    mi3xx
      ? metric("gpu_junction_temperature", "Hottest place of the GPU, °C", degrees)
      : metric("gpu_edge_temperature", "Edge of the GPU, °C", (gpu) => degrees(gpu) - 10),
    metric("gpu_memory_temperature", "Memory, °C", (gpu) => degrees(gpu) - 8),
    metric(mi3xx ? "gpu_package_power" : "gpu_average_package_power", "Power of the package, W", watts),
    metric("gpu_power_usage", "Power drawn, W", watts),
    metric("gpu_energy_consumed", "Energy, µJ", (gpu) => Math.round(gpu.counters.energy) * 1e6),
    metric("gpu_gfx_activity", "Graphics engine in use, %", (gpu) => percent(gpu.utilization)),
    metric("gpu_umc_activity", "Memory engine in use, %", (gpu) => percent(0.55 * gpu.utilization)),
    metric("gpu_total_vram", "Memory, MB", (gpu) => gpu.model.memory),
    metric("gpu_used_vram", "Memory in use, MB", (gpu) => gpu.memoryUsed),
    metric("gpu_free_vram", "Memory that is free, MB", (gpu) => gpu.memoryFree),
    {
      ...{ name: "gpu_clock", type: "gauge", help: "Clock, MHz" },
      samples: labelled.flatMap(({ gpu, labels }) => [
        { labels: { ...labels, clock_index: "0", clock_type: "system" }, value: gpu.clock },
        { labels: { ...labels, clock_index: "8", clock_type: "memory" }, value: gpu.model.memoryClock },
      ]),
    },
    gauge(links, "gpu_xgmi_link_tx", "Bytes sent over an XGMI link", traffic),
    gauge(links, "gpu_xgmi_link_rx", "Bytes received over an XGMI link", traffic),
  ];
}

function errorMetrics(labelled: Labelled, mi3xx: boolean): Family[] {
  const metric = gauge.bind(undefined, labelled);
  return [
    metric("gpu_health", "Whether the GPU is healthy", (gpu) => gpu.healthy ? 1 : 0),
    metric("gpu_ecc_correct_total", "Corrected memory errors", (gpu) => gpu.counters.corrected),
    metric("gpu_ecc_uncorrect_total", "Uncorrectable memory errors", (gpu) => gpu.counters.uncorrected),
    metric("gpu_ecc_deferred_total", "Deferred memory errors", () => 0),
    ...(mi3xx ? [metric("pcie_replay_count", "PCIe replays", (gpu) => gpu.counters.pcieReplays)] : []),
    {
      ...{ name: "gpu_afid_errors", type: "gauge", help: "The last hardware error" },
      samples: labelled.filter(({ gpu }) => gpu.afid !== undefined).map(({ gpu, labels }) => {
        const severity = SEVERITIES[findAfid(gpu.afid!)?.severity ?? ""] ?? "fatal";
        return { labels: { ...labels, severity, afid_index: "0" }, value: gpu.afid! };
      }),
    },
  ];
}

function labelsOf(gpu: FakeGpu, node: string): Labels {
  return {
    ...{ card_model: gpu.model.name, gpu_compute_partition_type: "spx", gpu_id: String(gpu.index) },
    ...{ gpu_partition_id: "0", hostname: node, serial_number: gpu.serial },
  };
}
