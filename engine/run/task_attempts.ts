/**
 * Attempts at tasks on one host: read ahead or not, delegated, limited in time, or done by the run itself.
 *
 * @module
 */

import type { TouchKey } from "../host/host.ts";
import { touchedKeys } from "../host/touch_keys.ts";
import type { Value } from "../module/module.ts";
import type { Include, Included, Loop, Task } from "../playbook/playbook.ts";
import { DiagnosticError } from "../support/diagnostic.ts";
import { type ChainPlace, NotRunError } from "../transport/session.ts";
import { type LayeredScope, lazyVariable } from "../variables/scope.ts";
import { isTrue } from "../variables/values.ts";
import { FactsNeeded, type Layer, PendingError, type Scope, type Variable } from "../variables/variable.ts";
import type { RunAction } from "./actions/action.ts";
import {
  type Attempt,
  attemptModule,
  failedAttempt,
  failureOf,
  type IncludedTasks,
  unknownAttempt,
} from "./attempt.ts";
import { targetOf } from "./connections.ts";
import { delegateOf, type Inspection, openTaskHost, parseArguments, RunningInspection } from "./inspection.ts";
import { timeLimit } from "./jobs.ts";
import { defined } from "./result_values.ts";
import type { TaskSurroundings } from "./task_surroundings.ts";
import type { TaskValues } from "./task_values.ts";

/** Makes attempts at tasks on one host. */
export class TaskAttempts {
  /** Made once for each host of a play. */
  constructor(readonly values: TaskValues, readonly around: TaskSurroundings) {}

