import type { Value } from "../../module/module.ts";
import { z } from "../../support/zod.ts";
import { defineAction, type RunAction } from "./action.ts";

const anything = () => z.custom<Value>(() => true).optional();

/** Gathers the host's facts now. */
export default defineAction({
  name: "setup",
  summary: "Gathers the host's facts now; without it they are gathered when a task looks at one",
  args: z.strictObject({
    filter: z.union([z.array(z.string()), z.string()]).optional().describe("Which facts the result shows; globs."),
    gather_subset: anything().describe("Here for Ansible's sake: all facts cost one round trip."),
    gather_timeout: anything().describe("Here for Ansible's sake."),
    fact_path: anything().describe("Here for Ansible's sake: there are no local facts."),
  }),
  steers: true,
  examples: [{ name: "Facts after a new disk", args: "{}" }],
  async run(args, context) {
    context.clearFacts();
    await context.gatherFacts();
    const filters = args.filter === undefined ? ["*"] : [args.filter].flat();
    const facts = Object.entries(context.facts()).map(([name, value]) => [`ansible_${name}`, value as Value] as const);
    const shown = facts.filter(([name]) => filters.some((filter) => globOf(filter).test(name)));
    return { result: { ansible_facts: Object.fromEntries(shown) } };
  },
}) as RunAction<unknown>;

function globOf(filter: string): RegExp {
  const pattern = filter.replace(/[.+^${}()|\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${pattern}$`);
}
