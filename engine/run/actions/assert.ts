import { z } from "../../support/zod.ts";
import { flag, text } from "../../module/schema.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Fails unless conditions hold. */
export default defineAction({
  name: "assert",
  summary: "Fails unless all conditions hold",
  args: z.strictObject({
    that: z.array(z.string()).meta({ words: "condition, or a list of them", expression: "condition" })
      .describe("Conditions, as in 'when'."),
    fail_msg: text().optional().describe("What to say when one does not hold."),
    msg: text().optional().describe("The same as fail_msg."),
    success_msg: text().optional().describe("What to say when all hold."),
    quiet: flag().default(false).describe("Say nothing when all hold."),
  }),
  examples: [{ name: "The host is a Debian", args: "that: ansible_facts.os_family == 'Debian'" }],
  run(args) {
    // The engine hands over the texts of the conditions that do not hold.
    const [assertion] = args.that;
    if (assertion === undefined) {
      return { result: args.quiet ? {} : { msg: args.success_msg ?? "All assertions passed" } };
    }
    const msg = args.fail_msg ?? args.msg ?? `assertion failed: ${assertion}`;
    return { failed: true, result: { msg, assertion, evaluated_to: false } };
  },
}) as RunAction<unknown>;
