/**
 * The handlers of one host in one play: which there are, which are due.
 *
 * @module
 */

import type { Handler, Program } from "../playbook/playbook.ts";
import { inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import type { HostState } from "./host_state.ts";

/** The handlers that a host knows, and those that were notified. */
export class DueHandlers {
  readonly #known: Handler[];

  /** Made with the play's handlers. */
  constructor(readonly host: HostState, handlers: readonly Handler[]) {
    this.#known = [...handlers];
  }

  /** Adds the handlers of what a task included. */
  add({ handlers }: Program): void {
    for (const handler of handlers) if (!this.#known.includes(handler)) this.#known.push(handler);
  }

  /**
   * Marks what a name means as due: as in Ansible the first by that name of the last list that has one, and all that listen to it.
   *
   * @param certain false where check mode cannot tell whether the task that notifies changes anything
   * @throws {DiagnosticError} at `span` where no handler has the name
   */
  notify(name: string, span: Span | undefined, certain: boolean): void {
    const list = this.#known.findLast((handler) => handler.names.includes(name))?.list;
    const named = this.#known.find((handler) => handler.list === list && handler.names.includes(name));
    const due = this.#known.filter((handler) => handler === named || handler.topics.has(name));
    if (due.length === 0) {
      const names = this.#known.flatMap((handler) => [...handler.names, ...handler.topics]);
      throw inputError("unknown-handler", `there is no handler '${name}'`, span, didYouMean(name, names));
    }
    for (const handler of due) this.host.due.set(handler, certain || this.host.due.get(handler) === true);
  }

  /** The handlers that are due, in the order they are defined; each once, also when another notifies it meanwhile. */
  *take(): Generator<{ handler: Handler; place: number; certain: boolean }> {
    const { due } = this.host;
    const ran = new Set<Handler>();
    const next = () => this.#known.findIndex((handler) => due.has(handler) && !ran.has(handler));
    for (let place = next(); place !== -1; place = next()) {
      const handler = this.#known[place];
      const certain = due.get(handler) === true;
      due.delete(handler);
      ran.add(handler);
      yield { handler, place, certain };
    }
  }
}
