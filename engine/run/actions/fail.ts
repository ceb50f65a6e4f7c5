import { z } from "../../support/zod.ts";
import { text } from "../../module/schema.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Fails with a message. */
export default defineAction({
  name: "fail",
  summary: "Fails with a message",
  args: z.strictObject({
    msg: text().default("Failed as requested from task").describe("The message."),
  }),
  examples: [{ name: "Stop on an old system", args: "msg: This playbook needs Debian 12 or newer" }],
  run: (args) => ({ failed: true, result: { msg: args.msg } }),
}) as RunAction<unknown>;
