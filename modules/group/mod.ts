/** Makes and removes groups of the host. */

import type { GroupState } from "../../engine/host/host.ts";
import {
  type Change,
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  performActions,
} from "../../engine/module/module.ts";
import { choice, flag, integer } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { accountName } from "../_shared/accounts.ts";

const schema = z.strictObject({
  name: accountName("group").describe("The group."),
  state: choice("present", "absent").default("present").describe("Whether it should exist."),
  gid: integer({ min: 0 }).optional().describe("Its number; the host chooses one unless said otherwise."),
  system: flag().default(false).describe("A new group takes its number from those for system groups."),
  non_unique: flag().default(false).describe("Whether another group may have the same number."),
});

type Args = z.output<typeof schema>;

interface State {
  readonly group?: GroupState;
}

/** The `group` module. */
export default defineModule<Args, State>({
  name: "group",
  summary: "Makes and removes groups",
  args: schema,
  freeForm: "name",
  examples: [
    { name: "A group for a service", args: "name: prometheus\nsystem: true" },
    { name: "No longer", args: "name: oldteam\nstate: absent" },
  ],
  reach: (args) => [`group:${args.name}`],
  async inspect(host, args) {
    const group = await host.group(args.name);
    return group === undefined ? {} : { group };
  },
  plan({ group }, args) {
    const { name, gid } = args;
    const path = `group ${name}`;
    const key = `group:${name}`;
    if (args.state === "absent") {
      if (group === undefined) return nothingToDo({ name, state: "absent" });
      return {
        changes: [{ path, what: "state", before: "present", after: "absent" }],
        actions: [{ do: "run", argv: ["groupdel", name] }],
        result: { name, state: "absent" },
        touches: [{ key, after: undefined }],
      };
    }
    const numbers = gid === undefined ? [] : ["-g", String(gid), ...args.non_unique ? ["-o"] : []];
    const result = {
      name,
      state: "present",
      system: args.system,
      ...(gid ?? group?.gid) !== undefined && { gid: gid ?? group?.gid ?? 0 },
    };
    if (group !== undefined && (gid === undefined || gid === group.gid)) return nothingToDo(result);
    const changes: Change[] = group === undefined
      ? [{ path, what: "state", before: "absent", after: "present" }]
      : [{ path, what: "gid", before: String(group.gid), after: String(gid) }];
    const argv = group === undefined
      ? ["groupadd", ...args.system ? ["-r"] : [], ...numbers, name]
      : ["groupmod", ...numbers, name];
    // Without a number asked for, the host chooses: -1 stands for one that nobody knows yet.
    const after: GroupState = { name, gid: gid ?? -1, members: group?.members ?? [] };
    return { changes, actions: [{ do: "run", argv }], result, touches: [{ key, after }] };
  },
  async apply(host, plan, args) {
    await performActions(host, plan);
    const group = args.state === "present" ? await host.group(args.name) : undefined;
    if (args.state === "present" && group === undefined) {
      throw new ModuleError(`group ${args.name} is not there after it was made: a directory service may hide it`);
    }
    return { ...plan.result, ...group && { gid: group.gid } };
  },
}) as Module<Args, State>;
