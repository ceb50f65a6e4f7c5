/**
 * Lookahead: while a task runs, the inspections of those after it are already under way. A value that is still pending
 * ends the window; a change throws away the inspections that read what it touches.
 *
 * @module
 */

import type { TouchKey } from "../host/host.ts";
import type { Step, Task } from "../playbook/playbook.ts";
import { type LayeredScope, pendingVariable } from "../variables/scope.ts";
import { FactsNeeded, type Variable } from "../variables/variable.ts";
import type { Value } from "../module/module.ts";
import type { RunningInspection } from "./inspection.ts";

/** How many inspections of a host may be ahead. */
const WINDOW = 256;

/** What lookahead needs of the host it works for. */
export interface LookaheadHost {
  /** The scope of a task, without what is pending. */
  scope(task: Task): LayeredScope;
  selected(task: Task): boolean;
  inspect(task: Task, args: { [key: string]: Value }, scope: LayeredScope): RunningInspection;
  /** Gathers the facts. */
  gather(task: Task): Promise<void>;
  /** Whether nothing more is to be started. */
  readonly ended: boolean;
}

/** The inspections of one host that are ahead of its tasks. */
export class Lookahead {
  readonly #ahead = new Map<string, RunningInspection>();
  readonly #pending = new Map<string, Variable>();
  readonly #counts = new Map<string, number>();
  #cursor = 0;
  #gathering = false;

  constructor(readonly steps: readonly Step[], readonly host: LookaheadHost) {}

  /** Starts what can be started of the tasks after a step. */
  fill(current: number): void {
    if (this.host.ended) return;
    if (this.#cursor < current) this.#jump(current);
    while (this.#ahead.size < WINDOW && this.#cursor < this.steps.length) {
      const step = this.steps[this.#cursor];
      if (step.kind === "task" && this.#cursor > current && !this.#start(step.task, current)) return;
      if (step.kind === "task") this.#setsLater(step.task, 1);
      this.#cursor = step.kind === "endPart" ? Math.max(step.block.always, this.#cursor + 1) : this.#cursor + 1;
    }
  }

  /** The inspection of a task that was made ahead and still holds. */
  take(key: string): RunningInspection | undefined {
    const inspection = this.#ahead.get(key);
    this.#ahead.delete(key);
    return inspection?.stale ? undefined : inspection;
  }

  /** A task is done: what it sets is known. */
  passed(task: Task): void {
    this.#setsLater(task, -1);
  }

  /** Something changed on the host. */
  invalidate(touches: readonly TouchKey[]): void {
    for (const inspection of this.#ahead.values()) inspection.invalidate(touches);
  }

  /** The program went elsewhere (a rescue): what was ahead is of no use. */
  #jump(current: number): void {
    this.#ahead.clear();
    this.#pending.clear();
    this.#counts.clear();
    this.#cursor = current;
  }

  /** Forgets all that is ahead. */
  reset(current: number): void {
    this.#jump(current);
  }

  #start(task: Task, current: number): boolean {
    if (!this.host.selected(task)) return true;
    if (task.callee.kind === "action") return mayPass(task);
    if (task.loop) return false;
    try {
      const scope = this.host.scope(task).child(this.#pending);
      if (task.settings.when.some((condition) => condition.evaluate(scope) === false)) return true;
      const args = task.args.value.evaluate(scope) as { [key: string]: Value };
      this.#ahead.set(task.id, this.host.inspect(task, args, scope));
      return true;
    } catch (error) {
      if (error instanceof FactsNeeded && !this.#gathering) {
        this.#gathering = true;
        this.host.gather(task).then(() => this.fill(Math.max(current, this.#cursor - 1)), () => {});
      }
      // Pending, or wrong: the task itself will see, when its turn has come.
      return false;
    }
  }

  #setsLater(task: Task, by: number): void {
    for (const name of namesSetBy(task)) {
      const count = (this.#counts.get(name) ?? 0) + by;
      this.#counts.set(name, Math.max(0, count));
      if (count > 0) this.#pending.set(name, pendingVariable(`'${name}', which a task before sets`));
      else this.#pending.delete(name);
    }
  }
}

function mayPass(task: Task): boolean {
  if (task.callee.kind !== "action") return true;
  const { name } = task.callee.action;
  return name !== "meta";
}

/** The variables that a task sets: its register, and the names of a set_fact. */
export function namesSetBy(task: Task): string[] {
  const names = task.register ? [task.register] : [];
  if (task.callee.kind === "action" && task.callee.action.name === "set_fact") names.push(...task.args.nodes.keys());
  return names;
}
