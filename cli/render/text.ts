/**
 * Events as text that a person follows: tasks in order with the hosts that took them, a recap in Ansible's format,
 * failures last and in full.
 *
 * @module
 */

import type {
  Event,
  HostCounts,
  NoticeEvent,
  PlayEvent,
  RecapEvent,
  TaskEvent,
  TaskStatus,
} from "../../engine/run/event.ts";
import type { Style, Terminal } from "../terminal.ts";
import { changeLines } from "./changes.ts";
import { foldNames } from "./fold.ts";

/** How the text looks. */
export interface TextOptions {
  readonly diff: boolean;
  readonly check: boolean;
  readonly verbosity: number;
}

const STYLES: Readonly<Record<TaskStatus, Style>> = {
  ok: "green",
  changed: "yellow",
  predicted: "yellow",
  unknown: "magenta",
  skipped: "cyan",
  failed: "red",
  unreachable: "red",
  ignored: "cyan",
  rescued: "cyan",
};

/** Above this many hosts, the recap and the task lines fold host names. */
const FOLD_ABOVE = 100;

interface TaskBlock {
  readonly key: string;
  readonly events: TaskEvent[];
}

/** Renders events as they come. */
export class TextRenderer {
  #hosts = new Set<string>();
  /** Tasks whose lines wait until every host has come past them. */
  readonly #blocks: TaskBlock[] = [];
  readonly #printed = new Set<string>();
  /** The last block each host has reported in. */
  readonly #position = new Map<string, number>();
  #count = 0;
  readonly #failures: TaskEvent[] = [];
  readonly #notices: NoticeEvent[] = [];

  constructor(readonly terminal: Terminal, readonly options: TextOptions) {}

  /** Takes one event. */
  take(event: Event): void {
    if (event.type === "run" && event.check) {
      this.terminal.out(this.terminal.paint("bold", "CHECK MODE: nothing is changed"));
    }
    if (event.type === "play") this.#play(event);
    if (event.type === "task") this.#task(event);
    if (event.type === "notice") this.#notice(event);
    if (event.type === "recap") this.#recap(event);
  }

  /** One line on what goes on, for a terminal. */
  progressLine(seconds: number): string | undefined {
    const block = this.#blocks[0];
    if (!block) return undefined;
    return `… ${block.events[0].name}: ${block.events.length} of ${this.#hosts.size} hosts, ${Math.round(seconds)} s`;
  }

