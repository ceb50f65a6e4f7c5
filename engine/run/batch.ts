/**
 * The hosts that take a play together: all of it, or one batch of `serial`. What they share is here: where they wait for
 * each other, who runs a task for all, and what ends it for all.
 *
 * @module
 */

import type { Layer } from "../variables/variable.ts";
import type { TouchKey } from "../host/host.ts";
import type { HostState } from "./host_state.ts";
import { Limiter, type Pacer, StepPacer } from "./pacing.ts";
import type { PlayScope } from "./scopes.ts";

/** What ends before its last task. */
export type End = "batch" | "play" | "run";

/** One batch of a play. */
export class Batch {
  /** What is ended: no host begins another task of it. */
  ended: End | undefined;
  /** A failure counts for all: only what rescues or always runs goes on. */
  fatal = false;
  readonly #pacer: StepPacer | undefined;
  readonly #runners = new Set<{ invalidate(touches: readonly TouchKey[]): void }>();
  readonly #shared: boolean;
  readonly #targets = new Map<string, Limiter>();
  readonly #forks: Limiter;
  readonly #throttles = new Map<string, Limiter>();
  readonly #once = new Map<string, { result: Promise<Layer>; settle: (result: Layer) => void }>();
  #failed = 0;

  /**
   * Made when the batch begins.
   *
   * @param members the hosts of the batch
   * @param hosts those of them that are still in the run
   * @param paced whether they take each task together
   * @param forks how many of them at a time
   */
  constructor(
    readonly scope: PlayScope,
    readonly members: readonly HostState[],
    readonly hosts: readonly HostState[],
    readonly paced: boolean,
    forks: number,
    readonly maxFailPercentage?: number,
  ) {
    this.#failed = members.length - hosts.length;
    this.#forks = new Limiter(forks);
    this.#shared = scope.play.tasks.some(({ settings }) => settings.delegateTo !== undefined);
    if (paced && hosts.length > 1) this.#pacer = new StepPacer(hosts.length);
  }

  /** Runs a host's whole program, when there is room for it. Hosts that wait for each other must all have begun. */
  async play(host: HostState, work: (pacer: Pacer) => Promise<void>): Promise<void> {
    if (!this.#pacer) return await this.#forks.run(() => work(FREE));
    const pacer = this.#pacer.join(this.hosts.indexOf(host));
    try {
      await work(pacer);
    } finally {
      pacer.leave();
    }
  }

  /** Runs one task, when there is room for it: `forks` hosts at a time, or fewer by the task's `throttle`. */
  async task<T>(id: string, throttle: number, work: () => Promise<T>): Promise<T> {
    const paced = () => this.#pacer ? this.#forks.run(work) : work();
    if (throttle <= 0) return await paced();
    let limiter = this.#throttles.get(id);
    if (!limiter || limiter.limit !== throttle) this.#throttles.set(id, limiter = new Limiter(throttle));
    return await limiter.run(paced);
  }

  /**
   * Who runs a task for all: the first that asks runs it, the others get what it set.
   *
   * @param key the task and where in the program it stands
   * @returns the variables that it set; undefined for the one that is to run it, and to call {@linkcode settle} then
   */
  once(key: string): Promise<Layer> | undefined {
    const known = this.#once.get(key);
    if (known) return known.result;
    let settle: (result: Layer) => void = () => {};
    const result = new Promise<Layer>((resolve) => settle = resolve);
    this.#once.set(key, { result, settle });
    return undefined;
  }

  /** The task that one host runs for all has ended. */
  settle(key: string, result: Layer): void {
    this.#once.get(key)?.settle(result);
  }

  /** Takes a host's runner, to tell it of changes. */
  join(runner: { invalidate(touches: readonly TouchKey[]): void }): void {
    this.#runners.add(runner);
  }

  /** Something changed on a host. Where tasks act on other hosts, what was read for any of them may be stale. */
  changed(runner: { invalidate(touches: readonly TouchKey[]): void }, touches: readonly TouchKey[]): void {
    if (!this.#shared) return runner.invalidate(touches);
    for (const each of this.#runners) each.invalidate(touches);
  }

  /** Tasks of several hosts that change the same other host take turns, so that none overwrites what another wrote. */
  async delegated<T>(target: string, work: () => Promise<T>): Promise<T> {
    let limiter = this.#targets.get(target);
    if (!limiter) this.#targets.set(target, limiter = new Limiter(1));
    return await limiter.run(work);
  }

  /** A host has failed or could not be reached. */
  lost(): void {
    this.#failed++;
    const { maxFailPercentage } = this;
    if (maxFailPercentage === undefined) return;
    if (this.#failed / this.members.length * 100 > maxFailPercentage) this.ended = "run";
  }

  /** Whether no host is left that could go on: then the run ends, as in Ansible. */
  get isLost(): boolean {
    return this.#failed >= this.members.length;
  }
}

/** Hosts that need not wait. */
const FREE: Pacer = { before: () => Promise.resolve(), leave: () => {} };
