/**
 * Runs a module against a real host over a real connection, and looks at the host itself for what came of it.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { parse } from "yaml";
import { HostError, type ReadOnlyHost, UnknownUntilApplied } from "../../../engine/host/host.ts";
import { PlannedState } from "../../../engine/host/planned_state.ts";
import { Recorder } from "../../../engine/host/recorder.ts";
import { RemoteHost } from "../../../engine/host/remote_host.ts";
import { type Change, type Module, ModuleError, type Plan, type Result } from "../../../engine/module/module.ts";
import type { Connection } from "../../../engine/transport/session.ts";
import { openSsh } from "../../../engine/transport/ssh.ts";
import { registry } from "../../../modules/registry.ts";
import { run as command } from "../command.ts";
import { Fleet } from "../fleet.ts";
import type { Host } from "../host.ts";
import { fleetObstacle } from "../prerequisites.ts";
import { diffSnapshots, ignoredPaths, snapshot } from "../snapshot.ts";

/** One thing to ask of a module. Scripts are run by sh as root in the host, not through sshd. */
export interface Scenario {
  readonly name: string;
  /** Makes the host what the scenario begins with. */
  readonly prepare?: string;
  /** The task's arguments as YAML. */
  readonly args: string;
  /** Must succeed on the host once the task has run. */
  readonly verify?: string;
  /** Ways in which the host may stray afterwards; each must be found and mended. */
  readonly drift?: readonly Drift[];
  /** What `register` gets, as far as it is given. */
  readonly result?: Result;
  /** The changes in words, `PATH WHAT: BEFORE -> AFTER`. */
  readonly changes?: readonly string[];
  /** A message that the plan or the apply must fail with; nothing else is looked at then. */
  readonly fails?: RegExp;
  /** The task acts each time (a command, a restart): running it again is no matter of drift. */
  readonly always?: true;
}

/** One way to stray. */
export interface Drift {
  readonly name: string;
  readonly by: string;
}

/** A host under test, with a connection to it. */
export interface Bench {
  readonly fleet: Fleet;
  /** The host itself, for looking and tampering. */
  readonly machine: Host;
  /** The host as modules get it. */
  readonly host: RemoteHost;
  readonly connection: Connection;
}

/** Boots a host and logs in as root. */
export async function withBench(body: (bench: Bench) => Promise<void>): Promise<void> {
  await using fleet = await Fleet.up({ hosts: 1 });
  const [machine] = fleet.hosts;
  const connection = await openSsh({
    host: machine.address,
    port: 22,
    user: "root",
    identities: [fleet.privateKey],
    identitiesOnly: true,
    knownHosts: [fleet.knownHosts],
    hostKeyChecking: "strict",
  });
  try {
    const shell = await connection.shell();
    await body({
      fleet,
      machine,
      host: new RemoteHost({ name: machine.name, user: "root", connection, shell }),
      connection,
    });
  } finally {
    await connection.close();
  }
}

const obstacle = await fleetObstacle();

/** A test that needs a fleet, with a step for each scenario. */
export function testModule(
  name: string,
  scenarios: readonly Scenario[],
  more?: (bench: Bench, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    name: `${name} on a real host${obstacle ? ` (${obstacle.reason ?? obstacle.missing.join(" ")})` : ""}`,
    ignore: obstacle !== undefined,
    fn: (t) =>
      withBench(async (bench) => {
        const module = (await registry[name]()).default as Module;
        await t.step("check leaves the host as it was", () => checkAll(bench, module, scenarios));
        for (const scenario of scenarios) await t.step(scenario.name, () => run(bench, module, scenario));
        if (more) await more(bench, t);
      }),
  });
}

const signal = new AbortController().signal;

/** The arguments as the schema gives them. */
export function parseArgs(module: Module, args: string): unknown {
  const written = parse(args) as unknown;
  const given = typeof written === "string" && module.freeForm ? { [module.freeForm]: written } : written;
  const parsed = module.args.safeParse(given);
  if (!parsed.success) throw new ModuleError(parsed.error.issues.map((issue) => issue.message).join("\n"));
  return parsed.data;
}

/** What check mode does. */
export async function plan(module: Module, host: ReadOnlyHost, args: unknown): Promise<Plan> {
  return module.plan(await module.inspect(host, args, signal), args);
}

/** What a run does. */
export async function apply(module: Module, host: RemoteHost, args: unknown): Promise<{ plan: Plan; result: Result }> {
  const planned = await plan(module, host, args);
  if (planned.actions.length === 0) return { plan: planned, result: planned.result };
  return { plan: planned, result: { ...planned.result, ...await module.apply(host, planned, args, signal) } };
}

