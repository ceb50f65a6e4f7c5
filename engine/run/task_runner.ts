/**
 * Runs one task on one host: conditions, loop, attempts, the registered result.
 *
 * @module
 */

import { FACT_NAMES } from "../host/facts.ts";
import type { Change, Result, Value } from "../module/module.ts";
import { calleeOf } from "../playbook/load_tasks.ts";
import type { Loop, Task } from "../playbook/playbook.ts";
import { type DiagnosticData, DiagnosticError, diagnosticToJson, inputError, placeOf } from "../support/diagnostic.ts";
import { UnreachableError } from "../transport/session.ts";
import { knownPart } from "../variables/pending.ts";
import { type LayeredScope, pendingVariable } from "../variables/scope.ts";
import { isTrue } from "../variables/values.ts";
import { PendingError, type Scope, type Variable } from "../variables/variable.ts";
import { pauseBeforeAgain } from "./again.ts";
import { type Attempt, failedAttempt, failureOf, type IncludedTasks, misledAttempt } from "./attempt.ts";
import type { RunContext } from "./context.ts";
import type { ItemResult, TaskStatus } from "./event.ts";
import { givenUp, holds, judge } from "./judge.ts";
import { type DoneItem, itemLayer, itemResult, joined } from "./loop.ts";
import { registered, shortText, textOf, withoutSecrets } from "./result_values.ts";
import { sleep } from "./sleep.ts";
import type { TaskAttempts } from "./task_attempts.ts";
import type { TaskSurroundings } from "./task_surroundings.ts";
import type { TaskValues } from "./task_values.ts";

/** How a task ended on a host, as the event tells it. */
export interface TaskOutcome {
  /** How it ended. */
  readonly status: TaskStatus;
  /** The task's name, behind `ROLE : ` in a role; as written where it cannot be evaluated. */
  readonly name: string;
  /** The module or action that it calls. */
  readonly module: string;
  /** What `register` gets; with `no_log` only a note that it is hidden. */
  readonly result: Result;
  /** The differences made or predicted. */
  readonly changes: readonly Change[];
  /** One for each item of a loop that ran; undefined without a loop. */
  readonly items?: readonly ItemResult[];
  /** The host that it acted on instead. */
  readonly delegate?: string;
  /** The host could not be reached and goes on all the same. */
  readonly ignored?: boolean;
  /** With `no_log`: nothing of it may be shown or kept. */
  readonly hidden?: boolean;
  /** What is to be run before the next task. */
  readonly includes?: readonly IncludedTasks[];
  /** `file:line:column` of the task; there for failures. */
  readonly place?: string;
  /** What in the operator's texts is at fault; undefined where nothing is. */
  readonly diagnostics?: readonly DiagnosticData[];
  /** The run was interrupted while the task ran: it counts as not run. */
  readonly interrupted?: boolean;
}

/** Runs tasks on one host. */
export class TaskRunner {
  /** Made once for each host of a play. */
  constructor(
    readonly values: TaskValues,
    readonly attempts: TaskAttempts,
    readonly around: TaskSurroundings,
  ) {}

