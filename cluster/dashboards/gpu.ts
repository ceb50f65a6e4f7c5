/** The GPUs of both makers, and what only NVIDIA's tell. @module */

import { type Dashboard, GROUP, NODE, series, table, type Variable } from "./dashboard.ts";
import { gpuSeries, HEALTH, HEAT } from "./gpu_panels.ts";
import { expressionOf, QUANTITIES } from "./quantities.ts";

const GPU: Variable = {
  name: "gpu",
  query: `query_result(count by (gpu) (${expressionOf(QUANTITIES.temperature, 'node=~"$node"')}))`,
  regex: '/gpu="([^"]+)"/',
};

/** Each GPU over time. */
export const GPUS: Dashboard = {
  uid: "aami-gpu",
  title: "aami / GPUs",
  description: "NVIDIA's and AMD's GPUs, whatever version of dcgm-exporter runs.",
  variables: [GROUP, NODE, GPU],
  rows: [
    {
      title: "At work",
      panels: [
        gpuSeries("utilization"),
        gpuSeries("memoryShare"),
        gpuSeries("memoryUsed"),
        gpuSeries("memoryInterface"),
      ],
    },
    {
      title: "Heat, power, clock",
      panels: [
        gpuSeries("temperature", undefined, { limits: HEAT.nvidia }),
        gpuSeries("memoryTemperature"),
        gpuSeries("power"),
        gpuSeries("clock"),
      ],
    },
    {
      title: "Health and errors",
      panels: [
        series("Health", "none", [{
          expr: 'max by (node, gpu) (aami:gpu_health{node=~"$node",gpu=~"$gpu"})',
          legend: "{{node}} gpu{{gpu}}",
        }], { limits: HEALTH, description: "From 0 to 100: heat, memory errors, Xid and AFID, NVLink, reboots." }),
        gpuSeries("uncorrected"),
        gpuSeries("corrected"),
        gpuSeries("pcieReplays"),
      ],
    },
    {
      title: "NVIDIA",
      panels: [
        table(
          "Last Xid of each GPU, 0 where there was none",
          `topk(20, ${expressionOf(QUANTITIES.lastXid, 'node=~"$node"', "$gpu")})`,
          ["node", "gpu"],
          {
            value: "Xid",
            width: 12,
            description: "It stays until the GPU is reset. 'aami explain xid CODE' explains.",
          },
        ),
        gpuSeries("remapped"),
        gpuSeries("engine"),
        gpuSeries("tensor"),
        gpuSeries("pcieSent"),
        gpuSeries("pcieReceived"),
        gpuSeries("slowedForHeat"),
        gpuSeries("nvlinkCrc"),
        gpuSeries("nvlinkReplays"),
        gpuSeries("nvlinkRecoveries"),
      ],
    },
  ],
};
