/** Answers, when the host can be reached and its shell works. */

import { defineModule, type Module, ModuleError, nothingToDo } from "../../engine/module/module.ts";
import { text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";

const schema = z.strictObject({
  data: text().default("pong").describe("What `ping` of the result holds. `crash` makes the task fail."),
});

type Args = z.output<typeof schema>;

/** The `ping` module. */
export default defineModule<Args, { readonly code: number }>({
  name: "ping",
  summary: "Tries the connection and the shell of a host",
  args: schema,
  examples: [{ name: "Reach the host", args: "{}" }],
  onlyLooks: () => true,
  // A read that answers is the point: it needs the connection, the login and become.
  inspect: async (host) => ({ code: (await host.probe(["true"], { reads: [] })).code }),
  plan(state, { data }) {
    if (state.code !== 0) throw new ModuleError(`the host's shell answers, but 'true' exits ${state.code}`);
    if (data === "crash") throw new ModuleError("boom");
    return nothingToDo({ ping: data });
  },
}) as Module<Args, { readonly code: number }>;
