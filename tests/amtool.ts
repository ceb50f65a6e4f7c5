/**
 * Alertmanager's own amtool, for tests of its configuration.
 *
 * @module
 */

import { run } from "./fleet/command.ts";
import { ensureImages } from "./fleet/images.ts";
import { fleetObstacle } from "./fleet/prerequisites.ts";

/** What amtool said. */
export interface Said {
  /** Its exit status. */
  readonly code: number;
  /** What it printed, both streams. */
  readonly text: string;
}

/** Runs amtool with arguments. */
export type Amtool = (...args: string[]) => Promise<Said>;

/**
 * The machine's own amtool, or the one of the release that the fleet keeps. Undefined, with a line that says so, where
 * neither can be had.
 */
export async function findAmtool(): Promise<Amtool | undefined> {
  const own = await run(["sh", "-c", "command -v amtool"], { mayFail: true });
  if (own.code === 0) return runner(own.stdout.trim());
  if (await fleetObstacle() === undefined) return runner(await kept((await ensureImages()).releases));
  console.log("left out: tests by amtool (apt-get install prometheus-alertmanager)");
  return undefined;
}

/** Unpacks the program once beside the release. */
async function kept(releases: string): Promise<string> {
  const folder = `${releases}/prometheus/alertmanager`;
  const found = await run(["sh", "-euc", 'find "$1" -name "*.tar.gz"', "sh", folder]);
  const archive = found.stdout.trim().split("\n")[0];
  const path = `${releases}/../tools/amtool`;
  // Whoever comes second moves the same program over it.
  const script = 'new="$2.$$"; tar -xzOf "$1" --wildcards "*/amtool" > "$new"; chmod 0755 "$new"; mv "$new" "$2"';
  const there = await Deno.stat(path).then(() => true, () => false);
  if (!there) await run(["sh", "-euc", script, "sh", archive, path]);
  return path;
}

function runner(path: string): Amtool {
  return async (...args) => {
    const { code, stdout, stderr } = await run([path, ...args], { mayFail: true });
    return { code, text: stdout + stderr };
  };
}
