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

/** Hosts with the very same to say of a task. */
interface Group {
  readonly status: TaskStatus;
  readonly head: string;
  /** What follows the head. */
  readonly rest: readonly string[];
  readonly changes: readonly string[];
  /** Items and results. */
  readonly more: readonly string[];
  readonly hosts: string[];
}

/** The text of one task, gathered event by event. What hosts have in common is kept once, so that many cost little. */
export class TaskText {
  readonly #groups = new Map<string, Group>();

  /** Nothing is gathered yet. */
  constructor(readonly options: TextOptions, readonly terminal: Terminal) {}

  /** Whether nothing is gathered. */
  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** Whether every host skipped the task. */
  get skipped(): boolean {
    return [...this.#groups.values()].every(({ status }) => status === "skipped");
  }

  /** Takes the task's end on one host. */
  take(event: TaskEvent): void {
    const { status, host } = event;
    const [said = "", ...rest] = message(event);
    const head = event.delegate === undefined ? said : `on ${event.delegate}${said && `: ${said}`}`;
    const changes = changeLines(event.changes, this.options, this.terminal);
    const more = [...itemLines(event, this.options), ...resultLines(event, this.options)];
    const key = JSON.stringify([status, head, rest, changes, more]);
    const group = this.#groups.get(key);
    if (group) group.hosts.push(host);
    else this.#groups.set(key, { status, head, rest, changes, more, hosts: [host] });
  }

  /** The lines of all hosts so far; `order` tells where a host stands in the play. */
  lines(order: (host: string) => number): string[] {
    const { options, terminal } = this;
    return ORDER.flatMap((status) => {
      const own = [...this.#groups.values()].filter((group) => group.status === status);
      return shownGroups(own, options, order).flatMap(({ head, below, hosts }) => [
        terminal.paint(STYLES[status], `${wordOf(status, options)}: ${namesOf(hosts)}${head && `  ${head}`}`),
        ...below.map((line) => line === "" ? "" : `    ${line}`),
      ]);
    });
  }
}

interface ShownGroup {
  readonly head: string;
  readonly below: readonly string[];
  /** In the play's order. */
  readonly hosts: readonly string[];
}

/** What changed is told where all say the same, or where the operator asked for it. */
function shownGroups(own: readonly Group[], options: TextOptions, order: (host: string) => number): ShownGroup[] {
  const asked = options.diff || options.check || options.verbosity > 0;
  const told = asked || new Set(own.map(({ changes }) => changes.join("\n"))).size <= 1;
  const alike = Map.groupBy(
    own,
    ({ head, rest, changes, more }) => JSON.stringify([head, rest, told ? changes : [], more]),
  );
  const shown = [...alike.values()].map((groups) => {
    const [{ head, rest, changes, more }] = groups;
    const hosts = groups.flatMap((group) => group.hosts).sort((a, b) => order(a) - order(b));
    return { head, below: [...rest, ...told ? changes : [], ...more], hosts };
  });
  return shown.sort((a, b) => order(a.hosts[0]) - order(b.hosts[0]));
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
