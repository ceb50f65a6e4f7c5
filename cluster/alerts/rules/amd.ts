/**
 * Alerts on AMD Instinct GPUs, from AMD's device-metrics-exporter. The MI300 series has a junction temperature, the MI200
 * series an edge temperature; the rest is the same.
 *
 * @module
 */

import type { AlertRule, RuleTest } from "../rule.ts";

const AROUND = "max without ($volatile_amd) (\n$parts\n)";

const TEMPERATURE = {
  "amd-mi3xx": "gpu_junction_temperature{$nodes} > $threshold",
  "amd-mi2xx": "gpu_edge_temperature{$nodes} > $threshold - $edge",
};

const EDGE = {
  ...{ default: 10, unit: "°C", min: 0, max: 50 },
  description: "how much earlier an MI200 counts as hot, whose sensor is at the edge",
};

const temperature = (values: string) => ({
  "amd-mi3xx": [`gpu_junction_temperature{@amd} ${values}`],
  "amd-mi2xx": [`gpu_edge_temperature{@amd} ${values}`],
});

/** The same series on both. */
const amd = (...series: string[]): RuleTest["series"] => ({ "amd-mi3xx": series, "amd-mi2xx": series });
const all = (expr: string) => ({ "amd-mi3xx": expr, "amd-mi2xx": expr });

/** The last error stays in the gauge: one that was not there before is an event. A job's start is none. */
const AFIDS = 'gpu_afid_errors{severity!="non_fatal_corrected",$nodes}';
const NOW = `max without ($volatile_amd) (${AFIDS})`;
const BEFORE = `max without ($volatile_amd) (${AFIDS} offset $window)`;
const NEW_AFID = `(${NOW} != ${BEFORE}) or (${NOW} unless ${BEFORE})`;

