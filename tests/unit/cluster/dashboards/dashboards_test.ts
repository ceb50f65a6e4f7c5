import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { RULES } from "../../../../cluster/alerts/presets.ts";
import { expressionOf as ruleExpression } from "../../../../cluster/alerts/expression.ts";
import { DASHBOARDS } from "../../../../cluster/dashboards/dashboards.ts";
import { grafanaJson } from "../../../../cluster/dashboards/grafana.ts";
import { expressionOf, QUANTITIES } from "../../../../cluster/dashboards/quantities.ts";
import { FakeCluster } from "../../../../cluster/simulate/cluster.ts";
import { FAKE_EXPORTERS } from "../../../../cluster/simulate/models.ts";
import { checkPromql, metricNames } from "../../../../engine/support/promql.ts";

const panels = DASHBOARDS.flatMap((dashboard) =>
  dashboard.rows.flatMap((row) => row.panels.map((panel) => ({ dashboard, panel })))
);

/** A query as Prometheus gets it, with each variable's value being all. */
const resolved = (expr: string) => expr.replaceAll(/\$__(rate_interval|range)/g, "1m").replaceAll(/\$\w+/g, ".*");

Deno.test("every query is PromQL, and names no variable that its dashboard does not have", () => {
  for (const { dashboard, panel } of panels) {
    const known = [...dashboard.variables.map(({ name }) => name), "__rate_interval", "__range"];
    for (const { expr } of panel.queries) {
      deepStrictEqual(checkPromql(resolved(expr)), [], `${dashboard.uid}: ${panel.title}`);
      // label_replace has `$1` of its own.
      for (const [, name] of expr.matchAll(/\$([A-Za-z_]\w*)/g)) ok(known.includes(name), `${panel.title}: $${name}`);
    }
  }
});

Deno.test("a later choice uses earlier ones alone", () => {
  for (const { uid, variables } of DASHBOARDS) {
    const known = new Set<string>();
    for (const { name, query } of variables) {
      for (const [, used] of query.matchAll(/\$([A-Za-z_]\w*)/g)) ok(known.has(used), `${uid}: ${name} uses $${used}`);
      known.add(name);
    }
  }
});

Deno.test("panels have ids of their own and do not lie on each other", () => {
  interface Placed {
    id: number;
    gridPos: { x: number; y: number; w: number; h: number };
  }
  for (const dashboard of DASHBOARDS) {
    const { panels } = JSON.parse(grafanaJson(dashboard)) as { panels: Placed[] };
    strictEqual(new Set(panels.map(({ id }) => id)).size, panels.length);
    const taken = new Set<string>();
    for (const { gridPos: { x, y, w, h } } of panels) {
      ok(x >= 0 && x + w <= 24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          ok(!taken.has(`${column} ${row}`), `${dashboard.uid}: ${column} ${row} is taken twice`);
          taken.add(`${column} ${row}`);
        }
      }
    }
  }
});

Deno.test("every metric of GPUs, Slurm and checks that dashboards and rules ask for is one that the fake cluster has", () => {
  const fake = new FakeCluster({ nodes: 4, gpus: 2, exporters: FAKE_EXPORTERS, seed: 1, start: 1_800_000_000 });
  fake.advance(5);
  fake.nodes[0].gpus[0].begin("xid", 13, 5);
  fake.nodes[2].gpus[0].begin("afid", 30, 5);
  const texts = [...fake.nodes.flatMap((node) => [fake.gpuMetrics(node), fake.hostMetrics(node)]), fake.slurmMetrics()];
  const there = new Set(texts.join("").split("\n").map((line) => /^\w+/.exec(line)?.[0]));
  const asked = new Set(
    panels.flatMap(({ panel }) => panel.queries.flatMap(({ expr }) => metricNames(resolved(expr)))),
  );
  // What Prometheus and Alertmanager say of themselves, what rules record, and what only prometheus-slurm-exporter has.
  const others =
    /^(up|ALERTS|ALERTS_FOR_STATE|aami:.*|alertmanager_.*|prometheus_.*|slurm_(queue|scheduler)_.*|slurm_nodes_mix)$/;
  deepStrictEqual([...asked].filter((name) => !there.has(name) && !others.test(name)), []);
  for (
    const id of ["gpu_temperature_critical", "gpu_memory_leak", "amd_gpu_temperature_critical", "amd_gpu_ecc_errors"]
  ) {
    const names = metricNames(
      ruleExpression(RULES.get(id)!, { threshold: 1, utilization: 1, edge: 1, window: "1m" }, ""),
    );
    deepStrictEqual(names.filter((name) => !there.has(name)), [], id);
  }
});

Deno.test("a quantity of GPUs is one expression for every exporter", () => {
  const expr = expressionOf(QUANTITIES.temperature, 'node=~"$node"', "$gpu");
  deepStrictEqual(metricNames(resolved(expr)), [
    ...["DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_GPU_TEMP_CELSIUS", "gpu_junction_temperature", "gpu_edge_temperature"],
  ]);
  ok(expr.includes('gpu_junction_temperature{node=~"$node",gpu_id=~"$gpu"}'));
  deepStrictEqual(
    metricNames(resolved(expressionOf(QUANTITIES.temperature, 'node="a"', undefined, ["amd"]))).length,
    2,
  );
});
