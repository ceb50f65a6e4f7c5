/**
 * What node_exporter says of a fake node, as far as the rules and dashboards look at it, with the results of two checks
 * from its textfile collector.
 *
 * @module
 */

import type { Family, Labels } from "./exposition.ts";

/** What a fake node does. */
export interface HostState {
  /** The share of its processors that is busy, 0 to 1. */
  readonly busy: number;
  /** Seconds that each of its processors has been busy, since the start. */
  readonly busySeconds: number;
  /** Seconds since the start. */
  readonly seconds: number;
  /** The time now, in seconds since 1970. */
  readonly now: number;
  /** How long it had run at the start, in seconds. */
  readonly uptime: number;
}

const PROCESSORS = 8;
const GIB = 1024 ** 3;
const MEMORY = 1024 * GIB;

const DISKS = [
  { labels: { device: "/dev/nvme0n1p2", fstype: "ext4", mountpoint: "/" }, size: 880 * GIB, free: 0.64 },
  { labels: { device: "/dev/nvme1n1", fstype: "xfs", mountpoint: "/scratch" }, size: 7150 * GIB, free: 0.41 },
];

const CHECKS = [{ check: "mounts", interval: 60 }, { check: "ntp", interval: 300 }];

/** The metrics of a node. */
export function hostMetrics(state: HostState): Family[] {
  const { now, seconds } = state;
  const moved = (pace: number) => Math.round(pace * (state.busySeconds + 0.05 * seconds));
  return [
    ...processorMetrics(state),
    one("node_memory_MemTotal_bytes", MEMORY),
    one("node_memory_MemAvailable_bytes", Math.round(MEMORY * (0.94 - 0.4 * state.busy))),
    one("node_boot_time_seconds", now - seconds - state.uptime),
    one("node_time_seconds", now),
    one("node_timex_sync_status", 1),
    one("node_timex_offset_seconds", 0.00004),
    disks("node_filesystem_size_bytes", ({ size }) => size),
    disks("node_filesystem_avail_bytes", ({ size, free }) => Math.round(size * free)),
    disks("node_filesystem_files", ({ size }) => size / 16384),
    disks("node_filesystem_files_free", ({ size }) => 0.97 * size / 16384),
    disks("node_filesystem_readonly", () => 0),
    counter("node_disk_read_bytes_total", { device: "nvme1n1" }, moved(9e8)),
    counter("node_disk_written_bytes_total", { device: "nvme1n1" }, moved(2e8)),
    counter("node_disk_io_time_seconds_total", { device: "nvme1n1" }, 0.2 * state.busySeconds),
    counter("node_network_receive_bytes_total", { device: "eth0" }, moved(3e7)),
    counter("node_network_transmit_bytes_total", { device: "eth0" }, moved(2e7)),
    one("node_infiniband_state_id", 4, PORT),
    one("node_infiniband_rate_bytes_per_second", 5e10, PORT),
    counter("node_infiniband_port_data_received_bytes_total", PORT, moved(1.1e10)),
    counter("node_infiniband_port_data_transmitted_bytes_total", PORT, moved(1.1e10)),
    counter("node_infiniband_link_downed_total", PORT, 0),
    one("node_textfile_scrape_error", 0),
    ...checkMetrics(now, seconds),
  ];
}

const PORT = { device: "mlx5_0", port: "1" };

function processorMetrics({ busy, busySeconds, seconds, uptime }: HostState): Family[] {
  const idle = uptime + seconds - busySeconds;
  return [
    {
      ...{ name: "node_cpu_seconds_total", type: "counter", help: "Seconds of a processor by mode" },
      samples: Array.from({ length: PROCESSORS }, (_, cpu) => [
        { labels: { cpu: String(cpu), mode: "idle" }, value: rounded(idle) },
        { labels: { cpu: String(cpu), mode: "user" }, value: rounded(0.9 * busySeconds) },
        { labels: { cpu: String(cpu), mode: "system" }, value: rounded(0.1 * busySeconds) },
      ]).flat(),
    },
    one("node_load1", rounded(PROCESSORS * busy)),
    one("node_load5", rounded(PROCESSORS * busy)),
    one("node_load15", rounded(PROCESSORS * busy)),
  ];
}

function checkMetrics(now: number, seconds: number): Family[] {
  const checks = (name: string, value: (check: typeof CHECKS[number]) => number): Family => ({
    ...{ name, type: "gauge", help: "Of a check" },
    samples: CHECKS.map((check) => ({ labels: { check: check.check }, value: value(check) })),
  });
  return [
    checks("aami_check_success", () => 1),
    checks("aami_check_last_run_timestamp_seconds", ({ interval }) => now - seconds % interval),
    checks("aami_check_interval_seconds", ({ interval }) => interval),
    checks("aami_check_duration_seconds", ({ interval }) => interval / 1000),
    one("mount_status", 1, { path: "/scratch" }),
    one("aami_filesystem_responds", 1, { path: "/work", fstype: "lustre" }),
    one("aami_smart_healthy", 1, { device: "/dev/nvme1n1" }),
    one("aami_nvme_percentage_used", 12, { device: "/dev/nvme1n1" }),
    one("aami_infiniband_port_active", 1, PORT),
    one("aami_ntp_synchronized", 1),
  ];
}

const HELP = "As node_exporter tells it";

function one(name: string, value: number, labels: Labels = {}): Family {
  return { name, type: "gauge", help: HELP, samples: [{ labels, value }] };
}

function counter(name: string, labels: Labels, value: number): Family {
  return { name, type: "counter", help: HELP, samples: [{ labels, value: rounded(value) }] };
}

function disks(name: string, value: (disk: typeof DISKS[number]) => number): Family {
  const samples = DISKS.map((disk) => ({ labels: disk.labels, value: Math.round(value(disk)) }));
  return { name, type: "gauge", help: HELP, samples };
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
