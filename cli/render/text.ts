/**
 * Events as text that a person follows: tasks in order with the hosts that took them, then the recap.
 *
 * @module
 */

import type { Event, LookaheadEvent, NoticeEvent, PlayEvent, RecapEvent, TaskEvent } from "../../engine/run/event.ts";
import type { Terminal } from "../terminal.ts";
import { readingsLines } from "./readings_text.ts";
import { failureLines, noticeLines, recapLines } from "./recap.ts";
import { TaskText, type TextOptions } from "./task_text.ts";

/** A task whose lines wait. */
interface TaskBlock {
  /** Its place among all tasks so far. */
  readonly at: number;
  readonly name: string;
  readonly handler: boolean;
  readonly text: TaskText;
  /** The hosts that have reported. */
  readonly hosts: Set<string>;
}

/** Renders events as they come. */
export class TextRenderer {
  /** The hosts of the play that are not out. */
  #hosts = new Set<string>();
  /** Where each host stands in the play. */
  #order = new Map<string, number>();
  /** Tasks whose lines wait until every host has come past them, by key and in order. */
  readonly #blocks = new Map<string, TaskBlock>();
  readonly #printed = new Set<string>();
  /** The last block each host has reported in. */
  readonly #position = new Map<string, number>();
  /** How many blocks there have been before those that wait. */
  #count = 0;
  /** The hosts that may still have to come past the first waiting block. */
  #behind: string[] = [];
  /** Tasks that every host skipped, since the last line. */
  #skipped = 0;
  /** What lookahead did in this play. */
  #readings: LookaheadEvent[] = [];
  readonly #failures: TaskEvent[] = [];
  readonly #notices: NoticeEvent[] = [];

  /** Writes to a terminal. */
  constructor(readonly terminal: Terminal, readonly options: TextOptions) {}

  /** Takes one event. */
  take(event: Event): void {
    if (event.type === "run" && event.resumed !== undefined) {
      const tasks = event.resumed === 1 ? "1 task is" : `${event.resumed} tasks are`;
      this.terminal.out(this.terminal.paint("bold", `RESUMED run ${event.id.slice(0, 8)}: ${tasks} done already`));
    }
    if (event.type === "run" && event.check) {
      this.terminal.out(this.terminal.paint("bold", "CHECK MODE: nothing is changed"));
    }
    if (event.type === "play") this.#play(event);
    if (event.type === "task") this.#task(event);
    if (event.type === "notice") this.#notices.push(event);
    if (event.type === "lookahead") this.#readings.push(event);
    if (event.type === "recap") this.#recap(event);
  }

  /** One line on what goes on, for a terminal. */
  progressLine(seconds: number): string | undefined {
    const waited = `${Math.round(seconds)} s`;
    const [block] = this.#blocks.values();
    if (block) return `… ${block.name}: ${block.hosts.size} of ${this.#hosts.size} hosts, ${waited}`;
    return this.#hosts.size > 0 ? `… ${waited}` : undefined;
  }

  #play(event: PlayEvent): void {
    this.#endPlay();
    this.#hosts = new Set(event.hosts);
    this.#order = new Map(event.hosts.map((host, index) => [host, index]));
    this.#behind = [...event.hosts];
    this.#position.clear();
    this.#printed.clear();
    const count = event.hosts.length;
    this.#headline(
      `PLAY [${event.name}]`,
      count === 0 ? "no hosts match, skipped" : `${count} host${count === 1 ? "" : "s"}`,
    );
  }

  #headline(title: string, note = ""): void {
    const { terminal } = this;
    const width = Math.min(100, terminal.columns - 1);
    const line = `${title} ${note ? `${note} ` : ""}`;
    this.#print("", terminal.paint("bold", line + "*".repeat(Math.max(3, width - line.length))));
  }

  #print(...lines: readonly string[]): void {
    for (const line of lines) this.terminal.out(line);
  }

  #task(event: TaskEvent): void {
    const gone = event.status === "failed" || event.status === "unreachable";
    if (gone) this.#failures.push(event);
    const key = `${event.id}${event.handler ? "h" : ""}`;
    const block = this.#blocks.get(key) ?? this.#begin(key, event);
    if (!event.replayed) block.text.take(event);
    block.hosts.add(event.host);
    this.#position.set(event.host, block.at);
    if (gone) this.#hosts.delete(event.host);
    while (this.#blocks.size > 0 && this.#complete()) this.#printFirst();
  }

  #begin(key: string, { name, handler }: TaskEvent): TaskBlock {
    const text = new TaskText(this.options, this.terminal);
    const at = this.#count + this.#blocks.size;
    const block = { at, name, handler: handler === true, text, hosts: new Set<string>() };
    this.#blocks.set(key, block);
    return block;
  }

  /** Whether every host has reported in the first waiting block, or later; each host is looked at once for a block. */
  #complete(): boolean {
    const [first] = this.#blocks.values();
    for (let host = this.#behind.at(-1); host !== undefined; host = this.#behind.at(-1)) {
      const past = first.hosts.has(host) || (this.#position.get(host) ?? -1) > first.at;
      if (this.#hosts.has(host) && !past) return false;
      this.#behind.pop();
    }
    return true;
  }

  #flush(): void {
    while (this.#blocks.size > 0) this.#printFirst();
  }

  #printFirst(): void {
    const [[key, { name, handler, text }]] = this.#blocks;
    this.#blocks.delete(key);
    this.#count++;
    this.#behind = [...this.#hosts];
    if (text.isEmpty) return;
    const again = this.#printed.has(key) ? " (more hosts)" : "";
    this.#printed.add(key);
    // A role of many conditions would bury what happened; -v shows each.
    if (this.options.verbosity === 0 && text.skipped) {
      this.#skipped++;
      return;
    }
    this.#tellSkipped();
    const lines = text.lines((host) => this.#order.get(host) ?? 0);
    const title = `${handler ? "HANDLER" : "TASK"} [${name}]${again}`;
    this.#print("", this.terminal.paint("bold", title), ...lines);
  }

  #tellSkipped(): void {
    if (this.#skipped === 0) return;
    const tasks = this.#skipped === 1 ? "1 task" : `${this.#skipped} tasks`;
    this.#print("", this.terminal.paint("cyan", `(${tasks} skipped)`));
    this.#skipped = 0;
  }

  #endPlay(): void {
    this.#flush();
    this.#tellSkipped();
    if (this.#readings.length > 0) {
      this.#print("", this.terminal.paint("bold", "LOOKAHEAD"), ...readingsLines(this.#readings));
    }
    this.#readings = [];
  }

  #recap(event: RecapEvent): void {
    this.#endPlay();
    this.#headline("PLAY RECAP");
    this.#print(
      ...recapLines(event.hosts, this.options.check, this.terminal),
      ...noticeLines(this.#notices, this.terminal),
      ...failureLines(this.#failures, this.terminal),
    );
  }
}
