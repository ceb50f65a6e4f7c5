import { text } from "../../module/schema.ts";
import { includedBy } from "../../playbook/load_imports.ts";
import { z } from "../../support/zod.ts";
import { applied, defineAction, type RunAction } from "./action.ts";

/** Runs the tasks of a file. */
export default defineAction({
  name: "include_tasks",
  summary: "Runs the tasks of a file, chosen when a host gets there",
  args: z.strictObject({
    file: text().describe("The file, looked for beside the one that names it, then in the playbook's folder."),
    apply: applied(),
  }),
  freeForm: "file",
  includes: true,
  steers: true,
  repeats: true,
  examples: [{ name: "Tasks by distribution", args: '"{{ ansible_facts.distribution }}.yml"' }],
  run: (args) => ({ include: includedBy(args), result: { include: args.file } }),
}) as RunAction<unknown>;
