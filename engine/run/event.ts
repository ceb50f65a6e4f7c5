/**
 * The engine's only output. The terminal, the journal, JUnit and HTML read events; so does a program that runs aami with
 * `-o jsonl`.
 *
 * @module
 */

import type { DiagnosticData } from "../support/diagnostic.ts";
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
  /** Tasks that ended well, changed, predicted and ignored ones counted. */
  ok: number;
  /** Tasks that changed something, or in check mode would. */
  changed: number;
  /** 1 where the host could not be reached and left the run, else 0. */
  unreachable: number;
  /** Tasks that failed and that no `rescue` took up. */
  failed: number;
  /** Tasks whose `when` did not hold. */
  skipped: number;
  /** Tasks that failed and whose block has a `rescue`. */
  rescued: number;
  /** Tasks that failed with `ignore_errors`; these count as ok too. */
  ignored: number;
  /** Tasks whose outcome check mode cannot tell. */
  unknown: number;
}

/** The run begins. */
export interface RunEvent {
  /** Tells it from the other events. */
  readonly type: "run";
  /** A UUID, new for each run; a run that is resumed keeps its own. */
  readonly id: string;
  /** The playbook's path on the controller. */
  readonly playbook: string;
  /** Whether nothing is changed and outcomes are predicted. */
  readonly check: boolean;
  /** Where the run is resumed: how many tasks were done before, counted by host. */
  readonly resumed?: number;
}

/** A play begins on hosts, or on the next batch of them. */
export interface PlayEvent {
  /** Tells it from the other events. */
  readonly type: "play";
  /** The play's name, or its host pattern where it has none. */
  readonly name: string;
  /** The inventory names of those still in the run, in order; may be empty. */
  readonly hosts: readonly string[];
}

/** One item of a loop. */
export interface ItemResult {
  /** The item's value. */
  readonly item: Value;
  /** The item as it is shown, at most 100 characters. */
  readonly label: string;
  /** How the task ended for this item. */
  readonly status: TaskStatus;
  /** The result's `msg`; undefined where it has none. */
  readonly message?: string;
}

/** A task ended on a host. */
export interface TaskEvent {
  /** Tells it from the other events. */
  readonly type: "task";
  /** Stable between check and apply. */
  readonly id: string;
  /** The play's name. */
  readonly play: string;
  /** The task's name, behind `ROLE : ` in a role; as written where it cannot be evaluated. */
  readonly name: string;
  /** The module or action that it calls. */
  readonly module: string;
  /** The host's inventory name. */
  readonly host: string;
  /** How it ended. */
  readonly status: TaskStatus;
  /** The differences made or predicted; secrets are taken out. */
  readonly changes: readonly Change[];
  /** What `register` gets; empty for a task with no_log. */
  readonly result: { readonly [key: string]: Value };
  /** How long it took. */
  readonly seconds: number;
  /** When it ended, ISO 8601. */
  readonly at: string;
  /** The host that it acted on instead, with `delegate_to`. */
  readonly delegate?: string;
  /** There for handlers only. */
  readonly handler?: true;
  /** It was done before the run was resumed, and is not done again. */
  readonly replayed?: true;
  /** One for each item of a loop that ran; undefined without a loop. */
  readonly items?: readonly ItemResult[];
  /** `file:line:column` of the task, for failures. */
  readonly place?: string;
  /** What in the operator's texts is at fault; undefined where nothing is, and for a task with no_log. */
  readonly diagnostics?: readonly DiagnosticData[];
}

/** Something that a person must know; repeated after the recap. */
export interface NoticeEvent {
  /** Tells it from the other events. */
  readonly type: "notice";
  /** The host's inventory name; undefined for what concerns the run. */
  readonly host?: string;
  /** What to know and what to do, for people. */
  readonly message: string;
}

/** What lookahead did on a host in a play; at the play's end, with -vv only. */
export interface LookaheadEvent {
  /** Tells it from the other events. */
  readonly type: "lookahead";
  /** The play's name. */
  readonly play: string;
  /** The host's inventory name. */
  readonly host: string;
  /** How many inspections were started ahead of their task. */
  readonly ahead: number;
  /** How many of them a task could use. */
  readonly used: number;
  /** The others, by their task's name: a change made them stale, or the task's turn never came. */
  readonly thrown: readonly { readonly task: string; readonly times: number }[];
}

/** The end. `exit` is the exit status of the run. */
export interface RecapEvent {
  /** Tells it from the other events. */
  readonly type: "recap";
  /** The counts by inventory name; hosts for which nothing was counted are left out. */
  readonly hosts: { readonly [host: string]: HostCounts };
  /** The exit status: 0, or what `EXIT` of run.ts lists. */
  readonly exit: number;
}

/** Any event. */
export type Event = RunEvent | PlayEvent | TaskEvent | NoticeEvent | LookaheadEvent | RecapEvent;

/** Takes events as they happen. */
export type Emit = (event: Event) => void;
