/** Alerts on errors of NVIDIA GPUs: memory, NVLink. @module */

import type { AlertRule, Parameter, RuleTest } from "../rule.ts";

const window = (value: string, description: string): Parameter => ({ default: value, unit: "duration", description });

/** The same series from both. */
const exporter = (...series: string[]): RuleTest["series"] => ({ "dcgm": series, "dcgm-4.9": series });

const increase = (metric: string, threshold: string) => `increase(${metric}{$nodes}[$window]) > ${threshold}`;

const ECC_ERRORS: AlertRule = {
  id: "gpu_ecc_errors",
  alert: "GPUECCErrors",
  severity: "critical",
  for: "0s",
  parameters: {
    threshold: { default: 0, unit: "errors", min: 0, description: "uncorrectable errors that are let pass" },
    window: window("24h", "the time in which errors are counted"),
  },
  expr: {
    "dcgm": [
      increase("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "$threshold"),
      increase("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "$threshold"),
      "DCGM_FI_DEV_ROW_REMAP_FAILURE{$nodes} > 0 < 1000",
    ].join("\nor\n"),
    "dcgm-4.9": [
      increase("DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL", "$threshold"),
      "DCGM_FI_DEV_ROW_REMAP_FAILED{$nodes} > 0 < 1000",
    ].join("\nor\n"),
  },
  around: "max without ($volatile) (\n$parts\n)",
  summary: "GPU {{ $labels.gpu }} of {{ $labels.node }} has uncorrectable memory errors",
  description: 'GPU {{ $labels.gpu }} ({{ $labels.modelName }}) had {{ printf "%.0f" $value }} uncorrectable memory ' +
    "errors or failed row remappings in $window.",
  runbook:
    "Drain the work from the GPU and reset it, so that the spare rows come into use. Where remapping failed, or the " +
    "errors come back, have the GPU replaced (nvidia-smi -q -d ECC,ROW_REMAPPER).",
  tests: [
    {
      name: "one double-bit error",
      series: exporter("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{@nvidia} 0x30 1x30"),
      at: "45m",
      alerts: [{
        labels: { "@": "nvidia" },
        summary: "GPU 3 of gpu-01 has uncorrectable memory errors",
        description: "GPU 3 (NVIDIA H100) had 1 uncorrectable memory errors or failed row remappings in 24h.",
      }],
    },
    {
      name: "a row that was remapped, where double-bit errors are not exported",
      series: {
        "dcgm": ["DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{@nvidia} 2x30 3x30"],
        "dcgm-4.9": ["DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL{@nvidia} 2x30 3x30"],
      },
      at: "45m",
      alerts: [{
        labels: { "@": "nvidia" },
        summary: "GPU 3 of gpu-01 has uncorrectable memory errors",
        description: "GPU 3 (NVIDIA H100) had 1 uncorrectable memory errors or failed row remappings in 24h.",
      }],
    },
    {
      name: "a row that could not be remapped",
      series: {
        "dcgm": ["DCGM_FI_DEV_ROW_REMAP_FAILURE{@nvidia} 1x10"],
        "dcgm-4.9": ["DCGM_FI_DEV_ROW_REMAP_FAILED{@nvidia} 1x10"],
      },
      at: "5m",
      alerts: [{
        labels: { "@": "nvidia" },
        summary: "GPU 3 of gpu-01 has uncorrectable memory errors",
        description: "GPU 3 (NVIDIA H100) had 1 uncorrectable memory errors or failed row remappings in 24h.",
      }],
    },
    {
      name: "errors of long ago",
      series: {
        "dcgm": [
          "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{@nvidia} 4x60",
          "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{@nvidia} 2x60",
          "DCGM_FI_DEV_ROW_REMAP_FAILURE{@nvidia} 0x60",
        ],
        "dcgm-4.9": [
          "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL{@nvidia} 4x60",
          "DCGM_FI_DEV_ROW_REMAP_UNCORRECTABLE_TOTAL{@nvidia} 2x60",
          "DCGM_FI_DEV_ROW_REMAP_FAILED{@nvidia} 0x60",
        ],
      },
      at: "45m",
      alerts: [],
    },
  ],
};

/** NVLink's error counters, old name and new: what counts by number, and what is one too many at once. */
export const NVLINK = {
  "dcgm": [
    ["DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "0"],
    ["DCGM_FI_DEV_NVLINK_COUNT_LINK_RECOVERY_FAILED_EVENTS", "0"],
    ["DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "$threshold"],
    ["DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "$threshold"],
    ["DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "$threshold"],
  ],
  "dcgm-4.9": [
    ["DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_TOTAL", "0"],
    ["DCGM_FI_DEV_NVLINK_RECOVERY_FAILED_TOTAL", "0"],
    ["DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_TOTAL", "$threshold"],
    ["DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_TOTAL", "$threshold"],
    ["DCGM_FI_DEV_NVLINK_REPLAY_ERROR_TOTAL", "$threshold"],
  ],
} as const;

const nvlinkExpr = (counters: readonly (readonly [string, string])[]) =>
  counters.map(([metric, threshold]) => increase(metric, threshold)).join("\nor\n");
const nvlinkSeries = (index: number, values: string) => ({
  "dcgm": [`${NVLINK["dcgm"][index][0]}{@nvidia} ${values}`],
  "dcgm-4.9": [`${NVLINK["dcgm-4.9"][index][0]}{@nvidia} ${values}`],
});

const NVLINK_ERROR: AlertRule = {
  id: "gpu_nvlink_error",
  alert: "GPUNVLinkError",
  severity: "critical",
  for: "0s",
  parameters: {
    threshold: {
      default: 10,
      unit: "errors",
      min: 0,
      description: "CRC or replay errors in the window that are let pass",
    },
    window: window("15m", "the time in which errors are counted"),
  },
  expr: { "dcgm": nvlinkExpr(NVLINK["dcgm"]), "dcgm-4.9": nvlinkExpr(NVLINK["dcgm-4.9"]) },
  around: "max without ($volatile) (\n$parts\n)",
  summary: "NVLink errors on GPU {{ $labels.gpu }} of {{ $labels.node }}",
  description:
    'GPU {{ $labels.gpu }} ({{ $labels.modelName }}) counted {{ printf "%.0f" $value }} NVLink errors in $window.',
  runbook:
    "See which link it is (nvidia-smi nvlink -e). Drain the node and reset the GPU; where the errors come back, reseat " +
    "the board or the cable, or have it replaced.",
  tests: [
    {
      name: "a link that had to recover",
      series: nvlinkSeries(0, "0x9 1x20"),
      at: "15m",
      alerts: [{
        labels: { "@": "nvidia" },
        summary: "NVLink errors on GPU 3 of gpu-01",
        description: "GPU 3 (NVIDIA H100) counted 1 NVLink errors in 15m.",
      }],
    },
    {
      name: "many CRC errors",
      series: nvlinkSeries(2, "0+10x30"),
      at: "20m",
      alerts: [{
        labels: { "@": "nvidia" },
        summary: "NVLink errors on GPU 3 of gpu-01",
        description: "GPU 3 (NVIDIA H100) counted 150 NVLink errors in 15m.",
      }],
    },
    { name: "a few replays", series: nvlinkSeries(4, "7x10 9x30"), at: "20m", alerts: [] },
  ],
};

/** The rules. */
export const GPU_ERROR_RULES: readonly AlertRule[] = [ECC_ERRORS, NVLINK_ERROR];
