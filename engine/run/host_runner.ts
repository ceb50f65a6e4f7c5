/**
 * Runs a play's program on one host: walks the steps and what they include, recovers from failures, flushes handlers.
 *
 * @module
 */

import type { TouchKey } from "../host/host.ts";
import type { Play, Role, Step, Task } from "../playbook/playbook.ts";
import { firstOf } from "../playbook/outline.ts";
import { selectedByTags } from "../playbook/tags.ts";
import { DiagnosticError, diagnosticToJson, placeOf } from "../support/diagnostic.ts";
import { constantVariable } from "../variables/scope.ts";
import { type Layer, PendingError, type Variable } from "../variables/variable.ts";
import type { Batch } from "./batch.ts";
import { Chains } from "./chain.ts";
import type { RunContext } from "./context.ts";
import { DueHandlers } from "./due_handlers.ts";
import { Frame } from "./frame.ts";
import type { HostState } from "./host_state.ts";
import { Lookahead, namesSetBy } from "./lookahead.ts";
import type { Pacer, Position } from "./pacing.ts";
import { count, isMeta, rememberFailure, tell, timesCounted } from "./report.ts";
import type { IncludedTasks } from "./attempt.ts";
import type { RunningInspection } from "./inspection.ts";
import { Progress } from "./progress.ts";
import { Readings } from "./readings.ts";
import type { Finished } from "./replay.ts";
import type { IncludeScope } from "./scopes.ts";
import { TaskAttempts } from "./task_attempts.ts";
import { type TaskOutcome, TaskRunner } from "./task_runner.ts";
import type { TaskSurroundings } from "./task_surroundings.ts";
import { TaskValues } from "./task_values.ts";

/** How deep tasks may include others. */
const MAX_DEPTH = 50;

/** One host in one batch of a play. */
export class HostRunner {
  readonly #values: TaskValues;
  readonly #attempts: TaskAttempts;
  readonly #tasks: TaskRunner;
  readonly #handlers: DueHandlers;
  readonly #frames: Frame[] = [];
  /** Roles that were included for the whole play to see. */
  readonly #roles: Role[] = [];
  /** Where the task under way stands. */
  #position: Position = [];
  /** The variables that the task under way sets, for the hosts that it runs for too. */
  #sets = new Map<string, Variable>();
  /** What was done before the run was resumed, and what the journal keeps. */
  readonly #progress: Progress;
  /** Counts what is read ahead, where somebody looks. */
  readonly #readings: Readings | undefined;
  #ended = false;

  /** Made once for each host of a batch. */
  constructor(
    readonly run: RunContext,
    readonly batch: Batch,
    readonly host: HostState,
    readonly pacer: Pacer,
  ) {
    this.#readings = run.options.verbosity >= 2 && run.options.lookahead ? new Readings() : undefined;
    batch.join(this);
    this.#progress = new Progress(run, batch, host);
    this.#handlers = new DueHandlers(host, batch.scope.play.handlers);
    const around: TaskSurroundings = {
      changed: (touches) => batch.changed(this, touches),
      delegated: (target, work) => batch.delegated(target, work),
      readAhead: (task, scopes) => this.#frame.lookahead.items(task, scopes),
      take: (task, index) => this.#take(task, index),
      takeSent: (task) => this.#frame.chains.take(task),
      set: (name, variable) => this.#set(name, variable),
      setOn: (other, name, variable) => {
        other.set.set(name, variable);
        this.#progress.setsOn(other.name, name, variable);
      },
      setFact: (name, value) => {
        host.factsSet[name] = value;
        this.#progress.setsFact(name, value);
      },
      acts: (task) => this.#progress.acts(this.#placeOf(task)),
      wasUnderWay: () => this.#progress.wasUnderWay,
      flushHandlers: () => this.#flushHandlers(this.#position),
      end: (what) => {
        if (what === "host") this.#ended = true;
        else batch.ended = what;
      },
    };
    this.#values = new TaskValues(run, batch.scope, host, () => this.#frame.included);
    this.#attempts = new TaskAttempts(this.#values, around);
    this.#tasks = new TaskRunner(this.#values, this.#attempts, around);
  }

