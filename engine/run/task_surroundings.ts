/**
 * What a task may ask of the host's run around it.
 *
 * @module
 */

import type { TouchKey } from "../host/host.ts";
import type { Value } from "../module/module.ts";
import type { Task } from "../playbook/playbook.ts";
import type { LayeredScope } from "../variables/scope.ts";
import type { Variable } from "../variables/variable.ts";
import type { Attempt } from "./attempt.ts";
import type { HostState } from "./host_state.ts";
import type { RunningInspection } from "./inspection.ts";

/** What a task may ask of the host's run around it. */
export interface TaskSurroundings {
  /** Sets a variable of the host, for the rest of the run. */
  set(name: string, variable: Variable): void;
  /** Sets a variable of another host. */
  setOn(host: HostState, name: string, variable: Variable): void;
  /** Makes a value one of the host's facts. */
  setFact(name: string, value: Value): void;
  /** Called when a task is about to change something. */
  acts(task: Task): void;
  /** Whether the task under way may have done its work already, before the run was resumed. */
  wasUnderWay(): boolean;
  /** Called with what a task really changed, before its end is told. */
  changed(touches: readonly TouchKey[]): void;
  /** Starts the inspections of a loop's items, as far as they can be. */
  readAhead(task: Task, scopes: readonly LayeredScope[]): void;
  /** The inspection of the task, or of one item of its loop, that was made ahead, if it still holds. */
  take(task: Task, index?: number): RunningInspection | undefined;
  /** The attempt at the task that was sent ahead as one of a chain. */
  takeSent(task: Task): Promise<Attempt> | undefined;
  /** Runs what acts on another host, when no other host's task acts there. */
  delegated<T>(target: string, work: () => Promise<T>): Promise<T>;
  /** Runs the handlers that are due on this host; resolves when they have ended. */
  flushHandlers(): Promise<void>;
  /** Ends the play after this task, for this host or for all; or this batch of it. */
  end(what: "host" | "batch" | "play"): void;
}
