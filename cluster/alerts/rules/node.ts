/** Alerts on the machines themselves, from node_exporter and from Prometheus' own `up`. @module */

import type { AlertRule } from "../rule.ts";

const percent = (value: number, description: string) => ({ default: value, unit: "%", min: 0, max: 100, description });

/** The rules. */
export const NODE_RULES: readonly AlertRule[] = [
  {
    id: "node_down",
    alert: "NodeDown",
    severity: "critical",
    for: "1m",
    parameters: {},
    expr: { "prometheus": 'up{job="node",$nodes} == 0' },
    summary: "Node {{ $labels.node }} is down",
    description: "{{ $labels.instance }} has not answered for $for.",
    runbook:
      "Reach the node by ssh or its BMC. If it runs, start its node_exporter; else power-cycle it and read the BMC's log.",
    tests: [
      {
        name: "a node that does not answer",
        series: { "prometheus": ["up{@node} 1x4 0x10"] },
        at: "8m",
        alerts: [{
          labels: { "@": "node" },
          summary: "Node gpu-01 is down",
          description: "gpu-01:9100 has not answered for 1m.",
        }],
      },
      { name: "a node that answers", series: { "prometheus": ["up{@node} 1x10"] }, at: "8m", alerts: [] },
      {
        name: "another exporter of the node that does not answer",
        series: { "prometheus": ['up{job="dcgm",instance="gpu-01:9400"} 0x10'] },
        at: "8m",
        alerts: [],
      },
    ],
  },
  {
    id: "gpu_exporter_down",
    alert: "GPUExporterDown",
    severity: "warning",
    for: "5m",
    parameters: {},
    expr: { "prometheus": 'up{job=~"dcgm|rocm",$nodes} == 0' },
    summary: "The GPU exporter of {{ $labels.node }} is down",
    description:
      "The {{ $labels.job }} exporter at {{ $labels.instance }} has not answered for $for: its GPUs are not watched.",
    runbook:
      "See the exporter's unit (nvidia-dcgm-exporter, amd-metrics-exporter) and, for NVIDIA, nvidia-dcgm. An exporter " +
      "that hangs may mean a GPU that no longer answers: look for Xid 79 in the kernel log.",
    tests: [
      {
        name: "an exporter that does not answer",
        series: { "prometheus": ['up{job="dcgm",instance="gpu-01:9400",node="gpu-01"} 0x10'] },
        at: "8m",
        alerts: [{
          labels: { job: "dcgm", instance: "gpu-01:9400", node: "gpu-01" },
          summary: "The GPU exporter of gpu-01 is down",
          description: "The dcgm exporter at gpu-01:9400 has not answered for 5m: its GPUs are not watched.",
        }],
      },
      {
        name: "an exporter that answers",
        series: { "prometheus": ['up{job="dcgm",instance="gpu-01:9400",node="gpu-01"} 1x10', "up{@node} 0x10"] },
        at: "8m",
        alerts: [],
      },
    ],
  },
  {
    id: "high_cpu_usage",
    alert: "HighCPUUsage",
    severity: "warning",
    for: "5m",
    parameters: {
      threshold: percent(80, "the share of the processors' time in use"),
      window: { default: "5m", unit: "duration", description: "the time that the share is taken over" },
    },
    // What is busy, not what is not idle: over a window that a new node does not fill yet a rate is too low.
    expr: {
      "node":
        '100 * sum without (mode) (avg without (cpu) (rate(node_cpu_seconds_total{mode!="idle",$nodes}[$window]))) ' +
        "> $threshold",
    },
    summary: "High CPU usage on {{ $labels.node }}",
    description:
      'The processors of {{ $labels.node }} are {{ printf "%.0f" $value }} % busy, above $threshold % for $for.',
    runbook: "See what uses them (top). GPU jobs with busy processors may starve their GPUs of data.",
    tests: [
      {
        name: "processors at 90 %",
        series: {
          "node": [
            'node_cpu_seconds_total{@node,cpu="0",mode="idle"} 0+6x30',
            'node_cpu_seconds_total{@node,cpu="0",mode="user"} 0+54x30',
            'node_cpu_seconds_total{@node,cpu="1",mode="user"} 0+48x30',
            'node_cpu_seconds_total{@node,cpu="0",mode="system"} 0+0x30',
            'node_cpu_seconds_total{@node,cpu="1",mode="system"} 0+6x30',
          ],
        },
        at: "20m",
        alerts: [{
          labels: { "@": "node" },
          summary: "High CPU usage on gpu-01",
          description: "The processors of gpu-01 are 90 % busy, above 80 % for 5m.",
        }],
      },
      {
        name: "processors at 50 %",
        series: {
          "node": [
            'node_cpu_seconds_total{@node,cpu="0",mode="idle"} 0+30x30',
            'node_cpu_seconds_total{@node,cpu="0",mode="user"} 0+30x30',
          ],
        },
        at: "20m",
        alerts: [],
      },
    ],
  },
  {
    id: "high_memory_usage",
    alert: "HighMemoryUsage",
    severity: "warning",
    for: "10m",
    parameters: { threshold: percent(90, "the share of the memory in use") },
    expr: {
      "node": "100 * (1 - node_memory_MemAvailable_bytes{$nodes} / node_memory_MemTotal_bytes{$nodes}) > $threshold",
    },
    summary: "High memory usage on {{ $labels.node }}",
    description:
      '{{ printf "%.0f" $value }} % of the memory of {{ $labels.node }} is in use, above $threshold % for $for.',
    runbook: "See what uses it (ps aux --sort=-rss). The kernel ends processes once the memory is used up.",
    tests: [
      {
        name: "95 % in use",
        series: {
          "node": ["node_memory_MemAvailable_bytes{@node} 50x30", "node_memory_MemTotal_bytes{@node} 1000x30"],
        },
        at: "20m",
        alerts: [{
          labels: { "@": "node" },
          summary: "High memory usage on gpu-01",
          description: "95 % of the memory of gpu-01 is in use, above 90 % for 10m.",
        }],
      },
      {
        name: "half in use",
        series: {
          "node": ["node_memory_MemAvailable_bytes{@node} 500x30", "node_memory_MemTotal_bytes{@node} 1000x30"],
        },
        at: "20m",
        alerts: [],
      },
    ],
  },
  {
    id: "node_memory_errors",
    alert: "NodeMemoryErrors",
    severity: "critical",
    for: "0s",
    parameters: { window: { default: "1h", unit: "duration", description: "the time in which errors are counted" } },
    expr: {
      "node":
        "sum without (controller, csrow, dimm, channel) (increase(node_edac_uncorrectable_errors_total{$nodes}[$window])) > 0",
    },
    summary: "Uncorrectable memory errors on {{ $labels.node }}",
    description: 'The memory of {{ $labels.node }} had {{ printf "%.0f" $value }} uncorrectable errors in $window.',
    runbook: "Drain the node and have the memory module replaced; the BMC's log names it.",
    tests: [
      {
        name: "an error",
        series: { "node": ['node_edac_uncorrectable_errors_total{@node,controller="0"} 0x30 1x30'] },
        at: "40m",
        alerts: [{
          labels: { "@": "node" },
          summary: "Uncorrectable memory errors on gpu-01",
          description: "The memory of gpu-01 had 1 uncorrectable errors in 1h.",
        }],
      },
      {
        name: "an error of long ago",
        series: { "node": ['node_edac_uncorrectable_errors_total{@node,controller="0"} 2x60'] },
        at: "40m",
        alerts: [],
      },
    ],
  },
  {
    id: "node_rebooted",
    alert: "NodeRebooted",
    severity: "info",
    for: "0s",
    parameters: { window: { default: "10m", unit: "duration", description: "how long a reboot is told" } },
    // The time is computed from a clock that is being corrected: it may differ by a second at any time.
    expr: {
      "node": "changes(node_boot_time_seconds{$nodes}[$window]) > 0 and time() - node_boot_time_seconds{$nodes} < 3600",
    },
    summary: "Node {{ $labels.node }} was rebooted",
    description: "{{ $labels.node }} started anew within $window.",
    runbook: "If nobody meant it to, read the journal of the boot before (journalctl -b -1 -e) and the BMC's log.",
    tests: [
      {
        name: "another boot time",
        series: { "node": ["node_boot_time_seconds{@node} -90000x10 _x2 700x20"] },
        at: "16m",
        alerts: [{
          labels: { "@": "node" },
          summary: "Node gpu-01 was rebooted",
          description: "gpu-01 started anew within 10m.",
        }],
      },
      {
        name: "a boot time corrected by a second",
        series: { "node": ["node_boot_time_seconds{@node} -90000x10 -89999x20"] },
        at: "16m",
        alerts: [],
      },
      {
        name: "the same boot time",
        series: { "node": ["node_boot_time_seconds{@node} 1000x30"] },
        at: "16m",
        alerts: [],
      },
    ],
  },
  {
    id: "node_clock_not_synchronized",
    alert: "NodeClockNotSynchronized",
    severity: "warning",
    for: "10m",
    parameters: {},
    expr: { "node": "node_timex_sync_status{$nodes} == 0" },
    summary: "The clock of {{ $labels.node }} is not synchronized",
    description: "The kernel of {{ $labels.node }} says for $for that nothing keeps its clock right.",
    runbook:
      "Start chrony or systemd-timesyncd and see that it reaches its server (chronyc sources). Slurm's munge refuses " +
      "nodes whose clocks differ by minutes.",
    tests: [
      {
        name: "a clock left alone",
        series: { "node": ["node_timex_sync_status{@node} 0x30"] },
        at: "15m",
        alerts: [{
          labels: { "@": "node" },
          summary: "The clock of gpu-01 is not synchronized",
          description: "The kernel of gpu-01 says for 10m that nothing keeps its clock right.",
        }],
      },
      {
        name: "a clock that is kept",
        series: { "node": ["node_timex_sync_status{@node} 1x30"] },
        at: "15m",
        alerts: [],
      },
    ],
  },
];
