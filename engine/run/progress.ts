/**
 * How far one host has come in one play: what it did before the run was resumed, and what the journal keeps of it now.
 *
 * @module
 */

import type { Task } from "../playbook/playbook.ts";
import type { Value } from "../module/module.ts";
import type { Variable } from "../variables/variable.ts";
import type { Batch } from "./batch.ts";
import type { RunContext } from "./context.ts";
import { doneOf, Effects } from "./effects.ts";
import type { HostState } from "./host_state.ts";
import type { Done } from "./journal.ts";
import type { Position } from "./pacing.ts";
import type { Before, Finished, HostReplay } from "./replay.ts";
import type { TaskOutcome } from "./task_runner.ts";

/** One host's progress in one play. */
export class Progress {
  readonly #replay: HostReplay | undefined;
  /** Tasks of which the journal knows that they have begun. */
  readonly #begun = new Set<string>();
  #before: Before | undefined;
  #effects = new Effects();

  /** Made once for each host of a batch. */
  constructor(readonly run: RunContext, readonly batch: Batch, readonly host: HostState) {
    this.#replay = run.options.replay?.of(batch.scope.number, host.name);
  }

  /** Whether there are tasks that the host did before the run was resumed, and has yet to come past. */
  get isBehind(): boolean {
    return this.#replay?.isLeft ?? false;
  }

  /** Whether the host did the task before the run was resumed. */
  hasDone(task: Task, position: Position): boolean {
    return this.#replay?.has(position, task) ?? false;
  }

  /**
   * A task's turn has come.
   *
   * @param forAll whether one host runs it for all
   * @returns how it ended before the run was resumed; undefined where it is to be run
   */
  begin(task: Task, position: Position, forAll: boolean): Finished | undefined {
    const own = this.#replay?.take(position, task);
    const finished = own?.finished ?? (forAll ? this.#finishedForAll(position) : undefined);
    this.#before = own && { ...own, finished };
    this.#effects = new Effects();
    if (!finished || finished.done.again || repeats(task)) return undefined;
    return finished;
  }

  /** A host of the same batch ran it, or one that a limit leaves out now. */
  #finishedForAll(position: Position): Finished | undefined {
    const { members, scope: { number, hosts } } = this.batch;
    const isMember = (host: string) => members.some(({ name }) => name === host);
    const isThere = (host: string) => hosts.some(({ name }) => name === host);
    return this.run.options.replay?.once(number, position, (host) => isMember(host) || !isThere(host));
  }

  /** The handlers that the task under way notified before the run was resumed. */
  get notifiedBefore(): readonly string[] {
    return this.#before?.finished?.done.notify ?? [];
  }

  /** The handlers that stay notified though their tasks are run again. */
  takeDue(): readonly string[] {
    return this.#replay?.takeDue() ?? [];
  }

  /** Whether the task under way may have done its work already, when the controller of the run was killed. */
  get wasUnderWay(): boolean {
    return this.#before?.begun ?? false;
  }

  /** A task is about to change something. */
  acts(position: Position): void {
    const { journal } = this.run.options;
    const key = position.join(".");
    if (!journal || this.#begun.has(key)) return;
    this.#begun.add(key);
    journal.begun(this.batch.scope.number, this.host.name, position);
  }

  /** The task under way sets a variable of its host. */
  sets(name: string, variable: Variable): void {
    this.#effects.set.set(name, variable);
  }

  /** It sets a variable of another host. */
  setsOn(host: string, name: string, variable: Variable): void {
    this.#effects.setOn(host, name, variable);
  }

  /** It sets a fact of its host. */
  setsFact(name: string, value: Value): void {
    this.#effects.facts[name] = value;
  }

  /** It notifies a handler. */
  notifies(name: string): void {
    this.#effects.notified.push(name);
  }

  /** What is told with the end of the task under way, `lost` if the host left the run with it. */
  ended(task: Task, position: Position, outcome: TaskOutcome, lost: boolean): { done?: Done; replayed?: true } {
    if (this.#before?.finished && repeats(task)) return { replayed: true };
    const { options, redactor } = this.run;
    if (!options.journal || options.check) return {};
    const place = { play: this.batch.scope.number, position, ...(lost ? { lost } : {}) };
    return { done: doneOf(task, place, outcome, this.#effects, redactor) };
  }
}

/** Whether a resumed run does the task again, as it acts on what the run alone knows. */
function repeats({ callee }: Task): boolean {
  return callee.kind === "action" && callee.action.repeats === true;
}
