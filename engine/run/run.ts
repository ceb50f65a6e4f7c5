/**
 * Runs a playbook: plays in order, hosts side by side, events out, an exit status at the end.
 *
 * @module
 */

import type { Inventory } from "../inventory/inventory.ts";
import type { Play, Playbook } from "../playbook/playbook.ts";
import { readVarsFile } from "../playbook/vars_files.ts";
import { DiagnosticError } from "../support/diagnostic.ts";
import type { Layer } from "../variables/variable.ts";
import { Vault } from "../variables/vault.ts";
import { censored } from "./censor.ts";
import { Connections } from "./connections.ts";
import { PlannedStates, type RunContext, type RunOptions } from "./context.ts";
import type { Emit, HostCounts } from "./event.ts";
import { HostRunner, type Pacer } from "./host_runner.ts";
import { HostState } from "./host_state.ts";
import { FREE, Limiter, StepPacer } from "./pacing.ts";
import type { PlayScope } from "./scopes.ts";
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
  const plays = playbook.plays.slice(firstPlay(playbook, options)).map((play) => ({
    play,
    hosts: selectHosts(run, play),
  }));
  // What is encrypted of a host's variables and cannot be opened ends the run before anything is contacted.
  for (const { hosts } of plays) for (const host of hosts) host.inventory.layers();
  run.connections.expect(new Set(plays.flatMap(({ hosts }) => hosts)).size);
  const last = new Map(plays.flatMap(({ play, hosts }) => hosts.map((host) => [host, play])));
  try {
    run.emit({ type: "run", id: crypto.randomUUID(), playbook: playbook.path, check: options.check });
    for (const { play, hosts } of plays) {
      if (signal.aborted) break;
      await runPlay(run, playbook, play, hosts.filter((host) => !host.out), (host) => last.get(host) === play);
    }
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

/** What was read ahead and is not needed: a connection closes at once where nothing is under way on it. */
async function letReadsEnd(hosts: readonly HostState[]): Promise<void> {
  const reading = hosts.flatMap((host) => [...host.reading]);
  if (reading.length === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, 5000));
  await Promise.race([Promise.allSettled(reading), late]);
  clearTimeout(timer);
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
  const emitCensored: Emit = (event) => emit(censored(event, redactor));
  for (const secret of [options.connection.password, options.connection.becomePassword]) {
    if (secret) redactor.add(secret);
  }
  const hosts = new Map<string, HostState>();
  const host = (name: string) => {
    const known = hosts.get(name);
    if (known) return known;
    const found = inventory.host(name);
    if (!found) return undefined;
    const state = new HostState(found);
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
  };
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

/** A thousand hosts that are done must not keep a thousand connections. */
async function leave(run: RunContext, host: HostState): Promise<void> {
  await letReadsEnd([host]);
  run.connections.leave(host.name);
}

async function runPlay(
  run: RunContext,
  playbook: Playbook,
  play: Play,
  hosts: HostState[],
  isLast: (host: HostState) => boolean,
): Promise<void> {
  run.emit({ type: "play", name: play.name, hosts: hosts.map((host) => host.name) });
  for (const host of hosts) host.due.clear();
  if (hosts.length === 0) return;
  for (const host of hosts) rememberSecrets(run, host);
  const files = new Map<HostState, readonly Layer[]>();
  const scope: PlayScope = { play, hosts, varsFiles: (host) => files.get(host) ?? [] };
  const cache = new Map<string, Promise<Layer>>();
  for (const host of hosts) {
    try {
      files.set(host, await loadVarsFiles(run, playbook, scope, host, cache));
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      failVarsFiles(run, playbook, play, host, error);
    }
  }
  const paced = (play.paced || run.options.confirm !== undefined) && hosts.length > 1;
  const limiter = new Limiter(run.options.forks);
  const pacer = paced ? new StepPacer(hosts.filter((host) => !host.out).length) : undefined;
  let ended = false;
  await Promise.all(
    hosts.filter((host) => !host.out).map((host) => {
      const own: Pacer = pacer ? pacer.join() : FREE;
      const work = async () => {
        await new HostRunner(run, scope, host, () => ended = true, own).runAll(() => ended);
        if (host.out || isLast(host)) void leave(run, host);
      };
      // Hosts that wait for each other must all have begun.
      return pacer ? work() : limiter.run(work);
    }),
  );
}

const SECRETS = [
  ...["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"],
  ...["ansible_become_password", "ansible_become_pass", "ansible_sudo_pass", "ansible_su_pass"],
];

/** A host's passwords are in no event, also of tasks that come before one that needs them. */
function rememberSecrets(run: RunContext, host: HostState): void {
  const scope = run.scopes.host(host);
  for (const name of SECRETS) {
    if (!scope.has(name)) continue;
    try {
      const value = scope.get(name);
      if (typeof value === "string" || typeof value === "number") run.redactor.add(String(value));
    } catch {
      // One that rests on what is not known yet is remembered when it is used.
    }
  }
}

async function loadVarsFiles(
  run: RunContext,
  playbook: Playbook,
  scope: PlayScope,
  host: HostState,
  cache: Map<string, Promise<Layer>>,
): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const file of scope.play.varsFiles) {
    const value = file.evaluate(run.scopes.host(host, scope));
    const key = JSON.stringify(value);
    let layer = cache.get(key);
    if (!layer) cache.set(key, layer = readVarsFile(value, file.span, playbook.directory, run.vault));
    layers.push(await layer);
  }
  return layers;
}

/** Files that only this host's variables name wrongly: the host fails before its first task. */
function failVarsFiles(run: RunContext, playbook: Playbook, play: Play, host: HostState, error: DiagnosticError): void {
  host.counts.failed++;
  host.out = true;
  run.emit({
    type: "task",
    id: `${playbook.plays.indexOf(play) + 1}.0`,
    play: play.name,
    name: "Read vars_files",
    module: "vars_files",
    host: host.name,
    status: "failed",
    changes: [],
    result: { msg: error.message },
    seconds: 0,
    at: new Date().toISOString(),
  });
}

function countsOf(run: RunContext): { [name: string]: HostCounts } {
  const seen = [...run.hosts.values()].filter((host) => host.hasResult);
  return Object.fromEntries(seen.map((host) => [host.name, { ...host.counts }]));
}

function exitOf(run: RunContext): number {
  if (run.signal.aborted) return EXIT.interrupted;
  const counts = [...run.hosts.values()].map((host) => host.counts);
  if (counts.some((host) => host.unreachable > 0)) return EXIT.unreachable;
  if (counts.some((host) => host.failed > 0)) return EXIT.failed;
  return EXIT.fine;
}
