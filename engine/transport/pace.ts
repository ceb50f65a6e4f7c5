/**
 * Paces connecting: so many logins at once as a host's sshd takes (MaxStartups) and this machine's CPUs can do.
 *
 * @module
 */

/** Of one machine, sshd drops unauthenticated connections from the tenth on by chance (MaxStartups 10:30:100). */
const TO_ONE_MACHINE = 8;
/** A handshake is 2 ms of CPU; more at once only make each other late. */
const FOR_EACH_CPU = 32;
/** Milliseconds: those who waited do not all begin in the same instant. */
const JITTER = 20;

/** Lets a number of works run at once, for each key and in all, in the order they came. */
export class Pace {
  readonly #running = new Map<string, number>();
  readonly #waiting: { readonly key: string; readonly go: () => void }[] = [];
  #all = 0;

  /** With limits for one key and for all together. */
  constructor(private readonly each: number, private readonly all: number, private readonly jitter = JITTER) {}

  /** Runs the work when it is its turn. A work that is given up while it waits rejects with the signal's reason. */
  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#free(key)) this.#take(key);
    else await this.#wait(key, signal);
    try {
      return await work();
    } finally {
      this.#give(key);
    }
  }

  #free(key: string): boolean {
    return this.#all < this.all && (this.#running.get(key) ?? 0) < this.each;
  }

  #take(key: string): void {
    this.#all++;
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
  }

  async #wait(key: string, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry = { key, go: resolve };
    const onAbort = () => {
      const at = this.#waiting.indexOf(entry);
      if (at !== -1) this.#waiting.splice(at, 1);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    else this.#waiting.push(entry);
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
    await new Promise((go) => setTimeout(go, Math.random() * this.jitter));
  }

  #give(key: string): void {
    this.#all--;
    const left = this.#running.get(key)! - 1;
    if (left > 0) this.#running.set(key, left);
    else this.#running.delete(key);
    for (let at = 0; at < this.#waiting.length && this.#all < this.all;) {
      const entry = this.#waiting[at];
      if (!this.#free(entry.key)) {
        at++;
        continue;
      }
      this.#waiting.splice(at, 1);
      this.#take(entry.key);
      entry.go();
    }
  }
}

/** The pace of all logins of this process. */
export const logins: Pace = new Pace(TO_ONE_MACHINE, FOR_EACH_CPU * Math.max(1, navigator.hardwareConcurrency));
