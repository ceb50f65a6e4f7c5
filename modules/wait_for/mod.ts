/** Waits until a port or a file of the host is there, or gone. */

import type { Host, ReadOnlyHost } from "../../engine/host/host.ts";
import { defineModule, type Module, ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { choice, decimal, integer, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { sleep } from "../_shared/sleep.ts";
import { look, type Sight } from "./look.ts";

const schema = z.strictObject({
  host: text().default("127.0.0.1").describe("The address to connect to, as seen from the host."),
  port: integer({ min: 1, max: 65535 }).optional().describe("The TCP port to wait for."),
  path: path().optional().describe("The file to wait for, instead of a port."),
  state: choice("started", "present", "stopped", "absent").default("started").describe(
    "`started` or `present` wait until it is there, `stopped` or `absent` until it is gone.",
  ),
  search_regex: text().optional().describe(
    "With a file: what it must contain; with a port: what must be heard from it.",
  ),
  delay: decimal({ min: 0 }).default(0).describe("Seconds before the first look."),
  timeout: decimal({ min: 0 }).default(300).describe(
    "Seconds until it is given up. Without port and path it waits that long.",
  ),
  sleep: decimal({ min: 0 }).default(1).describe("Seconds between two looks."),
  connect_timeout: decimal({ min: 0 }).default(5).describe("Seconds that one connection may take."),
  msg: text().optional().describe("The message when it is given up, instead of aami's own."),
}).superRefine((args, context) => {
  const complain = (message: string, key: string) => context.addIssue({ code: "custom", message, path: [key] });
  if (args.port !== undefined && args.path !== undefined) {
    complain("both port and path are given: keep one of them", "path");
  }
  if (args.path !== undefined && args.state === "stopped") {
    complain("'stopped' is for a port: a file is 'absent'", "state");
  }
  if (args.search_regex === undefined) return;
  try {
    new RegExp(args.search_regex, "m");
  } catch (error) {
    complain(
      `search_regex is no regular expression: ${error instanceof Error ? error.message : error}`,
      "search_regex",
    );
  }
});

/** The arguments of the wait_for module. */
export type WaitArgs = z.output<typeof schema>;

/** What is waited for, in words. */
function subject({ host, port, path }: WaitArgs): string {
  if (port !== undefined) return `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return path ?? "the time to pass";
}

function resultOf(args: WaitArgs, sight: Sight, elapsed: number): Result {
  const { state, port = null, path = null, search_regex = null } = args;
  const { groups = [], named = {} } = sight;
  return { state, port, path, search_regex, match_groups: [...groups], match_groupdict: { ...named }, elapsed };
}

async function wait(host: Host, args: WaitArgs, signal: AbortSignal): Promise<Result> {
  const start = Date.now();
  const elapsed = () => Math.floor((Date.now() - start) / 1000);
  const end = start + args.timeout * 1000;
  await sleep(Math.min(args.delay, args.timeout) * 1000, signal);
  if (args.port === undefined && args.path === undefined) {
    await sleep(Math.max(0, end - Date.now()), signal);
    return resultOf(args, { met: true }, elapsed());
  }
  while (true) {
    const sight = await look(host, args, Math.max(100, end - Date.now()), signal);
    if (sight.met) return resultOf(args, sight, elapsed());
    if (Date.now() + args.sleep * 1000 >= end) {
      const message = args.msg ??
        `timed out after ${args.timeout} s waiting for ${subject(args)} to be ${args.state}: ${sight.reason}`;
      throw new ModuleError(message, { result: resultOf(args, sight, elapsed()) });
    }
    await sleep(args.sleep * 1000, signal);
  }
}

/** The `wait_for` module. */
export default defineModule<WaitArgs, Sight>({
  name: "wait_for",
  summary: "Waits for a port or a file of the host",
  args: schema,
  examples: [
    { name: "Until Prometheus answers", args: "port: 9090\ntimeout: 60" },
    { name: "Until the log says so", args: "path: /var/log/app.log\nsearch_regex: ready in (\\d+) ms" },
  ],
  onlyLooks: () => true,
  // One look: a converged host is not waited for.
  inspect(host: ReadOnlyHost, args, signal) {
    if (args.port === undefined && args.path === undefined) return Promise.resolve({ met: false });
    return look(host, args, args.connect_timeout * 1000, signal);
  },
  plan(sight, args): Plan {
    const result = resultOf(args, sight, 0);
    if (sight.met && args.delay === 0) return { changes: [], actions: [], result };
    // Waiting changes nothing, but it is something to do: `apply` does it, by looking again and again. What others do
    // meanwhile makes earlier readings stale.
    const key = !sight.met ? "*" : args.port === undefined ? `path:${args.path}` : `net:${args.host}:${args.port}`;
    return {
      changes: [],
      actions: [{ do: "run", argv: ["wait_for", subject(args), args.state] }],
      result,
      touches: [{ key }],
    };
  },
  apply: (host, _plan, args, signal) => wait(host, args, signal),
}) as Module<WaitArgs, Sight>;
