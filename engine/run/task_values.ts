/**
 * What a task's keywords come to on one host. Facts are gathered when something looks at them.
 *
 * @module
 */

import { actsOnce } from "../playbook/load_tasks.ts";
import type { Value } from "../module/module.ts";
import type { Task } from "../playbook/playbook.ts";
import { DiagnosticError, type Span } from "../support/diagnostic.ts";
import type { LayeredScope } from "../variables/scope.ts";
import { isTrue } from "../variables/values.ts";
import { FactsNeeded, PendingError, type Scope, type Variable } from "../variables/variable.ts";
import type { RunContext } from "./context.ts";
import type { HostState } from "./host_state.ts";
import { delegateOf, openTaskHost } from "./inspection.ts";
import type { Ask } from "./judge.ts";
import type { IncludeScope, PlayScope } from "./scopes.ts";

/** Evaluates the keywords of tasks on one host. */
export class TaskValues {
  #gathering: Promise<void> | undefined;

  /** Made once for each host of a play; `included` is what the tasks under way were included through. */
  constructor(
    readonly run: RunContext,
    readonly play: PlayScope,
    readonly host: HostState,
    readonly included: () => IncludeScope,
  ) {}

  /** The names that a task notifies, and where each was written. */
  async notifies(task: Task): Promise<{ name: string; span?: Span }[]> {
    const scope = this.scope(task);
    const names = () => task.settings.notify.map((name) => ({ name: String(name.evaluate(scope)), span: name.span }));
    return await this.evaluate(task, names);
  }

  /** Gathers the host's facts, once. */
  gatherFacts(task: Task): Promise<void> {
    return this.#gathering ??= (async () => {
      const own = { ...task, settings: { ...task.settings, delegateTo: undefined } };
      const { host } = await openTaskHost(this.run, this.host.name, own, this.scope(task));
      this.host.facts = await host.facts();
    })().finally(() => this.#gathering = undefined);
  }

  /** Whether one host runs the task for all. */
  async actsOnce(task: Task): Promise<boolean> {
    return actsOnce(task) || await this.keyword(task, task.settings.runOnce, isTrue) === true;
  }

  /** How many hosts may run the task at a time; 0 for no limit of its own. */
  async throttle(task: Task): Promise<number> {
    return await this.keyword(task, task.settings.throttle, Number) ?? 0;
  }

  /** Whether the task's failure is that of all hosts. */
  async failsAll(task: Task): Promise<boolean> {
    return await this.keyword(task, task.settings.anyErrorsFatal, isTrue) === true;
  }

  /** A keyword's value; undefined where it is not given, or wrong, which the task itself will tell. */
  async keyword<T>(task: Task, keyword: Variable | undefined, read: (value: Value) => T): Promise<T | undefined> {
    if (!keyword) return undefined;
    if (keyword.constant !== undefined) return read(keyword.constant);
    try {
      return await this.evaluate(task, () => read(keyword.evaluate(this.scope(task))));
    } catch (error) {
      if (error instanceof DiagnosticError || error instanceof PendingError) return undefined;
      throw error;
    }
  }

  /** What the task's expressions see. */
  scope(task: Task): LayeredScope {
    return this.run.scopes.host(this.host, this.play, task, this.included());
  }

  /** Evaluates something, gathering the facts where it looks at them. */
  async evaluate<T>(task: Task, evaluate: () => T): Promise<T> {
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof FactsNeeded)) throw error;
      await this.gatherFacts(task);
      return evaluate();
    }
  }

  /** Asks the task's conditions. */
  ask(task: Task): Ask {
    return (condition, scope) => this.evaluate(task, () => condition.evaluate(scope) === true);
  }

  /** Whether the task is only predicted. */
  checks(task: Task, scope: Scope): boolean {
    const own = task.settings.checkMode?.evaluate(scope);
    return own === undefined || own === null ? this.run.options.check : isTrue(own);
  }

  /** Whether nothing of the task may be shown. */
  async hidden(task: Task, scope: Scope): Promise<boolean> {
    return await this.evaluate(task, () => isTrue(task.settings.noLog?.evaluate(scope)));
  }

  /** The task's name; one that cannot be evaluated yet is shown as it was written. */
  name(task: Task, scope: Scope): string {
    const role = task.role ? `${task.role.name} : ` : "";
    try {
      return role + String(task.name.evaluate(scope));
    } catch (error) {
      if (error instanceof PendingError || error instanceof DiagnosticError) return role + task.label;
      throw error;
    }
  }

  /** The host that the task acts on instead; undefined where it is not known, as each item of a loop may have another. */
  delegate(task: Task, scope: Scope): string | undefined {
    try {
      return delegateOf(task, scope, this.host.name);
    } catch {
      return undefined;
    }
  }
}
