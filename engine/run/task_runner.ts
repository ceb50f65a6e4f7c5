/**
 * Runs one task on one host: conditions, loop, attempts, the registered result.
 *
 * @module
 */

import { FACT_NAMES } from "../host/facts.ts";
import type { TouchKey } from "../host/host.ts";
import { touchedKeys } from "../host/touch_keys.ts";
import type { Change, Result, Value } from "../module/module.ts";
import { actsOnce, calleeOf } from "../playbook/load_tasks.ts";
import type { Include, Included, Loop, Task } from "../playbook/playbook.ts";
import {
  type DiagnosticData,
  DiagnosticError,
  diagnosticToJson,
  inputError,
  placeOf,
  type Span,
} from "../support/diagnostic.ts";
import { type ChainPlace, NotRunError, UnreachableError } from "../transport/session.ts";
import { knownPart } from "../variables/pending.ts";
import { type LayeredScope, lazyVariable, pendingVariable } from "../variables/scope.ts";
import { isTrue } from "../variables/values.ts";
import { FactsNeeded, type Layer, PendingError, type Scope, type Variable } from "../variables/variable.ts";
import { pauseBeforeAgain } from "./again.ts";
import type { RunAction } from "./actions/action.ts";
import {
  type Attempt,
  attemptModule,
  failedAttempt,
  failureOf,
  type IncludedTasks,
  misledAttempt,
  unknownAttempt,
} from "./attempt.ts";
import type { RunContext } from "./context.ts";
import type { ItemResult, TaskStatus } from "./event.ts";
import type { HostState } from "./host_state.ts";
import { timeLimit } from "./jobs.ts";
import { delegateOf, type Inspection, openTaskHost, parseArguments, RunningInspection } from "./inspection.ts";
import { type Ask, givenUp, holds, judge } from "./judge.ts";
import { type DoneItem, itemLayer, itemResult, joined } from "./loop.ts";
import { defined, registered, shortText, textOf, withoutSecrets } from "./result_values.ts";
import type { IncludeScope, PlayScope } from "./scopes.ts";
import { sleep } from "./sleep.ts";
import { targetOf } from "./connections.ts";

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
  /** What is to be run before the next task. */
  readonly includes?: readonly IncludedTasks[];
  /** `file:line:column` of the task; there for failures. */
  readonly place?: string;
  /** What in the operator's texts is at fault; undefined where nothing is. */
  readonly diagnostics?: readonly DiagnosticData[];
  /** The run was interrupted while the task ran: it counts as not run. */
  readonly interrupted?: boolean;
}

/** What a task may ask of the host's run around it. */
export interface TaskSurroundings {
  /** What the tasks under way were included through. */
  included(): IncludeScope;
  /** Sets a variable of the host, for the rest of the run. */
  set(name: string, variable: Variable): void;
  /** Called with what a task really changed, before its end is told. */
  changed(touches: readonly TouchKey[]): void;
  /** Starts the inspections of a loop's items, as far as they can be. */
  readAhead(task: Task, scopes: readonly LayeredScope[]): void;
  /** The inspection of the task, or of one item of its loop, that was made ahead, if it still holds. */
  take(task: Task, index?: number): RunningInspection | undefined;
  /** The attempt at the task that was sent ahead as one of a chain. */
  takeSent(task: Task): Promise<Attempt> | undefined;
  /** Runs what acts on another host, when no other host's task acts there. */
  delegated<T>(target: string, work: () => Promise<T>): Promise<T>;
  /** Runs the handlers that are due on this host; resolves when they have ended. */
  flushHandlers(): Promise<void>;
  /** Ends the play after this task, for this host or for all; or this batch of it. */
  end(what: "host" | "batch" | "play"): void;
}

/** Runs tasks on one host. */
export class TaskRunner {
  #gathering: Promise<void> | undefined;

  /** Made once for each host of a play. */
  constructor(
    readonly run: RunContext,
    readonly play: PlayScope,
    readonly host: HostState,
    readonly around: TaskSurroundings,
  ) {}

