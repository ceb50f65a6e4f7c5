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

/** Runs `aami ARGS`. */
export async function aami(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Run> {
  // A home of its own would have no module cache.
  const cache = Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", CONFIG, MAIN, ...args],
    cwd: options.cwd,
    env: { NO_COLOR: "1", DENO_DIR: cache, ...options.env },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
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
