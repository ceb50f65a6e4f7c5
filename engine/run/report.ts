/**
 * How a task ended: into the host's counts and out as an event.
 *
 * @module
 */

import type { Task } from "../playbook/playbook.ts";
import { constantVariable } from "../variables/scope.ts";
import type { Variable } from "../variables/variable.ts";
import type { RunContext } from "./context.ts";
import type { TaskEvent, TaskStatus } from "./event.ts";
import type { HostState } from "./host_state.ts";
import type { Done } from "./journal.ts";
import type { TaskOutcome } from "./task_runner.ts";

/** Counts an outcome. A `rescued` failure is no failure of the host. */
export function count(
  { counts }: HostState,
  { status, result, ignored }: Pick<TaskOutcome, "status" | "result" | "ignored">,
  rescued: boolean,
): void {
  if (status === "failed") counts[rescued ? "rescued" : "failed"]++;
  else if (status === "skipped" || status === "unknown") counts[status]++;
  else if (status === "unreachable" && !ignored) counts.unreachable++;
  else counts.ok++;
  const changed = status === "changed" || status === "predicted";
  // As in Ansible: a failed command may have changed something.
  if (changed || (status === "ignored" && result.changed === true)) counts.changed++;
  if (status === "ignored" || ignored) counts.ignored++;
}

/** What a rescue may look at: the task that failed and its result, as Ansible has them. */
export function rememberFailure(
  set: (name: string, variable: Variable) => void,
  { name, module, result }: TaskOutcome,
): void {
  set("ansible_failed_task", constantVariable({ name, action: module }));
  set("ansible_failed_result", constantVariable({ ...result, failed: true }));
}

/** Tells the end of a task; `loops` is as a frame has it, `started` as `performance.now()` gave it. */
export function tell(
  run: RunContext,
  play: string,
  host: HostState,
  task: Task,
  loops: string,
  outcome: TaskOutcome,
  status: TaskStatus,
  started: number,
  { done, replayed }: { done?: Done; replayed?: true } = {},
): void {
  const event: TaskEvent = {
    type: "task",
    id: task.id + loops,
    play,
    name: outcome.name,
    module: outcome.module,
    host: host.name,
    status,
    changes: outcome.changes,
    result: outcome.result,
    seconds: Math.round(performance.now() - started) / 1000,
    at: new Date().toISOString(),
    ...(outcome.delegate === undefined ? {} : { delegate: outcome.delegate }),
    ...(task.handler ? { handler: true as const } : {}),
    ...(replayed ? { replayed } : {}),
    ...(outcome.items ? { items: outcome.items } : {}),
    ...(outcome.place ? { place: outcome.place } : {}),
    ...(outcome.diagnostics ? { diagnostics: outcome.diagnostics } : {}),
  };
  run.emit(event, done);
}

/** As Ansible counts: `meta` not at all, what is included once for each file and not at all for a role. */
export function timesCounted(task: Task, { status, includes = [] }: TaskOutcome): number {
  if (task.callee.kind === "module" || status === "failed") return 1;
  if (isMeta(task)) return 0;
  if (includes.length === 0) return 1;
  return task.callee.action.name === "include_role" ? 0 : includes.length;
}

/** Whether a task steers the run, which Ansible does not report. */
export function isMeta({ callee }: Task): boolean {
  return callee.kind === "action" && callee.action.name === "meta";
}
