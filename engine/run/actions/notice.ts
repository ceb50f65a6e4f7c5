import { z } from "../../support/zod.ts";
import { text } from "../../module/schema.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Tells something that a person must know; said again after the recap. */
export default defineAction({
  name: "notice",
  summary: "Tells something that a person must know; said again after the recap",
  args: z.strictObject({ msg: text().describe("The message, and what to do.") }),
  freeForm: "msg",
  repeats: true,
  examples: [{ name: "A component was left out", args: "msg: Grafana is not in Debian; set install_from=release" }],
  run(args, context) {
    context.notice(args.msg);
    return { result: { msg: args.msg } };
  },
}) as RunAction<unknown>;
