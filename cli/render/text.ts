/**
 * Events as text that a person follows: tasks in order with the hosts that took them, then the recap.
 *
 * @module
 */

import type { Event, NoticeEvent, PlayEvent, RecapEvent, TaskEvent } from "../../engine/run/event.ts";
import type { Terminal } from "../terminal.ts";
import { failureLines, noticeLines, recapLines } from "./recap.ts";
import { taskLines, type TextOptions } from "./task_text.ts";

interface TaskBlock {
  readonly key: string;
  readonly events: TaskEvent[];
}

/** Renders events as they come. */
export class TextRenderer {
  #hosts = new Set<string>();
  /** Where each host stands in the play. */
  #order = new Map<string, number>();
  /** Tasks whose lines wait until every host has come past them. */
  readonly #blocks: TaskBlock[] = [];
  readonly #printed = new Set<string>();
  /** The last block each host has reported in. */
  readonly #position = new Map<string, number>();
  #count = 0;
  /** Tasks that every host skipped, since the last line. */
  #skipped = 0;
  readonly #failures: TaskEvent[] = [];
  readonly #notices: NoticeEvent[] = [];

  /** Writes to a terminal. */
  constructor(readonly terminal: Terminal, readonly options: TextOptions) {}

  /** Takes one event. */
  take(event: Event): void {
    if (event.type === "run" && event.check) {
      this.terminal.out(this.terminal.paint("bold", "CHECK MODE: nothing is changed"));
    }
    if (event.type === "play") this.#play(event);
    if (event.type === "task") this.#task(event);
    if (event.type === "notice") this.#notices.push(event);
    if (event.type === "recap") this.#recap(event);
  }

  /** One line on what goes on, for a terminal. */
  progressLine(seconds: number): string | undefined {
    const waited = `${Math.round(seconds)} s`;
    const [block] = this.#blocks;
    if (block) return `… ${block.events[0].name}: ${block.events.length} of ${this.#hosts.size} hosts, ${waited}`;
    return this.#hosts.size > 0 ? `… ${waited}` : undefined;
  }

  #play(event: PlayEvent): void {
    this.#flush();
    this.#tellSkipped();
    this.#hosts = new Set(event.hosts);
    this.#order = new Map(event.hosts.map((host, index) => [host, index]));
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
    let index = this.#blocks.findIndex((block) => block.key === key);
    if (index === -1) index = this.#blocks.push({ key, events: [] }) - 1;
    this.#blocks[index].events.push(event);
    this.#position.set(event.host, this.#count + index);
    if (gone) this.#hosts.delete(event.host);
    while (this.#blocks.length > 0 && this.#complete()) this.#printFirst();
  }

  /** Whether every host has reported in the first waiting block, or later. */
  #complete(): boolean {
    const reported = new Set(this.#blocks[0].events.map((event) => event.host));
    for (const host of this.#hosts) {
      if (!reported.has(host) && (this.#position.get(host) ?? -1) <= this.#count) return false;
    }
    return true;
  }

  #flush(): void {
    while (this.#blocks.length > 0) this.#printFirst();
  }

  #printFirst(): void {
    const { key, events } = this.#blocks.shift()!;
    this.#count++;
    const [first] = events;
    events.sort((a, b) => (this.#order.get(a.host) ?? 0) - (this.#order.get(b.host) ?? 0));
    const again = this.#printed.has(key) ? " (more hosts)" : "";
    this.#printed.add(key);
    // A role of many conditions would bury what happened; -v shows each.
    if (this.options.verbosity === 0 && events.every((event) => event.status === "skipped")) {
      this.#skipped++;
      return;
    }
    this.#tellSkipped();
    const title = `${first.handler ? "HANDLER" : "TASK"} [${first.name}]${again}`;
    this.#print("", this.terminal.paint("bold", title), ...taskLines(events, this.options, this.terminal));
  }

  #tellSkipped(): void {
    if (this.#skipped === 0) return;
    const tasks = this.#skipped === 1 ? "1 task" : `${this.#skipped} tasks`;
    this.#print("", this.terminal.paint("cyan", `(${tasks} skipped)`));
    this.#skipped = 0;
  }

  #recap(event: RecapEvent): void {
    this.#flush();
    this.#tellSkipped();
    this.#headline("PLAY RECAP");
    this.#print(
      ...recapLines(event.hosts, this.options.check, this.terminal),
      ...noticeLines(this.#notices, this.terminal),
      ...failureLines(this.#failures, this.terminal),
    );
  }
}
