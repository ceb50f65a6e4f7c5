/**
 * What a task does to the run beside the events that it makes, gathered while it runs, for the journal.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { Task } from "../playbook/playbook.ts";
import type { Redactor } from "../support/redact.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import type { Done } from "./journal.ts";
import { markOf } from "./replay.ts";
import type { TaskOutcome } from "./task_runner.ts";

/** What one task did to the run. */
export class Effects {
  /** Variables of its host. */
  readonly set = new Map<string, Variable>();
  /** Facts of its host. */
  readonly facts: { [name: string]: Value } = {};
  /** Variables of other hosts, by their names. */
  readonly others = new Map<string, Map<string, Variable>>();
  /** Handlers that it notified. */
  readonly notified: string[] = [];

  /** A variable of another host. */
  setOn(host: string, name: string, variable: Variable): void {
    const layer = this.others.get(host) ?? new Map<string, Variable>();
    this.others.set(host, layer.set(name, variable));
  }

  /** Whether it set anything. */
  get isEmpty(): boolean {
    return this.set.size === 0 && this.others.size === 0 && Object.keys(this.facts).length === 0;
  }
}

/** What a resumed run restores in place of running the task. */
export function doneOf(
  task: Task,
  place: { readonly play: number; readonly position: readonly number[]; readonly lost?: true },
  outcome: TaskOutcome,
  effects: Effects,
  redactor: Redactor,
): Done {
  const notify = effects.notified.length > 0 ? { notify: effects.notified } : {};
  const done = { ...place, mark: markOf(task), ...notify };
  // A job that nobody waits for ends with its run.
  const isJob = task.async !== undefined && outcome.result.finished === 0;
  if (isJob || outcome.ignored) return { ...done, again: true };
  if (effects.isEmpty) return done;
  const kept = outcome.hidden ? undefined : keptEffects(effects, redactor);
  return kept ? { ...done, ...kept } : { ...done, again: true };
}

/** The values as JSON can hold them; undefined where one cannot be kept. */
function keptEffects(effects: Effects, redactor: Redactor): Pick<Done, "set" | "facts" | "others"> | undefined {
  const set = constants(effects.set);
  const others = [...effects.others].map(([host, layer]) => [host, constants(layer)] as const);
  if (!set || others.some(([, values]) => values === undefined)) return undefined;
  const { facts } = effects;
  const kept = {
    ...(effects.set.size > 0 ? { set } : {}),
    ...(Object.keys(facts).length > 0 ? { facts } : {}),
    ...(others.length > 0 ? { others: Object.fromEntries(others) as Done["others"] } : {}),
  };
  try {
    return redactor.active && redactor.holds(JSON.stringify(kept)) ? undefined : kept;
  } catch {
    // A value that is made when it is looked at, and cannot be made now.
    return undefined;
  }
}

function constants(layer: Layer): { [name: string]: Value } | undefined {
  const values: { [name: string]: Value } = {};
  for (const [name, { constant }] of layer) {
    if (constant === undefined) return undefined;
    values[name] = constant;
  }
  return values;
}
