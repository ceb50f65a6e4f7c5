import { text } from "../../module/schema.ts";
import { z } from "../../support/zod.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Puts the host into a group. */
export default defineAction({
  name: "group_by",
  summary: "Puts the host into a group that an expression names, for the plays that follow",
  args: z.strictObject({
    key: text().describe("The group; it is made where it does not exist. Spaces become dashes."),
    parents: z.union([z.array(z.string()), z.string()]).default(["all"]).describe("The groups that it is below."),
  }),
  steers: true,
  repeats: true,
  examples: [{ name: "A group for each distribution", args: "key: os_{{ ansible_facts.distribution }}" }],
  async run(args, { run, host }) {
    const group = args.key.replaceAll(" ", "-");
    const parents = (Array.isArray(args.parents) ? args.parents : [args.parents]).map((name) =>
      name.replaceAll(" ", "-")
    );
    const changed = await run.inventory.addHost(host, [group], new Map(), parents);
    return { changed, result: { add_group: group, parent_groups: parents } };
  },
}) as RunAction<unknown>;
