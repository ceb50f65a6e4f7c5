/**
 * Runs one task on one host: conditions, loop, attempts, `changed_when` and its like, the registered result.
 *
 * @module
 */

import type { TouchKey } from "../host/host.ts";
import { touchedKeys } from "../host/touch_keys.ts";
import type { Change, Result, Value } from "../module/module.ts";
import { calleeOf } from "../playbook/load_tasks.ts";
import type { Task } from "../playbook/playbook.ts";
import { DiagnosticError, placeOf } from "../support/diagnostic.ts";
import { UnreachableError } from "../transport/session.ts";
import { pendingResult } from "../variables/pending.ts";
import { constantVariable, type LayeredScope, pendingVariable } from "../variables/scope.ts";
import { FactsNeeded, PendingError, type Scope, type Variable } from "../variables/variable.ts";
import type { RunAction } from "./actions/action.ts";
import { type Attempt, attemptModule, failedAttempt, failureOf, unknownAttempt } from "./attempt.ts";
import type { RunContext } from "./context.ts";
import type { ItemResult, TaskStatus } from "./event.ts";
import type { HostState } from "./host_state.ts";
import { type Inspection, openTaskHost, parseArguments, RunningInspection } from "./inspection.ts";
import type { PlayScope } from "./scopes.ts";

/** How a task ended on a host, as the event tells it. */
export interface TaskOutcome {
  readonly status: TaskStatus;
  readonly name: string;
  readonly module: string;
  readonly result: Result;
  readonly changes: readonly Change[];
  readonly items?: readonly ItemResult[];
  readonly place?: string;
  /** The run was interrupted while the task ran: it counts as not run. */
  readonly interrupted?: boolean;
}

/** What a task may ask of the host's run around it. */
export interface TaskSurroundings {
  changed(touches: readonly TouchKey[]): void;
  /** The inspection of the task that was made ahead, if it still holds. */
  take(task: Task): RunningInspection | undefined;
  flushHandlers(): Promise<void>;
  end(what: "host" | "play"): void;
}

/** An attempt judged by `changed_when`, `failed_when` and `until`. */
interface Judged extends Attempt {
  readonly skipped?: boolean;
}

/** Runs tasks on one host. */
export class TaskRunner {
  #gathering: Promise<void> | undefined;

  constructor(
    readonly run: RunContext,
    readonly play: PlayScope,
    readonly host: HostState,
    readonly around: TaskSurroundings,
  ) {}

  /** Runs a task. Never throws for what goes wrong with it. */
  async runTask(task: Task): Promise<TaskOutcome> {
    const scope = this.run.scopes.host(this.host, this.play, task);
    try {
      if (task.loop) return await this.#loop(task, scope);
      const judged = await this.#once(task, scope, () => this.around.take(task));
      return await this.#finish(task, scope, judged);
    } catch (error) {
      return await this.#broken(task, scope, error);
    }
  }

  /** Starts the inspection of a task. */
  inspect(task: Task, args: { [key: string]: Value }, scope: LayeredScope): RunningInspection {
    return new RunningInspection(this.run, this.host.name, task, args, scope, this.#checks(task, scope));
  }

  /** The outcome of a task that check mode cannot judge. */
  async unknown(task: Task, why: string): Promise<TaskOutcome> {
    const scope = this.run.scopes.host(this.host, this.play, task);
    return await this.#finish(task, scope, unknownAttempt(why));
  }

  /** The handlers that a task notifies. */
  async notifies(task: Task): Promise<string[]> {
    const scope = this.run.scopes.host(this.host, this.play, task);
    return await this.#evaluate(task, () => task.notify.flatMap((name) => name.evaluate(scope)).map(String));
  }

  /** Gathers the host's facts, once. */
  gatherFacts(task: Task): Promise<void> {
    return this.#gathering ??= (async () => {
      const scope = this.run.scopes.host(this.host, this.play, task);
      const { host } = await openTaskHost(this.run, this.host.name, task, scope);
      this.host.facts = await host.facts();
    })().finally(() => this.#gathering = undefined);
  }

