/**
 * The contract of the run actions: tasks that act on the run and not on a host.
 *
 * @module
 */

import type { Value } from "../../module/module.ts";
import type { ActionInterface } from "../../playbook/playbook.ts";
import type { Scope, Variable } from "../../variables/variable.ts";

/** What an action may do to the run. */
export interface ActionContext {
  readonly host: string;
  readonly scope: Scope;
  readonly verbosity: number;
  /** Sets a variable of the host for the rest of the run. */
  setVariable(name: string, variable: Variable): void;
  notice(message: string): void;
  flushHandlers(): Promise<void>;
  /** Ends the play for this host, or for all. */
  end(what: "host" | "play"): void;
  clearFacts(): void;
}

/** What an action comes to. */
export interface ActionOutcome {
  readonly failed?: boolean;
  readonly changed?: boolean;
  readonly result: { readonly [key: string]: Value | undefined };
}

/** A run action. */
export interface RunAction<Args> extends ActionInterface {
  run(args: Args, context: ActionContext): ActionOutcome | Promise<ActionOutcome>;
}

/** Completes a run action; holds the types of arguments and schema together. */
export function defineAction<Args>(
  action: RunAction<Args> & { args: import("../../support/zod.ts").z.ZodType<Args> },
): RunAction<Args> {
  return action;
}

/** A message as text. */
export function messageText(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}
