/**
 * The end of a run: a recap in Ansible's format, notices, and failures last and in full.
 *
 * @module
 */

import { shellCommand } from "../../engine/support/shell_quote.ts";
import type { HostCounts, NoticeEvent, RecapEvent, TaskEvent } from "../../engine/run/event.ts";
import type { Style, Terminal } from "../terminal.ts";
import { foldNames } from "./fold.ts";
import { namesOf } from "./task_text.ts";

/** Above this many hosts, those with the same counts share a line. */
const FOLD_ABOVE = 100;
/** The width of a name, as in Ansible. */
const NAME_WIDTH = 26;
const KEYS = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"] as const;

/** The recap's lines. */
export function recapLines(hosts: RecapEvent["hosts"], check: boolean, terminal: Terminal): string[] {
  const entries = Object.entries(hosts).sort(([a], [b]) => byNumber(a, b));
  const rows = entries.length > FOLD_ABOVE
    ? folded(entries)
    : entries.map(([name, counts]) => ({ name, counts, below: undefined }));
  const longest = Math.max(...rows.map(({ name }) => name.length), 0);
  // A narrow terminal takes the line where the name need not be padded to Ansible's width.
  const counts = rows.map((row) => cells(row.counts, check));
  const room = terminal.isTerminal
    ? terminal.columns - Math.max(...counts.map((line) => line.length), 0) - 3
    : NAME_WIDTH;
  const width = Math.max(longest, Math.min(NAME_WIDTH, room));
  return rows.flatMap(({ name, counts: own, below }, index) => [
    `${terminal.paint(styleOf(own), name.padEnd(width))} : ${counts[index]}`,
    ...below === undefined ? [] : [`    ${below}`],
  ]);
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function cells(counts: HostCounts, check: boolean): string {
  const shown = KEYS.map((key) => `${key}=${String(counts[key]).padEnd(4)}`);
  if (check) shown.push(`unknown=${String(counts.unknown).padEnd(4)}`);
  return shown.join(" ").trimEnd();
}

function styleOf(counts: HostCounts): Style {
  if (counts.failed > 0 || counts.unreachable > 0) return "red";
  return counts.changed > 0 || counts.unknown > 0 ? "yellow" : "green";
}

interface Row {
  readonly name: string;
  readonly counts: HostCounts;
  /** The names, where the line is of several hosts. */
  readonly below?: string;
}

function folded(entries: readonly [string, HostCounts][]): Row[] {
  const groups = new Map<string, [string, HostCounts][]>();
  for (const entry of entries) {
    const key = JSON.stringify(entry[1]);
    groups.set(key, [...groups.get(key) ?? [], entry]);
  }
  return [...groups.values()].map((group) => {
    const names = group.map(([name]) => name);
    const [[name, counts]] = group;
    return names.length === 1 ? { name, counts } : { name: `${names.length} hosts`, counts, below: foldNames(names) };
  });
}

/** What persons must know, once each, with the hosts that it is about. */
export function noticeGroups(notices: readonly NoticeEvent[]): { message: string; hosts: readonly string[] }[] {
  const hosts = new Map<string, string[]>();
  for (const { message, host } of notices) {
    const of = hosts.get(message) ?? [];
    if (host !== undefined && !of.includes(host)) of.push(host);
    hosts.set(message, of);
  }
  return [...hosts].map(([message, of]) => ({ message, hosts: of }));
}

/** The same as lines. */
export function noticeLines(notices: readonly NoticeEvent[], { paint }: Terminal): string[] {
  return noticeGroups(notices).flatMap(({ message, hosts }) => [
    "",
    `${paint("yellow", "NOTICE")} ${hosts.length > 0 ? `[${namesOf(hosts)}] ` : ""}${message}`,
  ]);
}

/** Hosts that failed in the same way. */
export interface FailureGroup {
  /** The failure on the first of them. */
  readonly event: TaskEvent;
  /** What it says: what is told, and its text. */
  readonly details: readonly (readonly [string, string])[];
  /** Their names. */
  readonly hosts: readonly string[];
}

/** Failures; hosts that failed in the same way together. */
export function failureGroups(failures: readonly TaskEvent[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup & { readonly hosts: string[] }>();
  for (const event of failures) {
    const details = detailsOf(event);
    const key = JSON.stringify([event.id, event.status, event.name, details]);
    const group = groups.get(key);
    if (group) group.hosts.push(event.host);
    else groups.set(key, { event, details, hosts: [event.host] });
  }
  return [...groups.values()];
}

/** Failures in full. */
export function failureLines(failures: readonly TaskEvent[], { paint }: Terminal): string[] {
  return failureGroups(failures).flatMap(({ event, details, hosts }) => [
    "",
    paint("red", `${event.status.toUpperCase()} [${namesOf(hosts, { full: true })}] ${event.name}`),
    ...details.flatMap(([key, text]) => {
      const [first, ...rest] = text.split("\n");
      return [`  ${`${key}:`.padEnd(8)} ${first}`, ...rest.map((line) => line === "" ? "" : `           ${line}`)];
    }),
  ]);
}

const OUTPUTS = ["rc", "stdout", "stderr"] as const;

/** What a failure says of itself: where, why, what was run and what that said. */
export function detailsOf({ place, result }: TaskEvent): [string, string][] {
  const { cmd } = result;
  const words = Array.isArray(cmd) ? shellCommand(cmd.map(String)) : cmd;
  const all: [string, unknown][] = [
    ["task", place],
    ["reason", result.msg ?? result.censored ?? "no message"],
    ["cmd", words],
    ...OUTPUTS.map((key): [string, unknown] => [key, result[key]]),
  ];
  const given = all.filter(([, value]) => value !== undefined && value !== "");
  return given.map(([key, value]) => [key, (typeof value === "string" ? value : JSON.stringify(value)).trimEnd()]);
}