  /** Runs a task. Never throws for what goes wrong with it. */
  async runTask(task: Task): Promise<TaskOutcome> {
    const scope = this.#scope(task);
    try {
      if (task.loop) return await this.#loop(task, task.loop, scope);
      return await this.#finish(task, scope, await this.#once(task, scope));
    } catch (error) {
      return await this.#broken(task, scope, error);
    }
  }

  /** Starts the inspection of a task. */
  inspect(task: Task, args: { [key: string]: Value }, scope: LayeredScope): RunningInspection {
    return new RunningInspection(this.run, {
      host: this.host.name,
      task,
      raw: args,
      scope,
      check: this.#checks(task, scope),
    });
  }

  /** Runs a task's module as one of a chain of commands. */
  chained(task: Task, args: { [key: string]: Value }, scope: LayeredScope, chain: ChainPlace): Promise<Attempt> {
    const inspection = new RunningInspection(this.run, {
      host: this.host.name,
      task,
      raw: args,
      scope,
      check: false,
      open: { chain },
    });
    return attemptModule(this.run, task, inspection.done, false, this.around.changed);
  }

  /** The outcome of a task that check mode cannot judge. */
  async unknown(task: Task, why: string): Promise<TaskOutcome> {
    const scope = this.#scope(task);
    return await this.#finish(task, scope, await this.#unknown(task, scope, why));
  }

