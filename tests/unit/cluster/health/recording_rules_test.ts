import { strictEqual } from "node:assert";
import { healthRules } from "../../../../cluster/health/recording_rules.ts";
import { DEFAULT_WEIGHTS } from "../../../../cluster/health/score.ts";
import { toYaml } from "../../../../engine/support/yaml.ts";
import { findPromtool, promtool } from "../../../promtool.ts";

const LABELS = 'node="n1",instance="n1:9400",job="dcgm",gpu="0",UUID="GPU-0"';
const AMD = 'node="n1",instance="n1:5000",job="rocm",gpu_id="0",serial_number="S0"';
const UP = 'up{node="n1",instance="n1:9400",job="dcgm"} 1x3000';
const COOL = `DCGM_FI_DEV_GPU_TEMP{${LABELS}} 50x3000`;
const NO_ERRORS = [`DCGM_FI_DEV_ROW_REMAP_FAILURE{${LABELS}} 0x3000`, `DCGM_FI_DEV_XID_ERRORS{${LABELS}} 0x3000`];

interface Case {
  readonly name: string;
  /** One value a minute. */
  readonly series: readonly string[];
  readonly at?: string;
  readonly expr: string;
  readonly value: number;
}

const factor = (name: string) => `sum(aami:gpu_health_factor{factor="${name}"})`;
const gauge = (labels: string, values: string) => `DCGM_FI_DEV_XID_ERRORS{${LABELS}${labels}} ${values}`;

const CASES: readonly Case[] = [
  { name: "well, without NVLink", series: [UP, COOL, ...NO_ERRORS], expr: "sum(aami:gpu_health)", value: 100 },
  {
    name: "no memory errors measured: no points for them",
    series: [UP, COOL, NO_ERRORS[1]],
    expr: "round(sum(aami:gpu_health), 0.1)",
    value: 70.6,
  },
  {
    name: "NVLink without its errors: no points for them",
    series: [UP, COOL, ...NO_ERRORS, `DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL{${LABELS}} 0x3000`],
    expr: "sum(aami:gpu_health)",
    value: 85,
  },
  {
    name: "half way from cool to hot",
    series: [`DCGM_FI_DEV_GPU_TEMP{${LABELS}} 82.5x3000`],
    expr: factor("temperature"),
    value: 0.5,
  },
  {
    name: "a blank temperature is none",
    series: [UP, `DCGM_FI_DEV_GPU_TEMP{${LABELS}} 9223372036854775794x3000`],
    expr: `count(aami:gpu_health_factor{factor="temperature"}) or vector(-1)`,
    value: -1,
  },
  {
    name: "an Xid of two days ago that stays in the gauge",
    series: [UP, COOL, gauge("", "0x9 79x3000")],
    at: "48h",
    expr: factor("xid"),
    value: 1,
  },
  {
    name: "and one of an hour ago",
    series: [UP, COOL, gauge("", "0x2820 79x3000")],
    at: "48h",
    expr: factor("xid"),
    value: 0,
  },
  {
    name: "a code as a label, of two days ago",
    series: [UP, COOL, gauge(',err_code="0"', "0x9 stale"), gauge(',err_code="79"', "_x9 79x3000")],
    at: "48h",
    expr: factor("xid"),
    value: 1,
  },
  {
    name: "and of an hour ago",
    series: [UP, COOL, gauge(',err_code="0"', "0x2820 stale"), gauge(',err_code="79"', "_x2820 79x3000")],
    at: "48h",
    expr: factor("xid"),
    value: 0,
  },
  {
    name: "one that was there before its GPU was scraped the first time",
    series: [UP, COOL, gauge(',err_code="79"', "79x3000")],
    at: "1h",
    expr: factor("xid"),
    value: 1,
  },
  {
    name: "an application's fault",
    series: [COOL, gauge("", "0x50 13x100")],
    at: "1h",
    expr: factor("xid"),
    value: 0.8,
  },
  {
    name: "a repair that was recorded",
    series: [COOL, gauge("", "0x50 63x100")],
    at: "1h",
    expr: factor("xid"),
    value: 1,
  },
  {
    name: "an AFID that was there from the start",
    series: [`gpu_health{${AMD}} 1x3000`, `gpu_afid_errors{${AMD},severity="fatal",afid_index="0"} 30x3000`],
    at: "1h",
    expr: factor("xid"),
    value: 1,
  },
  {
    name: "an AFID that came",
    series: [`gpu_health{${AMD}} 1x3000`, `gpu_afid_errors{${AMD},severity="fatal",afid_index="0"} _x30 30x3000`],
    at: "1h",
    expr: factor("xid"),
    value: 0,
  },
  {
    name: "half a day away",
    series: [UP, `DCGM_FI_DEV_GPU_TEMP{${LABELS}} 50x720 _x720 50x1560`],
    at: "25h",
    expr: `round(${factor("uptime")}, 0.1)`,
    value: 0.5,
  },
  {
    name: "each job begins the series anew: no gap",
    series: [
      UP,
      `DCGM_FI_DEV_GPU_TEMP{${LABELS},hpc_job="1"} 50x720 stale`,
      `DCGM_FI_DEV_GPU_TEMP{${LABELS},hpc_job="2"} _x721 50x2000`,
    ],
    at: "25h",
    expr: `round(${factor("uptime")}, 0.01)`,
    value: 1,
  },
  {
    name: "a new version of the exporter is no gap",
    series: [
      UP,
      `DCGM_FI_DEV_GPU_TEMP{${LABELS}} 50x720 stale`,
      `DCGM_FI_DEV_GPU_TEMP_CELSIUS{${LABELS}} _x721 50x2000`,
    ],
    at: "25h",
    expr: `round(${factor("uptime")}, 0.01)`,
    value: 1,
  },
  {
    name: "a GPU that is gone",
    series: [UP, `DCGM_FI_DEV_GPU_TEMP{${LABELS}} 50x60 stale`],
    at: "2h",
    expr: "sum(aami:node_health)",
    value: 0,
  },
  {
    name: "NVLink's errors with the labels of a link",
    series: [
      UP,
      COOL,
      `DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL{node="n1",instance="n1:9400",job="dcgm",gpu="0",gpu_uuid="GPU-0",nvlink="3"} 0+1x3000`,
    ],
    at: "1h",
    expr: factor("nvlink"),
    value: 0,
  },
];

Deno.test("the recording rules by promtool", async () => {
  const tool = await findPromtool();
  if (tool === undefined) return;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/rules.yaml`, healthRules(DEFAULT_WEIGHTS));
    const tests = CASES.map(({ name, series, at = "1h", expr, value }) => ({
      name,
      interval: "1m",
      input_series: series.map((line) => {
        const cut = line.indexOf("} ") + 1;
        return { series: line.slice(0, cut), values: line.slice(cut + 1) };
      }),
      promql_expr_test: [{ expr, eval_time: at, exp_samples: [{ labels: "{}", value }] }],
    }));
    await Deno.writeTextFile(
      `${folder}/tests.yaml`,
      toYaml({ rule_files: ["rules.yaml"], evaluation_interval: "1h", tests }),
    );
    const { code, text } = await promtool(tool, "test", "rules", `${folder}/tests.yaml`);
    strictEqual(code, 0, text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
