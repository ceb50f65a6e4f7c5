/**
 * Tasks that a play does not wait for (`async` with `poll: 0`), and how long a task may take.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { type Attempt, TaskTimeout } from "./attempt.ts";

interface Job {
  readonly done: Promise<Attempt>;
  result?: Attempt;
}

/** A job as it is by now. */
export interface JobState {
  /** Whether it has ended. */
  readonly finished: boolean;
  /** Whether it has failed. */
  readonly failed: boolean;
  /** What its task came to; empty while it runs. */
  readonly result: { readonly [key: string]: Value };
}

/** The jobs of a run by their id, each on the host that it was started on. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();

  /** Takes a job that is under way; it never rejects. */
  add(host: string, id: string, done: Promise<Attempt>): void {
    const job: Job = { done };
    done.then((attempt) => job.result = attempt);
    this.#jobs.set(`${host}\0${id}`, job);
  }

  /** A job as it is by now; undefined for one that is none of this run's. */
  look(host: string, id: string): JobState | undefined {
    const job = this.#jobs.get(`${host}\0${id}`);
    if (!job?.result) return job && { finished: false, failed: false, result: {} };
    const { status, result } = job.result;
    return { finished: true, failed: status === "failed", result: { ...result, changed: status === "changed" } };
  }

  /** Resolves when all have ended: a job lasts no longer than its run. */
  async ended(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
  }
}

/** A time limit under way. */
export interface TimeLimit {
  /** Aborted when the time is up, with a {@linkcode TaskTimeout}, or when the run is interrupted. */
  readonly signal: AbortSignal;
  /** The task has ended. */
  end(): void;
}

/** Limits a task to so many seconds. */
export function timeLimit(seconds: number, interrupted: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const late = () => controller.abort(new TaskTimeout(`the task did not end within ${seconds} s and was killed`));
  const timer = setTimeout(late, seconds * 1000);
  const end = () => clearTimeout(timer);
  interrupted.addEventListener("abort", end, { once: true });
  return {
    signal: AbortSignal.any([controller.signal, interrupted]),
    end() {
      end();
      interrupted.removeEventListener("abort", end);
    },
  };
}
