/**
 * The part of the configuration about checks of the site's own, and about the health score.
 *
 * @module
 */

import { z } from "../../engine/support/zod.ts";
import { FACTOR_NAMES, FACTORS } from "../health/factor_names.ts";
import type { Weights } from "../health/score.ts";
import { duration, filled } from "./values.ts";

/** The checks that come with aami. */
export const BUILT_IN_CHECKS = [
  "mount_point",
  "smart",
  "nvme_wear",
  "infiniband",
  "parallel_file_system",
  "ntp",
] as const;

/** A check as the configuration has it. */
export interface Check {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** One that comes with aami. */
  readonly check?: (typeof BUILT_IN_CHECKS)[number];
  /** The script's text. */
  readonly script?: string;
  /** The script's path on the controller. */
  readonly file?: string;
  /** The groups whose nodes have it; none for all nodes. */
  readonly groups: readonly string[];
  /** As Prometheus writes durations. */
  readonly interval: string;
  /** As Prometheus writes durations; undefined for 30s, at most the interval. */
  readonly timeout?: string;
  /** What the script gets. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What the configuration says of the health score. */
export interface Health {
  /** The points of each factor; 0 leaves it out. */
  readonly weights: Weights;
}

const KINDS = ["check", "script", "file"] as const;

const check = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "expected a name of letters, digits, '-' and '_'")
    .describe("Its name: the label `check` of the alerts, and of its timer `aami-check-NAME`."),
  check: z.enum(BUILT_IN_CHECKS).optional().describe("A check that comes with aami: see [checks](checks.md)."),
  script: filled().optional().meta({ raw: true }).describe("The script itself, with its `#!` line."),
  file: filled().optional().describe("The script's path on this machine, from the directory of this file."),
  groups: z.array(filled()).default([]).describe("The groups whose nodes have it; without them all nodes."),
  interval: duration().default("1m").describe("How often it runs."),
  timeout: duration().optional().describe("How long a run may take, at most the interval; without it up to 30s."),
  config: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a name of letters, digits and '_'"),
    z.json(),
  ).default({}).describe("What the script gets: each key as the variable `CHECK_KEY`, all of it as JSON on stdin."),
}).superRefine((given, context) => {
  const kinds = KINDS.filter((kind) => given[kind] !== undefined);
  if (kinds.length === 1) return;
  const message = kinds.length === 0
    ? `the check '${given.name}' needs one of 'check', 'script' and 'file'`
    : `the check '${given.name}' has ${kinds.map((kind) => `'${kind}'`).join(" and ")}: keep one of them`;
  context.addIssue({ code: "custom", message, path: kinds.length === 0 ? [] : [kinds[1]] });
});

/** `checks`. */
export const checks: z.ZodType<Check[]> = z.array(check).default([]).describe(
  "Scripts that run on the nodes and print metrics. The alert preset `checks` tells when one fails.",
);

/** `health`. */
export const health: z.ZodType<Health> = z.strictObject({
  weights: z.strictObject(
    Object.fromEntries(
      FACTOR_NAMES.map((name) => [
        name,
        z.number().min(0).default(FACTORS[name].weight).describe(`Points of the factor ${name}.`),
      ]),
    ) as Record<(typeof FACTOR_NAMES)[number], z.ZodDefault<z.ZodNumber>>,
  ).prefault({}).describe("The points of each factor; 0 leaves it out."),
}).describe("The health score of GPUs: see [health](health.md).").prefault({});
