/**
 * The same 20 tasks by aami, ansible-playbook, raw ssh and the bare session; first and second run, near and far.
 * @module
 */

import type { Bench, Case, Setting } from "./bench.ts";
import { Cases, changedIn } from "./cases.ts";
import { type Files, writeFiles } from "./emit.ts";
import { measure } from "./measure.ts";
import { type Target, Targets } from "./targets.ts";
import { type BenchTask, benchTasks } from "./tasks.ts";
import { Wire } from "./wire.ts";

/** The titles of the cases; the aims and the chart look for them. */
export const TITLES = {
  aami: "aami",
  ansible: "ansible-playbook, pipelining, 50 forks",
  ansiblePlain: "ansible-playbook as it comes",
  raw: "raw ssh, one exec",
  each: "bare session, a round trip a task",
  pipelined: "bare session, pipelined",
  once: "bare session, all in one",
  connect: "bare session, connection only",
} as const;

/** How one table is measured. */
export interface CompareOptions {
  readonly part: string;
  readonly hosts: number;
  readonly rtt: number;
  readonly memory?: boolean;
  readonly ansible: "none" | "tuned" | "both";
}

interface Ground {
  readonly targets: Targets;
  readonly cases: Cases;
  readonly tasks: readonly BenchTask[];
  readonly hosts: readonly Target[];
  readonly files: Files;
}

const changesNothing = (output: string) => {
  const changed = changedIn(output);
  if (changed > 0) throw new Error(`a second run changed ${changed} tasks:\n${output.slice(-2000)}`);
};

const changesAll = (output: string) => {
  if (changedIn(output) === 0) throw new Error(`a first run changed nothing:\n${output.slice(-2000)}`);
};

/** Measures one table. */
export async function compare(bench: Bench, options: CompareOptions): Promise<void> {
  await using targets = await Targets.start({ count: options.hosts }, bench.options.keep);
  const tasks = benchTasks(targets.hasService);
  if (!targets.hasService) bench.leftOut.push("the task on a service: it needs root and /etc/init.d");
  const cases = await Cases.of(targets);
  if (options.rtt === 0) {
    const files = await writeFiles(targets, "near", tasks);
    await bothRuns(bench, options, { targets, cases, tasks, hosts: targets.hosts, files }, undefined);
  } else {
    await using wire = await Wire.before(targets, targets.hosts, options.rtt);
    const files = await writeFiles(targets, "far", tasks, wire.hosts);
    await bothRuns(bench, options, { targets, cases, tasks, hosts: wire.hosts, files }, wire);
  }
}

async function bothRuns(bench: Bench, options: CompareOptions, ground: Ground, wire: Wire | undefined): Promise<void> {
  const { part, hosts, rtt, memory } = options;
  const setting = { part, hosts, rtt, memory, ...wire && { wire } };
  const { targets, cases, files } = ground;
  // One run that nobody measures: compiles, fills caches.
  await measure(cases.aami(files.aami, files.inventory));
  const reset = () => targets.reset();
  const first: Setting = { ...setting, run: "first", memory: false };
  await bench.measure(first, players(options, ground, false).map((each) => ({ ...each, before: reset })));
  await reset();
  await measure(cases.aami(files.aami, files.inventory));
  await bench.measure({ ...setting, run: "second" }, [...players(options, ground, true), ...await floors(ground)]);
}

function players({ ansible }: CompareOptions, { cases, files }: Ground, again: boolean): Case[] {
  const holds = again ? changesNothing : changesAll;
  const found: Case[] = [{ title: TITLES.aami, command: cases.aami(files.aami, files.inventory), holds }];
  if (ansible === "none") return found;
  found.push({
    title: TITLES.ansible,
    command: cases.ansible(files.ansible, files.inventory),
    holds,
    most: 3,
  });
  if (ansible === "both") {
    const command = cases.ansible(files.ansible, files.inventory, false);
    found.push({ title: TITLES.ansiblePlain, command, holds, most: 1 });
  }
  return found;
}

async function floors({ cases, files, tasks, hosts }: Ground): Promise<Case[]> {
  const modes = ["each", "pipelined", "once", "connect"] as const;
  const bare = await Promise.all(
    modes.map(async (mode) => ({ title: TITLES[mode], command: await cases.bare(files, mode, tasks, hosts) })),
  );
  return [{ title: TITLES.raw, command: await cases.raw(files, tasks, hosts) }, ...bare];
}
