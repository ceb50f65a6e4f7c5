/**
 * Questions that are asked at about the same time, answered together.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** How many questions go together at most: what is behind them waits for all. */
const MOST = 128;

interface Waiting<Question, Answer> extends PromiseWithResolvers<Answer> {
  readonly question: Question;
}

/** Collects the questions of one turn of the event loop and asks them at once; of equal ones, one. */
export class Together<Question, Answer> {
  readonly #waiting = new Map<string, Waiting<Question, Answer>>();

  /** `ask` gives the answers in the order of the questions. */
  constructor(private readonly ask: (questions: Question[]) => Promise<Answer[]>) {}

  /** The answer to a question; those with one key are one question. */
  get(key: string, question: Question): Promise<Answer> {
    let waiting = this.#waiting.get(key);
    if (!waiting) {
      if (this.#waiting.size === 0) setImmediate(() => this.flush());
      this.#waiting.set(key, waiting = { question, ...Promise.withResolvers<Answer>() });
    }
    return waiting.promise;
  }

  /** Asks what waits at once. */
  flush(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (let at = 0; at < all.length; at += MOST) this.#answer(all.slice(at, at + MOST));
  }

  #answer(all: readonly Waiting<Question, Answer>[]): void {
    this.ask(all.map(({ question }) => question)).then(
      (answers) => all.forEach(({ resolve }, index) => resolve(answers[index])),
      (error) => all.forEach(({ reject }) => reject(error)),
    );
  }
}
