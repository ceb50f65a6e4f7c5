/**
 * Chains: consecutive commands that run whatever the host says are sent without waiting for each other's answers. On the
 * host each runs only if the one before it succeeded, so a failure still ends the sequence where it would have ended.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { Step, Task } from "../playbook/playbook.ts";
import { type LayeredScope, pendingVariable } from "../variables/scope.ts";
import type { Variable } from "../variables/variable.ts";
import type { ChainPlace } from "../transport/session.ts";
import type { Attempt } from "./attempt.ts";

/** How many commands are sent ahead. After an interrupt those that were sent still run, so it is not too many. */
const LONGEST = 16;

/** What a chain needs of the host it works for. */
export interface ChainHost {
  /** The scope of a task. */
  scope(task: Task): LayeredScope;
  /** Whether the task is selected by tags. */
  selected(task: Task): boolean;
  /** Runs the task's module at its place in the chain. */
  attempt(task: Task, args: { [key: string]: Value }, scope: LayeredScope, place: ChainPlace): Promise<Attempt>;
}

interface Member {
  readonly task: Task;
  readonly args: { [key: string]: Value };
  readonly scope: LayeredScope;
}

/** The chains of one host in one play. */
export class Chains {
  readonly #sent = new Map<string, Promise<Attempt>>();

  /** Made for one host and the steps of one play; nothing is sent yet. */
  constructor(readonly steps: readonly Step[], readonly host: ChainHost) {}

  /** Sends the commands from a step on, if there are several in a row and none is under way. */
  start(current: number): void {
    if (this.#sent.size > 0) return;
    const members = this.#members(current);
    if (members.length < 2) return;
    const id = crypto.randomUUID().replaceAll("-", "");
    for (const [index, { task, args, scope }] of members.entries()) {
      const attempt = this.host.attempt(task, args, scope, { id, index });
      // Its task will look at it; one whose turn never comes must not end the process.
      attempt.catch(() => {});
      this.#sent.set(task.id, attempt);
    }
  }

  /** The attempt at a task that was sent ahead. It fails with NotRunError where the host did not run it. */
  take(task: Task): Promise<Attempt> | undefined {
    const attempt = this.#sent.get(task.id);
    this.#sent.delete(task.id);
    return attempt;
  }

  /** Forgets what was sent: the play goes on elsewhere. */
  clear(): void {
    this.#sent.clear();
  }

  #members(current: number): Member[] {
    const members: Member[] = [];
    const pending = new Map<string, Variable>();
    const first = this.steps[current];
    for (let at = current; at < this.steps.length && members.length < LONGEST; at++) {
      const step = this.steps[at];
      // A failure jumps to the block's rescue, so a chain stays within one block.
      if (step.kind !== "task" || first.kind !== "task" || step.block !== first.block) break;
      if (!this.host.selected(step.task)) continue;
      const member = this.#member(step.task, pending);
      if (member === "ends") break;
      if (member === "passes") continue;
      members.push(member);
      if (step.task.register) pending.set(step.task.register, pendingVariable(`'${step.task.register}'`));
    }
    return members;
  }

  #member(task: Task, pending: ReadonlyMap<string, Variable>): Member | "passes" | "ends" {
    if (task.callee.kind !== "module" || !task.callee.module.alwaysActs || steers(task)) return "ends";
    try {
      const scope = this.host.scope(task).child(pending);
      if (task.settings.when.some((condition) => condition.evaluate(scope) !== true)) return "passes";
      const args = task.args.value.evaluate(scope) as { [key: string]: Value };
      return task.callee.module.alwaysActs(args) ? { task, args, scope } : "ends";
    } catch {
      // Pending or wrong: the task itself will see.
      return "ends";
    }
  }
}

/** Whether what follows depends on more than the command's exit code. */
function steers(task: Task): boolean {
  const { runOnce, delegateTo, throttle, timeout } = task.settings;
  if ((runOnce ?? delegateTo ?? throttle ?? timeout ?? task.async) !== undefined) return true;
  return task.loop !== undefined || task.until !== undefined || task.retries !== undefined ||
    task.failedWhen !== undefined || task.settings.ignoreErrors !== undefined || task.settings.checkMode !== undefined;
}
