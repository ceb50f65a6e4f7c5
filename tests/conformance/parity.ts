/**
 * Whether check mode foretells what a run then does, task by task.
 *
 * @module
 */

import type { Change } from "../../engine/module/module.ts";
import type { TaskEvent } from "../../engine/run/event.ts";
import { play, type Played, tasksOf } from "./aami.ts";
import { type Case, copyCase } from "./case.ts";
import { AREA, type Lane } from "./hosts.ts";
import { argumentsOf, TRUST } from "./trial.ts";

/** What came of laying checks beside runs. */
export interface Parity {
  /** Tasks on hosts that were laid beside each other. */
  compared: number;
  /** Those that came as foretold. */
  equal: number;
  /** A line for each that check mode said it cannot tell, although the play runs no command. */
  readonly unknown: string[];
  /** Those that rest on what a command says or comes to. */
  behindCommands: number;
  /** A line for each that came otherwise. */
  readonly differences: string[];
}

/** Nothing compared yet. */
export function noParity(): Parity {
  return { compared: 0, equal: 0, unknown: [], behindCommands: 0, differences: [] };
}

/** Modules whose outcome only the host or a server can tell: check mode foretells that they run, not what comes of it. */
const COMMANDS = new Set(["command", "shell", "script", "wait_for", "async_status", "uri", "get_url"]);

/** Lays a check beside the run that followed, and adds what comes of it. */
export function addParity(parity: Parity, check: Played, apply: Played, which: string): void {
  // What a command says may reach other hosts too.
  const commands = tasksOf(check).some((task) => COMMANDS.has(task.module) && task.status !== "skipped");
  const hosts = new Set([...tasksOf(check), ...tasksOf(apply)].map((task) => task.host));
  for (const host of hosts) {
    const [foretold, done] = [check, apply].map((run) => byId(tasksOf(run).filter((task) => task.host === host)));
    compareHost(parity, foretold, done, commands, `${which}: ${host}`);
  }
}

/** Tasks by id; a task that is included several times has a number behind it. */
function byId(tasks: readonly TaskEvent[]): Map<string, TaskEvent> {
  const seen = new Map<string, number>();
  return new Map(tasks.map((task) => {
    const count = (seen.get(task.id) ?? 0) + 1;
    seen.set(task.id, count);
    return [`${task.id}#${count}`, task];
  }));
}

function compareHost(
  parity: Parity,
  foretold: ReadonlyMap<string, TaskEvent>,
  done: ReadonlyMap<string, TaskEvent>,
  commands: boolean,
  where: string,
): void {
  let certain = true;
  for (const [id, task] of foretold) {
    const real = done.get(id);
    parity.compared++;
    if (task.status === "unknown") {
      if (commands) parity.behindCommands++;
      else parity.unknown.push(`${where}: ${task.name}`);
      certain = false;
    } else if (agrees(task, real)) {
      parity.equal++;
    } else if (failed(real) && (COMMANDS.has(task.module) || /the new content failed/.test(String(real!.result.msg)))) {
      // Where the play goes then nobody could foretell.
      parity.behindCommands++;
      return;
    } else parity.differences.push(`${where}: ${task.name}: ${told(task)} ≠ ${real ? told(real) : "not run"}`);
  }
  // What check mode did not reach because it could not tell where the play goes is no difference.
  if (!certain) return;
  for (const [id, task] of done) {
    if (!foretold.has(id)) parity.differences.push(`${where}: ${task.name}: not foretold ≠ ${told(task)}`);
  }
}

function failed(task: TaskEvent | undefined): boolean {
  return task !== undefined && ["failed", "ignored", "rescued"].includes(task.status);
}

function agrees(foretold: TaskEvent, real: TaskEvent | undefined): boolean {
  if (!real) return false;
  if (foretold.status === "predicted") return real.status === "changed";
  return foretold.status === real.status && changes(foretold.changes) === changes(real.changes);
}

function changes(list: readonly Change[]): string {
  return list.map(({ path, what, before, after }) => `${path} ${what}: ${before} -> ${after}`).sort().join("; ");
}

function told({ status, changes: list }: TaskEvent): string {
  return list.length === 0 ? status : `${status} (${changes(list)})`;
}

/** What makes hosts stray: content, modes, and the unit that a play may have started. */
const DRIFT = `cd ${AREA}
find . -type f | sort | head -n 2 | while read -r file; do echo drift >> "$file"; done
find . -mindepth 1 ! -type l | sort | tail -n 2 | while read -r path; do chmod 0701 "$path"; done
systemctl stop napper.service 2>/dev/null || true`;

/** The parity of a case: on fresh hosts; and, where a second run changes nothing, once it is done, and after drift. */
export async function parityOf(each: Case, lane: Lane): Promise<Record<"fresh" | "converged" | "drifted", Parity>> {
  const folder = await Deno.makeTempDir({ prefix: `conformance-${each.name}-` });
  const found = { fresh: noParity(), converged: noParity(), drifted: noParity() };
  try {
    const copy = `${folder}/case`;
    await copyCase(each, copy, "aami");
    await lane.prepare(each);
    const args = [`${copy}/play.yml`, ...argumentsOf(each, copy, lane), ...TRUST];
    const both = async (state: keyof typeof found) => {
      const check = await play([...args, "--check"]);
      addParity(found[state], check, await play(args), `${each.name}: ${state}`);
    };
    await both("fresh");
    if (each.changesAgain) return found;
    await both("converged");
    await Promise.all(lane.fleet.hosts.map((host) => host.exec(DRIFT, { mustSucceed: true })));
    await both("drifted");
    return found;
  } finally {
    await lane.restore(each);
    await Deno.remove(folder, { recursive: true });
  }
}