  /** Evaluates something, gathering the facts where it looks at them. */
  async #evaluate<T>(task: Task, evaluate: () => T): Promise<T> {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof FactsNeeded)) throw error;
      await this.gatherFacts(task);
      return evaluate();
    }
  }

  #checks(task: Task, scope: Scope): boolean {
    const own = task.settings.checkMode?.evaluate(scope);
    return own === undefined || own === null ? this.run.options.check : own === true;
  }

  /** One task, or one item of its loop: conditions first, then attempts until one holds. */
  async #once(task: Task, scope: LayeredScope, ahead: () => RunningInspection | undefined): Promise<Judged> {
    const failing = await this.#evaluate(
      task,
      () => task.settings.when.find((condition) => condition.evaluate(scope) !== true),
    );
    if (failing) return skipped(failing);
    const retries = Number(await this.#evaluate(task, () => task.retries?.evaluate(scope) ?? 3));
    const delay = Number(await this.#evaluate(task, () => task.delay?.evaluate(scope) ?? 5));
    const repeats = task.until !== undefined || task.retries !== undefined;
    const attempts = repeats ? Math.max(1, retries + 1) : 1;
    for (let tries = 1;; tries++) {
      const judged = await this.#judge(task, scope, await this.#attempt(task, scope, ahead), tries);
      if (!repeats || this.run.signal.aborted) return judged;
      const held = await this.#holds(task, scope, judged);
      if (held) return judged;
      if (tries >= attempts) return this.#givenUp(task, judged, tries);
      await sleep(delay, this.run.signal);
    }
  }

  #givenUp(task: Task, judged: Judged, tries: number): Judged {
    const result = { ...judged.result, attempts: tries - 1 };
    if (judged.status === "failed") return { ...judged, result };
    const condition = task.until?.span ? `'${textOf(task.until)}'` : "'until'";
    return {
      ...judged,
      status: "failed",
      result: { ...result, msg: `${condition} did not hold in ${tries} attempts` },
    };
  }

  async #attempt(task: Task, scope: LayeredScope, ahead: () => RunningInspection | undefined): Promise<Attempt> {
    try {
      if (task.callee.kind === "action") return await this.#act(task, task.callee.action as RunAction<unknown>, scope);
      const check = this.#checks(task, scope);
      const inspecting = this.#inspected(task, scope, ahead);
      return await attemptModule(this.run, task, inspecting, check, this.around.changed);
    } catch (error) {
      if (error instanceof FactsNeeded) {
        await this.gatherFacts(task);
        return await this.#attempt(task, scope, ahead);
      }
      const failed = failureOf(error);
      if (!failed) throw error;
      return failed;
    }
  }

  /** The inspection made ahead, or a fresh one where there is none, it failed, or it went stale. */
  async #inspected(
    task: Task,
    scope: LayeredScope,
    ahead: () => RunningInspection | undefined,
  ): Promise<Inspection> {
    const taken = ahead();
    if (taken) {
      const done = await taken.done.then(() => true, () => false);
      if (done && !taken.stale) return taken.done;
    }
    const args = await this.#evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    return this.inspect(task, args, scope).done;
  }

  async #act(task: Task, action: RunAction<unknown>, scope: LayeredScope): Promise<Attempt> {
    const raw = await this.#evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    const args = await parseArguments(this.run, task, raw, scope);
    const outcome = await action.run(args, {
      host: this.host.name,
      scope,
      verbosity: this.run.options.verbosity,
      setVariable: (name, variable) => this.host.set.set(name, variable),
      notice: (message) => this.run.emit({ type: "notice", host: this.host.name, message }),
      flushHandlers: this.around.flushHandlers,
      end: this.around.end,
      clearFacts: () => this.host.facts = undefined,
    });
    const status = outcome.failed ? "failed" : outcome.changed ? "changed" : "ok";
    return { status, result: defined(outcome.result), known: true, changes: [] };
  }

  /** Lets `changed_when` and `failed_when` decide, with the result in sight under the registered name. */
  async #judge(task: Task, scope: LayeredScope, attempt: Attempt, tries: number): Promise<Judged> {
    let judged: Judged = task.until ? { ...attempt, result: { ...attempt.result, attempts: tries } } : attempt;
    const seen = this.#withResult(task, scope, judged);
    const ask = async (condition: Variable | undefined): Promise<boolean | "pending" | undefined> => {
      if (!condition) return undefined;
      try {
        return await this.#evaluate(task, () => condition.evaluate(seen) === true);
      } catch (error) {
        if (error instanceof PendingError) return "pending";
        throw error;
      }
    };
    const failed = judged.status === "skipped" ? undefined : await ask(task.failedWhen);
    if (failed === true && judged.status !== "failed") {
      judged = {
        ...judged,
        status: "failed",
        result: { ...judged.result, msg: messageOf(judged.result, task), failed_when_result: true },
      };
    } else if (failed === false && judged.status === "failed") {
      judged = { ...judged, status: judged.changes.length > 0 ? "changed" : "ok" };
    }
    const changed = judged.status === "failed" || judged.status === "skipped" ? undefined : await ask(task.changedWhen);
    if (changed === "pending") judged = { ...judged, status: "unknown" };
    if (changed === false && judged.status !== "ok") {
      judged = { ...judged, status: "ok", changes: [], planned: undefined };
    }
    if (changed === true && judged.status === "ok") judged = { ...judged, status: "changed" };
    if (judged.planned) {
      const { host, actions, touches } = judged.planned;
      this.run.planned.of(host.target).add(actions, touches, host.host);
      this.around.changed(touchedKeys(actions, touches));
    }
    return judged;
  }

  /** Whether `until` holds; without it, whether the attempt did not fail. Check mode does not wait for what it only planned. */
  async #holds(task: Task, scope: LayeredScope, judged: Judged): Promise<boolean> {
    if (judged.status === "skipped" || !judged.known) return true;
    if (judged.status === "failed" && judged.retryable === false && !task.until) return false;
    if (!task.until) return judged.status !== "failed";
    const seen = this.#withResult(task, scope, judged);
    try {
      return await this.#evaluate(task, () => task.until!.evaluate(seen) === true);
    } catch (error) {
      // A failed attempt may lack what the condition looks at: then it does not hold yet.
      if (error instanceof DiagnosticError && judged.status === "failed") return false;
      throw error;
    }
  }

  #withResult(task: Task, scope: LayeredScope, judged: Judged): LayeredScope {
    return task.register ? scope.child(new Map([[task.register, registered(task, judged)]])) : scope;
  }

  async #loop(task: Task, scope: LayeredScope): Promise<TaskOutcome> {
    const loop = task.loop!;
    const items = await this.#evaluate(task, () => loop.items.evaluate(scope));
    if (!Array.isArray(items)) {
      throw new DiagnosticError({
        severity: "error",
        code: "loop",
        message: `'loop' needs a list, got ${items === null ? "null" : typeof items}`,
        span: loop.span,
      });
    }
    const all: { item: Value; judged: Judged; label: string }[] = [];
    for (const [index, item] of items.entries()) {
      const layer = new Map<string, Variable>([[loop.loopVar, constantVariable(item)]]);
      if (loop.indexVar) layer.set(loop.indexVar, constantVariable(index));
      const inner = scope.child(layer);
      const label = await this.#evaluate(task, () => shortText(loop.label?.evaluate(inner) ?? item));
      all.push({ item, label, judged: await this.#item(task, inner) });
      if (this.run.signal.aborted) break;
    }
    return await this.#finishLoop(task, scope, all);
  }

  /** An item that breaks fails by itself; the others still run, as in Ansible. */
  async #item(task: Task, scope: LayeredScope): Promise<Judged> {
    try {
      return await this.#once(task, scope, () => undefined);
    } catch (error) {
      if (error instanceof PendingError) return unknownAttempt(error.message);
      if (error instanceof DiagnosticError) return failedAttempt(error.message);
      throw error;
    }
  }

  async #finishLoop(
    task: Task,
    scope: LayeredScope,
    all: readonly { item: Value; judged: Judged; label: string }[],
  ): Promise<TaskOutcome> {
    const statuses = new Set(all.map(({ judged }) => judged.status));
    const order = ["failed", "changed", "predicted", "unknown", "ok"] as const;
    const status = order.find((candidate) => statuses.has(candidate)) ?? "skipped";
    const failures = all.filter(({ judged }) => judged.status === "failed");
    const msg = failures.length > 0
      ? `${failures.length} of ${all.length} items failed: ${
        failures.map(({ label, judged }) => `${label}: ${judged.result.msg ?? "failed"}`).join("; ")
      }`
      : all.length === 0
      ? "No items in the list"
      : "All items completed";
    const known = all.every(({ judged }) => judged.known);
    const results = all.map(({ item, judged }) =>
      valueOf(task, judged, { item, ansible_loop_var: task.loop!.loopVar })
    );
    const changes = all.flatMap(({ judged }) => judged.changes);
    const judged: Judged = { status, result: { msg, results }, known, changes };
    const items = all.map(({ item, label, judged }): ItemResult => ({
      item,
      label,
      status: judged.status,
      ...(typeof judged.result.msg === "string" ? { message: judged.result.msg } : {}),
    }));
    return { ...await this.#finish(task, scope, judged), items: await this.#hidden(task, scope) ? undefined : items };
  }

  /** Registers the result and makes the outcome. */
  async #finish(task: Task, scope: LayeredScope, judged: Judged): Promise<TaskOutcome> {
    if (task.register) this.host.set.set(task.register, registered(task, judged));
    const failed = judged.status === "failed";
    const ignored = failed && await this.#evaluate(task, () => isTrue(task.settings.ignoreErrors?.evaluate(scope)));
    const hidden = await this.#hidden(task, scope);
    const result = hidden
      ? { censored: "the output is hidden because 'no_log: true' is set for this task" }
      : judged.known || judged.status === "unknown"
      ? judged.result
      : {};
    return {
      status: ignored ? "ignored" : judged.status,
      name: this.#name(task, scope),
      module: calleeOf(task.callee).name,
      result,
      changes: hidden ? [] : judged.changes.map(withoutSecrets),
      ...(failed ? { place: placeOf(task.span) } : {}),
    };
  }

  async #hidden(task: Task, scope: Scope): Promise<boolean> {
    return await this.#evaluate(task, () => isTrue(task.settings.noLog?.evaluate(scope)));
  }

  /** The task's name; one that cannot be evaluated yet is shown as it was written. */
  #name(task: Task, scope: Scope): string {
    const role = task.role ? `${task.role.name} : ` : "";
    try {
      return role + String(task.name.evaluate(scope));
    } catch (error) {
      if (error instanceof PendingError || error instanceof DiagnosticError) return role + task.label;
      throw error;
    }
  }

  /** The outcome of a task that an error ended. */
  async #broken(task: Task, scope: LayeredScope, error: unknown): Promise<TaskOutcome> {
    const base = { name: this.#name(task, scope), module: calleeOf(task.callee).name, changes: [] };
    if (this.run.signal.aborted) return { ...base, status: "skipped", result: {}, interrupted: true };
    if (error instanceof UnreachableError) {
      return {
        ...base,
        status: "unreachable",
        result: { msg: error.message, unreachable: true },
        place: placeOf(task.span),
      };
    }
    if (error instanceof PendingError) {
      if (!this.run.options.check) throw error;
      for (const name of task.register ? [task.register] : []) this.host.set.set(name, pendingVariable(`'${name}'`));
      return await this.#finish(task, scope, unknownAttempt(error.message));
    }
    const failed = error instanceof DiagnosticError ? failedAttempt(error.message) : failureOf(error);
    if (!failed) throw error;
    return await this.#finish(task, scope, failed);
  }
}

