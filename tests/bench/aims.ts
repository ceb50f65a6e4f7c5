/**
 * The aims of the design, held against what was measured. What was not measured has no line.
 * @module
 */

import { BULK } from "./bulk.ts";
import { TITLES } from "./compare.ts";
import { LANGUAGE } from "./language.ts";
import { type Aim, figure, type Row } from "./report.ts";
import { STARTUP } from "./startup.ts";

type Wanted = Partial<Pick<Row, "part" | "title" | "hosts" | "rtt" | "run">>;

/** Finds rows by what they are. */
class Rows {
  constructor(readonly rows: readonly Row[]) {}

  one(wanted: Wanted): Row | undefined {
    const keys = Object.keys(wanted) as (keyof Wanted)[];
    return this.rows.find((row) => keys.every((key) => row[key] === wanted[key]));
  }
}

/** The aims that this run can judge. */
export function aims(all: readonly Row[]): Aim[] {
  const rows = new Rows(all);
  return [
    ...near(rows),
    ...far(rows),
    ...language(rows),
    ...fleet(all),
    ...start(rows),
    ...large(rows),
  ].filter((aim) => aim !== undefined);
}

/** "One is at most so many times the other", where both were measured. */
function atMost(aim: string, one: number | undefined, other: number | undefined, limit: number): Aim | undefined {
  if (one === undefined || other === undefined) return undefined;
  const ratio = one / other;
  return { aim, seen: `${figure(ratio)} × (${figure(one)} against ${figure(other)})`, met: ratio <= limit };
}

function below(aim: string, value: number | undefined, limit: number, unit: string): Aim | undefined {
  if (value === undefined) return undefined;
  return { aim, seen: `${figure(value)}${unit}`, met: value <= limit };
}

function near(rows: Rows): (Aim | undefined)[] {
  const found: (Aim | undefined)[] = [];
  for (const part of ["near", "compare"]) {
    const row = (title: string, run: Row["run"] = "second") => rows.one({ part, title, run, rtt: 0 });
    const aami = row(TITLES.aami);
    const hosts = `${aami?.hosts} hosts × 20 tasks`;
    found.push(
      atMost(`${hosts}, nothing to change: wall ≤ 1.15 × raw ssh`, aami?.wall, row(TITLES.raw)?.wall, 1.15),
      // The bare session has two forms and its aim names neither: both are shown.
      atMost(`${hosts}: controller CPU ≤ 2 × ${TITLES.each}`, aami?.cpu, row(TITLES.each)?.cpu, 2),
      atMost(`${hosts}: controller CPU ≤ 2 × ${TITLES.once}`, aami?.cpu, row(TITLES.once)?.cpu, 2),
    );
    for (const [run, least] of [["second", 40], ["first", 25]] as const) {
      const [one, other] = [row(TITLES.aami, run), row(TITLES.ansible, run)];
      if (!one?.wall || !other?.wall) continue;
      const ratio = other.wall / one.wall;
      const seen = `${figure(ratio)} × (${figure(one.wall)} against ${figure(other.wall)} s)`;
      found.push({ aim: `${hosts}, ${run} run: ≥ ${least} × faster than ansible-playbook`, seen, met: ratio >= least });
    }
  }
  return found;
}

function far(rows: Rows): (Aim | undefined)[] {
  const row = (title: string, run: Row["run"] = "second") => rows.one({ part: "far", title, run });
  const connection = row(TITLES.connect)?.roundTrips;
  const trips = (each: Row | undefined) => after(each, connection);
  const aami = row(TITLES.aami);
  return [
    below("round trips after the connection, 20 tasks, nothing to change: ≤ 4", trips(aami), 4, ""),
    atMost("50 ms RTT, nothing to change: wall ≤ 1.3 × the bare session's", aami?.wall, row(TITLES.once)?.wall, 1.3),
    below("50 ms RTT, every task changing: ≤ 45 round trips", trips(row(TITLES.aami, "first")), 45, ""),
  ];
}

