/**
 * The contract of the run actions: tasks that act on the run and not on a host.
 *
 * @module
 */

import type { Value } from "../../module/module.ts";
import type { ActionInterface, Included, Task } from "../../playbook/playbook.ts";
import type { Facts } from "../../host/facts.ts";
import { z } from "../../support/zod.ts";
import type { LayeredScope } from "../../variables/scope.ts";
import type { Variable } from "../../variables/variable.ts";
import type { RunContext } from "../context.ts";
import type { PlayScope } from "../scopes.ts";

/** What an action may do to the run. */
export interface ActionContext {
  /** The host's inventory name. */
  readonly host: string;
  /** What the task's expressions see on this host. */
  readonly scope: LayeredScope;
  /** How many `-v` were given; 0 for none. */
  readonly verbosity: number;
  /** Sets a variable of the host for the rest of the run. */
  setVariable(name: string, variable: Variable): void;
  /** Makes a value one of the host's facts. */
  setAnsibleFact(name: string, value: Value): void;
  /** Tells the operator something now and again after the recap. */
  notice(message: string): void;
  /** Runs the handlers that are due on this host; resolves when they have ended. */
  flushHandlers(): Promise<void>;
  /** Ends the play for this host, or for all; or this batch of it. */
  end(what: "host" | "batch" | "play"): void;
  /** Sets a variable at the level of `include_vars`. */
  include(name: string, variable: Variable): void;
  /** The facts that were gathered. */
  facts(): Facts;
  /** Closes the host's connection; the next task opens a fresh one. */
  resetConnection(): Promise<void>;
  /** Gathers the host's facts, unless they are known. */
  gatherFacts(): Promise<void>;
  /** The task. */
  readonly task: Task;
  /** The play that it is of, and its hosts. */
  readonly play: PlayScope;
  /** The run. */
  readonly run: RunContext;
  /** Forgets the host's facts; they are gathered again when a task looks at them. */
  clearFacts(): void;
}

/** What an action comes to. */
export interface ActionOutcome {
  /** Whether the task failed; default false. */
  readonly failed?: boolean;
  /** Whether it had nothing to do here; default false. */
  readonly skipped?: boolean;
  /** Whether it counts as changed; default false. */
  readonly changed?: boolean;
  /** The tasks that run next. */
  readonly include?: Included;
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
  action: RunAction<Args> & { args: z.ZodType<Args> },
): RunAction<Args> {
  return action;
}

/** What `apply` takes: keywords that hold for all that is included; the loader reads them. */
export function applied(): z.ZodType<{ [keyword: string]: Value } | undefined> {
  return z.record(z.string(), z.custom<Value>(() => true)).meta({ raw: true }).optional()
    .describe("Keywords for all tasks that are included, e.g. tags or become.");
}

/** A message as text. */
export function messageText(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
}