  #play(event: PlayEvent): void {
    this.#flush();
    this.#hosts = new Set(event.hosts);
    this.#position.clear();
    this.#printed.clear();
    const hosts = event.hosts.length === 0
      ? "no hosts match, skipped"
      : `${event.hosts.length} host${event.hosts.length === 1 ? "" : "s"}`;
    this.#headline(`PLAY [${event.name}]`, hosts);
  }

  #headline(title: string, note = ""): void {
    const { terminal } = this;
    const width = Math.min(100, terminal.columns - 1);
    const line = `${title} ${note ? `${note} ` : ""}`;
    terminal.out("");
    terminal.out(terminal.paint("bold", line + "*".repeat(Math.max(3, width - line.length))));
  }

  #task(event: TaskEvent): void {
    if (event.status === "failed" || event.status === "unreachable") this.#failures.push(event);
    const key = `${event.id}${event.handler ? "h" : ""}`;
    let index = this.#blocks.findIndex((block) => block.key === key);
    if (index === -1) index = this.#blocks.push({ key, events: [] }) - 1;
    this.#blocks[index].events.push(event);
    this.#position.set(event.host, this.#count + index);
    if (event.status === "failed" || event.status === "unreachable") this.#hosts.delete(event.host);
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
    const block = this.#blocks.shift()!;
    this.#count++;
    const { terminal } = this;
    const [first] = block.events;
    const again = this.#printed.has(block.key) ? " (more hosts)" : "";
    this.#printed.add(block.key);
    terminal.out("");
    terminal.out(terminal.paint("bold", `${first.handler ? "HANDLER" : "TASK"} [${first.name}]${again}`));
    for (const [text, events] of this.#lines(block.events)) {
      const names = events.map((event) => event.host);
      const { status } = events[0];
      const word = this.options.check && status === "changed" ? "would change" : STATUS_WORDS[status];
      terminal.out(terminal.paint(STYLES[status], `${word}: ${this.#names(names)}${text.head}`));
      for (const line of text.below) terminal.out(`    ${line}`);
    }
  }

  /** The hosts with the same to say, together. */
  #lines(events: readonly TaskEvent[]): [{ head: string; below: string[] }, TaskEvent[]][] {
    const groups = new Map<string, [{ head: string; below: string[] }, TaskEvent[]]>();
    for (const event of events) {
      const text = this.#text(event);
      const key = JSON.stringify([event.status, text]);
      const group = groups.get(key);
      if (group) group[1].push(event);
      else groups.set(key, [text, [event]]);
    }
    return [...groups.values()];
  }

  #text(event: TaskEvent): { head: string; below: string[] } {
    const { verbosity, diff } = this.options;
    const below = changeLines(event.changes, diff, this.terminal);
    const items = (event.items ?? []).filter((item) =>
      verbosity > 0 || (item.status !== "ok" && item.status !== "skipped")
    );
    below.push(...items.map((item) => `${STATUS_WORDS[item.status]}: item ${item.label}`));
    if (verbosity > 0) below.push(...JSON.stringify(event.result, undefined, 2).split("\n"));
    const message = typeof event.result.msg === "string" ? event.result.msg : undefined;
    const says = event.module === "debug" || event.status === "failed" || event.status === "unreachable" ||
      event.status === "ignored" || event.status === "rescued" || event.status === "unknown";
    if (event.module === "debug" && message === undefined && event.result.msg !== undefined) {
      below.push(...JSON.stringify(event.result.msg, undefined, 2).split("\n"));
    }
    if (!says || message === undefined) return { head: "", below };
    const [head, ...rest] = message.split("\n");
    return { head: `  ${head}`, below: [...rest.map((line) => line), ...below] };
  }

  #names(names: readonly string[]): string {
    return names.length > FOLD_ABOVE || names.length > 8 ? foldNames(names) : names.join(", ");
  }

  #notice(event: NoticeEvent): void {
    if (!this.#notices.some((notice) => notice.message === event.message)) this.#notices.push(event);
  }

  #recap(event: RecapEvent): void {
    this.#flush();
    this.#headline("PLAY RECAP");
    for (const [counts, names] of recapRows(event.hosts)) {
      this.terminal.out(recapLine(names, counts, this.terminal, this.options.check));
    }
    for (const notice of this.#notices) {
      const { terminal } = this;
      terminal.out("");
      terminal.out(`${terminal.paint("yellow", "NOTICE")} ${notice.host ? `[${notice.host}] ` : ""}${notice.message}`);
    }
    this.#tellFailures();
  }

  #tellFailures(): void {
    const { terminal } = this;
    for (const event of this.#failures) {
      terminal.out("");
      terminal.out(terminal.paint("red", `${event.status.toUpperCase()} [${event.host}] ${event.name}`));
      if (event.place) terminal.out(`  task:    ${event.place}`);
      terminal.out(`  reason:  ${String(event.result.msg ?? "no message").split("\n").join("\n           ")}`);
      for (const key of ["cmd", "rc", "stdout", "stderr"]) {
        const value = event.result[key];
        if (value === undefined || value === "") continue;
        const text = typeof value === "string" ? value : JSON.stringify(value);
        terminal.out(`  ${`${key}:`.padEnd(8)} ${text.trimEnd().split("\n").join("\n           ")}`);
      }
    }
  }
}

const STATUS_WORDS: Readonly<Record<TaskStatus, string>> = {
  ok: "ok",
  changed: "changed",
  predicted: "predicted",
  unknown: "unknown until applied",
  skipped: "skipped",
  failed: "failed",
  unreachable: "unreachable",
  ignored: "failed, ignored",
  rescued: "failed, rescued",
};

function recapRows(hosts: RecapEvent["hosts"]): [HostCounts, string][] {
  const entries = Object.entries(hosts);
  if (entries.length <= FOLD_ABOVE) {
    return entries.sort(([a], [b]) => a < b ? -1 : 1).map(([name, counts]) => [counts, name]);
  }
  const groups = new Map<string, [HostCounts, string[]]>();
  for (const [name, counts] of entries) {
    const key = JSON.stringify(counts);
    const group = groups.get(key);
    if (group) group[1].push(name);
    else groups.set(key, [counts, [name]]);
  }
  return [...groups.values()].map(([counts, names]) => [counts, foldNames(names)]);
}

/** One host's line, as Ansible prints it; `unknown` stands behind in check mode. */
function recapLine(name: string, counts: HostCounts, { paint }: Terminal, check: boolean): string {
  const bad = counts.failed > 0 || counts.unreachable > 0;
  const style: Style = bad ? "red" : counts.changed > 0 ? "yellow" : "green";
  const keys = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"] as const;
  const cells = keys.map((key) => `${key}=${String(counts[key]).padEnd(4)}`);
  if (check) cells.push(`unknown=${String(counts.unknown).padEnd(4)}`);
  return `${paint(style, name.padEnd(26))} : ${cells.join(" ")}`.trimEnd();
}
