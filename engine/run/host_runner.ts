/**
 * Runs a play's program on one host: walks the steps, recovers from failures, flushes handlers, keeps the counts.
 *
 * @module
 */

import type { Block, Handler, Play, Step, Task } from "../playbook/playbook.ts";
import { selectedByTags } from "../playbook/tags.ts";
import { DiagnosticError, diagnosticToJson, inputError, placeOf } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { constantVariable } from "../variables/scope.ts";
import { PendingError } from "../variables/variable.ts";
import type { RunContext } from "./context.ts";
import type { TaskEvent, TaskStatus } from "./event.ts";
import type { HostState } from "./host_state.ts";
import { Chains } from "./chain.ts";
import type { RunningInspection } from "./inspection.ts";
import { Lookahead } from "./lookahead.ts";
import { Readings } from "./readings.ts";
import type { PlayScope } from "./scopes.ts";
import { type TaskOutcome, TaskRunner } from "./task_runner.ts";

/** Lets hosts wait for each other where the play makes it observable. */
export interface Pacer {
  /** Called before each step that runs a task; resolves when the host may go on. */
  before(step: number): Promise<void>;
  /** Called when the host has left the play. */
  leave(): void;
}

/** One host in one play. */
export class HostRunner {
  readonly #lookahead: Lookahead;
  readonly #chains: Chains;
  readonly #tasks: TaskRunner;
  readonly #readings: Readings | undefined;
  /** Blocks whose `always` part runs while a failure waits. */
  readonly #failing = new Set<Block>();
  #ended = false;

