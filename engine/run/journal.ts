/**
 * The journal of a run: what it came to so far, line by line, so that a run whose controller was killed can be resumed
 * and one that has ended can be looked at.
 *
 * No secret is in it: events come censored, and a value that holds a secret, or that `no_log` hides, is left out. Its
 * task is run again when the run is resumed.
 *
 * @module
 */

import type { Change, Result, Value } from "../module/module.ts";
import type { Event, TaskEvent } from "./event.ts";

/** The first line: which run it is. */
export interface RunLine {
  /** Tells it from the other lines. */
  readonly line: "run";
  /** The version of this format. */
  readonly schema: 1;
  /** The run's UUID, also of the runs that resume it. */
  readonly id: string;
  /** The playbook, absolute, or the name of a built-in one. */
  readonly playbook: string;
  /** When it began, ISO 8601. */
  readonly at: string;
  /** Whether nothing is changed and outcomes are predicted. */
  readonly check: boolean;
  /** The working directory of the controller. */
  readonly directory: string;
  /** The flags that a resumed run takes over, as the command line has them. */
  readonly flags: { readonly [flag: string]: unknown };
  /** The names of the variables of the command line. */
  readonly extraVars: readonly string[];
}

/** A task that is about to change something on a host. Without an end that follows, it was under way when all ended. */
export interface BegunLine {
  /** Tells it from the other lines. */
  readonly line: "begun";
  /** The play's number, from 1. */
  readonly play: number;
  /** The host's inventory name. */
  readonly host: string;
  /** Where in the play's program the task stands. */
  readonly position: readonly number[];
}

/** What a resumed run restores in place of running a task. */
export interface Done {
  /** The play's number, from 1. */
  readonly play: number;
  /** Where in the play's program the task stands. */
  readonly position: readonly number[];
  /** Tells whether the task is still the one that was run. */
  readonly mark: string;
  /** Variables that it set on its host: what it registered, and facts. */
  readonly set?: { readonly [name: string]: Value };
  /** Facts that it set with `cacheable`. */
  readonly facts?: { readonly [name: string]: Value };
  /** Variables that it set on other hosts. */
  readonly others?: { readonly [host: string]: { readonly [name: string]: Value } };
  /** Handlers that it notified. */
  readonly notify?: readonly string[];
  /** The host left the run with it. */
  readonly lost?: true;
  /** It is to be run again, as something that it set could not be kept. */
  readonly again?: true;
}

/** Something that happened. */
export interface EventLine {
  /** Tells it from the other lines. */
  readonly line: "event";
  /** What; of a task that ended well its result is left out, but for a few keys. */
  readonly event: Event;
  /** There for tasks outside of check mode. */
  readonly done?: Done;
}

/** The run goes on here. */
export interface ResumedLine {
  /** Tells it from the other lines. */
  readonly line: "resumed";
  /** When, ISO 8601. */
  readonly at: string;
}

/** The run has ended; short, as a list of runs reads it from the file's end. */
export interface EndLine {
  /** Tells it from the other lines. */
  readonly line: "end";
  /** When, ISO 8601. */
  readonly at: string;
  /** The exit status. */
  readonly exit: number;
  /** How many hosts have a result. */
  readonly hosts: number;
}

/** Any line. */
export type JournalLine = RunLine | BegunLine | EventLine | ResumedLine | EndLine;

/** A longer line is not worth keeping: the task is run again instead. */
const LONGEST_LINE = 1 << 20;

/** Longer texts of a change are not kept. */
const LONGEST_CHANGE = 1 << 16;

/** What the journal keeps of the result of a task that went well. */
const KEPT_KEYS = ["msg", "rc", "changed", "censored"];

/**
 * Writes one run's journal. That a task is about to change something is written at once, with all that came before it;
 * what has ended is written at the latest in the next turn of the event loop, as many small writes cost more.
 */
export class Journal {
  #broken = false;
  #waiting = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Made for a file that is open.
   *
   * @param write appends a text; throws where it cannot
   * @param lost called once, with the error, when nothing more can be written
   */
  constructor(
    readonly id: string,
    readonly write: (text: string) => void,
    readonly lost: (error: unknown) => void,
  ) {}

  /** Keeps an event that is free of secrets; of what was done before the run was resumed it has kept it. */
  event(event: Event, done?: Done): void {
    if (event.type === "run" || event.type === "lookahead" || (event.type === "task" && event.replayed)) return;
    if (event.type !== "task") this.#line({ line: "event", event });
    else this.#task(event, done);
    if (event.type !== "recap") return;
    const hosts = Object.keys(event.hosts).length;
    this.#line({ line: "end", at: new Date().toISOString(), exit: event.exit, hosts });
    this.flush();
  }

  /** A task is about to change something on a host. */
  begun(play: number, host: string, position: readonly number[]): void {
    this.#line({ line: "begun", play, host, position });
    this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = "";
    if (this.#broken || text === "") return;
    try {
      this.write(text);
    } catch (error) {
      this.#broken = true;
      this.lost(error);
    }
  }

  #task(event: TaskEvent, done?: Done): void {
    const kept: TaskEvent = { ...event, changes: event.changes.map(keptChange), result: keptResult(event) };
    let text = textOf({ line: "event", event: kept, ...(done ? { done } : {}) });
    if (text === undefined || text.length > LONGEST_LINE) {
      const again = done && { play: done.play, position: done.position, mark: done.mark, notify: done.notify };
      const short = { ...kept, changes: [], result: {}, items: undefined };
      text = textOf({ line: "event", event: short, ...(again ? { done: { ...again, again: true } } : {}) });
    }
    if (text !== undefined) this.#append(text);
  }

  #line(line: JournalLine): void {
    this.#append(JSON.stringify(line));
  }

  #append(text: string): void {
    this.#waiting += `${text}\n`;
    this.#timer ??= setTimeout(() => this.flush(), 0);
  }
}

/** Undefined for values that JSON cannot hold. */
function textOf(line: EventLine): string | undefined {
  try {
    return JSON.stringify(line);
  } catch {
    return undefined;
  }
}

function keptResult({ status, result }: TaskEvent): Result {
  if (status === "failed" || status === "unreachable" || status === "ignored" || status === "rescued") return result;
  return Object.fromEntries(KEPT_KEYS.flatMap((key) => result[key] === undefined ? [] : [[key, result[key]]]));
}

function keptChange(change: Change): Change {
  if (change.before.length + change.after.length <= LONGEST_CHANGE) return change;
  return { ...change, before: "", after: "", sensitive: true };
}
