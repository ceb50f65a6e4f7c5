/**
 * Trying again with growing pauses.
 *
 * @module
 */

/** How {@linkcode retrying} tries. Times are seconds. */
export interface RetryOptions {
  /** How often in all; 3 if not given. */
  readonly attempts?: number;
  /** The first pause, doubled each time; 2 if not given. */
  readonly delay?: number;
  /** The longest pause; 30 if not given. */
  readonly maxDelay?: number;
  /** Whether another attempt can help. */
  readonly retryable: (error: unknown) => boolean;
  /** Ends the pauses and the attempts. */
  readonly signal?: AbortSignal;
  /** Waits; given by tests. */
  readonly sleep?: (seconds: number, signal?: AbortSignal) => Promise<void>;
  /** A number from 0 to 1; given by tests. */
  readonly random?: () => number;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or has had its attempts. Pauses are 50 to 100 % of their nominal
 * length, so that many hosts behind one failure do not come back in one instant.
 */
export async function retrying<T>(attempt: (number: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts = 3, delay = 2, maxDelay = 30, retryable, signal, sleep = wait, random = Math.random } = options;
  for (let number = 1;; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      if (number >= attempts || signal?.aborted || !retryable(error)) throw error;
    }
    const pause = Math.min(maxDelay, delay * 2 ** (number - 1));
    await sleep(pause * (0.5 + random() / 2), signal);
  }
}

function wait(seconds: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => {
    clearTimeout(timer);
    reject(signal?.reason);
  };
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", onAbort);
    resolve();
  }, seconds * 1000);
  signal?.addEventListener("abort", onAbort, { once: true });
  return promise;
}
