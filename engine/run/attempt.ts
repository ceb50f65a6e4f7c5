/**
 * One attempt at one task (or one item of its loop) on one host: inspect, plan, and apply or predict.
 *
 * @module
 */

import { HostError, type TouchKey, UnknownUntilApplied } from "../host/host.ts";
import type { Action } from "../host/action.ts";
import { pathKey, touchedKeys } from "../host/touch_keys.ts";
import { type Change, type Module, ModuleError, type Plan, type Result, type Touch } from "../module/module.ts";
import type { Program, Task } from "../playbook/playbook.ts";
import type { Diagnostic, DiagnosticError } from "../support/diagnostic.ts";
import { NulError } from "../support/shell_quote.ts";
import { BecomeError, CommandTimeoutError, ConnectError } from "../transport/session.ts";
import type { Layer } from "../variables/variable.ts";
import { refuseInPlan } from "./censor.ts";
import type { RunContext } from "./context.ts";
import { type Inspection, InspectionError, type TaskHost } from "./inspection.ts";
import type { TaskSurroundings } from "./task_surroundings.ts";

/** What check mode would have done. */
export interface PlannedChanges {
  /** As {@linkcode Inspection.realPathOf}. */
  readonly realPathOf?: (path: string) => string | undefined;
  /** The host that the plan was made for. */
  readonly host: TaskHost;
  /** What would have been done, in order. */
  readonly actions: readonly Action[];
  /** What would have changed beside the paths of the actions. */
  readonly touches: readonly Touch[];
}

/** Tasks that a task included, or an item of its loop. */
export interface IncludedTasks {
  /** What runs. */
  readonly program: Program;
  /** The variables of the including task and of its loop's item. */
  readonly params: readonly Layer[];
  /** Whether the whole play sees the role's variables from here on. */
  readonly isPublic: boolean;
}

/** What an attempt came to, before `changed_when` and `failed_when` have their say. */
export interface Attempt {
  /** `predicted` is what check mode takes for changed; `unknown` is what only apply will show. */
  readonly status: "ok" | "changed" | "predicted" | "unknown" | "failed" | "skipped";
  /** What `register` gets; `msg` says why where it failed or was skipped. */
  readonly result: Result;
  /** False where check mode does not know all of the result. */
  readonly known: boolean;
  /** Where the result is not known: what of it is certain beside `changed` and `failed`. */
  readonly foretold?: Result;
  /** The differences made or predicted; empty where there are none or they are not known. */
  readonly changes: readonly Change[];
  /** Failed on what an operator wrote: the findings that the message tells. */
  readonly findings?: readonly Diagnostic[];
  /** Failed: whether trying again can help. */
  readonly retryable?: boolean;
  /** What is to be run before the next task. */
  readonly includes?: readonly IncludedTasks[];
  /** Check mode: what the plan would do, taken into the planned state unless `changed_when` says it is nothing. */
  readonly planned?: PlannedChanges;
}

/** An attempt that failed with a message. */
export function failedAttempt(message: string, result: Result = {}, retryable = false): Attempt {
  return { status: "failed", result: { msg: message, ...result }, known: true, changes: [], retryable };
}

/** An attempt that failed on what an operator wrote. */
export function misledAttempt({ message, diagnostics }: DiagnosticError): Attempt {
  return { ...failedAttempt(message), findings: diagnostics };
}

/** An attempt whose outcome only apply will show. */
export function unknownAttempt(message: string, host?: TaskHost, reach: readonly TouchKey[] = ["*"]): Attempt {
  const planned = host && { host, actions: [], touches: reach.map((key) => ({ key })) };
  return { status: "unknown", result: { msg: message }, known: false, changes: [], planned };
}

/** A task took longer than its `timeout` or `async` allows. */
export class TaskTimeout extends Error {
  /** Tells it from other errors. */
  override readonly name = "TaskTimeout";
}

/** The failure of a task that an error is, or undefined for one that is not the task's. */
export function failureOf(error: unknown): Attempt | undefined {
  if (error instanceof ModuleError) {
    return failedAttempt(error.message, error.options.result, error.options.retryable);
  }
  if (error instanceof HostError) return failedAttempt(error.message, {}, error.retryable);
  if (error instanceof TaskTimeout) return failedAttempt(error.message);
  if (error instanceof ConnectError) return failedAttempt(error.message, {}, true);
  if (error instanceof BecomeError || error instanceof CommandTimeoutError || error instanceof NulError) {
    return failedAttempt(error.message);
  }
  return undefined;
}

