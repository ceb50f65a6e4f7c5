/**
 * Lookahead: while a task runs, the inspections of those after it are already under way. A value that is still pending
 * ends the window; a change makes the inspections stale that read what it touches, and they are made again, all in one
 * burst, before the next task.
 *
 * @module
 */

import type { TouchKey } from "../host/host.ts";
import type { Step, Task } from "../playbook/playbook.ts";
import { type LayeredScope, pendingVariable } from "../variables/scope.ts";
import { FactsNeeded, PendingError, type Variable } from "../variables/variable.ts";
import type { Value } from "../module/module.ts";
import type { RunningInspection } from "./inspection.ts";
import { itemLayer } from "./loop.ts";

/** How many inspections of a host may be ahead. */
const WINDOW = 256;
/** How many stale ones are made again at a time. */
const REFRESH = 8;

/** What lookahead needs of the host it works for. */
export interface LookaheadHost {
  /** The scope of a task, without what is pending. */
  scope(task: Task): LayeredScope;
  /** Whether the task is selected by tags. */
  selected(task: Task): boolean;
  /** Whether a handler may set a variable that later tasks look at. */
  handlersSet(): boolean;
  /** Starts the inspection of a task, or of an item of its loop. */
  inspect(task: Task, args: { [key: string]: Value }, scope: LayeredScope): RunningInspection;
  /** Gathers the facts. */
  gather(task: Task): Promise<void>;
}

/** An inspection that is ahead of its task, and how to make it again. */
interface Ahead {
  inspection: RunningInspection;
  again(): RunningInspection;
}

/** The inspections of one host that are ahead of its tasks. */
export class Lookahead {
  readonly #ahead = new Map<string, Ahead>();
  readonly #pending = new Map<string, Variable>();
  readonly #sets = new Map<string, number>();
  #cursor = 0;
  #gathering = false;

  /** Made for one host and the steps of one play; nothing is started yet. */
  constructor(readonly steps: readonly Step[], readonly host: LookaheadHost) {}

  /** Starts what can be started from a step on. */
  fill(current: number): void {
    // The nearest first; those further on may go stale once more before their turn.
    let again = 0;
    for (const ahead of this.#ahead.values()) {
      if (!ahead.inspection.stale) continue;
      if (again++ === REFRESH) break;
      ahead.inspection = ahead.again();
    }
    if (this.#cursor < current) this.reset(current);
    while (this.#ahead.size < WINDOW && this.#cursor < this.steps.length) {
      const step = this.steps[this.#cursor];
      if (step.kind === "flushHandlers" && this.host.handlersSet()) return;
      if (step.kind === "task") {
        if (!this.#start(step.task, current)) return;
        this.#setsLater(step.task, 1);
      }
      this.#cursor = step.kind === "endPart" ? Math.max(step.block.always, this.#cursor + 1) : this.#cursor + 1;
    }
  }

  /** The inspection of a task, or of an item of its loop, that was made ahead and still holds. */
  take(task: Task, index?: number): RunningInspection | undefined {
    const key = keyOf(task, index);
    const ahead = this.#ahead.get(key);
    this.#ahead.delete(key);
    return ahead?.inspection.stale || ahead?.inspection.doubtful ? undefined : ahead?.inspection;
  }

  /** Starts the inspections of a loop's items that are not under way. */
  items(task: Task, scopes: readonly LayeredScope[]): void {
    try {
      for (const [index, scope] of scopes.entries()) {
        if (this.#ahead.size >= WINDOW || !this.#inspect(task, scope, index)) return;
      }
    } catch (error) {
      // Pending: the item itself will say so, when its turn has come.
      if (!(error instanceof PendingError)) throw error;
    }
  }

  /** A task is done: what it sets is known. */
  passed(task: Task): void {
    this.#setsLater(task, -1);
  }

  /** Something changed on the host. */
  invalidate(touches: readonly TouchKey[]): void {
    for (const { inspection } of this.#ahead.values()) inspection.invalidate(touches);
  }

  /** The program went elsewhere: what was ahead is of no use. */
  reset(current: number): void {
    this.#ahead.clear();
    this.#pending.clear();
    this.#sets.clear();
    this.#cursor = current;
  }

  /** Starts a task's inspections; false where the window ends. */
  #start(task: Task, current: number): boolean {
    if (!this.host.selected(task)) return true;
    if (task.settings.timeout ?? task.async) return true;
    if (task.callee.kind === "action") return !task.callee.action.steers;
    try {
      const scope = this.host.scope(task).child(this.#pending);
      if (!task.loop) return this.#inspect(task, scope);
      const items = task.loop.items.evaluate(scope);
      if (!Array.isArray(items)) return false;
      const loop = task.loop;
      return items.every((_, index) => this.#inspect(task, scope.child(itemLayer(loop, items, index)), index));
    } catch (error) {
      if (error instanceof FactsNeeded) this.#gather(task, current);
      // Pending, or wrong: the task itself will see, when its turn has come.
      return false;
    }
  }

  #gather(task: Task, current: number): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.host.gather(task).then(() => this.fill(Math.max(current, this.#cursor)), () => {});
  }

  /** Starts one inspection; false where its task acts whatever the host says, so that nothing is to be read past it. */
  #inspect(task: Task, scope: LayeredScope, index?: number): boolean {
    const key = keyOf(task, index);
    if (this.#ahead.has(key)) return true;
    try {
      if (task.settings.when.some((condition) => condition.evaluate(scope) === false)) return true;
      const args = task.args.value.evaluate(scope) as { [key: string]: Value };
      const again = () => this.host.inspect(task, args, scope);
      this.#ahead.set(key, { inspection: again(), again });
      return !(task.callee.kind === "module" && task.callee.module.alwaysActs?.(args));
    } catch (error) {
      if (error instanceof PendingError) throw error;
      return false;
    }
  }

  #setsLater(task: Task, by: number): void {
    for (const name of namesSetBy(task)) {
      const count = Math.max(0, (this.#sets.get(name) ?? 0) + by);
      this.#sets.set(name, count);
      if (count > 0) this.#pending.set(name, pendingVariable(`'${name}', which a task before sets`));
      else this.#pending.delete(name);
    }
  }
}

function keyOf(task: Task, index: number | undefined): string {
  return index === undefined ? task.id : `${task.id}#${index}`;
}

/** The variables that a task sets: its register, and the names of a set_fact. */
export function namesSetBy(task: Task): string[] {
  const names = task.register ? [task.register] : [];
  if (task.callee.kind === "action" && task.callee.action.name === "set_fact") names.push(...task.args.nodes.keys());
  return names;
}
