/**
 * Loops: the layer of an item, and the items' attempts as one.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { Loop, Task } from "../playbook/playbook.ts";
import { knownPart } from "../variables/pending.ts";
import { constantVariable } from "../variables/scope.ts";
import type { Variable } from "../variables/variable.ts";
import type { Attempt } from "./attempt.ts";
import type { ItemResult } from "./event.ts";
import { valueOf } from "./result_values.ts";

/** One item of a loop, done. */
export interface DoneItem {
  /** The item. */
  readonly item: Value;
  /** What is shown for it. */
  readonly label: string;
  /** What came of it. */
  readonly attempt: Attempt;
}

/** The layer that an item of a loop adds. */
export function itemLayer(loop: Loop, item: Value, index: number): Map<string, Variable> {
  const layer = new Map<string, Variable>([[loop.loopVar, constantVariable(item)]]);
  if (loop.indexVar) layer.set(loop.indexVar, constantVariable(index));
  return layer;
}

const WORST_FIRST = ["failed", "changed", "predicted", "unknown", "ok"] as const;

/** The items of a loop as one attempt. */
export function joined(task: Task, loop: Loop, done: readonly DoneItem[]): Attempt {
  const statuses = new Set(done.map(({ attempt }) => attempt.status));
  const failures = done.filter(({ attempt }) => attempt.status === "failed");
  const reasons = failures.map(({ label, attempt }) => `${label}: ${String(attempt.result.msg ?? "failed")}`);
  const msg = failures.length > 0
    ? `${failures.length} of ${done.length} items failed: ${reasons.join("; ")}`
    : done.length === 0
    ? "No items in the list"
    : "All items completed";
  return {
    status: WORST_FIRST.find((candidate) => statuses.has(candidate)) ?? "skipped",
    result: {
      msg,
      results: done.map(({ item, attempt }) => valueOf(task, attempt, { item, ansible_loop_var: loop.loopVar })),
    },
    known: done.every(({ attempt }) => attempt.known),
    changes: done.flatMap(({ attempt }) => attempt.changes),
  };
}

/** An item as the event tells it. */
export function itemResult({ item, label, attempt }: DoneItem): ItemResult {
  const message = attempt.result.msg;
  return { item: knownPart(item), label, status: attempt.status, ...(typeof message === "string" ? { message } : {}) };
}