  /** An attempt that cannot be made yet; what follows on the host sees all that it could change as unknown. */
  async #unknown(task: Task, scope: LayeredScope, why: string): Promise<Attempt> {
    if (task.callee.kind === "action") return unknownAttempt(why);
    const { module } = task.callee;
    let reach: readonly TouchKey[] | undefined;
    try {
      const raw = await this.#evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
      const args = await parseArguments(this.run, task, raw, scope);
      reach = module.onlyLooks?.(args) ? [] : module.reach?.(args);
    } catch (error) {
      if (!(error instanceof PendingError || error instanceof DiagnosticError)) throw error;
    }
    const host = await openTaskHost(this.run, this.host.name, task, scope);
    const attempt = unknownAttempt(why, host, reach);
    this.#rememberPlan(attempt);
    return attempt;
  }

  /** The names that a task notifies, and where each was written. */
  async notifies(task: Task): Promise<{ name: string; span?: Span }[]> {
    const scope = this.#scope(task);
    const names = () => task.settings.notify.map((name) => ({ name: String(name.evaluate(scope)), span: name.span }));
    return await this.#evaluate(task, names);
  }

  /** Gathers the host's facts, once. */
  gatherFacts(task: Task): Promise<void> {
    return this.#gathering ??= (async () => {
      const own = { ...task, settings: { ...task.settings, delegateTo: undefined } };
      const { host } = await openTaskHost(this.run, this.host.name, own, this.#scope(task));
      this.host.facts = await host.facts();
    })().finally(() => this.#gathering = undefined);
  }

  /** Whether one host runs the task for all. */
  async actsOnce(task: Task): Promise<boolean> {
    return actsOnce(task) || await this.#keyword(task, task.settings.runOnce, isTrue) === true;
  }

  /** How many hosts may run the task at a time; 0 for no limit of its own. */
  async throttle(task: Task): Promise<number> {
    return await this.#keyword(task, task.settings.throttle, Number) ?? 0;
  }

  /** Whether the task's failure is that of all hosts. */
  async failsAll(task: Task): Promise<boolean> {
    return await this.#keyword(task, task.settings.anyErrorsFatal, isTrue) === true;
  }

  /** The outcome of a task that cannot be run. */
  async failing(task: Task, why: string): Promise<TaskOutcome> {
    return await this.#finish(task, this.#scope(task), failedAttempt(why));
  }

  /** A keyword's value; undefined where it is not given, or wrong, which the task itself will tell. */
  async #keyword<T>(task: Task, keyword: Variable | undefined, read: (value: Value) => T): Promise<T | undefined> {
    if (!keyword) return undefined;
    if (keyword.constant !== undefined) return read(keyword.constant);
    try {
      return await this.#evaluate(task, () => read(keyword.evaluate(this.#scope(task))));
    } catch (error) {
      if (error instanceof DiagnosticError || error instanceof PendingError) return undefined;
      throw error;
    }
  }

  #scope(task: Task): LayeredScope {
    return this.run.scopes.host(this.host, this.play, task, this.around.included());
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

  #ask(task: Task): Ask {
    return (condition, scope) => this.#evaluate(task, () => condition.evaluate(scope) === true);
  }

  #checks(task: Task, scope: Scope): boolean {
    const own = task.settings.checkMode?.evaluate(scope);
    return own === undefined || own === null ? this.run.options.check : isTrue(own);
  }

  /** One task, or one item of its loop: conditions first, then attempts until one holds. */
  async #once(task: Task, scope: LayeredScope, index?: number): Promise<Attempt> {
    const fails = () => task.settings.when.find((condition) => condition.evaluate(scope) !== true);
    const failing = await this.#evaluate(task, fails);
    if (failing) return skippedBy(failing);
    const ask = this.#ask(task);
    const repeats = task.until !== undefined || task.retries !== undefined;
    // As in Ansible: `retries: 3` is four attempts, nothing said is three.
    const retries = Number(await this.#evaluate(task, () => task.retries?.evaluate(scope) ?? 2));
    const delay = Number(await this.#evaluate(task, () => task.delay?.evaluate(scope) ?? 5));
    const most = repeats ? Math.max(1, retries + 1) : 1;
    const begun = performance.now();
    for (let tries = 1;; tries++) {
      const attempt = await judge(task, scope, await this.#attempt(task, scope, index), tries, ask);
      this.#rememberPlan(attempt);
      if (!repeats && await this.#triesAgain(task, scope, attempt, tries, begun)) continue;
      if (!repeats && tries > 1) return { ...attempt, result: { ...attempt.result, attempts: tries } };
      if (!repeats || this.run.signal.aborted || await holds(task, scope, attempt, ask)) return attempt;
      if (tries >= most) return givenUp(task, attempt, tries);
      await sleep(delay, this.run.signal);
    }
  }

  /** Whether a failure that may pass is tried again; waits until then. */
  async #triesAgain(task: Task, scope: Scope, attempt: Attempt, tries: number, begun: number): Promise<boolean> {
    const pause = pauseBeforeAgain(attempt, tries, performance.now() - begun);
    if (pause === undefined || this.run.signal.aborted) return false;
    if (this.run.options.verbosity > 0) {
      const why = await this.#hidden(task, scope) ? "failed" : attempt.result.msg;
      this.run.emit({
        type: "notice",
        host: this.host.name,
        message: `${task.label}: ${why}; trying again in ${pause} s`,
      });
    }
    await sleep(pause, this.run.signal);
    return !this.run.signal.aborted;
  }

  /** Check mode: what follows on the host sees what this task would have done. */
  #rememberPlan({ planned }: Attempt): void {
    if (!planned) return;
    const { host, actions, touches, realPathOf } = planned;
    this.run.planned.of(host.target).add(actions, touches, host.host);
    this.around.changed(touchedKeys(actions, touches, realPathOf ?? ((path) => host.host.realPathOf(path))));
  }

  async #attempt(task: Task, scope: LayeredScope, index?: number): Promise<Attempt> {
    try {
      if (task.callee.kind === "action") return await this.#act(task, task.callee.action as RunAction<unknown>, scope);
      const sent = this.around.takeSent(task);
      if (sent) return await sent;
      if (task.settings.timeout ?? task.async) return await this.#limited(task, scope);
      if (task.settings.delegateTo) return await this.#delegated(task, scope, index);
      const inspecting = this.#inspected(task, scope, index);
      return await attemptModule(this.run, task, inspecting, this.#checks(task, scope), this.around.changed);
    } catch (error) {
      if (error instanceof FactsNeeded) await this.gatherFacts(task);
      // A command that was sent ahead and not run is run now.
      if (error instanceof FactsNeeded || error instanceof NotRunError) return await this.#attempt(task, scope, index);
      const failed = failureOf(error);
      if (!failed) throw error;
      return failed;
    }
  }

  /** A task that acts on another host: one that changes things there does so by itself, on what it read itself. */
  async #delegated(task: Task, scope: LayeredScope, index?: number): Promise<Attempt> {
    const check = this.#checks(task, scope);
    const run = (inspecting: Promise<Inspection>) =>
      attemptModule(this.run, task, inspecting, check, this.around.changed);
    const target = await this.#evaluate(task, () => delegateOf(task, scope, this.host.name));
    const raw = await this.#evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    if (target === undefined || actsAlone(task, raw)) return await run(this.#inspected(task, scope, index));
    return await this.around.delegated(target, () => run(this.inspect(task, raw, scope).done));
  }

  /** A task with a `timeout`, or an `async` one; where `poll` is 0 the play goes on at once. */
  async #limited(task: Task, scope: LayeredScope): Promise<Attempt> {
    const raw = await this.#evaluate(task, () => task.args.value.evaluate(scope) as { [key: string]: Value });
    const seconds = async (keyword: Variable | undefined) =>
      keyword && Number(await this.#evaluate(task, () => keyword.evaluate(scope)));
    const most = await seconds(task.async) || await seconds(task.settings.timeout);
    const check = this.#checks(task, scope);
    const later = !check && await seconds(task.async) && await seconds(task.poll) === 0;
    const limit = timeLimit(most || 2 ** 31 / 1000 - 1, this.run.signal);
    const id = `${task.id}.${crypto.randomUUID().slice(0, 8)}`;
    const open = { signal: limit.signal, ...(later ? { session: id } : {}) };
    const inspection = new RunningInspection(this.run, { host: this.host.name, task, raw, scope, check, open });
    const attempt = attemptModule(this.run, task, inspection.done, check, this.around.changed, limit.signal)
      .catch((error) => failureOf(limit.signal.aborted ? limit.signal.reason : error) ?? Promise.reject(error))
      .finally(() => limit.end());
    if (!later) return await attempt;
    const message = (error: unknown) => error instanceof Error ? error.message : String(error);
    this.run.jobs.add(this.host.name, id, attempt.catch((error) => failedAttempt(message(error))));
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
      setVariable: (name, variable) => this.#setFact(task, scope, name, variable),
      setAnsibleFact: (name, value) => this.host.factsSet[name] = value,
      notice: (message) => this.run.emit({ type: "notice", host: this.host.name, message }),
      flushHandlers: this.around.flushHandlers,
      end: this.around.end,
      clearFacts: () => this.host.facts = undefined,
      gatherFacts: () => this.gatherFacts(task),
      facts: () => this.host.knownFacts,
      include: (name, variable) => this.host.included.set(name, variable),
      resetConnection: async () =>
        await this.run.connections.reset(targetOf(this.host.name, scope, task.settings, this.run.options.connection)),
      task,
      play: this.play,
      run: this.run,
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
      ? delegateOf(task, scope, this.host.name)
      : undefined;
    const other = delegate === undefined ? undefined : this.run.host(delegate);
    if (other) other.set.set(name, variable);
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

  async #loop(task: Task, loop: Loop, scope: LayeredScope): Promise<TaskOutcome> {
    const items = await this.#evaluate(task, () => loop.items.evaluate(scope));
    if (!Array.isArray(items)) {
      const got = items === null ? "nothing" : typeof items === "object" ? "a mapping" : `'${items}'`;
      throw inputError("loop", `'loop' needs a list, got ${got}`, loop.span);
    }
    const scopes = items.map((_, index) => scope.child(itemLayer(loop, items, index)));
    if (this.run.options.lookahead) this.around.readAhead(task, scopes);
    const done: DoneItem[] = [];
    for (const [index, item] of items.entries()) {
      const inner = scopes[index];
      const label = await this.#evaluate(task, () => shortText(loop.label?.evaluate(inner) ?? item));
      const attempt = await this.#item(task, inner, index);
      done.push({ item, label, attempt });
      if (this.run.signal.aborted || await this.#breaks(task, loop, inner, attempt)) break;
      const pause = Number(await this.#evaluate(task, () => loop.pause?.evaluate(inner) ?? 0));
      if (pause > 0 && index < items.length - 1 && !this.run.options.check) await sleep(pause, this.run.signal);
    }
    const outcome = await this.#finish(task, scope, joined(task, loop, done));
    return await this.#hidden(task, scope) ? outcome : { ...outcome, items: done.map(itemResult) };
  }

  async #breaks(task: Task, { breakWhen }: Loop, scope: LayeredScope, attempt: Attempt): Promise<boolean> {
    if (!breakWhen) return false;
    const seen = task.register ? scope.child(new Map([[task.register, registered(task, attempt)]])) : scope;
    return await this.#evaluate(task, () => breakWhen.evaluate(seen) === true);
  }

  /** An item that breaks fails by itself; the others still run, as in Ansible. */
  async #item(task: Task, scope: LayeredScope, index: number): Promise<Attempt> {
    try {
      return await this.#once(task, scope, index);
    } catch (error) {
      if (error instanceof PendingError && this.run.options.check) {
        return await this.#unknown(task, scope, error.message);
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
    const ignored = failed && await this.#evaluate(task, () => isTrue(task.settings.ignoreErrors?.evaluate(scope)));
    const hidden = await this.#hidden(task, scope);
    // What check mode does not know cannot be told: of a loop, the results of its items.
    const { results: _results, ...told } = attempt.result;
    const all = attempt.known ? attempt.result : attempt.status === "unknown" ? told : {};
    // Only check mode and actions, which take any value, can hold what is not known.
    const shown = this.run.options.check || task.callee.kind === "action" ? knownPart(all) as Result : all;
    return {
      status: ignored ? "ignored" : attempt.status,
      name: this.#name(task, scope),
      module: calleeOf(task.callee).name,
      result: hidden ? { censored: "the output is hidden because 'no_log: true' is set for this task" } : shown,
      changes: hidden ? [] : attempt.changes.map(withoutSecrets),
      ...(attempt.includes && attempt.includes.length > 0 ? { includes: attempt.includes } : {}),
      ...(task.settings.delegateTo ? { delegate: this.#delegate(task, scope) } : {}),
      ...(failed ? { place: placeOf(task.span) } : {}),
      ...(attempt.findings && !hidden ? { diagnostics: attempt.findings.map(diagnosticToJson) } : {}),
    };
  }

  /** Each item of a loop may have another. */
  #delegate(task: Task, scope: Scope): string | undefined {
    try {
      return delegateOf(task, scope, this.host.name);
    } catch {
      return undefined;
    }
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

  /** The error; facts that are missing because the play goes without them are explained. */
  #explained(error: DiagnosticError): DiagnosticError {
    if (this.play.play.gatherFacts) return error;
    return new DiagnosticError(error.diagnostics.map((finding) => {
      const name = /^undefined variable 'ansible_(\w+)'$/.exec(finding.message)?.[1];
      if (name === undefined || (name !== "facts" && !FACT_NAMES.has(name))) return finding;
      return { ...finding, help: "the play says 'gather_facts: false'" };
    }));
  }

  /** The outcome of a task that an error ended. */
  async #broken(task: Task, scope: LayeredScope, error: unknown): Promise<TaskOutcome> {
    const base = { name: this.#name(task, scope), module: calleeOf(task.callee).name, changes: [] };
    if (this.run.signal.aborted) return { ...base, status: "skipped", result: {}, interrupted: true };
    if (error instanceof UnreachableError && isTrue(task.settings.ignoreUnreachable?.evaluate(scope))) {
      await this.run.connections.forgetFailures();
      const ignored = await this.#finish(task, scope, failedAttempt(error.message, { unreachable: true }));
      return { ...ignored, status: "unreachable", ignored: true };
    }
    if (error instanceof UnreachableError) {
      const result = { msg: error.message, unreachable: true };
      return { ...base, status: "unreachable", result, place: placeOf(task.span) };
    }
    if (error instanceof PendingError && this.run.options.check) {
      if (task.register) this.around.set(task.register, pendingVariable(`'${task.register}'`));
      return await this.#finish(task, scope, await this.#unknown(task, scope, error.message));
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

/** Whether a task needs no turn: what it does rests on nothing that another one could change meanwhile. */
function actsAlone({ callee }: Task, raw: { readonly [key: string]: Value }): boolean {
  return callee.kind === "module" && (callee.module.waitsForHost === true || callee.module.alwaysActs?.(raw) === true);
}

function skippedBy(condition: Variable): Attempt {
  const result = {
    skipped: true,
    skip_reason: "Conditional result was False",
    false_condition: textOf(condition),
  };
  return { status: "skipped", result, known: true, changes: [] };
}