/** Without the keys that have no value. */
function defined(result: { readonly [key: string]: Value | undefined }): Result {
  return Object.fromEntries(Object.entries(result).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

function skipped(condition: Variable): Judged {
  const text = condition.span ? textOf(condition) : "";
  return {
    status: "skipped",
    result: { skipped: true, skip_reason: "Conditional result was False", false_condition: text },
    known: true,
    changes: [],
  };
}

function textOf(variable: Variable): string {
  const { source, start, end } = variable.span!;
  return source.text.slice(start, end);
}

/** What the registered name holds. In check mode a change that was not made leaves all but two keys unknown. */
function registered(task: Task, judged: Judged): Variable {
  return constantVariable(valueOf(task, judged));
}

function valueOf(task: Task, judged: Judged, extra: Result = {}): Value {
  const changed = judged.status === "changed" || judged.status === "predicted";
  const failed = judged.status === "failed";
  const lines = linesOf(judged.result);
  if (judged.known) {
    return {
      ...judged.result,
      ...lines,
      ...extra,
      changed,
      failed,
      ...(judged.status === "skipped" ? { skipped: true } : {}),
    };
  }
  const what = (key?: string) =>
    `'${task.register ?? "result"}${key ? `.${key}` : ""}', which task '${task.label}' sets`;
  const certain: Result = judged.status === "unknown" ? {} : { changed, failed };
  return pendingResult({ ...certain, ...extra, ...resultsOf(judged) }, what);
}

/** A loop's results are a list, whatever is known of each. */
function resultsOf(judged: Judged): Result {
  return "results" in judged.result ? { results: judged.result.results } : {};
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

function messageOf(result: Result, task: Task): string {
  const condition = task.failedWhen?.span ? textOf(task.failedWhen) : "failed_when";
  return typeof result.msg === "string" ? result.msg : `failed_when holds: ${condition}`;
}

function withoutSecrets(change: Change): Change {
  return change.sensitive ? { ...change, before: "", after: "" } : change;
}

function isTrue(value: Value | undefined): boolean {
  return value === true || (typeof value === "string" && /^(true|yes|on|1)$/i.test(value));
}

function shortText(value: Value): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
