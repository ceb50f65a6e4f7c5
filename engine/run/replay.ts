/**
 * What a resumed run need not do again: the tasks that ended well, by play, host and place in the program.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { calleeOf } from "../playbook/load_tasks.ts";
import type { Task } from "../playbook/playbook.ts";
import type { TaskEvent } from "./event.ts";
import type { BegunLine, Done, EventLine, JournalLine } from "./journal.ts";

/** A task that has ended on a host. */
export interface Finished {
  /** As it was told. */
  readonly event: TaskEvent;
  /** What it set and notified. */
  readonly done: Done;
}

/** What is known of a task from before the run was resumed. */
export interface Before {
  /** How it ended; undefined where it did not. */
  readonly finished?: Finished;
  /** It was about to change something, and its end is not known. */
  readonly begun: boolean;
}

/** What hosts did before a run was resumed. */
export class Replay {
  /** By host, then by play and position, in the order the tasks ended. */
  readonly #hosts = new Map<string, Map<string, Before>>();

  /** Made from a journal's lines. */
  constructor(lines: Iterable<JournalLine>) {
    for (const line of lines) {
      if (line.line === "begun") this.#begun(line);
      if (line.line === "event") this.#event(line);
      if (line.line === "resumed") this.#forgetFailures();
    }
    this.#forgetFailures();
  }

  /** How many tasks need not be run again. */
  get tasks(): number {
    return [...this.#hosts.values()].flatMap((host) => [...host.values()]).filter(({ finished }) => finished).length;
  }

  /** What a host did in a play. */
  of(play: number, host: string): HostReplay {
    const prefix = `${play}@`;
    const own = [...this.#hosts.get(host) ?? []].filter(([key]) => key.startsWith(prefix));
    return new HostReplay(new Map(own.map(([key, before]) => [key.slice(prefix.length), before])));
  }

  /** A task that one host ran for all; `counts` tells the hosts that may have run it for those who ask. */
  once(play: number, position: readonly number[], counts: (host: string) => boolean): Finished | undefined {
    const key = keyOf(play, position);
    for (const [host, own] of this.#hosts) {
      const finished = own.get(key)?.finished;
      if (finished && counts(host)) return finished;
    }
    return undefined;
  }

  #of(host: string): Map<string, Before> {
    let own = this.#hosts.get(host);
    if (!own) this.#hosts.set(host, own = new Map());
    return own;
  }

  #begun({ play, host, position }: BegunLine): void {
    const own = this.#of(host);
    const key = keyOf(play, position);
    own.set(key, { ...own.get(key), begun: true });
  }

  /** The last word counts, in the order of the last words. */
  #event({ event, done }: EventLine): void {
    if (event.type !== "task" || !done) return;
    const own = this.#of(event.host);
    const key = keyOf(done.play, done.position);
    // A task that failed may have done a part of its work.
    const begun = done.lost === true && own.get(key)?.begun === true;
    own.delete(key);
    own.set(key, { finished: { event, done }, begun });
  }

  /** A host that failed goes on with the task that it failed with, whatever ran after it. */
  #forgetFailures(): void {
    for (const own of this.#hosts.values()) {
      let failed = false;
      for (const [key, { finished, begun }] of [...own]) {
        if (failed) own.delete(key);
        else if (finished?.done.lost) {
          failed = true;
          if (begun) own.set(key, { begun });
          else own.delete(key);
        }
      }
    }
  }
}

/** What one host did in one play. */
export class HostReplay {
  #left: number;
  /** The playbook was changed, and a task is no longer the one that was run. */
  #changed = false;

  /** Made with what is known of its tasks, by position. */
  constructor(readonly tasks: Map<string, Before>) {
    this.#left = [...tasks.values()].filter(({ finished }) => finished).length;
  }

  /** Whether there are tasks that the host has yet to come past. */
  get isLeft(): boolean {
    return this.#left > 0;
  }

  /** Whether the task at a place is done. */
  has(position: readonly number[], task: Task): boolean {
    const finished = this.tasks.get(position.join("."))?.finished;
    return finished !== undefined && finished.done.mark === markOf(task);
  }

  /** What is known of the task at a place. From the first task that was changed since, nothing more is. */
  take(position: readonly number[], task: Task): Before | undefined {
    if (this.#changed) return undefined;
    const key = position.join(".");
    const before = this.tasks.get(key);
    if (!before) return undefined;
    if (before.finished && before.finished.done.mark !== markOf(task)) {
      this.#changed = true;
      this.#left = 0;
      return undefined;
    }
    this.tasks.delete(key);
    if (before.finished) this.#left--;
    return before;
  }

  /** The handlers that were notified by tasks which are run again as the playbook was changed: they stay notified. */
  takeDue(): string[] {
    if (!this.#changed) return [];
    const names = [...this.tasks.values()].flatMap(({ finished }) => finished?.done.notify ?? []);
    this.tasks.clear();
    return [...new Set(names)];
  }
}

function keyOf(play: number, position: readonly number[]): string {
  return `${play}@${position.join(".")}`;
}

const marks = new WeakMap<Task, string>();

/** Tells a task from what it is once its name, its arguments or its loop are changed. */
export function markOf(task: Task): string {
  let mark = marks.get(task);
  if (mark === undefined) {
    const spans = [...task.args.nodes.values()].map(({ node }) => node.span);
    const texts = [...spans, ...task.loop ? [task.loop.span] : []]
      .map(({ source, start, end }) => source.text.slice(start, end));
    const keys = [...task.args.nodes.keys()];
    const text = JSON.stringify([task.label, calleeOf(task.callee).name, keys, texts]);
    mark = createHash("sha256").update(text).digest("base64url").slice(0, 12);
    marks.set(task, mark);
  }
  return mark;
}
