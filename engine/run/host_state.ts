/**
 * What a run knows of one host: its variables, its results so far, its place in the play.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { Facts } from "../host/facts.ts";
import type { Inventory, InventoryHost } from "../inventory/inventory.ts";
import type { HostCounts } from "./event.ts";
import type { Handler } from "../playbook/playbook.ts";
import { FactsNeeded, type Variable } from "../variables/variable.ts";

/** A host during a run. */
export class HostState {
  /** What the recap tells of the host. */
  readonly counts: HostCounts = {
    ok: 0,
    changed: 0,
    unreachable: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    unknown: 0,
  };
  /** set_fact and register: one level of precedence, lasting for the run. */
  readonly set = new Map<string, Variable>();
  /** What `include_vars` read: the level below. */
  readonly included = new Map<string, Variable>();
  /** Facts that `set_fact` set with `cacheable`. */
  readonly factsSet: { [name: string]: Value } = {};
  /** Undefined until a task looks at them. */
  facts: Facts | undefined;
  /** Failed or unreachable: out of the run. */
  out = false;
  /** Out as it could not be reached. */
  unreachable = false;
  /** Inspections under way, also those that nobody waits for any more. */
  readonly reading = new Set<Promise<unknown>>();
  /** Handlers that were notified; false for those that in check mode only a task of unknown outcome notifies. */
  readonly due = new Map<Handler, boolean>();

  /** A host of which nothing is known but the inventory. */
  constructor(readonly name: string, readonly source: Inventory) {}

  /** What the inventory says of it by now; tasks may add to it. */
  get inventory(): InventoryHost {
    return this.source.host(this.name)!;
  }

  /** The facts, where they were gathered. @throws {FactsNeeded} */
  get knownFacts(): Facts {
    if (!this.facts) throw new FactsNeeded();
    return Object.keys(this.factsSet).length > 0 ? { ...this.facts, ...this.factsSet } : this.facts;
  }

  /** Whether anything was counted. */
  get hasResult(): boolean {
    return Object.values(this.counts).some((count) => count > 0);
  }
}
