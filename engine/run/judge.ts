/**
 * Lets `failed_when`, `changed_when` and `until` decide on an attempt, with its result in sight under the registered
 * name.
 *
 * @module
 */

import type { Result } from "../module/module.ts";
import type { Task } from "../playbook/playbook.ts";
import { DiagnosticError } from "../support/diagnostic.ts";
import type { LayeredScope } from "../variables/scope.ts";
import { PendingError, type Scope, type Variable } from "../variables/variable.ts";
import type { Attempt } from "./attempt.ts";
import { registered, textOf } from "./result_values.ts";

/** Evaluates a condition, gathering facts where it looks at them. */
export type Ask = (condition: Variable, scope: Scope) => Promise<boolean>;

/** The attempt as the task's conditions see it. `tries` counts from 1. */
export async function judge(
  task: Task,
  scope: LayeredScope,
  attempt: Attempt,
  tries: number,
  ask: Ask,
): Promise<Attempt> {
  const counted = task.until ? { ...attempt, result: { ...attempt.result, attempts: tries } } : attempt;
  if (counted.status === "skipped" || (!task.failedWhen && !task.changedWhen)) return counted;
  const seen = withResult(task, scope, counted);
  const judged = failedOrNot(task, counted, await answer(task.failedWhen, seen, ask));
  if (judged.status === "failed") return await failedUnchanged(judged, task.changedWhen, seen, ask);
  return changedOrNot(judged, await answer(task.changedWhen, seen, ask));
}

/** The operator's word on changes holds for a failure too, unless it lacks what the condition looks at. */
async function failedUnchanged(attempt: Attempt, condition: Variable | undefined, seen: Scope, ask: Ask) {
  if (attempt.result.changed !== true) return attempt;
  try {
    return await answer(condition, seen, ask) === false
      ? { ...attempt, result: { ...attempt.result, changed: false } }
      : attempt;
  } catch (error) {
    if (error instanceof DiagnosticError) return attempt;
    throw error;
  }
}

type Answer = boolean | "pending" | undefined;

/** Check mode may not know what a condition looks at. */
async function answer(condition: Variable | undefined, scope: Scope, ask: Ask): Promise<Answer> {
  if (!condition) return undefined;
  try {
    return await ask(condition, scope);
  } catch (error) {
    if (error instanceof PendingError) return "pending";
    throw error;
  }
}

function failedOrNot(task: Task, attempt: Attempt, failed: Answer): Attempt {
  if (failed === true && attempt.status !== "failed") {
    const result = { ...attempt.result, msg: failureMessage(attempt.result, task), failed_when_result: true };
    return { ...attempt, status: "failed", result };
  }
  if (failed === false && attempt.status === "failed") {
    return { ...attempt, status: attempt.changes.length > 0 ? "changed" : "ok" };
  }
  return attempt;
}

function failureMessage(result: Result, task: Task): string {
  return typeof result.msg === "string" ? result.msg : `failed_when holds: ${textOf(task.failedWhen!)}`;
}

function changedOrNot(attempt: Attempt, changed: Answer): Attempt {
  if (changed === "pending") return { ...attempt, status: "unknown" };
  // The operator's word that nothing changes holds for check mode's planned state too.
  if (changed === false) return { ...attempt, status: "ok", changes: [], planned: undefined };
  if (changed === true && attempt.status === "ok") return { ...attempt, status: "changed" };
  return attempt;
}

/**
 * Whether no further attempt is needed: `until` holds, or without it the attempt did not fail. Check mode does not wait
 * for what it only planned.
 */
export async function holds(task: Task, scope: LayeredScope, attempt: Attempt, ask: Ask): Promise<boolean> {
  if (attempt.status === "skipped" || !attempt.known) return true;
  if (!task.until) return attempt.status !== "failed";
  try {
    return await ask(task.until, withResult(task, scope, attempt));
  } catch (error) {
    // A failed attempt may lack what the condition looks at: then it does not hold yet.
    if (error instanceof DiagnosticError && attempt.status === "failed") return false;
    throw error;
  }
}

/** The attempt after the last try. */
export function givenUp(task: Task, attempt: Attempt, tries: number): Attempt {
  const result = { ...attempt.result, attempts: tries - 1 };
  if (attempt.status === "failed" || !task.until) return { ...attempt, status: "failed", result };
  const msg = `'${textOf(task.until)}' did not hold in ${tries} attempts`;
  return { ...attempt, status: "failed", result: { ...result, msg } };
}

function withResult(task: Task, scope: LayeredScope, attempt: Attempt): LayeredScope {
  return task.register ? scope.child(new Map([[task.register, registered(task, attempt)]])) : scope;
}
