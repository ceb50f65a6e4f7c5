/**
 * How often a task is tried whose failure may pass (a busy lock, a server that is overloaded). Whether it may is the
 * module's word.
 *
 * @module
 */

import type { Attempt } from "./attempt.ts";

/** Seconds before the second and the third try. */
const PAUSES: readonly number[] = [1, 3];
/** Milliseconds after which a task has tried enough by itself. */
const PATIENCE = 30_000;

/**
 * The seconds to wait before a task is tried again, or undefined where it is not.
 *
 * @param tries how many attempts were made
 * @param took milliseconds since the first began
 */
export function pauseBeforeAgain(attempt: Attempt, tries: number, took: number): number | undefined {
  return attempt.status === "failed" && attempt.retryable && took < PATIENCE ? PAUSES[tries - 1] : undefined;
}
