/**
 * How hosts wait for each other: not at all, or at each task where the play makes their order observable.
 *
 * @module
 */

import type { Pacer } from "./host_runner.ts";

/** Hosts that need not wait. */
export const FREE: Pacer = { before: () => Promise.resolve(), leave: () => {} };

/** All hosts of a play take each task together. */
export class StepPacer {
  /** The step each host wants to begin; one that has left is not in it. */
  readonly #waiting = new Map<Pacer, { step: number; go: () => void }>();
  #members = 0;

  /** Made for so many hosts; each must join and, at its end, leave. */
  constructor(readonly expected: number) {
    this.#members = expected;
  }

  /** One host's part. */
  join(): Pacer {
    const pacer: Pacer = {
      before: (step) =>
        new Promise((go) => {
          this.#waiting.set(pacer, { step, go });
          this.#release();
        }),
      leave: () => {
        this.#members--;
        this.#release();
      },
    };
    return pacer;
  }

  /** Once all wait, those at the earliest step go. */
  #release(): void {
    if (this.#waiting.size < this.#members || this.#waiting.size === 0) return;
    const earliest = Math.min(...[...this.#waiting.values()].map(({ step }) => step));
    for (const [pacer, { step, go }] of [...this.#waiting]) {
      if (step !== earliest) continue;
      this.#waiting.delete(pacer);
      go();
    }
  }
}

/** Runs at most so many at a time, in the order they came. */
export class Limiter {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  /** Made with the greatest number at a time, at least 1. */
  constructor(readonly limit: number) {}

  /** Runs the work once there is room. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.limit) await new Promise<void>((go) => this.#queue.push(go));
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#queue.shift()?.();
    }
  }
}