/** Round trips beyond those of a connection; the bare one's has one script, which is not the connection's. */
function after(row: Row | undefined, connection: number | undefined): number | undefined {
  if (row?.roundTrips === undefined || connection === undefined) return undefined;
  return row.roundTrips - (connection - 1);
}

function language(rows: Rows): (Aim | undefined)[] {
  const row = (title: string) => rows.one({ part: "language", title });
  const connection = row("connection only")?.roundTrips;
  const trips = (title: string) => after(row(title), connection);
  const one = trips(LANGUAGE.one);
  const commands = trips(LANGUAGE.commands);
  const split = trips(LANGUAGE.split);
  const [never, alone] = [row(LANGUAGE.never)?.wall, row(LANGUAGE.neverOnOne)?.wall];
  return [
    below("round trips after the connection, 200 tasks without commands: ≤ 5", trips(LANGUAGE.many), 5, ""),
    one === undefined || commands === undefined
      ? undefined
      : below("a run of commands without a guard adds ≤ 2 round trips", commands - one, 2, ""),
    one === undefined || split === undefined
      ? undefined
      : below("three runs of one such command add ≤ 6 round trips", split - one, 6, ""),
    never === undefined || alone === undefined
      ? undefined
      : below("200 tasks with `when: false` on 50 hosts: ≤ 0.2 s in the engine", never - alone, 0.2, " s"),
    atMost("a loop of 100 items: ≤ 1.3 × one task's round trips", trips(LANGUAGE.loop), one, 1.3),
  ];
}

function fleet(all: readonly Row[]): (Aim | undefined)[] {
  const sizes = all.filter((row) => row.part === "simulate" && row.title === TITLES.aami);
  if (sizes.length < 3) return [];
  const [small, middle, large] = [...sizes].sort((one, other) => one.hosts - other.hosts);
  const slope = (from: Row, to: Row) => (to.cpu! - from.cpu!) / (to.hosts - from.hosts);
  const growth = `from ${small.hosts} over ${middle.hosts} to ${large.hosts} hosts CPU grows linearly within 15 %`;
  const aim = "1000 hosts × 20 tasks, 50 in flight: controller CPU ≤ 8 s";
  const rest = 1000 - large.hosts;
  // A smaller fleet says what a thousand would take, if they grow as it did; of memory it says nothing.
  const cpu = below(
    rest > 0 ? `${aim}, carried on from ${large.hosts}` : aim,
    large.cpu! + rest * slope(small, large),
    8,
    " s",
  );
  return [
    cpu,
    rest > 0 ? undefined : below("1000 hosts: memory ≤ 300 MB", large.memory && large.memory * 1.048576, 300, " MB"),
    atMost(growth, slope(middle, large) * 1000, slope(small, middle) * 1000, 1.15),
  ];
}

function start(rows: Rows): (Aim | undefined)[] {
  const wall = (title: string) => rows.one({ part: "startup", title })?.wall;
  return [
    atMost("aami --help: ≤ 4 × an empty file", wall(STARTUP.help), wall(STARTUP.empty), 4),
    atMost("aami --version: ≤ 4 × an empty file", wall(STARTUP.version), wall(STARTUP.empty), 4),
    below("play install-stack --check on a converged localhost: ≤ 0.5 s", wall(STARTUP.check), 0.5, " s"),
    below("aami lint of 1,000 playbooks: ≤ 2 s", wall(STARTUP.lint), 2, " s"),
  ];
}

function large(rows: Rows): (Aim | undefined)[] {
  const row = (title: string) => rows.one({ part: "bulk", title });
  return [
    atMost("copy of a large file: at least half of scp's throughput", row(BULK.copy)?.wall, row(BULK.scp)?.wall, 2),
    atMost("fetch of a large file: at least half of scp's throughput", row(BULK.fetch)?.wall, row(BULK.back)?.wall, 2),
  ];
}
