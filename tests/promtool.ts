/**
 * Prometheus' own promtool, for tests of rules and queries.
 *
 * @module
 */

import { run } from "./fleet/command.ts";
import { ensureImages } from "./fleet/images.ts";
import { fleetObstacle } from "./fleet/prerequisites.ts";

/** What promtool said. */
export interface Said {
  /** Its exit status. */
  readonly code: number;
  /** What it printed, both streams. */
  readonly text: string;
}

/**
 * The path of promtool: the machine's own, or the one that the fleet keeps. Undefined, with a line that says so, where
 * neither can be had.
 */
export async function findPromtool(): Promise<string | undefined> {
  const own = await run(["sh", "-c", "command -v promtool"], { mayFail: true });
  if (own.code === 0) return own.stdout.trim();
  if (await fleetObstacle() === undefined) return (await ensureImages()).promtool;
  console.log("left out: tests of alert rules need promtool (apt-get install prometheus)");
  return undefined;
}

/** Runs promtool. */
export async function promtool(path: string, ...args: string[]): Promise<Said> {
  const { code, stdout, stderr } = await run([path, ...args], { mayFail: true });
  return { code, text: stdout + stderr };
}
