/**
 * What a whole run shares.
 *
 * @module
 */

import type { Action } from "../host/action.ts";
import type { ReadOnlyHost } from "../host/host.ts";
import { PlannedState, type PlannedTouch } from "../host/planned_state.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { StartPlace } from "../playbook/outline.ts";
import type { Task } from "../playbook/playbook.ts";
import type { TagSelection } from "../playbook/tags.ts";
import type { Redactor } from "../support/redact.ts";
import type { Layer } from "../variables/variable.ts";
import type { Vault } from "../variables/vault.ts";
import type { ConnectionOptions, Connections } from "./connections.ts";
import type { Event } from "./event.ts";
import type { HostState } from "./host_state.ts";
import type { Jobs } from "./jobs.ts";
import type { Done, Journal } from "./journal.ts";
import type { Replay } from "./replay.ts";
import type { Scopes } from "./scopes.ts";
import type { Sources } from "./sources.ts";

/** How a run goes. */
export interface RunOptions {
  /** Whether nothing is changed and outcomes are predicted. */
  readonly check: boolean;
  /** Whether the differences of files are shown. */
  readonly diff: boolean;
  /** How many hosts at once. */
  readonly forks: number;
  /** The pattern that hosts must fit too; undefined for no limit. */
  readonly limit?: string;
  /** Which tasks run, by their tags. */
  readonly tags: TagSelection;
  /** Where the run begins; at the first task where it is left out. */
  readonly start?: StartPlace;
  /** Asked before each task, which is left out on all hosts where it answers false. */
  readonly confirm?: (task: Task) => Promise<boolean>;
  /** Variables of the command line, which override all others. */
  readonly extraVars: Layer;
  /** How many `-v` were given; 0 for none. */
  readonly verbosity: number;
  /** Opens what is encrypted, and knows what is secret; without it nothing encrypted can be read. */
  readonly vault?: Vault;
  /** How hosts are reached where their variables do not say. */
  readonly connection: ConnectionOptions;
  /** Whether inspections run ahead of earlier tasks. */
  readonly lookahead: boolean;
  /** Whether failed hosts run the handlers that were notified, whatever the plays say. */
  readonly forceHandlers?: boolean;
  /** Keeps what the run comes to; undefined where nothing is kept. */
  readonly journal?: Journal;
  /** What was done before, where the run is resumed. */
  readonly replay?: Replay;
  /** Reads the inventory's sources again. */
  readonly reload?: () => Promise<Inventory>;
  /** Asks the operator, unseen if `hidden`; undefined where nobody can answer. */
  readonly ask?: (question: string, hidden: boolean) => Promise<string | undefined>;
}

/** What the parts of a run share. */
export interface RunContext {
  /** How the run goes. */
  readonly options: RunOptions;
  /** All hosts and groups, whatever the plays select. */
  readonly inventory: Inventory;
  /** The hosts that were looked at so far. */
  readonly hosts: ReadonlyMap<string, HostState>;
  /** The host of that name; undefined for one that is not in the inventory. */
  host(name: string): HostState | undefined;
  /** Makes the variables that tasks see. */
  readonly scopes: Scopes;
  /** Finds the files and templates of the controller. */
  readonly sources: Sources;
  /** The open connections, one for each target. */
  readonly connections: Connections;
  /** Opens what is encrypted. */
  readonly vault: Vault;
  /** Knows the secrets that no event may show. */
  readonly redactor: Redactor;
  /** Where events go, once secrets are taken out; the journal keeps `done` with the end of a task. */
  emit(event: Event, done?: Done): void;
  /** Aborted when the operator interrupts. */
  readonly signal: AbortSignal;
  /** What check mode takes for done already. */
  readonly planned: PlannedStates;
  /** Reads the inventory again; the plays that follow see it. */
  refreshInventory(): Promise<void>;
  /** Tasks that the plays did not wait for. */
  readonly jobs: Jobs;
}

/** Check mode's planned states, one for each real target, so that two names of one machine share theirs. */
export class PlannedStates {
  readonly #states = new Map<string, PlannedState>();
  /** Those that tasks of a host added to. */
  readonly #byHost = new Map<string, Set<PlannedState>>();

  /** The planned state of a target as connections name it, made where there is none. */
  of(target: string): PlannedState {
    let state = this.#states.get(target);
    if (!state) this.#states.set(target, state = new PlannedState());
    return state;
  }

  /** Adds what a task of a host would do at a target; as {@linkcode PlannedState.add}. */
  add(target: string, name: string, ...plan: [readonly Action[], readonly PlannedTouch[], ReadOnlyHost]): void {
    const state = this.of(target);
    state.add(...plan, name);
    const own = this.#byHost.get(name);
    if (own) own.add(state);
    else this.#byHost.set(name, new Set([state]));
  }

  /** A host has no more tasks; resolves when nothing is asked of it any more. */
  async leaves(name: string): Promise<void> {
    await Promise.all(Array.from(this.#byHost.get(name) ?? [], (state) => state.leaves(name)));
  }
}