  get #run() {
    return this.values.run;
  }

  get #host() {
    return this.values.host;
  }

  /** Starts the inspection of a task. */
  inspect(task: Task, args: { [key: string]: Value }, scope: LayeredScope): RunningInspection {
    return new RunningInspection(this.#run, {
      host: this.#host.name,
      task,
      raw: args,
      scope,
      check: this.values.checks(task, scope),
    });
  }

  /** Runs a task's module as one of a chain of commands. */
  chained(task: Task, args: { [key: string]: Value }, scope: LayeredScope, chain: ChainPlace): Promise<Attempt> {
    const inspection = new RunningInspection(this.#run, {
      host: this.#host.name,
      task,
      raw: args,
      scope,
      check: false,
      open: { chain },
    });
    return attemptModule(this.#run, task, inspection.done, false, this.around);
  }

  /** An attempt that cannot be made yet; what follows on the host sees all that it could change as unknown. */
  async unknown(task: Task, scope: LayeredScope, why: string): Promise<Attempt> {
    if (task.callee.kind === "action") return unknownAttempt(why);
    const { module } = task.callee;
    let reach: readonly TouchKey[] | undefined;
    try {
      const raw = await this.values.evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
      const args = await parseArguments(this.#run, task, raw, scope);
      reach = module.onlyLooks?.(args) ? [] : module.reach?.(args);
    } catch (error) {
      if (!(error instanceof PendingError || error instanceof DiagnosticError)) throw error;
    }
    const host = await openTaskHost(this.#run, this.#host.name, task, scope);
    const attempt = unknownAttempt(why, host, reach);
    this.rememberPlan(attempt);
    return attempt;
  }

  /** Check mode: what follows on the host sees what this task would have done. */
  rememberPlan({ planned }: Attempt): void {
    if (!planned) return;
    const { host, actions, touches, realPathOf } = planned;
    this.#run.planned.add(host.target, this.#host.name, actions, touches, host.host);
    // Where a path of an outcome that is not known leads is not known either, so nothing read ahead counts on it.
    const vague = touches.some(({ key }) => key.startsWith("path:"));
    this.around.changed(vague ? ["*"] : touchedKeys(actions, touches, realPathOf));
  }

  /** One attempt at a task, or at an item of its loop. */
  async attempt(task: Task, scope: LayeredScope, index?: number): Promise<Attempt> {
    try {
      if (task.callee.kind === "action") return await this.#act(task, task.callee.action as RunAction<unknown>, scope);
      const sent = this.around.takeSent(task);
      if (sent) return await sent;
      if (task.settings.timeout ?? task.async) return await this.#limited(task, scope);
      if (task.settings.delegateTo) return await this.#delegated(task, scope, index);
      const inspecting = this.#inspected(task, scope, index);
      return await attemptModule(this.#run, task, inspecting, this.values.checks(task, scope), this.around);
    } catch (error) {
      if (error instanceof FactsNeeded) await this.values.gatherFacts(task);
      // A command that was sent ahead and not run is run now.
      if (error instanceof FactsNeeded || error instanceof NotRunError) return await this.attempt(task, scope, index);
      const failed = failureOf(error);
      if (!failed) throw error;
      return failed;
    }
  }

  /** A task that acts on another host: one that changes things there does so by itself, on what it read itself. */
  async #delegated(task: Task, scope: LayeredScope, index?: number): Promise<Attempt> {
    const check = this.values.checks(task, scope);
    const run = (inspecting: Promise<Inspection>) => attemptModule(this.#run, task, inspecting, check, this.around);
    const name = this.#host.name;
    // The host itself takes turns with those that act on it.
    const target = await this.values.evaluate(task, () => delegateOf(task, scope, name) ?? name);
    const raw = await this.values.evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    if (actsAlone(task, raw)) return await run(this.#inspected(task, scope, index));
    return await this.around.delegated(target, () => run(this.inspect(task, raw, scope).done));
  }

  /** A task with a `timeout`, or an `async` one; where `poll` is 0 the play goes on at once. */
  async #limited(task: Task, scope: LayeredScope): Promise<Attempt> {
    const raw = await this.values.evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    const seconds = async (keyword: Variable | undefined) =>
      keyword && Number(await this.values.evaluate(task, () => keyword.evaluate(scope)));
    const most = await seconds(task.async) || await seconds(task.settings.timeout);
    const check = this.values.checks(task, scope);
    const inBackground = await seconds(task.async) && await seconds(task.poll) === 0;
    const later = !check && inBackground;
    const limit = timeLimit(most || 2 ** 31 / 1000 - 1, this.#run.signal);
    const id = `${task.id}.${crypto.randomUUID().slice(0, 8)}`;
    const open = { signal: limit.signal, ...(later ? { session: id } : {}) };
    const inspection = new RunningInspection(this.#run, { host: this.#host.name, task, raw, scope, check, open });
    const attempt = attemptModule(this.#run, task, inspection.done, check, this.around, limit.signal)
      .catch((error) => failureOf(limit.signal.aborted ? limit.signal.reason : error) ?? Promise.reject(error))
      .finally(() => limit.end());
    // What goes on in the background has changed something, as far as anyone can tell.
    if (check && inBackground) return { ...await attempt, status: "changed", changes: [] };
    if (!later) return await attempt;
    const message = (error: unknown) => error instanceof Error ? error.message : String(error);
    this.#run.jobs.add(this.#host.name, id, attempt.catch((error) => failedAttempt(message(error))));
    const result = { started: 1, finished: 0, ansible_job_id: id };
    return { status: "changed", result, known: true, changes: [] };
  }

  /** The inspection made ahead, or a fresh one where there is none, it failed, or it went stale. */
  async #inspected(task: Task, scope: LayeredScope, index?: number): Promise<Inspection> {
    const taken = this.around.take(task, index);
    if (taken) {
      const done = await taken.done.then(() => true, () => false);
      if (done && !taken.stale) return taken.done;
    }
    const args = await this.values.evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    return this.inspect(task, args, scope).done;
  }

  async #act(task: Task, action: RunAction<unknown>, scope: LayeredScope): Promise<Attempt> {
    const raw = await this.values.evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    const args = await parseArguments(this.#run, task, raw, scope);
    const outcome = await action.run(args, {
      host: this.#host.name,
      scope,
      verbosity: this.#run.options.verbosity,
      setVariable: (name, variable) => this.#setFact(task, scope, name, variable),
      setAnsibleFact: this.around.setFact,
      notice: (message) => this.#run.emit({ type: "notice", host: this.#host.name, message }),
      flushHandlers: this.around.flushHandlers,
      end: this.around.end,
      clearFacts: () => this.#host.facts = undefined,
      gatherFacts: () => this.values.gatherFacts(task),
      facts: () => this.#host.knownFacts,
      include: (name, variable) => this.#host.included.set(name, variable),
      resetConnection: async () =>
        await this.#run.connections.reset(
          targetOf(this.#host.name, scope, task.settings, this.#run.options.connection),
        ),
      task,
      play: this.values.play,
      run: this.#run,
    });
    const status = outcome.failed ? "failed" : outcome.skipped ? "skipped" : outcome.changed ? "changed" : "ok";
    const included = outcome.include && await this.#load(task, task.include!, outcome.include, scope);
    return {
      status,
      result: defined(outcome.result),
      known: true,
      changes: [],
      ...(included ? { includes: [included] } : {}),
    };
  }

  /** A fact is the host's, or with `delegate_facts` that of the host that the task is delegated to. */
  #setFact(task: Task, scope: Scope, name: string, variable: Variable): void {
    const delegate = isTrue(task.settings.delegateFacts?.evaluate(scope))
      ? delegateOf(task, scope, this.#host.name)
      : undefined;
    const other = delegate === undefined ? undefined : this.#run.host(delegate);
    if (other) this.around.setOn(other, name, variable);
    else this.around.set(name, variable);
  }

  /** What a task includes, with its own variables as they are where it stands. */
  async #load(task: Task, include: Include, included: Included, scope: LayeredScope): Promise<IncludedTasks> {
    const program = await include.load(included, task.args.span);
    const item = task.loop ? [this.#itemOf(task.loop, scope)] : [];
    const vars = include.vars.map((layer) =>
      new Map([...layer].map(([name, variable]) => [name, lazyVariable(() => variable.evaluate(scope))]))
    );
    const isPublic = included.kind === "role" && included.public;
    return { program, params: [...vars.reverse(), ...item], isPublic };
  }

  #itemOf(loop: Loop, scope: LayeredScope): Layer {
    const names = [loop.loopVar, loop.indexVar, "ansible_loop", "ansible_loop_var"];
    const known = names.flatMap((name) => name === undefined || !scope.has(name) ? [] : [name]);
    return new Map(known.map((name) => [name, scope.variable(name)!]));
  }
}

/** Whether a task needs no turn: what it does rests on nothing that another one could change meanwhile. */
function actsAlone({ callee }: Task, raw: { readonly [key: string]: Value }): boolean {
  return callee.kind === "module" && (callee.module.waitsForHost === true || callee.module.alwaysActs?.(raw) === true);
}