/** The rules. */
export const AMD_RULES: readonly AlertRule[] = [
  {
    id: "amd_gpu_temperature_critical",
    alert: "AMDGPUTemperatureCritical",
    severity: "critical",
    for: "5m",
    parameters: {
      threshold: { default: 100, unit: "°C", min: 0, max: 150, description: "the junction temperature of an MI300" },
      edge: EDGE,
    },
    expr: TEMPERATURE,
    around: AROUND,
    summary: "GPU {{ $labels.gpu_id }} of {{ $labels.node }} is too hot",
    description: "GPU {{ $labels.gpu_id }} ({{ $labels.card_model }}) is at {{ $value }} °C for $for.",
    runbook: "Check the fans, the air flow and the inlet temperature of the node. Drain it if the GPU stays hot.",
    tests: [
      {
        name: "a GPU above the threshold",
        series: temperature("70x4 104x20"),
        at: "15m",
        alerts: [{
          labels: { "@": "amd" },
          summary: "GPU 3 of gpu-01 is too hot",
          description: "GPU 3 (102-G30211-00) is at 104 °C for 5m.",
        }],
      },
      { name: "a GPU at work", series: temperature("85x20"), at: "15m", alerts: [] },
    ],
  },
  {
    id: "amd_gpu_temperature_warning",
    alert: "AMDGPUTemperatureWarning",
    severity: "warning",
    for: "10m",
    parameters: {
      threshold: { default: 90, unit: "°C", min: 0, max: 150, description: "the junction temperature of an MI300" },
      edge: EDGE,
    },
    expr: TEMPERATURE,
    around: AROUND,
    summary: "GPU {{ $labels.gpu_id }} of {{ $labels.node }} runs hot",
    description: "GPU {{ $labels.gpu_id }} ({{ $labels.card_model }}) is at {{ $value }} °C for $for.",
    runbook:
      "Compare with the other GPUs of the node and the rack: one hot GPU points to its cooler, all of them to the air.",
    tests: [
      {
        name: "a GPU above the threshold",
        series: temperature("95x20"),
        at: "15m",
        alerts: [{
          labels: { "@": "amd" },
          summary: "GPU 3 of gpu-01 runs hot",
          description: "GPU 3 (102-G30211-00) is at 95 °C for 10m.",
        }],
      },
      { name: "a GPU at work", series: temperature("75x20"), at: "15m", alerts: [] },
    ],
  },
  {
    id: "amd_gpu_memory_high",
    alert: "AMDGPUMemoryHigh",
    severity: "warning",
    for: "15m",
    parameters: {
      threshold: { default: 98, unit: "%", min: 0, max: 100, description: "the share of the GPU's memory in use" },
    },
    expr: all("100 * gpu_used_vram{$nodes} / gpu_total_vram{$nodes} > $threshold"),
    around: AROUND,
    summary: "The memory of GPU {{ $labels.gpu_id }} of {{ $labels.node }} is almost full",
    description:
      'GPU {{ $labels.gpu_id }} uses {{ printf "%.1f" $value }} % of its memory, above $threshold % for $for.',
    runbook: "The next allocation may fail and end the job. See which processes hold it (amd-smi process).",
    tests: [
      {
        name: "memory above the threshold",
        series: amd("gpu_used_vram{@amd} 196000x30", "gpu_total_vram{@amd} 196592x30"),
        at: "20m",
        alerts: [{
          labels: { "@": "amd" },
          summary: "The memory of GPU 3 of gpu-01 is almost full",
          description: "GPU 3 uses 99.7 % of its memory, above 98 % for 15m.",
        }],
      },
      {
        name: "half of the memory",
        series: amd("gpu_used_vram{@amd} 98000x30", "gpu_total_vram{@amd} 196592x30"),
        at: "20m",
        alerts: [],
      },
    ],
  },
  {
    id: "amd_gpu_ecc_errors",
    alert: "AMDGPUECCErrors",
    severity: "critical",
    for: "0s",
    parameters: {
      threshold: { default: 0, unit: "errors", min: 0, description: "uncorrectable errors that are let pass" },
      window: { default: "24h", unit: "duration", description: "the time in which errors are counted" },
    },
    expr: all("increase(gpu_ecc_uncorrect_total{$nodes}[$window]) > $threshold"),
    around: AROUND,
    summary: "GPU {{ $labels.gpu_id }} of {{ $labels.node }} has uncorrectable memory errors",
    description:
      'GPU {{ $labels.gpu_id }} ({{ $labels.card_model }}) had {{ printf "%.0f" $value }} uncorrectable errors in ' +
      "$window.",
    runbook:
      "Drain the work from the GPU and reset it (amd-smi reset --gpureset). Where the errors come back, have it replaced.",
    tests: [
      {
        name: "one uncorrectable error",
        series: amd("gpu_ecc_uncorrect_total{@amd} 0x30 1x30"),
        at: "45m",
        alerts: [{
          labels: { "@": "amd" },
          summary: "GPU 3 of gpu-01 has uncorrectable memory errors",
          description: "GPU 3 (102-G30211-00) had 1 uncorrectable errors in 24h.",
        }],
      },
      { name: "errors of long ago", series: amd("gpu_ecc_uncorrect_total{@amd} 3x60"), at: "45m", alerts: [] },
    ],
  },
  {
    id: "amd_gpu_afid_error",
    alert: "AMDGPUAfidError",
    severity: '{{ if eq $labels.severity "fatal" }}critical{{ else }}warning{{ end }}',
    for: "0s",
    parameters: { window: { default: "15m", unit: "duration", description: "how long an error is told" } },
    expr: all(`count_values without (afid_index) ("afid", ${NEW_AFID})`),
    labels: { afid_severity: "{{ $labels.severity }}" },
    summary: "Hardware error AFID {{ $labels.afid }} on GPU {{ $labels.gpu_id }} of {{ $labels.node }}",
    description: "GPU {{ $labels.gpu_id }} ({{ $labels.card_model }}) reported AFID {{ $labels.afid }}, " +
      "{{ $labels.severity }}. 'aami explain afid {{ $labels.afid }}' tells what it means.",
    runbook: '{{ if eq $labels.severity "fatal" }}Drain the node and reset the GPU; reboot the node where that fails.' +
      "{{ else }}Restart the affected application; reset the GPU at a convenient time.{{ end }}",
    tests: [
      {
        name: "a fatal error",
        series: amd(
          'gpu_afid_errors{@amd,severity="fatal",afid_index="0"} _x9 30x20',
          'gpu_afid_errors{@amd,severity="non_fatal_corrected",afid_index="0"} _x9 24x20',
        ),
        at: "15m",
        alerts: [{
          labels: { "@": "amd", afid: "30", afid_severity: "fatal" },
          severity: "critical",
          summary: "Hardware error AFID 30 on GPU 3 of gpu-01",
          description: "GPU 3 (102-G30211-00) reported AFID 30, fatal. 'aami explain afid 30' tells what it means.",
          runbook: "Drain the node and reset the GPU; reboot the node where that fails.",
        }],
      },
      {
        name: "an uncorrected error after another",
        series: amd('gpu_afid_errors{@amd,severity="non_fatal_uncorrected",afid_index="0"} 22x20 23x20'),
        at: "25m",
        alerts: [{
          labels: { "@": "amd", afid: "23", afid_severity: "non_fatal_uncorrected" },
          severity: "warning",
          summary: "Hardware error AFID 23 on GPU 3 of gpu-01",
          description:
            "GPU 3 (102-G30211-00) reported AFID 23, non_fatal_uncorrected. 'aami explain afid 23' tells what it means.",
          runbook: "Restart the affected application; reset the GPU at a convenient time.",
        }],
      },
      {
        name: "an error of long ago that stays in the gauge",
        series: amd('gpu_afid_errors{@amd,severity="fatal",afid_index="0"} 30x60'),
        at: "45m",
        alerts: [],
      },
      {
        name: "a job that starts on a GPU with an error of long ago",
        series: amd(
          'gpu_afid_errors{@amd,severity="fatal",afid_index="0"} 30x40 stale',
          'gpu_afid_errors{@amd,severity="fatal",afid_index="0",job_user="ann"} _x40 30x20',
        ),
        at: "45m",
        alerts: [],
      },
    ],
  },
  {
    id: "amd_gpu_unhealthy",
    alert: "AMDGPUUnhealthy",
    severity: "critical",
    for: "2m",
    parameters: {},
    expr: all("gpu_health{$nodes} == 0"),
    around: AROUND,
    summary: "GPU {{ $labels.gpu_id }} of {{ $labels.node }} is unhealthy",
    description: "The exporter reports GPU {{ $labels.gpu_id }} ({{ $labels.card_model }}) as unhealthy for $for.",
    runbook:
      "See why (amd-smi ras, dmesg). Drain the node; reset the GPU, and have it replaced where that does not help.",
    tests: [
      {
        name: "an unhealthy GPU",
        series: amd("gpu_health{@amd} 1x4 0x20"),
        at: "10m",
        alerts: [{
          labels: { "@": "amd" },
          summary: "GPU 3 of gpu-01 is unhealthy",
          description: "The exporter reports GPU 3 (102-G30211-00) as unhealthy for 2m.",
        }],
      },
      { name: "a healthy GPU", series: amd("gpu_health{@amd} 1x20"), at: "10m", alerts: [] },
    ],
  },
  {
    id: "amd_gpu_pcie_replays",
    alert: "AMDGPUPCIeReplays",
    severity: "warning",
    for: "0s",
    parameters: {
      threshold: { default: 100, unit: "replays", min: 0, description: "PCIe replays in the window that are let pass" },
      window: { default: "15m", unit: "duration", description: "the time in which replays are counted" },
    },
    expr: all("increase(pcie_replay_count{$nodes}[$window]) > $threshold"),
    around: AROUND,
    summary: "GPU {{ $labels.gpu_id }} of {{ $labels.node }} repeats PCIe transfers",
    description: 'GPU {{ $labels.gpu_id }} repeated {{ printf "%.0f" $value }} PCIe transfers in $window.',
    runbook: "The PCIe link of the GPU is bad: check its seating, the riser and the cables (lspci -vv, LnkSta).",
    tests: [
      {
        name: "many replays",
        series: amd("pcie_replay_count{@amd} 0+20x30"),
        at: "20m",
        alerts: [{
          labels: { "@": "amd" },
          summary: "GPU 3 of gpu-01 repeats PCIe transfers",
          description: "GPU 3 repeated 300 PCIe transfers in 15m.",
        }],
      },
      { name: "a few replays", series: amd("pcie_replay_count{@amd} 0+1x30"), at: "20m", alerts: [] },
    ],
  },
];
