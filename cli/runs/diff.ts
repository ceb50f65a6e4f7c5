import type { TaskEvent } from "../../engine/run/event.ts";
import { EXIT } from "../../engine/run/run.ts";
import { namesOf } from "../render/task_text.ts";
import type { Terminal } from "../terminal.ts";
import { findRun, ownJournals } from "./find.ts";
import { reportOf } from "./report.ts";

/** The exit status where two runs differ; 1 and 2 are taken. */
const DIFFERENT = 3;

interface Difference {
  readonly play: string;
  readonly task: string;
  readonly host: string;
  /** Undefined where the task did not run there. */
  readonly before?: string;
  readonly after?: string;
}

/** `aami runs diff`: the tasks that ended otherwise. @throws {DiagnosticError} for a run that is not there */
export function diffRuns(
  before: string,
  after: string,
  { output }: { readonly output: "text" | "json" },
  terminal: Terminal,
): number {
  const found = differences(tasksOf(before), tasksOf(after));
  const exit = found.length > 0 ? DIFFERENT : EXIT.fine;
  if (output === "json") terminal.out(JSON.stringify({ schema: 1, differences: found, exit }, undefined, 2));
  else if (found.length === 0) terminal.out("All tasks ended alike on all hosts.");
  else for (const line of textOf(found)) terminal.out(line);
  return exit;
}

function tasksOf(id: string): Map<string, TaskEvent> {
  const { plays } = reportOf(ownJournals().read(findRun(id)));
  const events = plays.flatMap(({ tasks }) => tasks.flatMap(({ hosts }) => [...hosts.values()]));
  return new Map(events.map((event) => [JSON.stringify([event.play, event.id, event.name, event.host]), event]));
}

function differences(before: Map<string, TaskEvent>, after: Map<string, TaskEvent>): Difference[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)];
    if (one?.status === other?.status) return [];
    const { play, name, host } = (one ?? other)!;
    return [{ play, task: name, host, before: one?.status, after: other?.status }];
  });
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

function textOf(found: readonly Difference[]): string[] {
  const tasks = Map.groupBy(found, ({ play, task }) => `${play}: ${task}`);
  return [...tasks].flatMap(([title, all]) => {
    const changes = Map.groupBy(all, ({ before, after }) => `${before ?? "not run"} → ${after ?? "not run"}`);
    const lines = [...changes].map(([change, own]) =>
      `    ${change}: ${namesOf(own.map(({ host }) => host).sort(byNumber))}`
    );
    return [title, ...lines.sort()];
  });
}
