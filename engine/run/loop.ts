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
export function itemLayer(loop: Loop, items: readonly Value[], index: number): Map<string, Variable> {
  const item = items[index];
  const layer = new Map<string, Variable>([
    [loop.loopVar, constantVariable(item)],
    ["ansible_loop_var", constantVariable(loop.loopVar)],
  ]);
  if (loop.indexVar) {
    layer.set(loop.indexVar, constantVariable(index));
    layer.set("ansible_index_var", constantVariable(loop.indexVar));
  }
  if (loop.extended) layer.set("ansible_loop", constantVariable(extended(items, index)));
  return layer;
}

/** Ansible's `ansible_loop`. */
function extended(items: readonly Value[], index: number): Value {
  const { length } = items;
  return {
    allitems: [...items],
    index: index + 1,
    index0: index,
    revindex: length - index,
    revindex0: length - index - 1,
    first: index === 0,
    last: index === length - 1,
    length,
    ...(index > 0 ? { previtem: items[index - 1] } : {}),
    ...(index < length - 1 ? { nextitem: items[index + 1] } : {}),
  };
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
    includes: done.flatMap(({ attempt }) => attempt.includes ?? []),
    changes: done.flatMap(({ attempt }) => attempt.changes),
  };
}

/** An item as the event tells it. */
export function itemResult({ item, label, attempt }: DoneItem): ItemResult {
  const message = attempt.result.msg;
  return { item: knownPart(item), label, status: attempt.status, ...(typeof message === "string" ? { message } : {}) };
}
