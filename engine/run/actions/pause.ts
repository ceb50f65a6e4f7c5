import { decimal, flag, text } from "../../module/schema.ts";
import { z } from "../../support/zod.ts";
import { sleep } from "../sleep.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Waits. */
export default defineAction({
  name: "pause",
  summary: "Waits a while, or for the operator",
  args: z.strictObject({
    seconds: decimal({ min: 0 }).optional().describe("How long, in seconds."),
    minutes: decimal({ min: 0 }).optional().describe("How long, in minutes."),
    prompt: text().optional().describe("What to ask; the answer is 'user_input' of the result."),
    echo: flag().default(true).describe("Whether what is typed can be seen."),
  }).refine(
    (args) => args.seconds === undefined || args.minutes === undefined,
    "takes 'seconds' or 'minutes', not both",
  ),
  once: () => true,
  steers: true,
  examples: [{ name: "Let the exporters be scraped once", args: "seconds: 15" }],
  async run(args, { run }) {
    const seconds = args.seconds ?? (args.minutes === undefined ? undefined : args.minutes * 60);
    // A dry run has nothing to wait for.
    if (run.options.check) return { result: { msg: "not waited in check mode", user_input: "" } };
    if (seconds !== undefined) {
      if (args.prompt !== undefined) run.emit({ type: "notice", message: args.prompt });
      await sleep(seconds, run.signal);
      return { result: { msg: `waited ${seconds} s`, user_input: "", delta: seconds } };
    }
    const question = args.prompt ?? "Press enter to continue, Ctrl-C to interrupt";
    const answer = await run.options.ask?.(`${question}: `, !args.echo);
    // Ansible goes on too where nobody can answer.
    const msg = answer === undefined ? "there is no terminal to wait at: went on" : "the operator answered";
    return { result: { msg, user_input: answer ?? "" } };
  },
}) as RunAction<unknown>;
