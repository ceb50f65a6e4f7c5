import { z } from "../../support/zod.ts";
import { choice } from "../../module/schema.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Steers the run. */
export default defineAction({
  name: "meta",
  summary: "Steers the run: runs the handlers now, ends the play, …",
  args: z.strictObject({
    action: choice("flush_handlers", "end_host", "end_play", "clear_facts", "noop").describe("What to do."),
  }),
  freeForm: "action",
  examples: [{ name: "Run the notified handlers now", args: "flush_handlers" }],
  async run(args, context) {
    if (args.action === "flush_handlers") await context.flushHandlers();
    if (args.action === "end_host") context.end("host");
    if (args.action === "end_play") context.end("play");
    if (args.action === "clear_facts") context.clearFacts();
    return { result: {} };
  },
}) as RunAction<unknown>;