/** Plans from a finished inspection and carries the plan out, or predicts it in check mode. */
export async function attemptModule(
  run: RunContext,
  task: Task,
  inspecting: Promise<Inspection>,
  check: boolean,
  around: Pick<TaskSurroundings, "acts" | "changed">,
  signal: AbortSignal = run.signal,
): Promise<Attempt> {
  if (task.callee.kind !== "module") throw new Error("an action makes no plan");
  const { module } = task.callee;
  let inspection: Inspection;
  let plan: Plan;
  try {
    inspection = await inspecting;
    plan = planned(module, inspection);
    refuseInPlan(plan.actions, run.redactor);
  } catch (error) {
    return inspectionFailure(error, module, check);
  }
  const { args, host, uncertain } = inspection;
  if (plan.actions.length === 0 && plan.changes.length === 0) {
    if (uncertain) return unknownAttempt("an earlier task may change what this one looks at");
    return { status: "ok", result: withMessage(plan.result, plan.skipped), known: true, changes: [] };
  }
  if (check) return predict(module, inspection, plan);
  try {
    if (plan.changes.length > 0) around.acts(task);
    const result = await module.apply(host.host, plan, args, signal);
    const status = plan.changes.length > 0 ? "changed" : "ok";
    return { status, result: { ...plan.result, ...result }, known: true, changes: plan.changes };
  } catch (error) {
    const failed = failureOf(error);
    if (!failed) throw error;
    // Ansible's word for a command that was run, whatever its exit code.
    const ran: Result = module.alwaysActs && plan.changes.length > 0 ? { changed: true } : {};
    return { ...failed, result: { ...ran, ...failed.result }, changes: plan.changes };
  } finally {
    // A task that check mode runs for real (check_mode: false) makes what was learned of the host stale.
    if (run.options.check) run.planned.of(host.target).forget();
    // A hard link is one more name of what it leads to.
    const linked = plan.actions.flatMap((action) =>
      action.do === "link" && action.hard ? [pathKey(action.target)] : []
    );
    around.changed([
      ...touchedKeys(plan.actions, plan.touches, (path) => host.host.realPathOf(path)),
      ...linked,
    ]);
  }
}

/** The plan; one that cannot be made may rest on what check mode only foresees. */
function planned(module: Pick<Module, "plan">, inspection: Inspection): Plan {
  try {
    return module.plan(inspection.state, inspection.args);
  } catch (error) {
    const { args, host, predicted, uncertain } = inspection;
    throw new InspectionError(error, args, host, predicted, uncertain);
  }
}

function withMessage(result: Result, message: string | undefined): Result {
  return message === undefined ? result : { msg: message, ...result };
}

/** What check mode makes of an inspection or a plan that failed. */
function inspectionFailure(
  thrown: unknown,
  module: Pick<Module, "onlyLooks" | "reach">,
  check: boolean,
): Attempt {
  const wrapped = thrown instanceof InspectionError ? thrown : undefined;
  const error = wrapped?.cause ?? thrown;
  const failed = failureOf(error);
  const rests = wrapped?.predicted || wrapped?.uncertain || error instanceof UnknownUntilApplied;
  if (!check || !rests) {
    if (failed) return failed;
    throw error;
  }
  const { host } = wrapped ?? {};
  const message = error instanceof Error ? error.message : String(error);
  // A task that only looks changes nothing, whatever it will see once a unit or a file is as planned.
  if (wrapped && !wrapped.uncertain && module.onlyLooks?.(wrapped.args)) {
    return { status: "ok", result: { msg: message }, known: false, changes: [] };
  }
  if (failed || error instanceof UnknownUntilApplied) {
    return unknownAttempt(message, host, wrapped && module.reach?.(wrapped.args));
  }
  throw error;
}

/**
 * Check mode: what apply would do. After a change that may touch anything (a package, a command), only the whole content
 * of a file is certain to be changed still.
 */
function predict(
  { edits, foretells }: Pick<Module, "edits" | "foretells">,
  { host, predicted, uncertain, realPathOf }: Inspection,
  plan: Plan,
): Attempt {
  const planned = { host, realPathOf, actions: plan.actions, touches: plan.touches ?? [] };
  // A wait: something to do, and nothing that changes.
  if (plan.changes.length === 0) return { status: "ok", result: plan.result, known: false, changes: [] };
  const writes = !edits && plan.changes.some((change) => change.what === "content");
  if (uncertain && !writes) {
    const message = "an earlier task may do this";
    return {
      ...unknownAttempt(message),
      changes: plan.changes,
      planned: { ...planned, actions: [], touches: vague(plan, host) },
    };
  }
  const status = predicted || uncertain ? "predicted" : "changed";
  const foretold = foretells && !uncertain ? plan.result : undefined;
  return { status, result: plan.result, known: false, foretold, changes: plan.changes, planned };
}

function vague(plan: Plan, { host }: TaskHost): Touch[] {
  return touchedKeys(plan.actions, plan.touches, (path) => host.realPathOf(path)).map((key) => ({ key }));
}
