/** Alerts on the temperature and memory of NVIDIA GPUs. @module */

import type { AlertRule, Parameter } from "../rule.ts";

const celsius = (value: number): Parameter => ({
  ...{ default: value, unit: "°C", min: 0, max: 150 },
  description: "the GPU's temperature above which the alert fires",
});

/** A GPU that gives no temperature may report 9.2e18 instead. */
const TEMPERATURE = {
  "dcgm": "DCGM_FI_DEV_GPU_TEMP{$nodes} > $threshold < 1000",
  "dcgm-4.9": "DCGM_FI_DEV_GPU_TEMP_CELSIUS{$nodes} > $threshold < 1000",
};

/** The share of the memory that is in use, in percent. Versions before 4 do not tell what the driver reserves. */
const USED = "100 * DCGM_FI_DEV_FB_USED{$nodes} / (DCGM_FI_DEV_FB_USED{$nodes} + " +
  "(DCGM_FI_DEV_FB_FREE{$nodes} + DCGM_FI_DEV_FB_RESERVED{$nodes} or DCGM_FI_DEV_FB_FREE{$nodes}))";
const USED_BYTES = "100 * DCGM_FI_DEV_FB_USED_BYTES{$nodes} / DCGM_FI_DEV_FB_CAPACITY_BYTES{$nodes}";

const hotter = (
  name: string,
  series: (metric: string) => string,
  at: string,
  alerts: AlertRule["tests"][number]["alerts"],
) => ({
  ...{ name, at, alerts },
  series: { "dcgm": [series("DCGM_FI_DEV_GPU_TEMP")], "dcgm-4.9": [series("DCGM_FI_DEV_GPU_TEMP_CELSIUS")] },
});

/** Memory as the exporters give it: parts in MiB, and bytes of a whole from 4.9 on. */
const memory = (usedMib: number, freeMib: number) => ({
  "dcgm": [
    `DCGM_FI_DEV_FB_USED{@nvidia} ${usedMib}x60`,
    `DCGM_FI_DEV_FB_FREE{@nvidia} ${freeMib}x60`,
    "DCGM_FI_DEV_FB_RESERVED{@nvidia} 500x60",
  ],
  "dcgm-4.9": [
    `DCGM_FI_DEV_FB_USED_BYTES{@nvidia} ${usedMib * 1048576}x60`,
    `DCGM_FI_DEV_FB_CAPACITY_BYTES{@nvidia} ${(usedMib + freeMib + 500) * 1048576}x60`,
  ],
});

const busy = (percent: number) => ({
  "dcgm": [`DCGM_FI_DEV_GPU_UTIL{@nvidia} ${percent}x60`],
  "dcgm-4.9": [`DCGM_FI_DEV_GPU_UTIL_RATIO{@nvidia} ${percent / 100}x60`],
});

const both = (a: ReturnType<typeof memory>, b: ReturnType<typeof busy>) => ({
  "dcgm": [...a.dcgm, ...b.dcgm],
  "dcgm-4.9": [...a["dcgm-4.9"], ...b["dcgm-4.9"]],
});

