import { flag, text } from "../../module/schema.ts";
import { includedBy } from "../../playbook/load_imports.ts";
import { z } from "../../support/zod.ts";
import { applied, defineAction, type RunAction } from "./action.ts";

/** Runs a role. */
export default defineAction({
  name: "include_role",
  summary: "Runs a role, chosen when a host gets there",
  args: z.strictObject({
    name: text().describe("The role."),
    tasks_from: text().optional().describe("The file in the role's tasks/; main if left out."),
    vars_from: text().optional().describe("The file in the role's vars/; main if left out."),
    defaults_from: text().optional().describe("The file in the role's defaults/; main if left out."),
    handlers_from: text().optional().describe("The file in the role's handlers/; main if left out."),
    public: flag().default(false).describe("Let the whole play see the role's defaults and vars from here on."),
    allow_duplicates: flag().default(true).describe("A role that is included runs each time; here for Ansible's sake."),
    rolespec_validate: flag().default(true).describe("Here for Ansible's sake."),
    apply: applied(),
  }),
  includes: true,
  steers: true,
  repeats: true,
  examples: [{ name: "One part of a role", args: "name: storage\ntasks_from: scratch" }],
  run: (args) => ({ include: includedBy(args), result: { include: args.name } }),
}) as RunAction<unknown>;
