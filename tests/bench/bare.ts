/**
 * The bare session: the engine's own transport and nothing above it. It sets the floor that the engine is measured by.
 *
 * `deno run -A tests/bench/bare.ts PLAN.json`
 * @module
 */

import { openSsh } from "../../engine/transport/mod.ts";
import type { Shell } from "../../engine/transport/session.ts";
import { userInfo } from "node:os";

/** What to run where. */
export interface BarePlan {
  /** A round trip a check, all checks pipelined, all in one script, or only a connection and a shell. */
  readonly mode: "each" | "pipelined" | "once" | "connect";
  /** Hosts in flight. */
  readonly forks: number;
  readonly key: string;
  readonly knownHosts: string;
  readonly hosts: readonly { readonly address: string; readonly port: number; readonly checks: readonly string[] }[];
}

/** Runs a plan. @throws {Error} where a check fails */
export async function runBare(plan: BarePlan): Promise<void> {
  const waiting = [...plan.hosts];
  const user = userInfo().username;
  const work = async () => {
    for (let host = waiting.shift(); host; host = waiting.shift()) {
      const connection = await openSsh({
        host: host.address,
        port: host.port,
        user,
        identities: [plan.key],
        knownHosts: [plan.knownHosts],
        hostKeyChecking: "strict",
      });
      await runChecks(await connection.shell(), plan.mode, host.checks);
      await connection.close();
    }
  };
  await Promise.all(Array.from({ length: plan.forks }, work));
}

async function runChecks(shell: Shell, mode: BarePlan["mode"], checks: readonly string[]): Promise<void> {
  const one = async (script: string) => {
    const { code, stderr } = await shell.exec(script);
    if (code !== 0) throw new Error(`a check fails: ${script}\n${new TextDecoder().decode(stderr)}`);
  };
  if (mode === "connect") await one("true");
  if (mode === "once") await one(checks.map((check) => `{ ${check}; } || exit 1`).join("\n"));
  if (mode === "pipelined") await Promise.all(checks.map(one));
  if (mode === "each") { for (const check of checks) await one(check); }
}

if (import.meta.main) {
  await runBare(JSON.parse(await Deno.readTextFile(Deno.args[0])));
  Deno.exit(0);
}
