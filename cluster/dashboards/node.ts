/** The machines. @module */

import { type Dashboard, GROUP, NODE, type Panel, series, stat, table, type Unit } from "./dashboard.ts";
import { limitOf } from "./gpu_panels.ts";

const DISK = 'node=~"$node",fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|rootfs"';
const WIRE = 'node=~"$node",device!~"lo|veth.*|docker.*|br-.*|virbr.*"';

/** A rate of bytes in and out of a device. */
function traffic(title: string, inward: [string, string], outward: [string, string], selector: string): Panel {
  const expr = (metric: string) => `sum by (node, device) (rate(${metric}{${selector}}[$__rate_interval]))`;
  return series(title, "Bps", [
    { expr: expr(inward[0]), legend: `{{node}} {{device}} ${inward[1]}` },
    { expr: expr(outward[0]), legend: `{{node}} {{device}} ${outward[1]}` },
  ]);
}

const lines = (title: string, unit: Unit, expr: string, legend: string, more: Partial<Panel> = {}) =>
  series(title, unit, [{ expr, legend }], more);

/** Processors, memory, file systems, network, InfiniBand, clock. */
export const NODES: Dashboard = {
  uid: "aami-node",
  title: "aami / Nodes",
  description: "Processors, memory, file systems and networks of the nodes.",
  variables: [GROUP, NODE],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Nodes that answer", "none", 'count(up{job="node",node=~"$node"} == 1)', { width: 6 }),
        stat("Processors", "none", 'count(node_cpu_seconds_total{mode="idle",node=~"$node"})', { width: 6 }),
        stat("Memory", "bytes", 'sum(node_memory_MemTotal_bytes{node=~"$node"})', { width: 6 }),
        stat(
          "Shortest time since a reboot",
          "s",
          'min(time() - node_boot_time_seconds{node=~"$node"})',
          { width: 6 },
        ),
      ],
    },
    {
      title: "Processors and memory",
      panels: [
        lines(
          "Processors busy",
          "percentunit",
          'avg by (node) (1 - rate(node_cpu_seconds_total{mode="idle",node=~"$node"}[$__rate_interval]))',
          "{{node}}",
          { limits: { warning: limitOf("high_cpu_usage") / 100 } },
        ),
        lines(
          "Memory in use",
          "percentunit",
          '1 - node_memory_MemAvailable_bytes{node=~"$node"} / node_memory_MemTotal_bytes',
          "{{node}}",
          { limits: { warning: limitOf("high_memory_usage") / 100 } },
        ),
        lines("Load of 5 minutes", "short", 'node_load5{node=~"$node"}', "{{node}}"),
        lines("Clock off by", "s", 'abs(node_timex_offset_seconds{node=~"$node"})', "{{node}}"),
      ],
    },
    {
      title: "File systems and drives",
      panels: [
        table(
          "Free",
          `node_filesystem_avail_bytes{${DISK}} / node_filesystem_size_bytes`,
          ["node", "mountpoint", "fstype", "device"],
          { value: "free", unit: "percentunit", width: 12 },
        ),
        lines(
          "Drives busy",
          "percentunit",
          'rate(node_disk_io_time_seconds_total{node=~"$node"}[$__rate_interval])',
          "{{node}} {{device}}",
        ),
        traffic(
          "Drives",
          ["node_disk_read_bytes_total", "read"],
          ["node_disk_written_bytes_total", "written"],
          'node=~"$node"',
        ),
      ],
    },
    {
      title: "Networks",
      panels: [
        traffic(
          "Ethernet",
          ["node_network_receive_bytes_total", "in"],
          ["node_network_transmit_bytes_total", "out"],
          WIRE,
        ),
        traffic(
          "InfiniBand",
          ["node_infiniband_port_data_received_bytes_total", "in"],
          ["node_infiniband_port_data_transmitted_bytes_total", "out"],
          'node=~"$node"',
        ),
        table("InfiniBand ports", 'node_infiniband_state_id{node=~"$node"} == bool 4', ["node", "device", "port"], {
          ...{ value: "state", words: ["not active", "active"], width: 12 },
        }),
      ],
    },
  ],
};
