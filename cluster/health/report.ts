/**
 * The health of a cluster from what Prometheus answers.
 *
 * @module
 */

import { FACTOR_NAMES, type FactorName } from "./factor_names.ts";
import { type GpuScore, scoreCluster, scoreGpu, scoreNode, type Weights } from "./score.ts";

/** One value of an instant query. */
export interface Sample {
  /** Its labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Its value. */
  readonly value: number;
}

/** The answers to the expressions of `factors.ts`. */
export interface HealthAnswers {
  /** By factor. */
  readonly factors: Readonly<Record<FactorName, readonly Sample[]>>;
  /** To the expression of GPUs that report. */
  readonly reporting: readonly Sample[];
  /** To the expression of GPUs that have NVLink. */
  readonly nvlink: readonly Sample[];
}

/** A GPU in the report. */
export interface GpuHealth extends GpuScore {
  /** Its index on the node. */
  readonly gpu: string;
  /** NVIDIA's UUID or AMD's serial number; empty where there is none. */
  readonly id: string;
  /** Its model; empty where the exporter does not say. */
  readonly model: string;
  /** Whether it reports now. */
  readonly reporting: boolean;
}

/** A node in the report. */
export interface NodeHealth {
  /** Its name. */
  readonly node: string;
  /** 0 to 100: that of its worst GPU. */
  readonly score: number;
  /** Its GPUs, by index. */
  readonly gpus: readonly GpuHealth[];
}

/** The report. */
export interface HealthReport {
  /** The mean of the nodes, 0 to 100. */
  readonly overall: number;
  /** The nodes, the worst first. */
  readonly nodes: readonly NodeHealth[];
}

/** Puts the answers together; undefined where there is no GPU. */
export function healthReport(answers: HealthAnswers, weights: Weights): HealthReport | undefined {
  const byGpu = (samples: readonly Sample[]) => new Map(samples.map((sample) => [keyOf(sample), sample.value]));
  const nvlink = byGpu(answers.nvlink);
  const factors = FACTOR_NAMES.map((name) => [name, byGpu(answers.factors[name])] as const);
  const nodes = new Map<string, GpuHealth[]>();
  for (const sample of answers.reporting) {
    const key = keyOf(sample);
    const reporting = sample.value > 0;
    const known = factors.filter(([, values]) => values.has(key)).map(([name, values]) => [name, values.get(key)!]);
    const { score, ...rest } = scoreGpu(
      { reporting, nvlink: nvlink.has(key), factors: Object.fromEntries(known) },
      weights,
    );
    const { gpu = "?", UUID, serial_number, modelName, card_model } = sample.labels;
    const id = UUID ?? serial_number ?? "";
    const entry = { gpu, id, model: modelName ?? card_model ?? "", reporting, score: round(score), ...rest };
    const node = nodeOf(sample);
    nodes.set(node, [...nodes.get(node) ?? [], entry]);
  }
  if (nodes.size === 0) return undefined;
  const list = [...nodes].map(([node, gpus]) => ({
    ...{ node, score: scoreNode(gpus.map(({ score }) => score)) },
    gpus: gpus.sort((a, b) => Number(a.gpu) - Number(b.gpu) || a.id.localeCompare(b.id)),
  })).sort((a, b) => a.score - b.score || a.node.localeCompare(b.node, "en", { numeric: true }));
  return { overall: round(scoreCluster(list.map(({ score }) => score))), nodes: list };
}

/** The label that discovery puts on every series; where another set Prometheus up, the address. */
function nodeOf({ labels }: Sample): string {
  return labels.node ?? (labels.instance ?? "?").replace(/:\d+$/, "");
}

/** A GPU that was replaced is another one. */
function keyOf({ labels }: Sample): string {
  const { instance, job, gpu, UUID, serial_number } = labels;
  return JSON.stringify([instance, job, gpu, UUID ?? serial_number]);
}

/** To a tenth of a point. */
function round(score: number): number {
  return Math.round(score * 10) / 10;
}
