/**
 * The health report for people: nodes, the worst first, and what is wrong with their GPUs.
 *
 * @module
 */

import { FACTOR_NAMES } from "../../cluster/health/factor_names.ts";
import type { GpuHealth, HealthReport, NodeHealth } from "../../cluster/health/report.ts";
import type { Style, Terminal } from "../terminal.ts";

/** A score below which something should be done, and one below which a node should get no more jobs. */
const FAIR = 90;
const POOR = 50;

/** The report's text. */
export function healthText({ overall, nodes }: HealthReport, terminal: Terminal): string {
  const width = Math.max(7, ...nodes.map(({ node }) => node.length));
  const gpus = nodes.reduce((sum, node) => sum + node.gpus.length, 0);
  const single = nodes.length === 1;
  const heading = single ? [] : [
    `${terminal.paint("bold", "cluster".padEnd(width))}  ${
      scoreText(overall, terminal)
    }  ${nodes.length} nodes, ${gpus} GPUs`,
  ];
  return [...heading, ...nodes.flatMap((node) => nodeLines(node, width, single, terminal))].join("\n");
}

function scoreText(score: number, terminal: Terminal): string {
  const style: Style = score < POOR ? "red" : score < FAIR ? "yellow" : "green";
  return terminal.paint(style, score.toFixed(1).padStart(5));
}

/** A node; its GPUs where they are not all well, or where it is the only one. */
function nodeLines({ node, score, gpus }: NodeHealth, width: number, all: boolean, terminal: Terminal): string[] {
  const shown = all ? gpus : gpus.filter((gpu) => gpu.score < FAIR);
  const count = `${gpus.length} ${gpus.length === 1 ? "GPU" : "GPUs"}`;
  return [
    `${terminal.paint("bold", node.padEnd(width))}  ${scoreText(score, terminal)}  ${count}`,
    ...shown.map((gpu) => `${`  GPU ${gpu.gpu}`.padEnd(width)}  ${scoreText(gpu.score, terminal)}  ${detail(gpu)}`),
  ];
}

/** What takes points from a GPU. */
function detail(gpu: GpuHealth): string {
  const { reporting, points, most, missing, model } = gpu;
  if (!reporting) return `does not report any more${model ? ` (${model})` : ""}`;
  const lost = FACTOR_NAMES.flatMap((name) => {
    const have = points[name];
    const could = most[name];
    return have == null || could === undefined || could - have < 0.05 ? [] : [`${name} ${short(have)}/${short(could)}`];
  });
  const unmeasured = missing.map((name) => `${name} not measured`);
  return [...lost, ...unmeasured].join(", ") || "well";
}

/** At most one digit behind the point. */
function short(points: number): string {
  return String(Math.round(points * 10) / 10);
}
