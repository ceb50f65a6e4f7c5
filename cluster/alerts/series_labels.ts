/**
 * The labels that the tests' series have, as each exporter's versions write them, and what is left of them on an alert.
 *
 * @module
 */

import type { Exporter } from "./rule.ts";

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** What discovery puts on every series of a node. */
const NODE: Labels = { node: "gpu-01", group: "training", rack: "r7" };

const NVIDIA: Labels = {
  ...{ gpu: "3", UUID: "GPU-3", pci_bus_id: "00000000:1B:00.0", device: "nvidia3", modelName: "NVIDIA H100" },
  ...{ instance: "gpu-01:9400", job: "dcgm" },
  ...NODE,
};

const AMD: Labels = {
  ...{ gpu_id: "3", serial_number: "692415000123", card_model: "102-G30211-00" },
  ...{ instance: "gpu-01:5000", job: "rocm" },
  ...NODE,
};

/** A set of labels: on an alert, and on the series by version of each exporter that has it. */
export interface LabelSet {
  /** What is left of them on an alert. */
  readonly alert: Labels;
  /** All of them, by version. */
  readonly series: Readonly<Partial<Record<Exporter, readonly Labels[]>>>;
}

/** The versions of an exporter that a test is run for, one name each. */
export const VERSIONS: Readonly<Partial<Record<Exporter, readonly string[]>>> = {
  "dcgm": ["dcgm 4.8.2", "dcgm 4.8.3"],
  "dcgm-4.9": ["dcgm 4.9"],
};

const GPU_JOB = { hpc_job: "4711" };

const NODE_EXPORTER: Labels = { instance: "gpu-01:9100", job: "node", ...NODE };
const SLURM: Labels = { instance: "head:6817", job: "slurm", cluster: "c1" };
const SLURM_EXPORTER: Labels = { instance: "head:8080", job: "slurm", cluster: "c1" };

/** By the name that follows `@`. */
export const LABEL_SETS: Readonly<Record<string, LabelSet>> = {
  nvidia: {
    alert: NVIDIA,
    series: {
      "dcgm": [
        { ...NVIDIA, Hostname: "gpu-01", DCGM_FI_DRIVER_VERSION: "570.172.08", ...GPU_JOB },
        { ...NVIDIA, hostname: "gpu-01", DCGM_FI_DRIVER_VERSION: "580.95.05", ...GPU_JOB },
      ],
      "dcgm-4.9": [{ ...NVIDIA, hostname: "gpu-01", DCGM_FI_SYSTEM_DRIVER_VERSION: "595.71.05", ...GPU_JOB }],
    },
  },
  amd: {
    alert: AMD,
    series: {
      "amd-mi3xx": [{
        ...AMD,
        hostname: "gpu-01",
        gpu_partition_id: "0",
        gpu_compute_partition_type: "spx",
        job_id: "7",
      }],
      "amd-mi2xx": [{ ...AMD, hostname: "gpu-01", job_id: "7" }],
    },
  },
  node: {
    alert: NODE_EXPORTER,
    series: { node: [NODE_EXPORTER], textfile: [NODE_EXPORTER], prometheus: [NODE_EXPORTER] },
  },
  slurm: { alert: SLURM, series: { "slurm": [SLURM], "slurm-exporter": [SLURM_EXPORTER], prometheus: [SLURM] } },
};

/** The labels of a set on an alert. */
export function alertLabels(name: string, exporter: Exporter, version: number): Labels {
  const set = LABEL_SETS[name];
  // Where an exporter answers under another address, its alert does too.
  return name === "slurm" ? set.series[exporter]![version] : set.alert;
}

/** A series with its `@name` written out as one version of an exporter has it. */
export function expandSeries(series: string, exporter: Exporter, version: number): string {
  return series.replace(/@([a-z]+)/g, (_whole, name) => {
    const labels = LABEL_SETS[name]?.series[exporter]?.[version];
    if (!labels) throw new Error(`no labels '@${name}' for ${exporter}`);
    return Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(",");
  });
}
