import type { Value } from "../../module/module.ts";
import { constantVariable } from "../../variables/scope.ts";
import { z } from "../../support/zod.ts";
import { defineAction, type RunAction } from "./action.ts";

/** Names that Ansible takes for the host and for its groups. */
const NAMES = ["name", "hostname", "host"];
const GROUPS = ["groups", "group", "groupname"];

/** Adds a host to the inventory. */
export default defineAction({
  name: "add_host",
  summary: "Adds a host to the inventory, for the plays that follow",
  args: z.looseObject({
    name: z.string().optional().describe("The host; 'hostname' and 'host' mean the same."),
    groups: z.custom<Value>(() => true).meta({ words: "groups" }).optional()
      .describe("Groups that it joins, a list or with commas between; they are made where they do not exist."),
  }).refine((args: Record<string, unknown>) => NAMES.some((name) => args[name] !== undefined), "needs 'name'")
    .describe("Every other argument is a variable of the host."),
  once: () => true,
  steers: true,
  repeats: true,
  examples: [{ name: "A host that a task found", args: "name: 10.0.0.9\ngroups: new_nodes\nansible_user: root" }],
  async run(args, { run }) {
    const given = args as Record<string, Value>;
    const name = String(NAMES.map((key) => given[key]).find((value) => value !== undefined));
    const groups = listOf(GROUPS.map((key) => given[key]).find((value) => value !== undefined));
    const own = Object.entries(given).filter(([key]) => !NAMES.includes(key) && !GROUPS.includes(key));
    const variables = new Map(own.map(([key, value]) => [key, constantVariable(value)]));
    const changed = await run.inventory.addHost(name, groups, variables);
    return { changed, result: { add_host: { host_name: name, groups, host_vars: Object.fromEntries(own) } } };
  },
}) as RunAction<unknown>;

function listOf(value: Value | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(String);
  return String(value).split(",").map((name) => name.trim()).filter((name) => name !== "");
}
