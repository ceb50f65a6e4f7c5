import { z } from "../../support/zod.ts";
import { isTrue } from "../../variables/values.ts";
import { TAKEN } from "../../playbook/settings.ts";
import { constantVariable } from "../../variables/scope.ts";
import type { Value } from "../../module/module.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Sets variables of the host for the rest of the run. */
export default defineAction({
  name: "set_fact",
  summary: "Sets variables of the host for the rest of the run",
  args: z.record(
    z.string().regex(/^[A-Za-z_]\w*$/, "is no name for a variable")
      .refine((name) => !TAKEN.has(name), "has a meaning of its own and cannot be set"),
    z.custom<Value>(() => true),
  ).refine((args) => Object.keys(args).length > 0, "names no variable"),
  examples: [{ name: "Remember the monitoring host", args: "monitor: \"{{ groups['monitoring'][0] }}\"" }],
  run(args, context) {
    const facts = Object.fromEntries(Object.entries(args).filter(([name]) => name !== "cacheable"));
    for (const [name, value] of Object.entries(facts)) {
      context.setVariable(name, constantVariable(value));
      if (isTrue(args.cacheable)) context.setAnsibleFact(name, value);
    }
    return { result: { ansible_facts: facts } };
  },
}) as RunAction<unknown>;
