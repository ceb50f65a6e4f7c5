/** The GPUs that can be faked, with the figures of the real ones. @module */

/** The exporters that are faked, by their names in the alert catalogue. */
export const FAKE_EXPORTERS = ["dcgm", "dcgm-4.9", "amd-mi3xx", "amd-mi2xx"] as const;

/** One of them. */
export type FakeExporter = typeof FAKE_EXPORTERS[number];

/** What a GPU can do. */
export interface GpuModel {
  /** The name that its exporter gives. */
  readonly name: string;
  /** Its memory in the exporter's unit, MiB or MB. */
  readonly memory: number;
  /** What of it the driver keeps. */
  readonly reserved: number;
  /** Watts when idle, and at most. */
  readonly power: readonly [number, number];
  /** MHz when idle, and at most. */
  readonly clock: readonly [number, number];
  /** MHz of the memory. */
  readonly memoryClock: number;
}

const H100: GpuModel = {
  ...{ name: "NVIDIA H100 80GB HBM3 (fake)", memory: 81559, reserved: 545 },
  ...{ power: [68, 690], clock: [345, 1980], memoryClock: 2619 },
};

/** By exporter. */
export const MODELS: Readonly<Record<FakeExporter, GpuModel>> = {
  "dcgm": H100,
  "dcgm-4.9": H100,
  "amd-mi3xx": {
    ...{ name: "MI300X (fake)", memory: 196592, reserved: 0 },
    ...{ power: [138, 740], clock: [132, 2100], memoryClock: 900 },
  },
  "amd-mi2xx": {
    ...{ name: "MI210 (fake)", memory: 65520, reserved: 0 },
    ...{ power: [41, 298], clock: [800, 1700], memoryClock: 1600 },
  },
};

/** Whether an exporter is of NVIDIA's GPUs. */
export function isNvidia(exporter: FakeExporter): boolean {
  return exporter.startsWith("dcgm");
}
