import { choice, text } from "../../module/schema.ts";
import { z } from "../../support/zod.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Looks at a task that the play does not wait for. */
export default defineAction({
  name: "async_status",
  summary: "Looks at a task that was started with 'async' and 'poll: 0'",
  args: z.strictObject({
    jid: text().describe("The task's 'ansible_job_id'."),
    mode: choice("status", "cleanup").default("status").describe("'cleanup' does nothing: nothing is left behind."),
  }),
  steers: true,
  examples: [{ name: "Wait for it", args: "jid: abc123.4" }],
  run(args, { run, host }) {
    if (args.mode === "cleanup") return { result: { ansible_job_id: args.jid, erased: args.jid } };
    const job = run.jobs.look(host, args.jid);
    const id = { ansible_job_id: args.jid };
    if (!job) {
      return {
        failed: true,
        result: { ...id, msg: `there is no job '${args.jid}' on ${host}`, started: 1, finished: 1 },
      };
    }
    if (!job.finished) return { result: { ...id, started: 1, finished: 0 } };
    const changed = job.result.changed === true;
    return { failed: job.failed, changed, result: { ...job.result, ...id, started: 1, finished: 1 } };
  },
}) as RunAction<unknown>;