  /** Made once for each host of a play; `endPlay` ends the play for all hosts. */
  constructor(
    readonly run: RunContext,
    readonly scope: PlayScope,
    readonly host: HostState,
    readonly endPlay: () => void,
    readonly pacer: Pacer,
  ) {
    this.#readings = run.options.verbosity >= 2 && run.options.lookahead ? new Readings() : undefined;
    this.#tasks = new TaskRunner(run, scope, host, {
      changed: (touches) => this.#lookahead.invalidate(touches),
      readAhead: (task, scopes) => this.#lookahead.items(task, scopes),
      take: (task, index) => this.#take(task, index),
      takeSent: (task) => this.#chains.take(task),
      flushHandlers: () => this.#flushHandlers(),
      end: (what) => {
        if (what === "play") this.endPlay();
        this.#ended = true;
      },
    });
    this.#lookahead = new Lookahead(this.play.steps, {
      scope: (task) => run.scopes.host(host, scope, task),
      selected: (task) => this.#selected(task),
      inspect: (task, args, taskScope) => {
        this.#readings?.made(task);
        return this.#tasks.inspect(task, args, taskScope);
      },
      gather: (task) => this.#tasks.gatherFacts(task),
    });
    this.#chains = new Chains(this.play.steps, {
      scope: (task) => run.scopes.host(host, scope, task),
      selected: (task) => this.#selected(task),
      attempt: (task, args, taskScope, place) => this.#tasks.chained(task, args, taskScope, place),
    });
  }

  /** The play that is run. */
  get play(): Play {
    return this.scope.play;
  }

  /** Runs the whole program. Never throws for what goes wrong on the host. */
  async runAll(ended: () => boolean): Promise<void> {
    const { steps } = this.play;
    const { start } = this.run.options;
    let at = start?.play === this.play ? start.step : 0;
    while (at < steps.length && !this.host.out && !this.#ended && !ended() && !this.run.signal.aborted) {
      at = await this.#step(steps[at], at);
    }
    this.pacer.leave();
    if (this.#readings) this.run.emit(this.#readings.event(this.play.name, this.host.name));
  }

  #take(task: Task, index?: number): RunningInspection | undefined {
    const taken = this.#lookahead.take(task, index);
    if (taken) this.#readings?.taken(task, taken);
    return taken;
  }

  async #step(step: Step, at: number): Promise<number> {
    if (step.kind === "flushHandlers") {
      await this.#flushHandlers();
      return at + 1;
    }
    if (step.kind === "endPart") return step.block.always;
    if (step.kind === "endBlock") {
      return this.#failing.delete(step.block) ? this.#recover(step.block.parent, at) : at + 1;
    }
    if (!this.#selected(step.task)) return at + 1;
    await this.pacer.before(at);
    if (await this.run.options.confirm?.(step.task) === false) return at + 1;
    if (this.run.options.lookahead) {
      if (!this.run.options.check) this.#chains.start(at);
      this.#lookahead.fill(at);
    }
    const outcome = await this.#runTask(step.task, step.block, at);
    this.#lookahead.passed(step.task);
    if (outcome.status !== "failed") return at + 1;
    const next = this.#recover(step.block, at);
    this.#lookahead.reset(next);
    this.#chains.clear();
    return next;
  }

  /** Where the program goes on after a failure at a step inside a block; marks the host as failed where it cannot. */
  #recover(block: Block | undefined, at: number): number {
    let position = at;
    for (let inner = block; inner; inner = inner.parent) {
      const main = inner.rescue ?? inner.always;
      if (position < main && inner.rescue !== undefined) return inner.rescue;
      if (position < inner.always) {
        this.#failing.add(inner);
        return inner.always;
      }
      position = inner.start;
    }
    this.host.out = true;
    return this.play.steps.length;
  }

  #willRescue(block: Block | undefined, at: number): boolean {
    let position = at;
    for (let inner = block; inner; inner = inner.parent) {
      if (inner.rescue !== undefined && position < inner.rescue) return true;
      position = inner.start;
    }
    return false;
  }

  #selected(task: Task): boolean {
    return selectedByTags(task.settings.tags, this.run.options.tags);
  }

  async #runTask(task: Task, block: Block | undefined, at: number): Promise<TaskOutcome> {
    const started = performance.now();
    const ended = await this.#tasks.runTask(task);
    if (this.run.signal.aborted && ended.interrupted) return ended;
    const outcome = await this.#notify(task, ended);
    const rescued = outcome.status === "failed" && this.#willRescue(block, at);
    this.#count(outcome, rescued);
    if (rescued) this.#rememberFailure(outcome);
    if (outcome.status === "unreachable") this.host.out = true;
    this.#emit(task, outcome, rescued ? "rescued" : outcome.status, started);
    return outcome;
  }

  #count({ status }: TaskOutcome, rescued: boolean): void {
    const { counts } = this.host;
    if (status === "failed") counts[rescued ? "rescued" : "failed"]++;
    else if (status === "unreachable" || status === "skipped" || status === "unknown") counts[status]++;
    else counts.ok++;
    if (status === "changed" || status === "predicted") counts.changed++;
    if (status === "ignored") counts.ignored++;
  }

  /** What a rescue may look at: the task that failed and its result, as Ansible has them. */
  #rememberFailure(outcome: TaskOutcome): void {
    this.host.set.set("ansible_failed_task", constantVariable({ name: outcome.name, action: outcome.module }));
    this.host.set.set("ansible_failed_result", constantVariable({ ...outcome.result, failed: true }));
  }

  #emit(task: Task, outcome: TaskOutcome, status: TaskStatus, started: number): void {
    const event: TaskEvent = {
      type: "task",
      id: task.id,
      play: this.play.name,
      name: outcome.name,
      module: outcome.module,
      host: this.host.name,
      status,
      changes: outcome.changes,
      result: outcome.result,
      seconds: Math.round(performance.now() - started) / 1000,
      at: new Date().toISOString(),
      ...(task.handler ? { handler: true as const } : {}),
      ...(outcome.items ? { items: outcome.items } : {}),
      ...(outcome.place ? { place: outcome.place } : {}),
      ...(outcome.diagnostics ? { diagnostics: outcome.diagnostics } : {}),
    };
    this.run.emit(event);
  }

  /**
   * Marks handlers as due; a task that only may change makes them due in check mode as unknown. A name that no handler
   * has fails the task.
   */
  async #notify(task: Task, outcome: TaskOutcome): Promise<TaskOutcome> {
    const certain = outcome.status === "changed" || outcome.status === "predicted";
    if (task.notify.length === 0 || (!certain && outcome.status !== "unknown")) return outcome;
    try {
      const due = (await this.#tasks.notifies(task)).flatMap(({ name, span }) => {
        const handlers = this.play.handlers.filter((handler) => handler.topics.has(name));
        if (handlers.length > 0) return handlers;
        const known = this.play.handlers.flatMap((handler) => [...handler.topics]);
        throw inputError("unknown-handler", `there is no handler '${name}'`, span, didYouMean(name, known));
      });
      for (const handler of due) this.host.due.set(handler, certain || this.host.due.get(handler) === true);
      return outcome;
    } catch (error) {
      if (error instanceof PendingError) {
        return { ...outcome, status: this.run.options.check ? "unknown" : "failed", result: { msg: error.message } };
      }
      if (!(error instanceof DiagnosticError)) throw error;
      return {
        ...outcome,
        status: "failed",
        result: { ...outcome.result, msg: error.message },
        place: placeOf(task.span),
        diagnostics: error.diagnostics.map(diagnosticToJson),
      };
    }
  }

  /** Runs the handlers that were notified, in the order they are defined; each once, also when another notifies it. */
  async #flushHandlers(): Promise<void> {
    const { due } = this.host;
    const ran = new Set<Handler>();
    const next = () => this.play.handlers.find((handler) => due.has(handler) && !ran.has(handler));
    for (let handler = next(); handler && !this.host.out && !this.run.signal.aborted; handler = next()) {
      const certain = due.get(handler) === true;
      due.delete(handler);
      ran.add(handler);
      if (await this.run.options.confirm?.(handler.task) === false) continue;
      await this.#runHandler(handler, certain);
    }
  }

  async #runHandler(handler: Handler, certain: boolean): Promise<void> {
    const outcome = certain ? await this.#runTask(handler.task, undefined, 0) : await this.#skipUncertain(handler.task);
    if (outcome.status === "failed") this.host.out = true;
  }

  async #skipUncertain(task: Task): Promise<TaskOutcome> {
    const started = performance.now();
    const outcome = await this.#tasks.unknown(task, "a task that may change notifies this handler");
    this.#count(outcome, false);
    this.#emit(task, outcome, "unknown", started);
    return outcome;
  }
}
