/**
 * What a whole run shares.
 *
 * @module
 */

import { PlannedState } from "../host/planned_state.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { TagSelection } from "../playbook/tags.ts";
import type { Redactor } from "../support/redact.ts";
import type { Layer } from "../variables/variable.ts";
import type { ConnectionOptions, Connections } from "./connections.ts";
import type { Emit } from "./event.ts";
import type { HostState } from "./host_state.ts";
import type { Scopes } from "./scopes.ts";
import type { Sources } from "./sources.ts";

/** How a run goes. */
export interface RunOptions {
  readonly check: boolean;
  readonly diff: boolean;
  /** How many hosts at once. */
  readonly forks: number;
  readonly limit?: string;
  readonly tags: TagSelection;
  readonly extraVars: Layer;
  readonly verbosity: number;
  readonly connection: ConnectionOptions;
  /** Whether inspections run ahead of earlier tasks. */
  readonly lookahead: boolean;
}

/** What the parts of a run share. */
export interface RunContext {
  readonly options: RunOptions;
  readonly inventory: Inventory;
  /** The hosts that were looked at so far. */
  readonly hosts: ReadonlyMap<string, HostState>;
  /** The host of that name; undefined for one that is not in the inventory. */
  host(name: string): HostState | undefined;
  readonly scopes: Scopes;
  readonly sources: Sources;
  readonly connections: Connections;
  readonly redactor: Redactor;
  readonly emit: Emit;
  /** Aborted when the operator interrupts. */
  readonly signal: AbortSignal;
  readonly planned: PlannedStates;
}

/** Check mode's planned states, one for each real target, so that two names of one machine share theirs. */
export class PlannedStates {
  readonly #states = new Map<string, PlannedState>();

  of(target: string): PlannedState {
    let state = this.#states.get(target);
    if (!state) this.#states.set(target, state = new PlannedState());
    return state;
  }
}
