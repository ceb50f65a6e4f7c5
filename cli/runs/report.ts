/**
 * A run as a whole, for the reports that are made of it: its events laid out by plays, tasks and hosts.
 *
 * @module
 */

import type { Event, HostCounts, NoticeEvent, TaskEvent } from "../../engine/run/event.ts";
import type { JournalLine } from "../../engine/run/journal.ts";

/** A task of a play with how it ended on each host. */
export interface TaskReport {
  /** As the events have it. */
  readonly id: string;
  /** As it was told first. */
  readonly name: string;
  /** The module or action. */
  readonly module: string;
  /** Whether it is a handler. */
  readonly handler: boolean;
  /** How it ended, by host. */
  readonly hosts: ReadonlyMap<string, TaskEvent>;
}

/** A play. */
export interface PlayReport {
  /** The play's name. */
  readonly name: string;
  /** Its hosts, in order. */
  readonly hosts: readonly string[];
  /** What ran, in the order it began to end. */
  readonly tasks: readonly TaskReport[];
}

/** A run. */
export interface RunReport {
  /** The run's UUID. */
  readonly id: string;
  /** The playbook. */
  readonly playbook: string;
  /** Whether it only predicted. */
  readonly check: boolean;
  /** When it began, ISO 8601; undefined where no event says so. */
  readonly at?: string;
  /** The exit status; undefined for a run that has no end. */
  readonly exit?: number;
  /** The counts by host. */
  readonly hosts: { readonly [host: string]: HostCounts };
  /** Its plays. */
  readonly plays: readonly PlayReport[];
  /** What failed for good, in order. */
  readonly failures: readonly TaskEvent[];
  /** What a person must know. */
  readonly notices: readonly NoticeEvent[];
}

/** The report of a journal. */
export function reportOf(lines: readonly JournalLine[]): RunReport {
  const events = lines.flatMap((line): Event[] => {
    if (line.line === "event") return [line.event];
    if (line.line !== "run") return [];
    return [{ type: "run", id: line.id, playbook: line.playbook, check: line.check }];
  });
  const header = lines.find((line) => line.line === "run");
  const last = lines.at(-1)?.line === "end";
  const [report] = reportsOf(events);
  return { ...report, at: header?.at, exit: last ? report.exit : undefined };
}

/** The reports of the runs that events tell of, in order. */
export function reportsOf(events: readonly Event[]): RunReport[] {
  const starts = events.flatMap(({ type }, index) => type === "run" ? [index] : []);
  return starts.map((start, index) => oneReport(events.slice(start, starts[index + 1])));
}

function oneReport(events: readonly Event[]): RunReport {
  const plays: PlayDraft[] = [];
  const byName = new Map<string, PlayDraft>();
  const notices: NoticeEvent[] = [];
  let run = { id: "", playbook: "", check: false };
  let recap: { exit?: number; hosts?: RunReport["hosts"] } = {};
  for (const event of events) {
    if (event.type === "run") run = { id: event.id, playbook: event.playbook, check: event.check };
    if (event.type === "notice") notices.push(event);
    if (event.type === "recap") recap = { exit: event.exit, hosts: event.hosts };
    if (event.type === "play") {
      // A run that was resumed tells its plays again.
      const known = byName.get(event.name);
      if (known) known.hosts = [...new Set([...known.hosts, ...event.hosts])];
      else {
        const play = { name: event.name, hosts: event.hosts, tasks: new Map() };
        byName.set(event.name, play);
        plays.push(play);
      }
    }
    if (event.type === "task") taskOf(byName.get(event.play), event)?.hosts.set(event.host, event);
  }
  const all = plays.flatMap(({ tasks }) => [...tasks.values()].flatMap(({ hosts }) => [...hosts.values()]));
  return {
    ...run,
    at: all.map(({ at }) => at).sort()[0],
    exit: recap.exit,
    hosts: recap.hosts ?? countsOf(all),
    plays: plays.map(({ name, hosts, tasks }) => ({ name, hosts, tasks: [...tasks.values()] })),
    failures: all.filter(({ status }) => status === "failed" || status === "unreachable"),
    notices,
  };
}

interface PlayDraft {
  readonly name: string;
  hosts: readonly string[];
  readonly tasks: Map<string, TaskReport & { readonly hosts: Map<string, TaskEvent> }>;
}

function taskOf(play: PlayDraft | undefined, { id, name, module, handler }: TaskEvent) {
  if (!play) return undefined;
  let task = play.tasks.get(id);
  if (!task) {
    task = { id, name, module, handler: handler === true, hosts: new Map<string, TaskEvent>() };
    play.tasks.set(id, task);
  }
  return task;
}

/** What the recap would tell of a run that has none. */
function countsOf(tasks: readonly TaskEvent[]): { [host: string]: HostCounts } {
  const hosts: { [host: string]: HostCounts } = {};
  for (const { host, status, result } of tasks) {
    const counts = hosts[host] ??= {
      ...{ ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, unknown: 0 },
    };
    const changed = status === "changed" || status === "predicted";
    if (changed || status === "ignored") counts.ok++;
    if (changed || (status === "ignored" && result.changed === true)) counts.changed++;
    if (status !== "changed" && status !== "predicted") counts[status]++;
  }
  return hosts;
}

/** The hosts that left a run before its end: they failed or could not be reached. */
export function hostsOutOf({ hosts }: Pick<RunReport, "hosts">): string[] {
  return Object.entries(hosts).filter(([, counts]) => counts.failed > 0 || counts.unreachable > 0).map(([name]) =>
    name
  );
}

/** How long all took that a report tells of, in seconds from the first end to the last. */
export function secondsOf({ plays }: RunReport): number {
  const events = plays.flatMap(({ tasks }) => tasks.flatMap(({ hosts }) => [...hosts.values()]));
  if (events.length === 0) return 0;
  let [first, last] = [Infinity, -Infinity];
  for (const { at, seconds } of events) {
    const end = Date.parse(at);
    first = Math.min(first, end - seconds * 1000);
    last = Math.max(last, end);
  }
  return Math.round(last - first) / 1000;
}
