/**
 * Runs one play: what the operator is asked, what its files say, then its hosts in batches.
 *
 * @module
 */

import { batchSizes } from "../playbook/play_keywords.ts";
import type { Play, Prompt } from "../playbook/playbook.ts";
import { readVarsFile } from "../playbook/vars_files.ts";
import { DiagnosticError, inputError } from "../support/diagnostic.ts";
import { constantVariable } from "../variables/scope.ts";
import { isTrue } from "../variables/values.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import { Batch } from "./batch.ts";
import type { RunContext } from "./context.ts";
import { HostRunner } from "./host_runner.ts";
import type { HostState } from "./host_state.ts";
import type { PlayScope } from "./scopes.ts";

/**
 * Runs a play on hosts that are still in the run.
 *
 * @param leaves whether a host is needed no more once it has done its part
 * @returns whether the run goes on with the next play
 * @throws {DiagnosticError} for a keyword of the play that is wrong
 */
export async function runPlay(
  run: RunContext,
  play: Play,
  number: number,
  hosts: HostState[],
  leaves: (host: HostState) => boolean,
): Promise<boolean> {
  for (const host of hosts) host.due.clear();
  if (hosts.length === 0) {
    run.emit({ type: "play", name: play.name, hosts: [] });
    return true;
  }
  for (const host of hosts) rememberSecrets(run, host);
  const files = new Map<HostState, readonly Layer[]>();
  const scope: PlayScope = {
    play,
    number,
    hosts,
    batch: hosts,
    varsFiles: (host) => files.get(host) ?? [],
    answers: await answersTo(run, play),
    forceHandlers: run.options.forceHandlers === true || isTrue(keyword(run, play, play.forceHandlers)),
  };
  const cache = new Map<string, Promise<Layer>>();
  const broken = new Map<HostState, DiagnosticError>();
  for (const host of hosts) {
    try {
      files.set(host, await loadVarsFiles(run, scope, host, cache));
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      broken.set(host, error);
    }
  }
  return await runBatches(run, scope, broken, leaves);
}

/** One batch after the other; a batch of which no host is left ends the run. */
async function runBatches(
  run: RunContext,
  scope: PlayScope,
  broken: ReadonlyMap<HostState, DiagnosticError>,
  leaves: (host: HostState) => boolean,
): Promise<boolean> {
  const { play } = scope;
  const hosts = inOrder(scope.hosts, keyword(run, play, play.order));
  const serial = keyword(run, play, play.serial);
  const sizes = serial === undefined ? [hosts.length] : batchSizes(serial, hosts.length, play.serial!);
  const limit = keyword(run, play, play.maxFailPercentage);
  let from = 0;
  for (const size of sizes) {
    const members = hosts.slice(from, from += size);
    run.emit({ type: "play", name: play.name, hosts: members.map((host) => host.name) });
    for (const host of members) {
      const error = broken.get(host);
      if (error) failVarsFiles(run, play, scope.number, host, error);
    }
    const left = members.filter((host) => !host.out);
    const ofBatch = { ...scope, batch: members };
    const most = limit === undefined ? undefined : Number(limit);
    const batch = new Batch(
      ofBatch,
      members,
      left,
      play.paced || run.options.confirm !== undefined,
      run.options.forks,
      most,
    );
    await Promise.all(left.map((host) =>
      batch.play(host, async (pacer) => {
        await new HostRunner(run, batch, host, pacer).runAll();
        if (leaves(host)) void leave(run, host);
      })
    ));
    if (run.signal.aborted || batch.ended === "run" || batch.fatal || batch.isLost) return false;
    if (batch.ended === "play") return true;
  }
  return true;
}

/** A thousand hosts that are done must not keep a thousand connections. */
async function leave(run: RunContext, host: HostState): Promise<void> {
  await letReadsEnd([host]);
  await run.planned.leaves(host.name);
  run.connections.leave(host.name);
}

/** What was read ahead and is not needed: a connection closes at once where nothing is under way on it. */
export async function letReadsEnd(hosts: readonly HostState[]): Promise<void> {
  const reading = hosts.flatMap((host) => [...host.reading]);
  if (reading.length === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, 5000));
  await Promise.race([Promise.allSettled(reading), late]);
  clearTimeout(timer);
}

/** The value of a play's keyword; undefined where it is not given. */
function keyword(run: RunContext, play: Play, variable: Variable | undefined) {
  return variable?.evaluate(run.scopes.play(play));
}

function inOrder(hosts: readonly HostState[], order: unknown): readonly HostState[] {
  const byName = (a: HostState, b: HostState) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  if (order === "reverse_inventory") return hosts.toReversed();
  if (order === "sorted") return hosts.toSorted(byName);
  if (order === "reverse_sorted") return hosts.toSorted(byName).reverse();
  if (order !== "shuffle") return hosts;
  return hosts.map((host) => ({ host, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ host }) => host);
}

/** What the operator says; a variable of the command line is its own answer. */
async function answersTo(run: RunContext, play: Play): Promise<Layer> {
  const answers = new Map<string, Variable>();
  for (const prompt of play.prompts) {
    if (run.options.extraVars.has(prompt.name)) continue;
    const answer = await ask(run, play, prompt);
    if (prompt.private && answer !== "") run.redactor.add(answer, `vars_prompt '${prompt.name}'`);
    answers.set(prompt.name, constantVariable(answer, prompt.span));
  }
  return answers;
}

async function ask(run: RunContext, play: Play, prompt: Prompt): Promise<string> {
  const fallback = prompt.default === undefined ? undefined : String(prompt.default.evaluate(run.scopes.play(play)));
  const question = prompt.prompt + (fallback !== undefined && !prompt.private ? ` [${fallback}]` : "");
  for (;;) {
    const answer = await run.options.ask?.(`${question}: `, prompt.private);
    if (answer === undefined) {
      if (fallback !== undefined) return fallback;
      const help = `give the answer: -e ${prompt.name}=…`;
      throw inputError("no-terminal", `there is no terminal to ask for '${prompt.name}'`, prompt.span, help);
    }
    if (!prompt.confirm || answer === await run.options.ask?.(`confirm ${question}: `, prompt.private)) {
      return answer === "" ? fallback ?? "" : answer;
    }
    run.emit({ type: "notice", message: `the two answers for '${prompt.name}' differ: once more` });
  }
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
  scope: PlayScope,
  host: HostState,
  cache: Map<string, Promise<Layer>>,
): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const file of scope.play.varsFiles) {
    const value = file.evaluate(run.scopes.host(host, scope));
    const key = JSON.stringify(value);
    let layer = cache.get(key);
    if (!layer) cache.set(key, layer = readVarsFile(value, file.span, scope.play.directory, run.vault));
    layers.push(await layer);
  }
  return layers;
}

/** Files that only this host's variables name wrongly: the host fails before its first task. */
function failVarsFiles(run: RunContext, play: Play, number: number, host: HostState, error: DiagnosticError): void {
  host.counts.failed++;
  host.out = true;
  run.emit({
    type: "task",
    id: `${number}.0`,
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
