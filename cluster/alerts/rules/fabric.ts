/** Alerts on what connects GPUs: InfiniBand, NVSwitch, PCIe. @module */

import type { AlertRule } from "../rule.ts";

const PORT = '@node,device="mlx5_0",port="1"';
const PORT_LABELS = { "@": "node", device: "mlx5_0", port: "1" };

/** The rules. NVLink's own is with the errors of the GPUs. */
export const FABRIC_RULES: readonly AlertRule[] = [
  {
    id: "infiniband_port_down",
    alert: "InfiniBandPortDown",
    severity: "critical",
    for: "1m",
    parameters: {
      window: { default: "7d", unit: "duration", description: "the time within which the port was up" },
    },
    expr: {
      "node": "node_infiniband_state_id{$nodes} != 4 and max_over_time(node_infiniband_state_id{$nodes}[$window]) == 4",
    },
    summary: "InfiniBand port {{ $labels.device }}/{{ $labels.port }} of {{ $labels.node }} is down",
    description: "Port {{ $labels.port }} of {{ $labels.device }} was active within the last $window and is no more " +
      "(state {{ $value }}; 1 down, 2 initializing, 3 armed).",
    runbook:
      "See the port (ibstat), the cable and the switch. Initializing or armed without end means that no subnet manager " +
      "answers (sminfo).",
    tests: [
      {
        name: "a port that went down",
        series: { "node": [`node_infiniband_state_id{${PORT}} 4x9 1x20`] },
        at: "15m",
        alerts: [{
          labels: PORT_LABELS,
          summary: "InfiniBand port mlx5_0/1 of gpu-01 is down",
          description:
            "Port 1 of mlx5_0 was active within the last 7d and is no more (state 1; 1 down, 2 initializing, 3 armed).",
        }],
      },
      { name: "an active port", series: { "node": [`node_infiniband_state_id{${PORT}} 4x30`] }, at: "15m", alerts: [] },
      {
        name: "a port that was never used",
        series: { "node": [`node_infiniband_state_id{${PORT}} 1x30`] },
        at: "15m",
        alerts: [],
      },
    ],
  },
  {
    id: "infiniband_link_flapping",
    alert: "InfiniBandLinkFlapping",
    severity: "warning",
    for: "0s",
    parameters: {
      threshold: { default: 2, unit: "times", min: 0, description: "how often a link may go down in the window" },
      window: { default: "1h", unit: "duration", description: "the time in which it is counted" },
    },
    expr: { "node": "increase(node_infiniband_link_downed_total{$nodes}[$window]) > $threshold" },
    summary: "InfiniBand port {{ $labels.device }}/{{ $labels.port }} of {{ $labels.node }} flaps",
    description:
      'The link of {{ $labels.device }}/{{ $labels.port }} went down {{ printf "%.0f" $value }} times in $window.',
    runbook:
      "Clean or replace the cable or the transceiver (mlxlink shows its state), then try another port of the switch.",
    tests: [
      {
        name: "a link that comes and goes",
        series: { "node": [`node_infiniband_link_downed_total{${PORT}} 3x20 5x5 9x40`] },
        at: "50m",
        alerts: [{
          labels: PORT_LABELS,
          summary: "InfiniBand port mlx5_0/1 of gpu-01 flaps",
          description: "The link of mlx5_0/1 went down 6 times in 1h.",
        }],
      },
      {
        name: "a link that went down once",
        series: { "node": [`node_infiniband_link_downed_total{${PORT}} 3x20 4x40`] },
        at: "50m",
        alerts: [],
      },
    ],
  },
  {
    id: "infiniband_errors",
    alert: "InfiniBandErrors",
    severity: "warning",
    for: "0s",
    parameters: {
      threshold: { default: 10, unit: "errors", min: 0, description: "errors in the window that are let pass" },
      window: { default: "15m", unit: "duration", description: "the time in which errors are counted" },
    },
    expr: {
      "node": "increase(node_infiniband_port_errors_received_total{$nodes}[$window]) > $threshold\nor\n" +
        "increase(node_infiniband_link_error_recovery_total{$nodes}[$window]) > $threshold",
    },
    summary: "Errors on InfiniBand port {{ $labels.device }}/{{ $labels.port }} of {{ $labels.node }}",
    description: 'Port {{ $labels.device }}/{{ $labels.port }} counted {{ printf "%.0f" $value }} errors in $window.',
    runbook: "Clean or replace the cable or the transceiver; the port at the other end counts too (ibqueryerrors).",
    tests: [
      {
        name: "packets with errors",
        series: { "node": [`node_infiniband_port_errors_received_total{${PORT}} 0+10x40`] },
        at: "30m",
        alerts: [{
          labels: PORT_LABELS,
          summary: "Errors on InfiniBand port mlx5_0/1 of gpu-01",
          description: "Port mlx5_0/1 counted 150 errors in 15m.",
        }],
      },
      {
        name: "a few errors of old",
        series: { "node": [`node_infiniband_port_errors_received_total{${PORT}} 14x40`] },
        at: "30m",
        alerts: [],
      },
    ],
  },
  {
    id: "infiniband_rate_reduced",
    alert: "InfiniBandRateReduced",
    severity: "warning",
    for: "5m",
    parameters: {
      window: { default: "7d", unit: "duration", description: "the time within which the port was faster" },
    },
    expr: {
      "node":
        "node_infiniband_rate_bytes_per_second{$nodes} < max_over_time(node_infiniband_rate_bytes_per_second{$nodes}[$window])" +
        " and node_infiniband_state_id{$nodes} == 4",
    },
    summary: "InfiniBand port {{ $labels.device }}/{{ $labels.port }} of {{ $labels.node }} is slower than it was",
    description:
      "Port {{ $labels.device }}/{{ $labels.port }} runs at {{ $value | humanize }}B/s, less than within the last " +
      "$window.",
    runbook:
      "The link came up with fewer lanes or at a lower speed: reseat or replace the cable (ibstat shows the rate). Jobs " +
      "run at the pace of the slowest link.",
    tests: [
      {
        name: "half the rate",
        series: {
          "node": [
            `node_infiniband_rate_bytes_per_second{${PORT}} 5e10x9 2.5e10x30`,
            `node_infiniband_state_id{${PORT}} 4x40`,
          ],
        },
        at: "20m",
        alerts: [{
          labels: PORT_LABELS,
          summary: "InfiniBand port mlx5_0/1 of gpu-01 is slower than it was",
          description: "Port mlx5_0/1 runs at 25GB/s, less than within the last 7d.",
        }],
      },
      {
        name: "the rate it always had",
        series: {
          "node": [
            `node_infiniband_rate_bytes_per_second{${PORT}} 5e10x30`,
            `node_infiniband_state_id{${PORT}} 4x40`,
          ],
        },
        at: "20m",
        alerts: [],
      },
    ],
  },
  {
    id: "nvswitch_fatal_error",
    alert: "NVSwitchFatalError",
    severity: "critical",
    for: "0s",
    parameters: { window: { default: "15m", unit: "duration", description: "how long an error is told" } },
    expr: {
      "dcgm":
        "DCGM_FI_DEV_NVSWITCH_FATAL_ERRORS{$nodes} > 0 < 1e9 and changes(DCGM_FI_DEV_NVSWITCH_FATAL_ERRORS{$nodes}[$window]) > 0",
      "dcgm-4.9":
        "DCGM_FI_DEV_SXID_FATAL_ERROR{$nodes} > 0 < 1e9 and changes(DCGM_FI_DEV_SXID_FATAL_ERROR{$nodes}[$window]) > 0",
    },
    around: "max without ($volatile) (\n$parts\n)",
    summary: "Fatal error of NVSwitch {{ $labels.nvswitch }} of {{ $labels.node }}",
    description: "NVSwitch {{ $labels.nvswitch }} reported SXid {{ $value }}, which is fatal.",
    runbook:
      "Jobs that use NVLink end. Drain the node; reset all GPUs and switches together, or reboot it (the kernel log " +
      "has the details after 'SXid').",
    tests: [
      {
        name: "a fatal SXid",
        series: {
          "dcgm": ['DCGM_FI_DEV_NVSWITCH_FATAL_ERRORS{nvswitch="1",node="gpu-01",Hostname="gpu-01"} 0x9 20034x20'],
          "dcgm-4.9": ['DCGM_FI_DEV_SXID_FATAL_ERROR{nvswitch="1",node="gpu-01",hostname="gpu-01"} 0x9 20034x20'],
        },
        at: "15m",
        alerts: [{
          labels: { nvswitch: "1", node: "gpu-01" },
          summary: "Fatal error of NVSwitch 1 of gpu-01",
          description: "NVSwitch 1 reported SXid 20034, which is fatal.",
        }],
      },
      {
        name: "a switch without errors",
        series: {
          "dcgm": ['DCGM_FI_DEV_NVSWITCH_FATAL_ERRORS{nvswitch="1",node="gpu-01",Hostname="gpu-01"} 0x30'],
          "dcgm-4.9": ['DCGM_FI_DEV_SXID_FATAL_ERROR{nvswitch="1",node="gpu-01",hostname="gpu-01"} 0x30'],
        },
        at: "15m",
        alerts: [],
      },
    ],
  },
  {
    id: "gpu_pcie_replays",
    alert: "GPUPCIeReplays",
    severity: "warning",
    for: "0s",
    parameters: {
      threshold: { default: 100, unit: "replays", min: 0, description: "PCIe replays in the window that are let pass" },
      window: { default: "15m", unit: "duration", description: "the time in which replays are counted" },
    },
    expr: {
      "dcgm": "increase(DCGM_FI_DEV_PCIE_REPLAY_COUNTER{$nodes}[$window]) > $threshold",
      "dcgm-4.9": "increase(DCGM_FI_DEV_PCIE_REPLAY_TOTAL{$nodes}[$window]) > $threshold",
    },
    around: "max without ($volatile) (\n$parts\n)",
    summary: "GPU {{ $labels.gpu }} of {{ $labels.node }} repeats PCIe transfers",
    description:
      'GPU {{ $labels.gpu }} ({{ $labels.modelName }}) repeated {{ printf "%.0f" $value }} PCIe transfers in $window.',
    runbook: "The PCIe link of the GPU is bad: check its seating, the riser and the cables (lspci -vv, LnkSta).",
    tests: [
      {
        name: "many replays",
        series: {
          "dcgm": ["DCGM_FI_DEV_PCIE_REPLAY_COUNTER{@nvidia} 0+20x30"],
          "dcgm-4.9": ["DCGM_FI_DEV_PCIE_REPLAY_TOTAL{@nvidia} 0+20x30"],
        },
        at: "20m",
        alerts: [{
          labels: { "@": "nvidia" },
          summary: "GPU 3 of gpu-01 repeats PCIe transfers",
          description: "GPU 3 (NVIDIA H100) repeated 300 PCIe transfers in 15m.",
        }],
      },
      {
        name: "a few replays",
        series: {
          "dcgm": ["DCGM_FI_DEV_PCIE_REPLAY_COUNTER{@nvidia} 0+1x30"],
          "dcgm-4.9": ["DCGM_FI_DEV_PCIE_REPLAY_TOTAL{@nvidia} 0+1x30"],
        },
        at: "20m",
        alerts: [],
      },
    ],
  },
];
