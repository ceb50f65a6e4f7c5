/**
 * The engine's only output. The terminal, the journal, JUnit and HTML read events; so does a program that runs aami with
 * `-o jsonl`.
 *
 * @module
 */

import type { Change, Value } from "../module/module.ts";

/** How a task ended on a host. `predicted` and `unknown` occur in check mode only. */
export type TaskStatus =
  | "ok"
  | "changed"
  | "predicted"
  | "unknown"
  | "skipped"
  | "failed"
  | "unreachable"
  | "ignored"
  | "rescued";

/** The counts of one host's recap. `ok` counts changed tasks too, as in Ansible. */
export interface HostCounts {
  ok: number;
  changed: number;
  unreachable: number;
  failed: number;
  skipped: number;
  rescued: number;
  ignored: number;
  unknown: number;
}

/** The run begins. */
export interface RunEvent {
  readonly type: "run";
  readonly id: string;
  readonly playbook: string;
  readonly check: boolean;
}

/** A play begins on hosts (names). */
export interface PlayEvent {
  readonly type: "play";
  readonly name: string;
  readonly hosts: readonly string[];
}

/** One item of a loop. */
export interface ItemResult {
  readonly item: Value;
  readonly label: string;
  readonly status: TaskStatus;
  readonly message?: string;
}

/** A task ended on a host. */
export interface TaskEvent {
  readonly type: "task";
  /** Stable between check and apply. */
  readonly id: string;
  readonly play: string;
  readonly name: string;
  readonly module: string;
  readonly host: string;
  readonly status: TaskStatus;
  readonly changes: readonly Change[];
  /** What `register` gets; empty for a task with no_log. */
  readonly result: { readonly [key: string]: Value };
  /** How long it took. */
  readonly seconds: number;
  /** When it ended, ISO 8601. */
  readonly at: string;
  readonly handler?: true;
  readonly items?: readonly ItemResult[];
  /** `file:line:column` of the task, for failures. */
  readonly place?: string;
}

/** Something that a person must know; repeated after the recap. */
export interface NoticeEvent {
  readonly type: "notice";
  readonly host?: string;
  readonly message: string;
}

/** The end. `exit` is the exit status of the run. */
export interface RecapEvent {
  readonly type: "recap";
  readonly hosts: { readonly [host: string]: HostCounts };
  readonly exit: number;
}

/** Any event. */
export type Event = RunEvent | PlayEvent | TaskEvent | NoticeEvent | RecapEvent;

/** Takes events as they happen. */
export type Emit = (event: Event) => void;
