/**
 * `wait_for_connection`: waits until the host can be reached and its shell answers.
 *
 * @module
 */

import type { Host, ReadOnlyHost } from "../../engine/host/host.ts";
import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { decimal } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { comeBack, isAway } from "../_shared/reached.ts";
import { sleep } from "../_shared/sleep.ts";

const schema = z.strictObject({
  timeout: decimal({ min: 0 }).default(600).describe("Seconds until it is given up."),
  delay: decimal({ min: 0 }).default(0).describe("Seconds before the first look; the connection is then opened anew."),
  sleep: decimal({ min: 0 }).default(1).describe("Seconds between two looks."),
  connect_timeout: decimal({ min: 1 }).default(5).describe("Seconds that one connection may take."),
});

type Args = z.output<typeof schema>;

/** What `wait_for_connection` found. */
export interface State {
  /** Why the host cannot be reached; undefined where it can. */
  readonly missing?: string;
}

async function inspect(host: ReadOnlyHost): Promise<State> {
  try {
    return await greet(host);
  } catch (error) {
    if (isAway(error)) return { missing: error.message };
    throw error;
  }
}

async function greet(host: ReadOnlyHost): Promise<State> {
  const { code } = await host.probe(["true"]);
  return code === 0 ? {} : { missing: `the host's shell answers, but 'true' exits ${code}` };
}

function plan({ missing }: State, { delay }: Args): Plan {
  if (missing === undefined && delay === 0) return nothingToDo({ elapsed: 0 });
  // Waiting changes nothing, but it is something to do. What others do meanwhile makes earlier readings stale.
  return {
    changes: [],
    actions: [{ do: "run", argv: ["wait_for_connection"] }],
    result: { elapsed: 0 },
    touches: [{ key: "*" }],
  };
}

async function apply(host: Host, _plan: Plan, args: Args, signal: AbortSignal): Promise<Result> {
  const { timeout, delay, connect_timeout: connectTimeout, sleep: pause } = args;
  const start = Date.now();
  await sleep(delay * 1000, signal);
  const missing = await comeBack(host, { timeout, connectTimeout, pause, signal }, async () => {
    return (await greet(host)).missing;
  });
  const elapsed = Math.floor((Date.now() - start) / 1000);
  if (missing === undefined) return { elapsed };
  throw new ModuleError(`timed out after ${timeout} s waiting for the connection: ${missing}`, {
    result: { elapsed },
  });
}

/** The `wait_for_connection` module. */
export default defineModule<Args, State>({
  name: "wait_for_connection",
  summary: "Waits until the host can be reached",
  args: schema,
  examples: [
    { name: "A machine that is being installed", args: "timeout: 1200\nsleep: 10" },
    { name: "After a change that cuts the connection", args: "delay: 5\ntimeout: 60" },
  ],
  waitsForHost: true,
  onlyLooks: () => true,
  inspect,
  plan,
  apply,
}) as Module<Args, State>;
