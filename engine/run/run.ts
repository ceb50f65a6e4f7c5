/**
 * Runs a playbook: plays in order, hosts side by side, events out, an exit status at the end.
 *
 * @module
 */

import type { Inventory } from "../inventory/inventory.ts";
import type { Play, Playbook } from "../playbook/playbook.ts";
import { DiagnosticError } from "../support/diagnostic.ts";
import { Vault } from "../variables/vault.ts";
import { censored } from "./censor.ts";
import { Connections } from "./connections.ts";
import { PlannedStates, type RunContext, type RunOptions } from "./context.ts";
import type { Emit, HostCounts } from "./event.ts";
import { HostState } from "./host_state.ts";
import { Jobs } from "./jobs.ts";
import { letReadsEnd, runPlay } from "./run_play.ts";
import { Scopes } from "./scopes.ts";
import { Sources } from "./sources.ts";

/** Exit statuses, as documented for operators. */
export const EXIT = { fine: 0, usage: 1, failed: 2, unreachable: 4, wouldChange: 5, interrupted: 130 } as const;

/** How a run ended. */
export interface RunResult {
  /** One of {@linkcode EXIT}. */
  readonly exit: number;
  /** The counts by inventory name; hosts for which nothing was counted are left out. */
  readonly hosts: { readonly [name: string]: HostCounts };
}

/**
 * Runs a playbook.
 *
 * @throws {DiagnosticError} for a host pattern or a file of variables that is wrong; then nothing was contacted
 */
export async function runPlaybook(
  playbook: Playbook,
  inventory: Inventory,
  options: RunOptions,
  emit: Emit,
  signal: AbortSignal,
): Promise<RunResult> {
  const run = makeContext(playbook, inventory, options, emit, signal);
  const plays = playbook.plays.slice(firstPlay(playbook, options));
  const foreseen = foresee(run, plays);
  // What is encrypted of a host's variables and cannot be opened ends the run before anything is contacted.
  for (const hosts of foreseen) for (const host of hosts ?? []) host.inventory.layers();
  run.connections.expect(new Set(foreseen.flatMap((hosts) => hosts ?? [])).size);
  const last = lastPlays(plays, foreseen);
  try {
    run.emit({
      type: "run",
      id: options.journal?.id ?? crypto.randomUUID(),
      playbook: playbook.path,
      check: options.check,
      ...(options.replay ? { resumed: options.replay.tasks } : {}),
    });
    for (const [index, play] of plays.entries()) {
      const hosts = (foreseen[index] ?? selectNow(run, play)).filter((host) => !host.out);
      const leaves = (host: HostState) => host.out || last.get(host) === play;
      const goesOn = await runPlay(run, play, playbook.plays.indexOf(play) + 1, hosts, leaves);
      if (!goesOn || signal.aborted) break;
    }
    if (!signal.aborted) await run.jobs.ended();
    const result = { hosts: countsOf(run), exit: exitOf(run) };
    run.emit({ type: "recap", ...result });
    return result;
  } finally {
    await letReadsEnd([...run.hosts.values()]);
    await run.connections.close();
  }
}

/** The first play that runs: with `start` the one that it names, if it is of this playbook. */
function firstPlay({ plays }: Playbook, { start }: RunOptions): number {
  return start ? Math.max(0, plays.indexOf(start.play)) : 0;
}

/** The hosts that a run would take, by play. @throws {DiagnosticError} for a host pattern that is wrong */
export function hostsOfPlays(
  playbook: Playbook,
  inventory: Inventory,
  options: RunOptions,
): { readonly play: Play; readonly pattern: readonly string[]; readonly hosts: readonly string[] }[] {
  const run = makeContext(playbook, inventory, options, () => {}, new AbortController().signal);
  return playbook.plays.map((play) => ({
    play,
    pattern: patternOf(run, play),
    hosts: selectHosts(run, play).map((host) => host.name),
  }));
}

function makeContext(
  playbook: Playbook,
  inventory: Inventory,
  options: RunOptions,
  emit: Emit,
  signal: AbortSignal,
): RunContext {
  const vault = options.vault ?? new Vault();
  const { redactor } = vault;
  const emitCensored: RunContext["emit"] = (event, done) => {
    const clean = censored(event, redactor);
    options.journal?.event(clean, done);
    emit(clean);
  };
  for (const secret of [options.connection.password, options.connection.becomePassword]) {
    if (secret) redactor.add(secret);
  }
  const hosts = new Map<string, HostState>();
  const host = (name: string) => {
    const known = hosts.get(name);
    if (known) return known;
    const found = inventory.host(name);
    if (!found) return undefined;
    const state = new HostState(name, inventory);
    hosts.set(name, state);
    return state;
  };
  const scopes = new Scopes({
    inventory,
    extraVars: options.extraVars,
    playbookDirectory: playbook.directory,
    check: options.check,
    diff: options.diff,
    verbosity: options.verbosity,
    vault,
    host,
  });
  return {
    options,
    inventory,
    hosts,
    host,
    scopes,
    sources: new Sources(vault),
    connections: new Connections(options.connection, signal, (message) => emitCensored({ type: "notice", message })),
    vault,
    redactor,
    emit: emitCensored,
    signal,
    planned: new PlannedStates(),
    jobs: new Jobs(),
    async refreshInventory() {
      if (options.reload) inventory.takeOver(await options.reload());
    },
  };
}

/**
 * The hosts of each play. A play that comes after one that changes the inventory knows its hosts only then: undefined.
 *
 * @throws {DiagnosticError} for a name that no host and no group has, so that nothing is contacted
 */
function foresee(run: RunContext, plays: readonly Play[]): (HostState[] | undefined)[] {
  const first = plays.findIndex((play) => play.changesInventory);
  return plays.map((play, index) => first === -1 || index <= first ? selectHosts(run, play) : undefined);
}

/**
 * The play after which a host is needed no more. Empty where that is not foreseen, or a job may go on there.
 */
function lastPlays(plays: readonly Play[], foreseen: readonly (HostState[] | undefined)[]): Map<HostState, Play> {
  const lasting = plays.some(({ tasks }) => tasks.some((task) => task.async !== undefined));
  if (lasting || foreseen.includes(undefined)) return new Map();
  return new Map(plays.flatMap((play, index) => foreseen[index]!.map((host) => [host, play])));
}

/** The hosts of a play by the inventory as it is by now. A group that no task made has no hosts. */
function selectNow(run: RunContext, play: Play): HostState[] {
  try {
    return selectHosts(run, play);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    run.emit({ type: "notice", message: error.message });
    return [];
  }
}

/** The hosts of a play. Evaluated for all plays before the first begins, so that a wrong name contacts nothing. */
function selectHosts(run: RunContext, play: Play): HostState[] {
  return run.inventory.select(patternOf(run, play), run.options.limit, { span: play.hosts.span }).map((host) =>
    run.host(host.name)!
  );
}

function patternOf(run: RunContext, play: Play): string[] {
  const value = play.hosts.evaluate(run.scopes.play(play));
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function countsOf(run: RunContext): { [name: string]: HostCounts } {
  const seen = [...run.hosts.values()].filter((host) => host.hasResult);
  return Object.fromEntries(seen.map((host) => [host.name, { ...host.counts }]));
}

function exitOf(run: RunContext): number {
  if (run.signal.aborted) return EXIT.interrupted;
  const out = [...run.hosts.values()].filter((host) => host.out);
  if (out.some((host) => host.unreachable)) return EXIT.unreachable;
  if (out.length > 0) return EXIT.failed;
  return EXIT.fine;
}