  get #run(): RunContext {
    return this.values.run;
  }

  /** Runs a task. Never throws for what goes wrong with it. */
  async runTask(task: Task): Promise<TaskOutcome> {
    const scope = this.values.scope(task);
    try {
      if (task.loop) return await this.#loop(task, task.loop, scope);
      return await this.#finish(task, scope, await this.#once(task, scope));
    } catch (error) {
      return await this.#broken(task, scope, error);
    }
  }

  /** The outcome of a task that check mode cannot judge. */
  async unknown(task: Task, why: string): Promise<TaskOutcome> {
    const scope = this.values.scope(task);
    return await this.#finish(task, scope, await this.attempts.unknown(task, scope, why));
  }

  /** The outcome of a task that cannot be run. */
  async failing(task: Task, why: string): Promise<TaskOutcome> {
    return await this.#finish(task, this.values.scope(task), failedAttempt(why));
  }

  /** One task, or one item of its loop: conditions first, then attempts until one holds. */
  async #once(task: Task, scope: LayeredScope, index?: number): Promise<Attempt> {
    const fails = () => task.settings.when.find((condition) => condition.evaluate(scope) !== true);
    const failing = await this.values.evaluate(task, fails);
    if (failing) return skippedBy(failing);
    const ask = this.values.ask(task);
    const repeats = task.until !== undefined || task.retries !== undefined;
    // As in Ansible: `retries: 3` is four attempts, nothing said is three.
    const retries = Number(await this.values.evaluate(task, () => task.retries?.evaluate(scope) ?? 2));
    const delay = Number(await this.values.evaluate(task, () => task.delay?.evaluate(scope) ?? 5));
    const most = repeats ? Math.max(1, retries + 1) : 1;
    const begun = performance.now();
    for (let tries = 1;; tries++) {
      const judged = await judge(task, scope, await this.attempts.attempt(task, scope, index), tries, ask);
      const attempt = this.around.wasUnderWay() ? asChanged(task, judged) : judged;
      this.attempts.rememberPlan(attempt);
      if (!repeats && await this.#triesAgain(task, scope, attempt, tries, begun)) continue;
      if (!repeats && tries > 1) return { ...attempt, result: { ...attempt.result, attempts: tries } };
      if (!repeats || this.#run.signal.aborted || await holds(task, scope, attempt, ask)) return attempt;
      if (tries >= most) return givenUp(task, attempt, tries);
      await sleep(delay, this.#run.signal);
    }
  }

  /** Whether a failure that may pass is tried again; waits until then. */
  async #triesAgain(task: Task, scope: Scope, attempt: Attempt, tries: number, begun: number): Promise<boolean> {
    const pause = pauseBeforeAgain(attempt, tries, performance.now() - begun);
    if (pause === undefined || this.#run.signal.aborted) return false;
    if (this.#run.options.verbosity > 0) {
      const why = await this.values.hidden(task, scope) ? "failed" : attempt.result.msg;
      this.#run.emit({
        type: "notice",
        host: this.values.host.name,
        message: `${task.label}: ${why}; trying again in ${pause} s`,
      });
    }
    await sleep(pause, this.#run.signal);
    return !this.#run.signal.aborted;
  }

  async #loop(task: Task, loop: Loop, scope: LayeredScope): Promise<TaskOutcome> {
    const items = await this.#items(task, loop, scope);
    if (items === undefined) return await this.#finish(task, scope, await this.#once(task, scope));
    if (!Array.isArray(items)) {
      const got = items === null ? "nothing" : typeof items === "object" ? "a mapping" : `'${items}'`;
      throw inputError("loop", `'loop' needs a list, got ${got}`, loop.span);
    }
    const scopes = items.map((_, index) => scope.child(itemLayer(loop, items, index)));
    if (this.#run.options.lookahead) this.around.readAhead(task, scopes);
    const done: DoneItem[] = [];
    for (const [index, item] of items.entries()) {
      const inner = scopes[index];
      const label = await this.values.evaluate(task, () => shortText(loop.label?.evaluate(inner) ?? item));
      const attempt = await this.#item(task, inner, index);
      done.push({ item, label, attempt });
      if (this.#run.signal.aborted || await this.#breaks(task, loop, inner, attempt)) break;
      const pause = Number(await this.values.evaluate(task, () => loop.pause?.evaluate(inner) ?? 0));
      if (pause > 0 && index < items.length - 1 && !this.#run.options.check) await sleep(pause, this.#run.signal);
    }
    const outcome = await this.#finish(task, scope, joined(task, loop, done));
    return await this.values.hidden(task, scope) ? outcome : { ...outcome, items: done.map(itemResult) };
  }

  /** The list; undefined where it is of no use: it cannot be made, and no item of it would run. */
  async #items(task: Task, loop: Loop, scope: LayeredScope): Promise<Value | undefined> {
    try {
      return await this.values.evaluate(task, () => loop.items.evaluate(scope));
    } catch (error) {
      const isFalse = (condition: Variable) => {
        try {
          return condition.evaluate(scope) === false;
        } catch {
          return false;
        }
      };
      if (error instanceof DiagnosticError && task.settings.when.some(isFalse)) return undefined;
      throw error;
    }
  }

  async #breaks(task: Task, { breakWhen }: Loop, scope: LayeredScope, attempt: Attempt): Promise<boolean> {
    if (!breakWhen) return false;
    const seen = task.register ? scope.child(new Map([[task.register, registered(task, attempt)]])) : scope;
    return await this.values.evaluate(task, () => breakWhen.evaluate(seen) === true);
  }

  /** An item that breaks fails by itself; the others still run, as in Ansible. */
  async #item(task: Task, scope: LayeredScope, index: number): Promise<Attempt> {
    try {
      return await this.#once(task, scope, index);
    } catch (error) {
      if (error instanceof PendingError && this.#run.options.check) {
        return await this.attempts.unknown(task, scope, error.message);
      }
      const failed = this.#failureOf(error);
      if (!failed) throw error;
      return failed;
    }
  }

  /** The failure that an error of the playbook is, or one of the host. */
  #failureOf(error: unknown): Attempt | undefined {
    if (error instanceof DiagnosticError) return misledAttempt(this.#explained(error));
    // What rests on a task that `check_mode: true` keeps from ever being done.
    return error instanceof PendingError ? failedAttempt(error.message) : failureOf(error);
  }

  /** Registers the result and makes the outcome. */
  async #finish(task: Task, scope: LayeredScope, attempt: Attempt): Promise<TaskOutcome> {
    if (task.register) this.around.set(task.register, registered(task, attempt));
    const failed = attempt.status === "failed";
    const ignored = failed &&
      await this.values.evaluate(task, () => isTrue(task.settings.ignoreErrors?.evaluate(scope)));
    const hidden = await this.values.hidden(task, scope);
    // What check mode does not know cannot be told: of a loop, the results of its items.
    const { results: _results, ...told } = attempt.result;
    const all = attempt.known ? attempt.result : attempt.status === "unknown" ? told : {};
    // Only check mode and actions, which take any value, can hold what is not known.
    const shown = this.#run.options.check || task.callee.kind === "action" ? knownPart(all) as Result : all;
    return {
      status: ignored ? "ignored" : attempt.status,
      name: this.values.name(task, scope),
      module: calleeOf(task.callee).name,
      result: hidden ? { censored: "the output is hidden because 'no_log: true' is set for this task" } : shown,
      changes: hidden ? [] : attempt.changes.map(withoutSecrets),
      ...(hidden ? { hidden } : {}),
      ...(attempt.includes && attempt.includes.length > 0 ? { includes: attempt.includes } : {}),
      ...(task.settings.delegateTo ? { delegate: this.values.delegate(task, scope) } : {}),
      ...(failed ? { place: placeOf(task.span) } : {}),
      ...(attempt.findings && !hidden ? { diagnostics: attempt.findings.map(diagnosticToJson) } : {}),
    };
  }

  /** The error; facts that are missing because the play goes without them are explained. */
  #explained(error: DiagnosticError): DiagnosticError {
    if (this.values.play.play.gatherFacts) return error;
    return new DiagnosticError(error.diagnostics.map((finding) => {
      const name = /^undefined variable 'ansible_(\w+)'$/.exec(finding.message)?.[1];
      if (name === undefined || (name !== "facts" && !FACT_NAMES.has(name))) return finding;
      return { ...finding, help: "the play says 'gather_facts: false'" };
    }));
  }

  /** The outcome of a task that an error ended. */
  async #broken(task: Task, scope: LayeredScope, error: unknown): Promise<TaskOutcome> {
    const base = { name: this.values.name(task, scope), module: calleeOf(task.callee).name, changes: [] };
    if (this.#run.signal.aborted) return { ...base, status: "skipped", result: {}, interrupted: true };
    if (error instanceof UnreachableError && isTrue(task.settings.ignoreUnreachable?.evaluate(scope))) {
      await this.#run.connections.forgetFailures();
      const ignored = await this.#finish(task, scope, failedAttempt(error.message, { unreachable: true }));
      return { ...ignored, status: "unreachable", ignored: true };
    }
    if (error instanceof UnreachableError) {
      const result = { msg: error.message, unreachable: true };
      return { ...base, status: "unreachable", result, place: placeOf(task.span) };
    }
    if (error instanceof PendingError && this.#run.options.check) {
      if (task.register) this.around.set(task.register, pendingVariable(`'${task.register}'`));
      return await this.#finish(task, scope, await this.attempts.unknown(task, scope, error.message));
    }
    const failed = this.#failureOf(error);
    if (!failed) throw error;
    try {
      return await this.#finish(task, scope, failed);
    } catch (again) {
      // Whether to ignore or to hide is itself what is wrong: the failure counts and says no more than that.
      if (!(again instanceof DiagnosticError || again instanceof PendingError)) throw again;
      return { ...base, status: "failed", result: { msg: again.message }, place: placeOf(task.span) };
    }
  }
}

/** What a task finds done that was under way when the run's controller was killed is its own work. */
function asChanged(task: Task, attempt: Attempt): Attempt {
  return attempt.status === "ok" && task.changedWhen?.constant !== false ? { ...attempt, status: "changed" } : attempt;
}

function skippedBy(condition: Variable): Attempt {
  const result = {
    skipped: true,
    skip_reason: "Conditional result was False",
    false_condition: textOf(condition),
  };
  return { status: "skipped", result, known: true, changes: [] };
}
