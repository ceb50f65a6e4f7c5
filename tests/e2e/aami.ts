/**
 * Runs aami as an operator does: a process with arguments, its output and exit status.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Event, RecapEvent } from "../../engine/run/event.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a run left behind. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How aami is run. */
export interface RunSettings {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** Whether its output is thrown away. */
  readonly quiet?: boolean;
}

/** Journals of runs are no business of the home of who runs the tests. */
const STATE = Deno.makeTempDirSync({ prefix: "aami-state-" });
globalThis.addEventListener("unload", () => Deno.removeSync(STATE, { recursive: true }));

/** Runs `aami ARGS`. */
export async function aami(args: readonly string[], settings: RunSettings = {}): Promise<Run> {
  const { code, stdout, stderr } = await aamiCommand(args, settings).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** The command `aami ARGS`. */
export function aamiCommand(args: readonly string[], { cwd, env, quiet }: RunSettings = {}): Deno.Command {
  // A home of its own would have no module cache.
  const cache = Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
  const output = quiet ? "null" : "piped";
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", CONFIG, MAIN, ...args],
    cwd,
    env: { NO_COLOR: "1", DENO_DIR: cache, XDG_STATE_HOME: STATE, ...env },
    stdin: "null",
    stdout: output,
    stderr: output,
  });
}

/** The events of a run with `-o jsonl`. */
export function events(stdout: string): Event[] {
  return stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** The recap of a run with `-o jsonl`. */
export function recapOf(stdout: string): RecapEvent {
  const recap = events(stdout).find((event) => event.type === "recap");
  if (recap?.type !== "recap") throw new Error(`no recap in:\n${stdout}`);
  return recap;
}

/** A folder that goes with its scope. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "aami-e2e-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
