/**
 * What a task's registered name holds, and what the event tells of a result.
 *
 * @module
 */

import type { Change, Result, Value } from "../module/module.ts";
import type { Task } from "../playbook/playbook.ts";
import { pendingResult } from "../variables/pending.ts";
import { constantVariable } from "../variables/scope.ts";
import type { Variable } from "../variables/variable.ts";
import type { Attempt } from "./attempt.ts";

/** The registered variable. In check mode a change that was not made leaves all but two keys unknown. */
export function registered(task: Task, attempt: Attempt): Variable {
  return constantVariable(valueOf(task, attempt));
}

/** A result as `register` holds it, or as one of a loop's `results` with what `extra` adds. */
export function valueOf(task: Task, attempt: Attempt, extra: Result = {}): Value {
  const { status, result, known } = attempt;
  const failed = status === "failed";
  const changed = status === "changed" || status === "predicted" || (failed && result.changed === true);
  if (known) {
    const skipped: Result = status === "skipped" ? { skipped: true } : {};
    return { ...result, ...linesOf(result), ...extra, changed, failed, ...skipped };
  }
  const name = task.register ?? "result";
  const what = (key?: string) => `'${name}${key ? `.${key}` : ""}', which task '${task.label}' sets`;
  const certain: Result = status === "unknown" ? {} : { changed, failed };
  // A loop's results are a list, whatever is known of each.
  const results: Result = "results" in result ? { results: result.results } : {};
  return pendingResult({ ...attempt.foretold, ...certain, ...extra, ...results }, what);
}

/** Ansible's `stdout_lines` and `stderr_lines`, where a module gave the text alone. */
function linesOf(result: Result): Result {
  const lines: Result = {};
  for (const key of ["stdout", "stderr"]) {
    const text = result[key];
    if (typeof text === "string" && result[`${key}_lines`] === undefined) {
      lines[`${key}_lines`] = text === "" ? [] : text.split("\n");
    }
  }
  return lines;
}

/** A result without the keys that have no value. */
export function defined(result: { readonly [key: string]: Value | undefined }): Result {
  return Object.fromEntries(Object.entries(result).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** The change as an event may tell it. */
export function withoutSecrets(change: Change): Change {
  return change.sensitive ? { ...change, before: "", after: "" } : change;
}

/** The text of a condition as it was written. */
export function textOf(variable: Variable): string {
  if (!variable.span) return "";
  const { source, start, end } = variable.span;
  return source.text.slice(start, end);
}

/** An item of a loop as it is shown. */
export function shortText(value: Value): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
