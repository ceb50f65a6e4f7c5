/**
 * What lookahead read ahead on one host in one play, what of it was used, and what was thrown away. Kept with -vv only.
 *
 * @module
 */

import type { Task } from "../playbook/playbook.ts";
import type { LookaheadEvent } from "./event.ts";
import type { RunningInspection } from "./inspection.ts";

/** The readings of one host in one play. */
export class Readings {
  #ahead = 0;
  #used = 0;
  /** Readings made and not used, by the name of their task. */
  readonly #unused = new Map<string, number>();

  /** An inspection was started ahead of its task. */
  made(task: Task): void {
    this.#ahead++;
    this.#unused.set(task.label, (this.#unused.get(task.label) ?? 0) + 1);
  }

  /** A task takes an inspection; one that failed is made again, and was of no use. */
  taken(task: Task, inspection: RunningInspection): void {
    inspection.done.then(() => {
      this.#used++;
      this.#unused.set(task.label, this.#unused.get(task.label)! - 1);
    }, () => {});
  }

  /** What to tell of it at the end of the play. */
  event(play: string, host: string): LookaheadEvent {
    const thrown = [...this.#unused].filter(([, times]) => times > 0).map(([task, times]) => ({ task, times }));
    return { type: "lookahead", play, host, ahead: this.#ahead, used: this.#used, thrown };
  }
}
