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
  /** The host's inventory name. */
  readonly host: string;
  /** What the task's expressions see on this host. */
  readonly scope: Scope;
  /** How many `-v` were given; 0 for none. */
  readonly verbosity: number;
  /** Sets a variable of the host for the rest of the run. */
  setVariable(name: string, variable: Variable): void;
  /** Tells the operator something now and again after the recap. */
  notice(message: string): void;
  /** Runs the handlers that are due on this host; resolves when they have ended. */
  flushHandlers(): Promise<void>;
  /** Ends the play for this host, or for all. */
  end(what: "host" | "play"): void;
  /** Forgets the host's facts; they are gathered again when a task looks at them. */
  clearFacts(): void;
}

/** What an action comes to. */
export interface ActionOutcome {
  /** Whether the task failed; default false. */
  readonly failed?: boolean;
  /** Whether it counts as changed; default false. */
  readonly changed?: boolean;
  /** What `register` gets; keys that are undefined are left out. */
  readonly result: { readonly [key: string]: Value | undefined };
}

/** A run action. */
export interface RunAction<Args> extends ActionInterface {
  /** Does it, with arguments that the schema has checked. What it throws fails the task. */
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
