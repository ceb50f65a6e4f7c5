/**
 * `aami health`: how well the GPUs are.
 *
 * @module
 */

import { FACTOR_NAMES, type FactorName } from "../cluster/health/factor_names.ts";
import { FACTOR_EXPRESSIONS, HAS_NVLINK_EXPR, healthExpression, REPORTING_EXPR } from "../cluster/health/factors.ts";
import { healthRules } from "../cluster/health/recording_rules.ts";
import { type HealthReport, healthReport } from "../cluster/health/report.ts";
import { DEFAULT_WEIGHTS, type Weights } from "../cluster/health/score.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { askPrometheus, findMonitoring, type MonitorFlags, queryPrometheus } from "./monitor_api.ts";
import { healthText } from "./render/health_text.ts";
import type { Wiring } from "./program.ts";

/** The flags of `aami health`. */
export interface HealthFlags extends MonitorFlags {
  /** How to print. */
  readonly output: "text" | "json";
  /** The same as `-o json`. */
  readonly json?: boolean;
  /** `FACTOR=POINTS`, several with commas. */
  readonly weights?: string;
  /** Print the recording rules instead. */
  readonly rules?: boolean;
}

/**
 * Prints the health of nodes, or of the cluster.
 *
 * @throws {DiagnosticError} where Prometheus does not answer, or knows no GPU or a node that is named
 */
export async function health(names: readonly string[], flags: HealthFlags, wiring: Wiring): Promise<number> {
  const { terminal } = wiring;
  const { prometheus: url, config } = await findMonitoring(flags, wiring);
  const weights = readWeights(flags.weights, config?.health.weights ?? DEFAULT_WEIGHTS);
  if (flags.rules) {
    terminal.out(healthRules(weights).trimEnd());
    return 0;
  }
  const report = await readHealth(url, names, weights);
  const missing = names.filter((name) => !report?.nodes.some(({ node }) => node === name));
  if (missing.length > 0) throw await unknownNode(url, missing[0]);
  if (!report) {
    const help = "are the exporters of the GPUs scraped? 'aami status' shows the targets";
    throw inputError("no-data", "Prometheus knows of no GPU", undefined, help);
  }
  terminal.out(
    flags.json || flags.output === "json" ? JSON.stringify(report, undefined, 2) : healthText(report, terminal),
  );
  return 0;
}

/** Asks Prometheus; undefined where there is no GPU. */
export async function readHealth(
  url: string,
  nodes: readonly string[],
  weights: Weights,
): Promise<HealthReport | undefined> {
  const matchers = nodes.length === 0 ? "" : `node=~${JSON.stringify(nodes.map(escaped).join("|"))}`;
  const ask = (template: string) => queryPrometheus(url, healthExpression(template, matchers));
  const [reporting, nvlink, ...factors] = await Promise.all([
    ask(REPORTING_EXPR),
    ask(HAS_NVLINK_EXPR),
    ...FACTOR_NAMES.map((name) => ask(FACTOR_EXPRESSIONS[name])),
  ]);
  const byName = Object.fromEntries(FACTOR_NAMES.map((name, index) => [name, factors[index]]));
  return healthReport({ reporting, nvlink, factors: byName as Record<FactorName, typeof reporting> }, weights);
}

/** Prometheus' regular expressions know no \- and the like. */
function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function unknownNode(url: string, name: string): Promise<Error> {
  const known = await askPrometheus<string[]>(url, "/api/v1/label/node/values");
  if (known.includes(name)) {
    const help =
      "does its exporter run (nvidia-dcgm-exporter, amd-metrics-exporter), and is it scraped? See 'aami status'";
    return inputError("no-data", `Prometheus knows of no GPU of the node '${name}'`, undefined, help);
  }
  const help = didYouMean(name, known) ?? "names are those of the label 'node'; 'aami health' shows all";
  return inputError("no-data", `Prometheus knows no node '${name}'`, undefined, help);
}

/**
 * The weights, as far as they are given.
 *
 * @throws {DiagnosticError} for what is no factor, no number, or leaves nothing to score
 */
function readWeights(text: string | undefined, otherwise: Weights): Weights {
  if (text === undefined) return otherwise;
  const weights: Record<FactorName, number> = { ...otherwise };
  for (const part of text.split(",")) {
    const [name, points] = part.split("=").map((word) => word.trim());
    if (!FACTOR_NAMES.includes(name as FactorName)) {
      const help = didYouMean(name, FACTOR_NAMES) ?? `the factors are ${FACTOR_NAMES.join(", ")}`;
      throw inputError("usage", `--weights: there is no factor '${name}'`, undefined, help);
    }
    if (!/^\d+(\.\d+)?$/.test(points ?? "")) {
      throw inputError(
        "usage",
        `--weights: expected ${name}=POINTS, got '${part.trim()}'`,
        undefined,
        `e.g. ${name}=25`,
      );
    }
    weights[name as FactorName] = Number(points);
  }
  if (FACTOR_NAMES.some((name) => name !== "nvlink" && weights[name] > 0)) return weights;
  throw inputError("usage", "--weights: no factor is left that every GPU has");
}
