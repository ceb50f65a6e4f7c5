/**
 * Services of hosts whose process 1 is not systemd: init scripts, and the links that start them at boot.
 *
 * @module
 */

import type { Action, RunAction } from "../../engine/host/action.ts";
import type { Host, ReadOnlyHost } from "../../engine/host/host.ts";
import { type Change, ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { didYouMean } from "../../engine/support/suggest.ts";
import { sleep } from "../_shared/sleep.ts";
import type { ServiceArgs } from "./mod.ts";

/** What is known of an init script. */
export interface ScriptState {
  /** Whether /etc/init.d has it. */
  readonly exists: boolean;
  /** Other scripts of the host, where this one does not exist. */
  readonly known?: readonly string[];
  /** What `status` exited with; undefined where `pattern` decides. */
  readonly status?: number;
  /** Whether a process fits `pattern`. */
  readonly matched?: boolean;
  /** Its links in /etc/rc2.d to /etc/rc5.d: `rc3.d/S01ssh`; empty where `enabled` is not asked for. */
  readonly links: readonly string[];
  /** The program that makes links. */
  readonly linker?: "update-rc.d" | "chkconfig";
}

const LEVELS = [2, 3, 4, 5];

/** Each process's command line, a line each, its words parted by spaces. */
const COMMAND_LINES = `for f in /proc/[0-9]*/cmdline; do tr '\\000' ' ' <"$f" 2>/dev/null && echo; done; exit 0`;

/** Reads what a plan for an init script rests on. */
export async function inspectScript(host: ReadOnlyHost, args: ServiceArgs): Promise<ScriptState> {
  const { name, pattern } = args;
  if (!/^[\w.@+-]+$/.test(name)) throw new ModuleError(`'${name}' is not the name of a service`);
  const reads = [`unit:${name}.service`];
  const script = `/etc/init.d/${name}`;
  const [stat, boot] = await Promise.all([
    host.stat(script, { follow: true }),
    args.enabled === undefined ? { links: [] } : inspectBoot(host, name),
  ]);
  if (stat === undefined) return { exists: false, known: await host.list("/etc/init.d") ?? [], links: [] };
  const known: ScriptState = { exists: true, ...boot };
  if (args.state === undefined) return known;
  if (pattern === undefined) {
    return { ...known, status: (await host.probe([script, "status"], { reads })).code };
  }
  const lines = (await host.probe(["sh", "-c", COMMAND_LINES], { reads })).stdout.split("\n");
  return { ...known, matched: lines.some((line) => line.includes(pattern)) };
}

/** What starts the script at boot, and what could change that. */
async function inspectBoot(host: ReadOnlyHost, name: string): Promise<Pick<ScriptState, "links" | "linker">> {
  const [updateRcD, chkconfig, ...folders] = await Promise.all([
    host.which("update-rc.d"),
    host.which("chkconfig"),
    ...LEVELS.map((level) => host.list(`/etc/rc${level}.d`)),
  ]);
  const links = folders.flatMap((entries, index) =>
    (entries ?? []).filter((entry) => /^[SK]\d\d/.test(entry) && entry.slice(3) === name)
      .map((entry) => `rc${LEVELS[index]}.d/${entry}`)
  );
  const linker = updateRcD ? "update-rc.d" : chkconfig ? "chkconfig" : undefined;
  return { links, ...linker && { linker } };
}

/**
 * Decides what to do with an init script.
 *
 * @throws {ModuleError} where there is none of that name, or it does not say whether the service runs
 */
export function planScript(state: ScriptState, args: ServiceArgs): Plan {
  const { name } = args;
  if (!state.exists) {
    const near = didYouMean(name, state.known ?? []);
    throw new ModuleError(`there is no init script /etc/init.d/${name} on the host${near ? `: ${near}` : ""}`);
  }
  const boot = planBoot(state, args);
  const run = planRun(state, args);
  const changes = [...boot.changes, ...run.changes];
  return {
    changes,
    actions: [...boot.actions, ...run.actions],
    result: {
      name,
      ...args.state !== undefined && { state: args.state === "stopped" ? "stopped" : "started" },
      ...args.enabled !== undefined && { enabled: args.enabled },
    },
    ...changes.length > 0 && { touches: [{ key: `unit:${name}.service` }] },
  };
}

type Part = Pick<Plan, "changes" | "actions">;

function planBoot(state: ScriptState, { name, enabled }: ServiceArgs): Part {
  const is = state.links.some((link) => link.includes("/S"));
  if (enabled === undefined || enabled === is) return { changes: [], actions: [] };
  const { linker, links } = state;
  if (linker === undefined) {
    throw new ModuleError(
      "the host has neither update-rc.d nor chkconfig, so it is not known how services are enabled",
    );
  }
  const word = linker === "chkconfig" ? (enabled ? "on" : "off") : enabled ? "enable" : "disable";
  const actions: RunAction[] = [{ do: "run", argv: [linker, name, word] }];
  // `enable` only turns links round that are there.
  if (linker === "update-rc.d" && links.length === 0) actions.unshift({ do: "run", argv: [linker, name, "defaults"] });
  return { changes: [change(name, "enabled", is ? "enabled" : "disabled", enabled ? "enabled" : "disabled")], actions };
}

function planRun(state: ScriptState, args: ServiceArgs): Part {
  if (args.state === undefined) return { changes: [], actions: [] };
  const running = isRunning(state, args);
  const before = running ? "running" : "stopped";
  if (args.state === "stopped") {
    return running ? step(args, before, "stopped", ["stop"]) : { changes: [], actions: [] };
  }
  if (!running) return step(args, before, "running", ["start"]);
  if (args.state === "started") return { changes: [], actions: [] };
  if (args.state === "reloaded") return step(args, before, "reloaded", ["reload"]);
  return step(args, before, "restarted", args.sleep === undefined ? ["restart"] : ["stop", "start"]);
}

function isRunning(state: ScriptState, { name }: ServiceArgs): boolean {
  if (state.matched !== undefined) return state.matched;
  if (state.status === 0) return true;
  // The Linux Standard Base: 1 and 2 dead with traces left, 3 stopped.
  if (state.status !== undefined && state.status >= 1 && state.status <= 3) return false;
  throw new ModuleError(
    `/etc/init.d/${name} status exits ${state.status}, which does not say whether it runs: give pattern, text of its process's command line`,
  );
}

function step({ name, arguments: words }: ServiceArgs, before: string, after: string, verbs: readonly string[]): Part {
  const more = words.split(/\s+/).filter((word) => word !== "");
  return {
    changes: [change(name, "state", before, after)],
    actions: verbs.map((verb) => callScript(name, [verb, ...more])),
  };
}

function change(name: string, what: string, before: string, after: string): Change {
  return { path: `service ${name}`, what, before, after };
}

/**
 * Daemons keep the output that they were started with, and a session's end waits for all who hold its streams. So
 * theirs is /dev/null; what the script prints is lost with it.
 */
function callScript(name: string, words: readonly string[]): Action {
  return {
    do: "run",
    argv: ["sh", "-c", 'exec "$@" </dev/null >/dev/null 2>&1', "sh", `/etc/init.d/${name}`, ...words],
    directory: "/",
  };
}

/** How often is looked whether the service is as asked, and how long, in milliseconds. */
const LOOK = { every: 200, until: 10_000 };

/**
 * Does a script's plan and looks whether the service then is as asked.
 *
 * @throws {ModuleError} where it is not
 */
export async function applyScript(host: Host, plan: Plan, args: ServiceArgs, signal: AbortSignal): Promise<Result> {
  for (const [index, action] of plan.actions.entries()) {
    if (action.do !== "run") continue;
    const before = plan.actions[index - 1];
    if (args.sleep && before?.do === "run" && before.argv.includes("stop")) await sleep(args.sleep * 1000, signal);
    const { code, stderr } = await host.run(action.argv, action);
    if (code === 0) continue;
    // A script's own words went to /dev/null.
    const called = action.argv.slice(action.argv[0] === "sh" ? 4 : 0).join(" ");
    throw new ModuleError(`'${called}' exits ${code}: ${stderr.trim() || "run it on the host to see what it says"}`);
  }
  if (args.state !== undefined && args.state !== "reloaded") await confirm(host, args, signal);
  return plan.result;
}

async function confirm(host: Host, args: ServiceArgs, signal: AbortSignal): Promise<void> {
  const end = Date.now() + LOOK.until;
  const wanted = args.state !== "stopped";
  while (isRunning(await inspectScript(host, args), args) !== wanted) {
    if (Date.now() >= end) {
      const did = wanted ? "did not come up" : "is still running";
      throw new ModuleError(
        `service ${args.name} ${did} within ${LOOK.until / 1000} s after its init script said it was done`,
      );
    }
    await sleep(LOOK.every, signal);
  }
}
