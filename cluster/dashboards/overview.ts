/** The cluster at a glance. @module */

import { type Dashboard, GROUP, NODE, series, stat, table } from "./dashboard.ts";
import { allGpus, HEALTH, HEAT, nodeSeries } from "./gpu_panels.ts";

const firing = (severity: string) => `count(ALERTS{alertstate="firing",severity="${severity}"}) or vector(0)`;
const nodes = (state: number) => `count(up{job="node",group=~"$group"} == ${state}) or vector(0)`;

/** Nodes, GPUs and alerts of all or some groups. */
export const OVERVIEW: Dashboard = {
  uid: "aami-overview",
  title: "aami / Cluster overview",
  description: "Nodes, GPUs and alerts at a glance; NVIDIA's and AMD's GPUs alike.",
  variables: [GROUP, NODE],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Nodes up", "none", nodes(1), { width: 3 }),
        stat("Nodes down", "none", nodes(0), { width: 3, limits: { critical: 1 } }),
        stat("Critical alerts", "none", firing("critical"), { width: 3, limits: { critical: 1 } }),
        stat("Warnings", "none", firing("warning"), { width: 3, limits: { warning: 1 } }),
        stat("GPUs", "none", `count(${allGpus("temperature")})`, { width: 3 }),
        stat("GPU utilization", "percentunit", `avg(${allGpus("utilization")})`, { width: 3 }),
        stat("GPU power", "watt", `sum(${allGpus("power")})`, { width: 3 }),
        stat("Hottest GPU", "celsius", `max(${allGpus("temperature")})`, { width: 3, limits: HEAT.nvidia }),
      ],
    },
    {
      title: "Alerts",
      panels: [
        table(
          "Firing alerts",
          'ALERTS{alertstate="firing"}',
          ["severity", "alertname", "node", "gpu", "xid", "action", "group"],
        ),
      ],
    },
    {
      title: "Health",
      panels: [
        stat("Health", "none", 'avg(aami:node_health{group=~"$group"})', {
          ...{ limits: HEALTH, description: "From 0 to 100: the mean of the nodes, each as well as its worst GPU." },
        }),
        series("Health of nodes", "none", [{ expr: 'aami:node_health{node=~"$node"}', legend: "{{node}}" }], {
          ...{ limits: HEALTH, width: 10 },
        }),
        table("GPUs that are worst", 'bottomk(20, max by (node, gpu) (aami:gpu_health{node=~"$node"}))', [
          "node",
          "gpu",
        ], {
          ...{ value: "health", width: 10, limits: HEALTH },
        }),
      ],
    },
    {
      title: "GPUs by node",
      panels: [
        nodeSeries("Utilization", "percentunit", "avg", "utilization"),
        nodeSeries("Memory in use", "percentunit", "avg", "memoryShare"),
        nodeSeries("Hottest GPU", "celsius", "max", "temperature"),
        nodeSeries("Power", "watt", "sum", "power"),
      ],
    },
  ],
};