/** The rules. */
export const GPU_RULES: readonly AlertRule[] = [
  {
    id: "gpu_temperature_critical",
    alert: "GPUTemperatureCritical",
    severity: "critical",
    for: "5m",
    parameters: { threshold: celsius(85) },
    expr: TEMPERATURE,
    around: "max without ($volatile) (\n$parts\n)",
    summary: "GPU {{ $labels.gpu }} of {{ $labels.node }} is too hot",
    description: "GPU {{ $labels.gpu }} ({{ $labels.modelName }}) is at {{ $value }} °C, above $threshold °C for $for.",
    runbook:
      "Check the fans, the air flow and the inlet temperature of the node. Drain it if the GPU stays hot: it slows " +
      "down first and switches itself off then.",
    tests: [
      hotter("a GPU above the threshold", (metric) => `${metric}{@nvidia} 70x4 90x20`, "15m", [{
        labels: { "@": "nvidia" },
        summary: "GPU 3 of gpu-01 is too hot",
        description: "GPU 3 (NVIDIA H100) is at 90 °C, above 85 °C for 5m.",
      }]),
      hotter("a GPU at the threshold", (metric) => `${metric}{@nvidia} 85x20`, "15m", []),
      hotter("a short peak", (metric) => `${metric}{@nvidia} 70x4 95x3 70x20`, "8m", []),
      hotter("a blank value", (metric) => `${metric}{@nvidia} 9223372036854775794x20`, "15m", []),
    ],
  },
  {
    id: "gpu_temperature_warning",
    alert: "GPUTemperatureWarning",
    severity: "warning",
    for: "10m",
    parameters: { threshold: celsius(75) },
    expr: TEMPERATURE,
    around: "max without ($volatile) (\n$parts\n)",
    summary: "GPU {{ $labels.gpu }} of {{ $labels.node }} runs hot",
    description: "GPU {{ $labels.gpu }} ({{ $labels.modelName }}) is at {{ $value }} °C, above $threshold °C for $for.",
    runbook:
      "Compare with the other GPUs of the node and the rack: one hot GPU points to its cooler, all of them to the " +
      "air or the fans.",
    tests: [
      hotter("a GPU above the threshold", (metric) => `${metric}{@nvidia} 80x20`, "15m", [{
        labels: { "@": "nvidia" },
        summary: "GPU 3 of gpu-01 runs hot",
        description: "GPU 3 (NVIDIA H100) is at 80 °C, above 75 °C for 10m.",
      }]),
      hotter("a GPU below the threshold", (metric) => `${metric}{@nvidia} 74x20`, "15m", []),
    ],
  },
  {
    id: "gpu_memory_high",
    alert: "GPUMemoryHigh",
    severity: "warning",
    for: "15m",
    parameters: {
      threshold: { default: 98, unit: "%", min: 0, max: 100, description: "the share of the GPU's memory in use" },
    },
    expr: { "dcgm": `${USED} > $threshold`, "dcgm-4.9": `${USED_BYTES} > $threshold` },
    around: "max without ($volatile) (\n$parts\n)",
    summary: "The memory of GPU {{ $labels.gpu }} of {{ $labels.node }} is almost full",
    description: 'GPU {{ $labels.gpu }} uses {{ printf "%.1f" $value }} % of its memory, above $threshold % for $for.',
    runbook:
      "The next allocation may fail and end the job. See which processes hold it (nvidia-smi), and whether the job " +
      "is meant to fill the GPU; if so, raise the threshold for its group.",
    tests: [
      {
        name: "memory above the threshold",
        series: memory(80500, 500),
        at: "20m",
        alerts: [{
          labels: { "@": "nvidia" },
          summary: "The memory of GPU 3 of gpu-01 is almost full",
          description: "GPU 3 uses 98.8 % of its memory, above 98 % for 15m.",
        }],
      },
      { name: "half of the memory", series: memory(40000, 40000), at: "20m", alerts: [] },
    ],
  },
  {
    id: "gpu_memory_leak",
    alert: "GPUMemoryLeak",
    severity: "warning",
    for: "30m",
    parameters: {
      threshold: { default: 95, unit: "%", min: 0, max: 100, description: "the share of the GPU's memory in use" },
      utilization: {
        default: 5,
        unit: "%",
        min: 0,
        max: 100,
        description: "the GPU's utilization below which it is idle",
      },
    },
    expr: {
      "dcgm": `(${USED} > $threshold and DCGM_FI_DEV_GPU_UTIL{$nodes} < $utilization)`,
      "dcgm-4.9": `(${USED_BYTES} > $threshold and DCGM_FI_DEV_GPU_UTIL_RATIO{$nodes} * 100 < $utilization)`,
    },
    around: "max without ($volatile) (\n$parts\n)",
    summary: "GPU {{ $labels.gpu }} of {{ $labels.node }} is idle with its memory full",
    description: 'GPU {{ $labels.gpu }} holds {{ printf "%.1f" $value }} % of its memory and works less than ' +
      "$utilization % for $for.",
    runbook:
      "A process died or hangs without freeing its memory. Find it (nvidia-smi, fuser -v /dev/nvidia*), end it, and " +
      "reset the GPU if the memory stays taken.",
    tests: [
      {
        name: "full and idle",
        series: both(memory(80000, 1000), busy(1)),
        at: "40m",
        alerts: [{
          labels: { "@": "nvidia" },
          summary: "GPU 3 of gpu-01 is idle with its memory full",
          description: "GPU 3 holds 98.2 % of its memory and works less than 5 % for 30m.",
        }],
      },
      { name: "full and working", series: both(memory(80000, 1000), busy(90)), at: "40m", alerts: [] },
      { name: "idle and empty", series: both(memory(10, 80000), busy(0)), at: "40m", alerts: [] },
    ],
  },
];
