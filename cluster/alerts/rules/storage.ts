/** Alerts on file systems and drives, from node_exporter and from the checks that come with aami. @module */

import type { AlertRule } from "../rule.ts";

/** File systems that hold no data of anybody. */
const REAL = 'fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|rootfs"';

const FREE = `100 * node_filesystem_avail_bytes{${REAL},$nodes} / node_filesystem_size_bytes{${REAL},$nodes}`;

const DISK = '@node,device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/scratch"';
const DISK_LABELS = { "@": "node", device: "/dev/nvme0n1p1", fstype: "ext4", mountpoint: "/scratch" };

/** The rules. */
export const STORAGE_RULES: readonly AlertRule[] = [
  {
    id: "high_disk_usage",
    alert: "HighDiskUsage",
    severity: "warning",
    for: "5m",
    parameters: {
      threshold: {
        default: 20,
        unit: "%",
        min: 0,
        max: 100,
        description: "the share of the file system that must be free",
      },
    },
    expr: { "node": `${FREE} < $threshold and node_filesystem_readonly{${REAL},$nodes} == 0` },
    summary: "{{ $labels.mountpoint }} of {{ $labels.node }} is filling up",
    description: '{{ printf "%.1f" $value }} % of {{ $labels.mountpoint }} is free, below $threshold % for $for.',
    runbook: "See what fills it (du -x). Old container images, core files and checkpoints are the usual.",
    tests: [
      {
        name: "10 % free",
        series: {
          "node": [
            `node_filesystem_avail_bytes{${DISK}} 100x20`,
            `node_filesystem_size_bytes{${DISK}} 1000x20`,
            `node_filesystem_readonly{${DISK}} 0x20`,
          ],
        },
        at: "10m",
        alerts: [{
          labels: DISK_LABELS,
          summary: "/scratch of gpu-01 is filling up",
          description: "10.0 % of /scratch is free, below 20 % for 5m.",
        }],
      },
      {
        name: "half free, and a full tmpfs and CD",
        series: {
          "node": [
            `node_filesystem_avail_bytes{${DISK}} 500x20`,
            `node_filesystem_size_bytes{${DISK}} 1000x20`,
            `node_filesystem_readonly{${DISK}} 0x20`,
            'node_filesystem_avail_bytes{@node,fstype="tmpfs",mountpoint="/run"} 0x20',
            'node_filesystem_size_bytes{@node,fstype="tmpfs",mountpoint="/run"} 1000x20',
            'node_filesystem_readonly{@node,fstype="tmpfs",mountpoint="/run"} 0x20',
          ],
        },
        at: "10m",
        alerts: [],
      },
    ],
  },
  {
    id: "disk_full_soon",
    alert: "DiskFullSoon",
    severity: "warning",
    for: "15m",
    parameters: {
      window: { default: "6h", unit: "duration", description: "the time that the growth is taken from" },
      hours: { default: 24, unit: "h", min: 1, description: "how far ahead is looked" },
      threshold: { default: 40, unit: "%", min: 0, max: 100, description: "the free share above which nobody is told" },
    },
    expr: {
      "node":
        `${FREE} < $threshold and predict_linear(node_filesystem_avail_bytes{${REAL},$nodes}[$window], 3600 * $hours) < 0`,
    },
    summary: "{{ $labels.mountpoint }} of {{ $labels.node }} will be full soon",
    description:
      '{{ printf "%.1f" $value }} % of {{ $labels.mountpoint }} is free, and at the pace of the last $window it is ' +
      "full within $hours h.",
    runbook: "See what grows (du -x --time). Stop it or make room before jobs fail.",
    tests: [
      {
        name: "a file system that shrinks fast",
        series: {
          "node": [`node_filesystem_avail_bytes{${DISK}} 300-1x60`, `node_filesystem_size_bytes{${DISK}} 1000x60`],
        },
        at: "50m",
        alerts: [{
          labels: DISK_LABELS,
          summary: "/scratch of gpu-01 will be full soon",
          description: "25.0 % of /scratch is free, and at the pace of the last 6h it is full within 24 h.",
        }],
      },
      {
        name: "a file system that stays as it is",
        series: {
          "node": [`node_filesystem_avail_bytes{${DISK}} 300x60`, `node_filesystem_size_bytes{${DISK}} 1000x60`],
        },
        at: "50m",
        alerts: [],
      },
    ],
  },
  {
    id: "disk_inodes_low",
    alert: "DiskInodesLow",
    severity: "warning",
    for: "5m",
    parameters: {
      threshold: { default: 10, unit: "%", min: 0, max: 100, description: "the share of inodes that must be free" },
    },
    expr: {
      "node": `100 * node_filesystem_files_free{${REAL},$nodes} / node_filesystem_files{${REAL},$nodes} < $threshold`,
    },
    summary: "{{ $labels.mountpoint }} of {{ $labels.node }} runs out of inodes",
    description:
      '{{ printf "%.1f" $value }} % of the inodes of {{ $labels.mountpoint }} are free, below $threshold % for $for.',
    runbook: "Many small files fill it (du --inodes -x). Pack data sets into archives.",
    tests: [
      {
        name: "few inodes left",
        series: { "node": [`node_filesystem_files_free{${DISK}} 10x20`, `node_filesystem_files{${DISK}} 1000x20`] },
        at: "10m",
        alerts: [{
          labels: DISK_LABELS,
          summary: "/scratch of gpu-01 runs out of inodes",
          description: "1.0 % of the inodes of /scratch are free, below 10 % for 5m.",
        }],
      },
      {
        name: "enough inodes, and a file system without any",
        series: {
          "node": [
            `node_filesystem_files_free{${DISK}} 900x20`,
            `node_filesystem_files{${DISK}} 1000x20`,
            'node_filesystem_files_free{@node,fstype="lustre",mountpoint="/work"} 0x20',
            'node_filesystem_files{@node,fstype="lustre",mountpoint="/work"} 0x20',
          ],
        },
        at: "10m",
        alerts: [],
      },
    ],
  },
  {
    id: "filesystem_read_only",
    alert: "FilesystemReadOnly",
    severity: "critical",
    for: "1m",
    parameters: {
      window: { default: "1d", unit: "duration", description: "the time within which it was writable" },
    },
    expr: {
      "node":
        `node_filesystem_readonly{${REAL},$nodes} == 1 and min_over_time(node_filesystem_readonly{${REAL},$nodes}[$window]) == 0`,
    },
    summary: "{{ $labels.mountpoint }} of {{ $labels.node }} became read-only",
    description: "{{ $labels.mountpoint }} ({{ $labels.device }}) was writable within the last $window and is no more.",
    runbook:
      "The kernel does so after errors of the drive: read dmesg, drain the node, check the drive and the file system.",
    tests: [
      {
        name: "a file system that turned read-only",
        series: { "node": [`node_filesystem_readonly{${DISK}} 0x9 1x20`] },
        at: "15m",
        alerts: [{
          labels: DISK_LABELS,
          summary: "/scratch of gpu-01 became read-only",
          description: "/scratch (/dev/nvme0n1p1) was writable within the last 1d and is no more.",
        }],
      },
      {
        name: "a file system that is meant so",
        series: { "node": [`node_filesystem_readonly{${DISK}} 1x30`] },
        at: "15m",
        alerts: [],
      },
    ],
  },
  {
    id: "filesystem_not_responding",
    alert: "FilesystemNotResponding",
    severity: "critical",
    for: "2m",
    parameters: {},
    expr: { "textfile": "aami_filesystem_responds{$nodes} == 0" },
    summary: "{{ $labels.path }} of {{ $labels.node }} does not respond",
    description: "The {{ $labels.fstype }} file system at {{ $labels.path }} has not answered a small read for $for.",
    runbook:
      "See whether its servers run and the network to them is up (lfs check servers, mmgetstate, showmount). Processes " +
      "that use it hang until it is back.",
    tests: [
      {
        name: "a file system that hangs",
        series: { "textfile": ['aami_filesystem_responds{@node,path="/work",fstype="lustre"} 1x4 0x10'] },
        at: "10m",
        alerts: [{
          labels: { "@": "node", path: "/work", fstype: "lustre" },
          summary: "/work of gpu-01 does not respond",
          description: "The lustre file system at /work has not answered a small read for 2m.",
        }],
      },
      {
        name: "a file system that answers",
        series: { "textfile": ['aami_filesystem_responds{@node,path="/work",fstype="lustre"} 1x20'] },
        at: "10m",
        alerts: [],
      },
    ],
  },
  {
    id: "drive_failing",
    alert: "DriveFailing",
    severity: "critical",
    for: "0s",
    parameters: {},
    expr: { "textfile": "aami_smart_healthy{$nodes} == 0" },
    summary: "Drive {{ $labels.device }} of {{ $labels.node }} is failing",
    description: "The drive's own diagnosis (SMART) says that {{ $labels.device }} is failing.",
    runbook: "Save what is on it and have it replaced (smartctl -a {{ $labels.device }}).",
    tests: [
      {
        name: "a drive that gives up",
        series: { "textfile": ['aami_smart_healthy{@node,device="/dev/nvme0"} 1x4 0x10'] },
        at: "10m",
        alerts: [{
          labels: { "@": "node", device: "/dev/nvme0" },
          summary: "Drive /dev/nvme0 of gpu-01 is failing",
          description: "The drive's own diagnosis (SMART) says that /dev/nvme0 is failing.",
          runbook: "Save what is on it and have it replaced (smartctl -a /dev/nvme0).",
        }],
      },
      {
        name: "a healthy drive",
        series: { "textfile": ['aami_smart_healthy{@node,device="/dev/nvme0"} 1x20'] },
        at: "10m",
        alerts: [],
      },
    ],
  },
  {
    id: "nvme_wear_high",
    alert: "NVMeWearHigh",
    severity: "warning",
    for: "0s",
    parameters: {
      threshold: {
        default: 80,
        unit: "%",
        min: 0,
        max: 255,
        description: "the share of the drive's life that is used",
      },
    },
    expr: { "textfile": "aami_nvme_percentage_used{$nodes} > $threshold" },
    summary: "Drive {{ $labels.device }} of {{ $labels.node }} wears out",
    description: "{{ $labels.device }} has used {{ $value }} % of the writes it is made for, above $threshold %.",
    runbook: "Plan its replacement, and see what writes that much.",
    tests: [
      {
        name: "a worn drive",
        series: { "textfile": ['aami_nvme_percentage_used{@node,device="/dev/nvme0"} 91x20'] },
        at: "10m",
        alerts: [{
          labels: { "@": "node", device: "/dev/nvme0" },
          summary: "Drive /dev/nvme0 of gpu-01 wears out",
          description: "/dev/nvme0 has used 91 % of the writes it is made for, above 80 %.",
        }],
      },
      {
        name: "a new drive",
        series: { "textfile": ['aami_nvme_percentage_used{@node,device="/dev/nvme0"} 3x20'] },
        at: "10m",
        alerts: [],
      },
    ],
  },
];
