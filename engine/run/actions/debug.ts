import { z } from "../../support/zod.ts";
import { integer } from "../../module/schema.ts";
import type { Value } from "../../module/module.ts";
import { requireKnown } from "../../variables/pending.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Shows a message or a value. */
export default defineAction({
  name: "debug",
  summary: "Shows a message or the value of an expression",
  args: z.strictObject({
    msg: z.custom<Value>(() => true).meta({ words: "anything" }).optional().describe("The message."),
    var: z.custom<Value>(() => true).meta({ words: "expression", expression: "value" }).optional()
      .describe("An expression, without braces, whose value is shown."),
    verbosity: integer({ min: 0 }).default(0).describe("Shown only with at least this many -v."),
  }).refine((args) => args.msg === undefined || args.var === undefined, "takes 'msg' or 'var', not both"),
  examples: [
    { name: "Show a message", args: "msg: \"The monitoring host is {{ groups['monitoring'][0] }}\"" },
    { name: "Show a variable", args: "var: ansible_facts.distribution" },
  ],
  run(args, { verbosity }) {
    if (args.verbosity > verbosity) return { skipped: true, result: { msg: `shown from ${args.verbosity} -v on` } };
    return { result: { msg: requireKnown(args.var ?? args.msg ?? "Hello world!") } };
  },
}) as RunAction<unknown>;