async function run(bench: Bench, module: Module, scenario: Scenario): Promise<void> {
  const { machine, host } = bench;
  if (scenario.prepare) await machine.exec(`set -e\n${scenario.prepare}`, { mustSucceed: true });
  if (scenario.fails) return await expectFailure(bench, module, scenario);
  const args = parseArgs(module, scenario.args);
  const predicted = await unchanged(bench, () => plan(module, host, args));
  if (scenario.changes) deepStrictEqual(predicted.changes.map(sentence), scenario.changes);
  if (!scenario.always) await predictsItself(module, host, args, predicted);
  const applied = await apply(module, host, args);
  deepStrictEqual(applied.plan.changes, predicted.changes, "apply did not do what check said");
  if (scenario.verify) await verify(machine, scenario.verify);
  for (const [key, value] of Object.entries(scenario.result ?? {})) {
    deepStrictEqual(applied.result[key], value, `result.${key}`);
  }
  if (!scenario.always) await settled(bench, module, args);
  for (const drift of scenario.drift ?? []) {
    await machine.exec(`set -e\n${drift.by}`, { mustSucceed: true });
    const found = await unchanged(bench, () => plan(module, host, args));
    ok(found.changes.length > 0, `check does not see the drift: ${drift.name}`);
    const mended = await apply(module, host, args);
    deepStrictEqual(mended.plan.changes, found.changes, `apply did not do what check said of: ${drift.name}`);
    if (scenario.verify) await verify(machine, scenario.verify);
    if (!scenario.always) await settled(bench, module, args);
  }
}

/**
 * Check mode asks on, as if the plan had been carried out: the same task then has nothing to do, or says that it cannot
 * know.
 */
async function predictsItself(module: Module, host: RemoteHost, args: unknown, predicted: Plan): Promise<void> {
  const state = new PlannedState();
  state.add(predicted.actions, predicted.touches, host);
  const after = state.wrap(host);
  try {
    const again = await plan(module, new Recorder(after), args);
    if (!after.uncertain) deepStrictEqual(again.changes, [], "check mode would do it twice");
  } catch (error) {
    if (!(error instanceof UnknownUntilApplied) && !after.uncertain) throw error;
  }
}

/** Checks every scenario on the host as it booted; most fail or are unfit for it, none may write. */
async function checkAll({ machine, host }: Bench, module: Module, scenarios: readonly Scenario[]): Promise<void> {
  const before = await snapshot(machine);
  for (const { args } of scenarios) {
    try {
      await plan(module, host, parseArgs(module, args));
    } catch (error) {
      if (!(error instanceof ModuleError || error instanceof HostError)) throw error;
    }
  }
  deepStrictEqual(diffSnapshots(before, await snapshot(machine)), []);
}

async function expectFailure({ host }: Bench, module: Module, { args, fails }: Scenario): Promise<void> {
  let message = "(no failure)";
  try {
    await apply(module, host, parseArgs(module, args));
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
  }
  ok(fails?.test(message), message);
}

async function settled(bench: Bench, module: Module, args: unknown): Promise<void> {
  const again = await unchanged(bench, () => plan(module, bench.host, args));
  deepStrictEqual(again.changes, [], "a second run would change something");
}

/** Runs what only reads, and holds it to that. */
async function unchanged<T>({ machine }: Bench, body: () => Promise<T>): Promise<T> {
  const before = await picture(machine);
  const value = await body();
  const after = await picture(machine);
  const strayed = [...before.symmetricDifference(after)].sort();
  deepStrictEqual(strayed, [], "a read changed the host");
  return value;
}

/** What apt, dnf and rpm write for themselves when they are asked something. */
const OWN_TRACES = /^\/var\/cache\/(apt|dnf)$|\/rpmdb\.sqlite-(shm|wal)$/;

/**
 * A quick picture of a host: everything in the upper layer of its file system, by its time of change, and its units. Any
 * write shows here; a whole snapshot takes a second.
 */
async function picture(machine: Host): Promise<Set<string>> {
  const [files, units] = await Promise.all([
    command(["find", `${machine.tree}/upper`, "-printf", "/%P %y %m %U:%G %s %C@ %l\\n"]),
    machine.exec("systemctl list-units --all --no-legend --no-pager --plain --type=service,timer,socket"),
  ]);
  const kept = files.stdout.split("\n").filter((line) => {
    const path = line.slice(0, line.indexOf(" "));
    return !OWN_TRACES.test(path) && !ignoredPaths.some((pattern) => pattern.test(path));
  });
  const active = units.stdout.split("\n").filter((line) => !/^(session|user)[-@]|^user-runtime-dir@|^run-/.test(line));
  return new Set([...kept, ...active.map((line) => line.split(/\s+/).slice(0, 3).join(" "))]);
}

/** Runs a script in the host that must succeed. */
export async function verify(machine: Host, script: string): Promise<void> {
  const { code, stdout, stderr } = await machine.exec(`set -ex\n${script}`);
  strictEqual(code, 0, `the host is not as it should be:\n${stdout}${stderr}`);
}

function sentence({ path, what, before, after }: Change): string {
  return `${path} ${what}: ${before} -> ${after}`;
}
