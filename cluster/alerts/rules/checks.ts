/**
 * Alerts on the checks of a site: scripts that a timer runs on the node and whose output node_exporter reads. The runner
 * writes, for each check, `aami_check_success`, `aami_check_last_run_timestamp_seconds`, `aami_check_interval_seconds`
 * and `aami_check_duration_seconds` with the label `check`.
 *
 * @module
 */

import type { AlertRule } from "../rule.ts";

/** The rules. */
export const CHECK_RULES: readonly AlertRule[] = [
  {
    id: "check_failed",
    alert: "CheckFailed",
    severity: "warning",
    for: "5m",
    parameters: {},
    expr: { "textfile": "aami_check_success{$nodes} == 0" },
    summary: "The check {{ $labels.check }} fails on {{ $labels.node }}",
    description:
      "The script of {{ $labels.check }} ended with an error, took too long, or wrote what is no metric, for $for.",
    runbook:
      "Run it by hand on the node, or read its log (journalctl -u 'aami-check*'): what it would tell is not known now.",
    tests: [
      {
        name: "a script that fails",
        series: { "textfile": ['aami_check_success{@node,check="mounts"} 1x4 0x20'] },
        at: "15m",
        alerts: [{
          labels: { "@": "node", check: "mounts" },
          summary: "The check mounts fails on gpu-01",
          description: "The script of mounts ended with an error, took too long, or wrote what is no metric, for 5m.",
        }],
      },
      {
        name: "a script that works",
        series: { "textfile": ['aami_check_success{@node,check="mounts"} 1x20'] },
        at: "15m",
        alerts: [],
      },
    ],
  },
  {
    id: "check_stale",
    alert: "CheckStale",
    severity: "warning",
    for: "1m",
    parameters: {
      missed: { default: 3, unit: "runs", min: 1, description: "runs that may be missed" },
    },
    expr: {
      "textfile":
        "time() - aami_check_last_run_timestamp_seconds{$nodes} > $missed * aami_check_interval_seconds{$nodes}",
    },
    summary: "The check {{ $labels.check }} does not run on {{ $labels.node }}",
    description: "{{ $labels.check }} ran last {{ $value | humanizeDuration }} ago and has missed $missed runs.",
    runbook: "See its timer on the node (systemctl list-timers 'aami-check*'): what it tells is old.",
    tests: [
      {
        name: "a check that ran last when the node started",
        series: {
          "textfile": [
            'aami_check_last_run_timestamp_seconds{@node,check="mounts"} 0x30',
            'aami_check_interval_seconds{@node,check="mounts"} 60x30',
          ],
        },
        at: "10m",
        alerts: [{
          labels: { "@": "node", check: "mounts" },
          summary: "The check mounts does not run on gpu-01",
          description: "mounts ran last 10m 0s ago and has missed 3 runs.",
        }],
      },
      {
        name: "a check that runs each minute",
        series: {
          "textfile": [
            'aami_check_last_run_timestamp_seconds{@node,check="mounts"} 0+60x30',
            'aami_check_interval_seconds{@node,check="mounts"} 60x30',
          ],
        },
        at: "10m",
        alerts: [],
      },
    ],
  },
  {
    id: "check_output_unreadable",
    alert: "CheckOutputUnreadable",
    severity: "warning",
    for: "5m",
    parameters: {},
    expr: { "textfile": "node_textfile_scrape_error{$nodes} == 1" },
    summary: "node_exporter cannot read a check's output on {{ $labels.node }}",
    description: "A file in the textfile directory of {{ $labels.node }} has not been readable for $for.",
    runbook:
      "The journal of node_exporter names the file and the line. Metrics of that file are missing until it is right.",
    tests: [
      {
        name: "a broken file",
        series: { "textfile": ["node_textfile_scrape_error{@node} 1x20"] },
        at: "10m",
        alerts: [{
          labels: { "@": "node" },
          summary: "node_exporter cannot read a check's output on gpu-01",
          description: "A file in the textfile directory of gpu-01 has not been readable for 5m.",
        }],
      },
      { name: "good files", series: { "textfile": ["node_textfile_scrape_error{@node} 0x20"] }, at: "10m", alerts: [] },
    ],
  },
  {
    id: "mount_point_unavailable",
    alert: "MountPointUnavailable",
    severity: "critical",
    for: "2m",
    parameters: {},
    expr: { "textfile": "mount_status{$nodes} == 0" },
    summary: "Mount point {{ $labels.path }} of {{ $labels.node }} is unavailable",
    description: "Nothing is mounted at {{ $labels.path }} for $for.",
    runbook:
      "Mount it again (mount {{ $labels.path }}) and see why it went: the file server, the network, the automounter.",
    tests: [
      {
        name: "a path with nothing mounted",
        series: { "textfile": ['mount_status{@node,path="/data"} 1x9', 'mount_status{@node,path="/models"} 0x9'] },
        at: "5m",
        alerts: [{
          labels: { "@": "node", path: "/models" },
          summary: "Mount point /models of gpu-01 is unavailable",
          description: "Nothing is mounted at /models for 2m.",
          runbook: "Mount it again (mount /models) and see why it went: the file server, the network, the automounter.",
        }],
      },
      {
        name: "a mounted path",
        series: { "textfile": ['mount_status{@node,path="/data"} 1x9'] },
        at: "5m",
        alerts: [],
      },
    ],
  },
  {
    id: "infiniband_port_inactive",
    alert: "InfiniBandPortInactive",
    severity: "critical",
    for: "2m",
    parameters: {},
    expr: { "textfile": "aami_infiniband_port_active{$nodes} == 0" },
    summary: "Port {{ $labels.port }} of {{ $labels.device }} of {{ $labels.node }} is not active",
    description: "{{ $labels.device }} carries no traffic on port {{ $labels.port }}, or is not there, for $for.",
    runbook:
      "See its state and what the kernel says (ibstat {{ $labels.device }}, dmesg); check the cable, the switch's port and " +
      "the subnet manager. Jobs that use it hang: drain the node.",
    tests: [
      {
        name: "a port that went down",
        series: { "textfile": ['aami_infiniband_port_active{@node,device="mlx5_0",port="1"} 1x4 0x20'] },
        at: "10m",
        alerts: [{
          labels: { "@": "node", device: "mlx5_0", port: "1" },
          summary: "Port 1 of mlx5_0 of gpu-01 is not active",
          description: "mlx5_0 carries no traffic on port 1, or is not there, for 2m.",
          runbook:
            "See its state and what the kernel says (ibstat mlx5_0, dmesg); check the cable, the switch's port and the " +
            "subnet manager. Jobs that use it hang: drain the node.",
        }],
      },
      {
        name: "an active port",
        series: { "textfile": ['aami_infiniband_port_active{@node,device="mlx5_0",port="1"} 1x20'] },
        at: "10m",
        alerts: [],
      },
    ],
  },
  {
    id: "time_server_lost",
    alert: "TimeServerLost",
    severity: "warning",
    for: "10m",
    parameters: {},
    expr: { "textfile": "aami_ntp_synchronized{$nodes} == 0" },
    summary: "The clock of {{ $labels.node }} follows no time server",
    description: "chrony or systemd says for $for that the clock is not synchronized.",
    runbook: "See which servers it asks and whether they answer (chronyc sources, timedatectl timesync-status).",
    tests: [
      {
        name: "no server answers",
        series: { "textfile": ["aami_ntp_synchronized{@node} 1x4 0x30"] },
        at: "20m",
        alerts: [{
          labels: { "@": "node" },
          summary: "The clock of gpu-01 follows no time server",
          description: "chrony or systemd says for 10m that the clock is not synchronized.",
        }],
      },
      {
        name: "a clock that is kept",
        series: { "textfile": ["aami_ntp_synchronized{@node} 1x30"] },
        at: "20m",
        alerts: [],
      },
    ],
  },
];
