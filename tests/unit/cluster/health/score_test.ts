import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { healthReport, type Sample } from "../../../../cluster/health/report.ts";
import { DEFAULT_WEIGHTS, scoreGpu } from "../../../../cluster/health/score.ts";

const WELL = { temperature: 1, ecc: 1, xid: 1, nvlink: 1, uptime: 1 };

Deno.test("the weights add up to 100", () => {
  deepStrictEqual(DEFAULT_WEIGHTS, { temperature: 20, ecc: 25, xid: 25, nvlink: 15, uptime: 15 });
});

Deno.test("a GPU that is well has 100 points, with NVLink and without", () => {
  strictEqual(scoreGpu({ reporting: true, nvlink: true, factors: WELL }, DEFAULT_WEIGHTS).score, 100);
  const { nvlink: _, ...factors } = WELL;
  const without = scoreGpu({ reporting: true, nvlink: false, factors }, DEFAULT_WEIGHTS);
  ok(Math.abs(without.score - 100) < 1e-9);
  deepStrictEqual([without.missing, "nvlink" in without.points], [[], false]);
});

Deno.test("what is not measured has no points, and is said", () => {
  const { ecc: _, ...factors } = WELL;
  const { score, missing, points } = scoreGpu({ reporting: true, nvlink: true, factors }, DEFAULT_WEIGHTS);
  deepStrictEqual([score, missing, points.ecc], [75, ["ecc"], null]);
});

Deno.test("a GPU with NVLink whose errors are not exported lacks that factor", () => {
  const { nvlink: _, ...factors } = WELL;
  const { score, missing } = scoreGpu({ reporting: true, nvlink: true, factors }, DEFAULT_WEIGHTS);
  deepStrictEqual([score, missing], [85, ["nvlink"]]);
});

Deno.test("a factor of weight 0 does not count, measured or not", () => {
  const { ecc: _, ...factors } = WELL;
  const { score, missing } = scoreGpu({ reporting: true, nvlink: true, factors }, { ...DEFAULT_WEIGHTS, ecc: 0 });
  deepStrictEqual([score, missing], [100, []]);
});

Deno.test("a GPU that does not report has no points", () => {
  const { score, missing } = scoreGpu({ reporting: false, nvlink: false, factors: { uptime: 0.9 } }, DEFAULT_WEIGHTS);
  deepStrictEqual([score, missing], [0, []]);
});

function sample(node: string | undefined, gpu: string, value: number): Sample {
  const labels = { instance: `${node ?? "bare"}:9400`, job: "dcgm", gpu, UUID: `GPU-${gpu}`, modelName: "H100" };
  return { value, labels: node === undefined ? labels : { ...labels, node } };
}

Deno.test("a node is as well as its worst GPU, a cluster the mean of its nodes, the worst first", () => {
  const all = [["a", "0"], ["a", "1"], ["b", "0"], ["b", "1"]] as const;
  const values = (value: number) => all.map(([node, gpu]) => sample(node, gpu, value));
  const hot = all.map(([node, gpu]) => sample(node, gpu, node === "b" && gpu === "1" ? 0.5 : 1));
  const factors = { temperature: hot, ecc: values(1), xid: values(1), nvlink: values(1), uptime: values(1) };
  const report = healthReport({ factors, reporting: values(1), nvlink: values(1) }, DEFAULT_WEIGHTS)!;
  deepStrictEqual(report.nodes.map(({ node, score }) => [node, score]), [["b", 90], ["a", 100]]);
  strictEqual(report.overall, 95);
  deepStrictEqual(report.nodes[0].gpus.map(({ gpu, score, points }) => [gpu, score, points.temperature]), [
    ["0", 100, 20],
    ["1", 90, 10],
  ]);
});

Deno.test("without the label 'node' it is the address; without a GPU there is no report", () => {
  const none = { temperature: [], ecc: [], xid: [], nvlink: [], uptime: [] };
  const report = healthReport({ factors: none, reporting: [sample(undefined, "0", 1)], nvlink: [] }, DEFAULT_WEIGHTS)!;
  strictEqual(report.nodes[0].node, "bare");
  strictEqual(healthReport({ factors: none, reporting: [], nvlink: [] }, DEFAULT_WEIGHTS), undefined);
});
