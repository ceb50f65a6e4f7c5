/** What AMD's GPUs tell. @module */

import { type Dashboard, GROUP, series, stat, table, type Variable } from "./dashboard.ts";
import { gpuSeries, HEAT } from "./gpu_panels.ts";

const NODE: Variable = { name: "node", query: 'label_values(gpu_health{group=~"$group"}, node)' };
const GPU: Variable = { name: "gpu", query: 'label_values(gpu_health{node=~"$node"}, gpu_id)' };
const CHOSEN = 'node=~"$node",gpu_id=~"$gpu"';
const LEGEND = "{{node}} gpu{{gpu_id}}";

/** AMD's GPUs over time. */
export const AMD: Dashboard = {
  uid: "aami-amd",
  title: "aami / AMD GPUs",
  description: "AMD Instinct GPUs, by AMD's device-metrics-exporter.",
  variables: [GROUP, NODE, GPU],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Healthy GPUs", "none", `sum(gpu_health{${CHOSEN}})`, { width: 6 }),
        stat("Unhealthy GPUs", "none", `count(gpu_health{${CHOSEN}} == 0) or vector(0)`, {
          ...{ width: 6, limits: { critical: 1 } },
        }),
        table(
          "Hardware errors (AFID)",
          `max by (node, gpu_id, severity) (gpu_afid_errors{${CHOSEN}})`,
          ["node", "gpu_id", "severity"],
          { value: "AFID", width: 12, description: "The last one stays. 'aami explain afid NUMBER' explains." },
        ),
      ],
    },
    {
      title: "At work",
      panels: [
        gpuSeries("utilization", ["amd"]),
        gpuSeries("memoryShare", ["amd"]),
        gpuSeries("memoryInterface", ["amd"]),
        gpuSeries("clock", ["amd"]),
      ],
    },
    {
      title: "Heat and power",
      panels: [
        gpuSeries("temperature", ["amd"], { limits: HEAT.amd }),
        gpuSeries("memoryTemperature", ["amd"]),
        gpuSeries("power", ["amd"]),
        series("Energy", "watt", [{
          expr: `rate(gpu_energy_consumed{${CHOSEN}}[$__rate_interval]) / 1e6`,
          legend: LEGEND,
        }], {
          ...{ title: "Power by the energy counter" },
        }),
      ],
    },
    {
      title: "Errors and links",
      panels: [
        gpuSeries("uncorrected", ["amd"]),
        gpuSeries("corrected", ["amd"]),
        series("Deferred memory errors", "short", [{ expr: `gpu_ecc_deferred_total{${CHOSEN}}`, legend: LEGEND }]),
        gpuSeries("pcieReplays", ["amd"]),
        series("XGMI links", "Bps", [
          {
            expr: `sum by (node, gpu_id) (rate(gpu_xgmi_link_tx{${CHOSEN}}[$__rate_interval]))`,
            legend: `${LEGEND} sent`,
          },
          {
            expr: `sum by (node, gpu_id) (rate(gpu_xgmi_link_rx{${CHOSEN}}[$__rate_interval]))`,
            legend: `${LEGEND} received`,
          },
        ]),
      ],
    },
  ],
};
