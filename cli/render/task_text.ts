/**
 * What the lines under a task say: who did what, hosts with the same to say together.
 *
 * @module
 */

import type { TaskEvent, TaskStatus } from "../../engine/run/event.ts";
import type { Style, Terminal } from "../terminal.ts";
import { changeLines } from "./changes.ts";
import { foldNames } from "./fold.ts";

/** How the text looks. */
export interface TextOptions {
  /** Whether differences of content are shown. */
  readonly diff: boolean;
  /** Whether the run only predicts. */
  readonly check: boolean;
  /** How many -v were given. */
  readonly verbosity: number;
  /** Whether results are what the operator asked for, as with `aami run`. */
  readonly results?: boolean;
}

/** The colour of each status. */
export const STYLES: Readonly<Record<TaskStatus, Style>> = {
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

const WORDS: Readonly<Record<TaskStatus, string>> = {
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

/** What went well first, what needs a look last. */
const ORDER = Object.keys(STYLES) as TaskStatus[];

/** More names than this are folded. */
const MOST_NAMES = 8;

/** Folded names longer than this are cut; the recap has them all. */
const LONGEST_NAMES = 60;

/** The lines of one task. */
export function taskLines(events: readonly TaskEvent[], options: TextOptions, terminal: Terminal): string[] {
  const lines: string[] = [];
  for (const status of ORDER) {
    const own = events.filter((event) => event.status === status);
    for (const { head, below, hosts } of groups(own, options, terminal)) {
      lines.push(terminal.paint(STYLES[status], `${wordOf(status, options)}: ${namesOf(hosts)}${head && `  ${head}`}`));
      for (const line of below) lines.push(line === "" ? "" : `    ${line}`);
    }
  }
  return lines;
}

interface Group {
  readonly head: string;
  readonly below: readonly string[];
  readonly hosts: string[];
}

/** Hosts with the same to say; what changed is told where all say the same, or where the operator asked for it. */
function groups(events: readonly TaskEvent[], options: TextOptions, terminal: Terminal): Group[] {
  const asked = options.diff || options.check || options.verbosity > 0;
  const changes = events.map((event) => changeLines(event.changes, options, terminal));
  const alike = new Set(changes.map((lines) => lines.join("\n"))).size <= 1;
  const found = new Map<string, Group>();
  for (const [index, event] of events.entries()) {
    const [head, ...rest] = message(event);
    const below = [
      ...rest,
      ...asked || alike ? changes[index] : [],
      ...itemLines(event, options),
      ...resultLines(event, options),
    ];
    const key = JSON.stringify([head, below]);
    const group = found.get(key);
    if (group) group.hosts.push(event.host);
    else found.set(key, { head: head ?? "", below, hosts: [event.host] });
  }
  return [...found.values()];
}

const SPEAKING = new Set<TaskStatus>(["failed", "unreachable", "ignored", "rescued", "unknown"]);

/** What a task has to say for itself: one line beside the hosts, and those below. */
function message({ module, status, result }: TaskEvent): string[] {
  const { msg } = result;
  const speaks = module === "debug" || module === "notice" || SPEAKING.has(status);
  if (!speaks || msg === undefined || result.skipped === true) return [];
  if (typeof msg !== "string") return ["", ...JSON.stringify(msg, undefined, 2).split("\n")];
  const [first, ...rest] = msg.split("\n");
  const reason = firstLine(result.stderr) ?? firstLine(result.stdout);
  return reason !== undefined && result.rc !== undefined && rest.length === 0 && module !== "debug"
    ? [`${first} (rc ${result.rc}): ${reason}`]
    : [first, ...rest];
}

function firstLine(text: unknown): string | undefined {
  return typeof text === "string" && text.trim() !== "" ? text.trim().split("\n")[0] : undefined;
}

function itemLines({ items }: TaskEvent, options: TextOptions): string[] {
  return (items ?? []).filter(({ status }) => options.verbosity > 0 || (status !== "ok" && status !== "skipped"))
    .map(({ status, label }) => `${wordOf(status, options)}: item ${label}`);
}

function wordOf(status: TaskStatus, { check }: TextOptions): string {
  return check && status === "changed" ? "would change" : WORDS[status];
}

function resultLines({ result }: TaskEvent, { verbosity, results }: TextOptions): string[] {
  if (verbosity > 0) return JSON.stringify(result, undefined, 2).split("\n");
  if (!results) return [];
  if (typeof result.stdout !== "string") return JSON.stringify(result, undefined, 2).split("\n");
  return [result.stdout, String(result.stderr ?? "")].filter((text) => text !== "").flatMap((text) => text.split("\n"));
}

/** A few names as they are, many folded and counted; what would fill a line by itself is cut. */
export function namesOf(names: readonly string[], { full = false } = {}): string {
  if (names.length <= MOST_NAMES) return names.join(", ");
  const folded = foldNames(names);
  const cut = folded.lastIndexOf(",", LONGEST_NAMES);
  const shown = full || folded.length <= LONGEST_NAMES || cut < 0 ? folded : `${folded.slice(0, cut)},…`;
  return `${shown} (${names.length} hosts)`;
}
