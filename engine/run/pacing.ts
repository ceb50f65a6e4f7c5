/**
 * How hosts wait for each other: at each task where the play makes their order observable, and for room.
 *
 * @module
 */

/** A place in a play's program: the step, then the place in what that step includes. */
export type Position = readonly number[];

/** Lets hosts wait for each other. */
export interface Pacer {
  /** Called before each task; resolves when the host may begin it. */
  before(position: Position): Promise<void>;
  /** Called when the host has left the play. */
  leave(): void;
}

interface Waiting {
  readonly order: number;
  readonly position: Position;
  readonly go: () => void;
}

/** The hosts of a batch take each task together. */
export class StepPacer {
  /** The hosts that wait and where; one that has left is not in it. */
  readonly #waiting = new Map<Pacer, Waiting>();
  #members: number;

  /** Made for so many hosts; each must join and, at its end, leave. */
  constructor(expected: number) {
    this.#members = expected;
  }

  /** One host's part; `order` is its place among the hosts. */
  join(order: number): Pacer {
    const pacer: Pacer = {
      before: (position) =>
        new Promise((go) => {
          this.#waiting.set(pacer, { order, position, go });
          // In the next turn, so that the host that came last waits as the others do, and all go on in their order.
          queueMicrotask(() => this.#release());
        }),
      leave: () => {
        this.#members--;
        this.#release();
      },
    };
    return pacer;
  }

  /** Once all wait, those at the earliest place go, in the order of the hosts. */
  #release(): void {
    if (this.#waiting.size < this.#members || this.#waiting.size === 0) return;
    const waiting = [...this.#waiting].sort(([, left], [, right]) => left.order - right.order);
    const earliest = waiting.map(([, { position }]) => position).reduce((a, b) => compare(b, a) < 0 ? b : a);
    for (const [pacer, { position, go }] of waiting) {
      if (compare(position, earliest) !== 0) continue;
      this.#waiting.delete(pacer);
      go();
    }
  }
}

function compare(left: Position, right: Position): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    if (left[index] !== right[index]) return left[index] - right[index];
  }
  return left.length - right.length;
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