  /** Something changed on the host, or on one that its tasks read too. */
  invalidate(touches: readonly TouchKey[]): void {
    for (const frame of this.#frames) frame.lookahead.invalidate(touches);
  }

  /** The play that is run. */
  get play(): Play {
    return this.batch.scope.play;
  }

  get #frame(): Frame {
    return this.#frames.at(-1)!;
  }

  /** Runs the whole program. Never throws for what goes wrong on the host. */
  async runAll(): Promise<void> {
    const done = await this.#walk(this.#makeFrame(this.play.steps, []));
    if (done === "failed") this.host.out = true;
    if (this.host.out) this.batch.lost();
    if (done === "failed" && this.batch.scope.forceHandlers && this.batch.ended === undefined) {
      this.#frames.push(this.#makeFrame([], []));
      await this.#flushHandlers([this.play.steps.length]);
    }
    if (this.#readings) this.run.emit(this.#readings.event(this.play.name, this.host.name));
  }

  #set(name: string, variable: Variable): void {
    this.host.set.set(name, variable);
    this.#sets.set(name, variable);
    this.#progress.sets(name, variable);
  }

  /** Where a task stands: the one under way, or one of the steps that follow it. */
  #placeOf(task: Task): Position {
    const { steps, position } = this.#frame;
    const at = steps.findIndex((step) => step.kind === "task" && step.task === task);
    return at === -1 ? this.#position : [...position, at];
  }

  #take(task: Task, index?: number): RunningInspection | undefined {
    const inspection = this.#frame.lookahead.take(task, index);
    if (inspection) this.#readings?.taken(task, inspection);
    return inspection;
  }

  #makeFrame(
    steps: readonly Step[],
    position: Position,
    params: readonly Layer[] = [],
    loops = "",
    rescuable = false,
  ): Frame {
    const { run, host } = this;
    const included: IncludeScope = { params, roles: this.#roles };
    const ofHost = {
      scope: (task: Task) => run.scopes.host(host, this.batch.scope, task, included),
      selected: (task: Task) => this.#selected(task),
    };
    const lookahead = new Lookahead(steps, {
      ...ofHost,
      handlersSet: () => this.play.handlers.some(({ task }) => task.include || namesSetBy(task).length > 0),
      inspect: (task, args, scope) => {
        this.#readings?.made(task);
        return this.#attempts.inspect(task, args, scope);
      },
      gather: (task) => this.#values.gatherFacts(task),
    });
    const chains = new Chains(steps, {
      ...ofHost,
      attempt: (task, args, scope, place) => this.#attempts.chained(task, args, scope, place),
    });
    return new Frame(steps, position, loops, included, rescuable, lookahead, chains);
  }

  /** Whether the host begins another step. */
  #goesOn(frame: Frame, step: Step): boolean {
    const { ended, fatal } = this.batch;
    if (this.host.out || this.#ended || ended !== undefined || this.run.signal.aborted) return false;
    return !fatal || ("block" in step && frame.isRecovering(step.block));
  }

  async #walk(frame: Frame): Promise<"done" | "failed"> {
    const { start } = this.run.options;
    const from = start?.play === this.play ? firstOf(start, frame.position) : 0;
    this.#frames.push(frame);
    try {
      for (let at: number | undefined = from; at < frame.steps.length;) {
        if (!this.#goesOn(frame, frame.steps[at])) return "done";
        at = await this.#step(frame, frame.steps[at], at);
        if (at === undefined) return "failed";
      }
      return "done";
    } finally {
      this.#frames.pop();
    }
  }

  /** Does a step; where to go on, or undefined after a failure that nothing takes. */
  async #step(frame: Frame, step: Step, at: number): Promise<number | undefined> {
    if (step.kind === "endPart") return step.block.always;
    if (step.kind === "endBlock") return frame.afterBlock(step.block, at);
    const position = [...frame.position, at];
    if (step.kind === "flushHandlers") {
      await this.pacer.before(position);
      await this.#flushHandlers(position);
      return at + 1;
    }
    if (!this.#selected(step.task)) return at + 1;
    await this.pacer.before(position);
    if (!this.#goesOn(frame, step)) return at;
    if (!this.#progress.hasDone(step.task, position)) {
      if (await this.run.options.confirm?.(step.task) === false) return at + 1;
    }
    // What was done before the run was resumed must not be sent ahead.
    if (this.run.options.lookahead && !this.#progress.isBehind) {
      if (!this.run.options.check) frame.chains.start(at);
      frame.lookahead.fill(at);
    }
    const failed = await this.#runTask(step.task, position, frame.willRescue(step.block, at));
    frame.lookahead.passed(step.task);
    if (!failed) return at + 1;
    const next = frame.recover(step.block, at);
    frame.lookahead.reset(next ?? frame.steps.length);
    frame.chains.clear();
    return next;
  }

  #selected(task: Task): boolean {
    return selectedByTags(task.settings.tags, this.run.options.tags);
  }

  /** Runs a task, or takes over what another host ran for all; whether the host has failed with it. */
  async #runTask(task: Task, position: Position, rescuable: boolean): Promise<boolean> {
    if (!await this.#values.actsOnce(task)) return (await this.#ownTask(task, position, rescuable)).failed;
    const key = `${task.id}@${position}`;
    const shared = this.batch.once(key);
    if (shared) {
      for (const [name, variable] of await shared) this.host.set.set(name, variable);
      return false;
    }
    this.#sets = new Map();
    try {
      const { failed } = await this.#ownTask(task, position, rescuable, true);
      if (failed && !rescuable) this.batch.fatal = true;
      return failed;
    } finally {
      this.batch.settle(key, this.#sets);
    }
  }

  async #ownTask(
    task: Task,
    position: Position,
    rescuable: boolean,
    forAll = false,
  ): Promise<{ failed: boolean }> {
    const finished = this.#progress.begin(task, position, forAll);
    if (finished) return this.#replay(finished);
    this.#position = position;
    const started = performance.now();
    const throttle = await this.#values.throttle(task);
    const ended = await this.batch.task(task.id, throttle, () => this.#tasks.runTask(task));
    if (this.run.signal.aborted && ended.interrupted) return { failed: false };
    const outcome = await this.#notify(task, ended);
    this.#notifyAgain(this.#progress.notifiedBefore);
    const failing = outcome.status === "failed";
    const rescued = failing && rescuable;
    const unreachable = outcome.status === "unreachable" && !outcome.ignored;
    const lost = unreachable || (failing && !rescued);
    if (rescued) rememberFailure((name, variable) => this.#set(name, variable), outcome);
    for (let times = timesCounted(task, outcome); times > 0; times--) count(this.host, outcome, rescued);
    if (!isMeta(task) || failing) {
      tell(
        this.run,
        this.play.name,
        this.host,
        task,
        this.#frame.loops,
        outcome,
        rescued ? "rescued" : outcome.status,
        started,
        this.#progress.ended(task, position, outcome, lost),
      );
    }
    if (unreachable) this.host.out = this.host.unreachable = true;
    if ((failing && !rescued) || this.host.out) {
      if (await this.#values.failsAll(task)) this.batch.fatal = true;
    }
    if (failing) return { failed: true };
    return { failed: !await this.#include(outcome.includes ?? [], task, position, rescuable) };
  }

  /** Takes over how a task ended before the run was resumed: what it set, whom it notified, how it counts. */
  #replay({ event, done }: Finished): { failed: boolean } {
    for (const [name, value] of Object.entries(done.set ?? {})) this.#set(name, constantVariable(value));
    Object.assign(this.host.factsSet, done.facts);
    for (const [host, values] of Object.entries(done.others ?? {})) {
      for (const [name, value] of Object.entries(values)) this.run.host(host)?.set.set(name, constantVariable(value));
    }
    this.#notifyAgain(done.notify ?? []);
    const rescued = event.status === "rescued";
    count(this.host, rescued ? { ...event, status: "failed" } : event, rescued);
    this.run.emit({ ...event, host: this.host.name, replayed: true });
    return { failed: rescued };
  }

  /** Handlers that were notified before the run was resumed; one that is gone since cannot be run. */
  #notifyAgain(names: readonly string[]): void {
    for (const name of names) {
      try {
        this.#handlers.notify(name, undefined, true);
      } catch (error) {
        if (!(error instanceof DiagnosticError)) throw error;
        this.run.emit({ type: "notice", host: this.host.name, message: `not run: ${error.message}` });
      }
    }
  }

  /** Runs what a task included, one after the other; false where that fails. */
  async #include(
    includes: readonly IncludedTasks[],
    task: Task,
    position: Position,
    rescuable: boolean,
  ): Promise<boolean> {
    for (const [index, { program, params, isPublic }] of includes.entries()) {
      if (position.length > 2 * MAX_DEPTH) return await this.#tooDeep(task, rescuable);
      this.#handlers.add(program);
      if (isPublic) this.#roles.push(...program.roles);
      const all = [...params, ...this.#frame.included.params];
      const loops = this.#frame.loops + (task.loop ? `#${index}` : "");
      const frame = this.#makeFrame(program.steps, [...position, index], all, loops, rescuable);
      if (await this.#walk(frame) === "failed") return false;
    }
    return true;
  }

  async #tooDeep(task: Task, rescuable: boolean): Promise<false> {
    const outcome = await this.#tasks.failing(task, `tasks include each other more than ${MAX_DEPTH} levels deep`);
    count(this.host, outcome, rescuable);
    tell(
      this.run,
      this.play.name,
      this.host,
      task,
      this.#frame.loops,
      outcome,
      rescuable ? "rescued" : "failed",
      performance.now(),
    );
    return false;
  }

  /**
   * Marks handlers as due; a task that only may change makes them due in check mode as unknown. A name that no handler
   * has fails the task.
   */
  async #notify(task: Task, outcome: TaskOutcome): Promise<TaskOutcome> {
    const certain = outcome.status === "changed" || outcome.status === "predicted";
    if (task.settings.notify.length === 0 || (!certain && outcome.status !== "unknown")) return outcome;
    try {
      for (const { name, span } of await this.#values.notifies(task)) {
        this.#handlers.notify(name, span, certain);
        this.#progress.notifies(name);
      }
      return outcome;
    } catch (error) {
      if (error instanceof PendingError) {
        return { ...outcome, status: this.run.options.check ? "unknown" : "failed", result: { msg: error.message } };
      }
      if (!(error instanceof DiagnosticError)) throw error;
      const result = { ...outcome.result, msg: error.message };
      const diagnostics = error.diagnostics.map(diagnosticToJson);
      return { ...outcome, status: "failed", result, place: placeOf(task.span), diagnostics };
    }
  }

  /** Runs the handlers that were notified; at a failed host only where handlers are forced. */
  async #flushHandlers(position: Position): Promise<void> {
    this.#notifyAgain(this.#progress.takeDue());
    for (const { handler: { task }, place, certain } of this.#handlers.take()) {
      if (this.run.signal.aborted || this.host.unreachable) return;
      const forced = this.batch.scope.forceHandlers;
      if (this.host.out && !forced) return;
      const at = [...position, place];
      await this.pacer.before(at);
      if (await this.run.options.confirm?.(task) === false) continue;
      const failed = certain ? await this.#runTask(task, at, false) : await this.#skipUncertain(task);
      if (failed) this.host.out = true;
    }
  }

  async #skipUncertain(task: Task): Promise<false> {
    const started = performance.now();
    const outcome = await this.#tasks.unknown(task, "a task that may change notifies this handler");
    count(this.host, outcome, false);
    tell(this.run, this.play.name, this.host, task, "", outcome, "unknown", started);
    return false;
  }
}
