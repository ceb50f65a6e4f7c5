/**
 * The module contract: `inspect` reads, `plan` decides (pure), `apply` does the plan and nothing else.
 *
 * @module
 */

import type { z } from "../support/zod.ts";
import type { Action } from "../host/action.ts";
import type { Host, ReadOnlyHost, TouchKey } from "../host/host.ts";

/** A value as JSON has it; what `register` holds. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** What a task's `register` gets. The engine adds `changed` and `failed`. */
export type Result = { [key: string]: Value };

/** One difference between what is and what will be. */
export interface Change {
  /** What changes: a path, `unit node_exporter.service`, `package curl`. */
  readonly path: string;
  /** What of it: `content`, `mode`, `owner`, `state`, `enabled`, … */
  readonly what: string;
  /** As text for the diff; empty for nothing. */
  readonly before: string;
  /** As text for the diff; empty for nothing. */
  readonly after: string;
  /** The texts are not shown: a secret, or the content of a file that others may not read. */
  readonly sensitive?: boolean;
}

/** Something the plan changes; `after` is its planned state where the plan knows it (the typed query's answer). */
export interface Touch {
  /** What is changed. */
  readonly key: TouchKey;
  /** The query's answer afterwards, undefined for "nothing there"; left out where the plan does not know. */
  readonly after?: unknown;
}

/**
 * What a task would do. Without actions there is nothing to do; with actions but no changes (a wait) the task is ok.
 */
export interface Plan {
  /** The differences that are shown and counted; none: the task is ok. */
  readonly changes: readonly Change[];
  /** What `apply` does, in order; the default `apply` does exactly this. */
  readonly actions: readonly Action[];
  /** What `register` gets when nothing is to do; `apply` may add to it. */
  readonly result: Result;
  /** What changes beside the paths of the actions, which touch by themselves. */
  readonly touches?: readonly Touch[];
  /** Whether data may be lost. */
  readonly destructive?: boolean;
  /** Why the module decided not to act (`creates` exists): reported as ok with this message. */
  readonly skipped?: string;
}

/** An example of a module's arguments; run as a test and shown in its reference. */
export interface Example {
  /** What it shows, as a heading. */
  readonly name: string;
  /** The arguments in YAML, as they stand below the module's name. */
  readonly args: string;
}

/** A module. `Args` is the schema's output, `State` what `inspect` found. */
export interface Module<Args = unknown, State = unknown> {
  /** The word that playbooks use, in snake case. */
  readonly name: string;
  /** One line for the reference, without a full stop. */
  readonly summary: string;
  /** The schema that checks the arguments and fills in defaults. */
  readonly args: z.ZodType<Args>;
  /** The argument that a bare string fills (`command: uptime`). */
  readonly freeForm?: string;
  /** The argument that gets what follows the first word of such a text (`script: burn-in.sh --minutes 10`). */
  readonly freeFormRest?: string;
  /** At least one for each common use. */
  readonly examples: readonly Example[];
  /** True for arguments with which the module only looks or waits (stat, wait_for, a GET), so that it never changes. */
  onlyLooks?(args: Args): boolean;
  /** True for raw arguments with which the module acts whatever the host says (an unguarded command). */
  alwaysActs?(args: { readonly [key: string]: Value }): boolean;
  /** It waits until its host can be reached, so a task of it begins without a connection. */
  readonly waitsForHost?: boolean;
  /** The content that it writes is made from the old one (a line in a file): certain only where the old one is. */
  readonly edits?: boolean;
  /**
   * All that the module could change, whatever it finds. Check mode takes it where no plan can be made yet; without it,
   * anything may have changed.
   */
  reach?(args: Args): TouchKey[];
  /** Whether the plan's result is what apply comes to, `backup_file` aside; so check mode knows it. */
  readonly foretells: boolean;
  /** Reads the host. Runs ahead of earlier tasks; never writes. */
  inspect(host: ReadOnlyHost, args: Args, signal: AbortSignal): Promise<State>;
  /** Decides from state and arguments alone: no clock, no random, no I/O. @throws {ModuleError} */
  plan(state: State, args: Args): Plan;
  /** Does the plan. @throws {ModuleError} */
  apply(host: Host, plan: Plan, args: Args, signal: AbortSignal): Promise<Result>;
}

/** How {@linkcode defineModule} takes a module: `apply` defaults to performing the plan's actions in order. */
export interface ModuleDefinition<Args, State> extends Omit<Module<Args, State>, "apply" | "foretells"> {
  /** Left out where performing the plan's actions is all. @throws {ModuleError} */
  apply?(host: Host, plan: Plan, args: Args, signal: AbortSignal): Promise<Result>;
}

/** The module failed on a host. `retryable` says whether trying again can help; how often is the engine's word. */
export class ModuleError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "ModuleError";
  /** Made with a message for the operator; `result` is what `register` gets beside it. Not retryable by default. */
  constructor(message: string, readonly options: { retryable?: boolean; result?: Result } = {}) {
    super(message);
  }
}

/** Completes a module. */
export function defineModule<Args, State>(definition: ModuleDefinition<Args, State>): Module<Args, State> {
  const apply = definition.apply?.bind(definition) ?? performActions;
  return { ...definition, apply, foretells: definition.apply === undefined };
}

/** How many actions that do not rest on each other are under way at a time. */
const TOGETHER = 32;

/**
 * Performs a plan's actions in order, those that do not rest on each other together; the default `apply`.
 *
 * @returns `backup_file` where a write kept the old file
 */
export async function performActions(host: Host, plan: Plan): Promise<Result> {
  const result: Result = {};
  const batch: Promise<void>[] = [];
  for (const action of plan.actions) {
    const independent = action.do === "ownership" || (action.do === "write" && !action.validate);
    if (!independent || batch.length >= TOGETHER) await Promise.all(batch.splice(0));
    const done = host.perform(action).then(({ stdout }) => {
      if (action.do === "write" && action.backup && stdout !== "") result.backup_file = stdout;
    });
    if (independent) batch.push(done);
    else await done;
  }
  await Promise.all(batch);
  return result;
}

/** The plan that does nothing. */
export function nothingToDo(result: Result = {}): Plan {
  return { changes: [], actions: [], result };
}
