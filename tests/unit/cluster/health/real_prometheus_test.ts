import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { readHealth } from "../../../../cli/health.ts";
import { queryPrometheus } from "../../../../cli/monitor_api.ts";
import { serveSimulation } from "../../../../cli/simulate_server.ts";
import { healthRules } from "../../../../cluster/health/recording_rules.ts";
import type { GpuHealth, HealthReport } from "../../../../cluster/health/report.ts";
import { DEFAULT_WEIGHTS } from "../../../../cluster/health/score.ts";
import { FakeCluster } from "../../../../cluster/simulate/cluster.ts";
import { prometheusObstacle, startPrometheus, until } from "../../../prometheus.ts";

const obstacle = await prometheusObstacle();

/** A configuration that scrapes the fake cluster, in a hurry. */
function configuration(url: string): string {
  const jobs = ["dcgm", "rocm"].map((job) => ({ job_name: job, http_sd_configs: [{ url: `${url}/targets/${job}` }] }));
  const global = { scrape_interval: "1s", evaluation_interval: "1s" };
  return JSON.stringify({ global, rule_files: ["rules.yaml"], scrape_configs: jobs });
}

/** The rules and the command, asked at about the same time, say the same of each GPU, each node and the cluster. */
async function agree(url: string, report: HealthReport): Promise<void> {
  const near = (a: number, b: number, what: string) =>
    ok(Math.abs(a - b) < 0.5, `${what}: ${a} by the rules, ${b} by aami`);
  const gpus = await queryPrometheus(url, "aami:gpu_health");
  const nodes = new Map(report.nodes.map((node) => [node.node, node]));
  strictEqual(gpus.length, report.nodes.reduce((sum, node) => sum + node.gpus.length, 0));
  for (const { labels, value } of gpus) {
    const own = nodes.get(labels.node)!.gpus.find(({ gpu }) => gpu === labels.gpu)!;
    near(value, own.score, `GPU ${labels.gpu} of ${labels.node}`);
  }
  const byNode = await queryPrometheus(url, "aami:node_health");
  strictEqual(byNode.length, nodes.size);
  for (const { labels, value } of byNode) near(value, nodes.get(labels.node)!.score, labels.node);
  const [{ value }] = await queryPrometheus(url, "aami:cluster_health");
  near(value, report.overall, "the cluster");
}

function gpu(report: HealthReport, node: string, index: number): GpuHealth {
  return report.nodes.find((each) => each.node === node)!.gpus[index];
}

Deno.test({
  name: `a real Prometheus: rules and command agree, on every exporter, well and not${
    obstacle ? ` (${obstacle})` : ""
  }`,
  ignore: obstacle !== undefined,
  async fn(t) {
    const exporters = ["dcgm", "dcgm-4.9", "amd-mi3xx", "amd-mi2xx", "dcgm"] as const;
    const start = Math.floor(Date.now() / 1000);
    const cluster = new FakeCluster({ nodes: 5, gpus: 2, exporters: [...exporters], seed: 7, start });
    await using simulation = await serveSimulation(cluster, { hostname: "127.0.0.1", port: 0, onFault() {} });
    const rules = healthRules(DEFAULT_WEIGHTS).replace("interval: 1m", "interval: 1s");
    await using prometheus = await startPrometheus({ rules, configuration: configuration(simulation.url) });
    const { url } = prometheus;
    const look = async () => (await readHealth(url, [], DEFAULT_WEIGHTS))!;
    const recorded = async (expression: string) => (await queryPrometheus(url, expression)).length > 0;
    // Both need two scrapes for what increases.
    await until(() => recorded("count(aami:gpu_health) == 10 and on () min(count_over_time(up[1h])) > 5"), 60);

    await t.step("all is well", async () => {
      const report = await look();
      deepStrictEqual(report.nodes.flatMap(({ gpus }) => gpus.flatMap(({ missing }) => missing)), []);
      ok(report.overall > 90, JSON.stringify(report, undefined, 1));
      await agree(url, report);
    });
    await t.step("faults of each kind", async () => {
      const faults = [
        "xid79:fake1/gpu0",
        "dbe:fake2/gpu1",
        "afid30:fake3/gpu0",
        "dbe:fake4/gpu1",
        "nvlink:fake1/gpu1",
        "node-loss:fake5",
      ];
      for (const fault of faults) {
        const answer = await fetch(`${simulation.url}/fault`, { method: "POST", body: fault });
        strictEqual(answer.status, 201, await answer.text());
      }
      await until(() => recorded("min(aami:node_health) == 0 and on () count(aami:node_health < 85) >= 5"), 60);
      const report = await look();
      await agree(url, report);
      const { score, reporting } = gpu(report, "fake5", 0);
      deepStrictEqual({ score, reporting }, { score: 0, reporting: false });
      strictEqual(gpu(report, "fake2", 1).points.ecc, 0);
      strictEqual(gpu(report, "fake2", 1).points.xid, 0);
      strictEqual(gpu(report, "fake3", 0).points.xid, 0);
      strictEqual(gpu(report, "fake4", 1).points.ecc, 0);
      strictEqual(gpu(report, "fake1", 1).points.nvlink, 0);
      strictEqual(gpu(report, "fake2", 0).score > 90, true, "its neighbour is well");
    });
    await t.step("nodes by name", async () => {
      const report = (await readHealth(url, ["fake2"], DEFAULT_WEIGHTS))!;
      deepStrictEqual(report.nodes.map(({ node }) => node), ["fake2"]);
      strictEqual(report.overall, report.nodes[0].score);
      strictEqual(await readHealth(url, ["fake9"], DEFAULT_WEIGHTS), undefined);
    });
  },
});
