/**
 * From factors to scores: a GPU's is the sum of its factors' points, a node is as well as its worst GPU, a cluster is the
 * mean of its nodes. A factor that cannot be measured has no points, which is said; NVLink counts for GPUs that have it.
 *
 * @module
 */

import { FACTOR_NAMES, type FactorName, FACTORS } from "./factor_names.ts";

/** Points by factor. */
export type Weights = Readonly<Record<FactorName, number>>;

/** The weights where nobody says otherwise; they add up to 100. */
export const DEFAULT_WEIGHTS: Weights = Object.fromEntries(
  FACTOR_NAMES.map((name) => [name, FACTORS[name].weight]),
) as Record<FactorName, number>;

/** What is known of a GPU. */
export interface GpuFactors {
  /** Whether it reports now. */
  readonly reporting: boolean;
  /** Whether it has NVLink. */
  readonly nvlink: boolean;
  /** From 0 (bad) to 1 (good); what is left out is not measured. */
  readonly factors: Readonly<Partial<Record<FactorName, number>>>;
}

/** A GPU's score. */
export interface GpuScore {
  /** 0 to 100; 0 for a GPU that does not report. */
  readonly score: number;
  /** The points of each factor out of 100, for those that count for this GPU; null is not measured. */
  readonly points: Readonly<Partial<Record<FactorName, number | null>>>;
  /** The most points that each of these can have; together 100. */
  readonly most: Readonly<Partial<Record<FactorName, number>>>;
  /** The factors that should have been measured and were not. */
  readonly missing: readonly FactorName[];
}

/** Whether a factor counts for a GPU. */
function counts(name: FactorName, gpu: GpuFactors, weights: Weights): boolean {
  return weights[name] > 0 && (name !== "nvlink" || gpu.nvlink);
}

/** The score of a GPU. */
export function scoreGpu(gpu: GpuFactors, weights: Weights): GpuScore {
  const names = FACTOR_NAMES.filter((name) => counts(name, gpu, weights));
  const total = names.reduce((sum, name) => sum + weights[name], 0);
  const points: Partial<Record<FactorName, number | null>> = {};
  const most: Partial<Record<FactorName, number>> = {};
  for (const name of names) {
    const factor = gpu.factors[name];
    most[name] = 100 * weights[name] / total;
    points[name] = factor === undefined ? null : most[name] * factor;
  }
  const sum = names.reduce((sum, name) => sum + (points[name] ?? 0), 0);
  const missing = gpu.reporting ? names.filter((name) => points[name] === null) : [];
  return { score: gpu.reporting ? sum : 0, points, most, missing };
}

/** The score of a node: that of its worst GPU. At least one. */
export function scoreNode(gpus: readonly number[]): number {
  return Math.min(...gpus);
}

/** The score of a cluster: the mean of its nodes. At least one. */
export function scoreCluster(nodes: readonly number[]): number {
  return nodes.reduce((sum, score) => sum + score, 0) / nodes.length;
}
