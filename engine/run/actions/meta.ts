import { z } from "../../support/zod.ts";
import { choice } from "../../module/schema.ts";
import { type ActionContext, defineAction, type RunAction } from "./action.ts";

/** What each word does. */
const WORDS = {
  flush_handlers: (context: ActionContext) => context.flushHandlers(),
  end_host: (context: ActionContext) => context.end("host"),
  end_batch: (context: ActionContext) => context.end("batch"),
  end_play: (context: ActionContext) => context.end("play"),
  clear_facts({ play }: ActionContext) {
    for (const host of play.hosts) host.facts = undefined;
  },
  async clear_host_errors({ play, run }: ActionContext) {
    for (const host of play.hosts) host.out = host.unreachable = false;
    await run.connections.forgetFailures();
  },
  refresh_inventory: ({ run }: ActionContext) => run.refreshInventory(),
  reset_connection: (context: ActionContext) => context.resetConnection(),
  noop() {},
};

/** Those that the first host does for all. */
const FOR_ALL = ["end_batch", "end_play", "clear_facts", "clear_host_errors", "refresh_inventory"];

/** Steers the run. */
export default defineAction({
  name: "meta",
  summary: "Steers the run: runs the handlers now, ends the play, …",
  args: z.strictObject({
    action: choice(...Object.keys(WORDS) as [keyof typeof WORDS, ...(keyof typeof WORDS)[]]).describe("What to do."),
  }),
  freeForm: "action",
  once: (word) => word !== undefined && FOR_ALL.includes(word),
  steers: true,
  repeats: true,
  examples: [{ name: "Run the notified handlers now", args: "flush_handlers" }],
  async run(args, context) {
    await WORDS[args.action](context);
    return { result: {} };
  },
}) as RunAction<unknown>;
