/** Controls units of systemd. */

import { defineModule, type Module } from "../../engine/module/module.ts";
import { choice, flag, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { applyUnit, inspectUnit, planUnit, unitArguments, type UnitFindings } from "../_shared/units.ts";

const schema = aliased(
  z.strictObject({
    name: text().optional().describe("The unit; without a suffix it is a service."),
    ...unitArguments,
    masked: flag().optional().describe(
      "Whether the unit is kept from starting at all. Decided before `enabled` and `state`.",
    ),
    daemon_reload: flag().default(false).describe(
      "Make systemd read its unit files first: with `name` only where that unit's file changed. Never a change by itself.",
    ),
    daemon_reexec: flag().default(false).describe("Make systemd run itself anew first. Never a change by itself."),
    scope: choice("system").default("system").describe("Whose units; only the system's are managed."),
    no_block: flag().default(false).describe("Do not wait until the unit is up or down."),
    force: flag().default(false).describe("Replace links that are in the way of `enabled` or `masked`."),
  }).superRefine((args, context) => {
    const wanted = [args.state, args.enabled, args.masked].some((each) => each !== undefined);
    const complain = (message: string, key: string) => context.addIssue({ code: "custom", message, path: [key] });
    if (wanted && args.name === undefined) {
      complain("'name' is missing: it says which unit the state is asked of", "name");
    } else if (!wanted && !args.daemon_reload && !args.daemon_reexec) {
      complain("nothing is asked: give state, enabled, masked, daemon_reload or daemon_reexec", "state");
    }
    if (args.masked && args.enabled) complain("a masked unit cannot be enabled: drop one of the two", "enabled");
    if (args.masked && args.state !== undefined && args.state !== "stopped") {
      complain(`a masked unit cannot be ${args.state}: drop one of the two`, "state");
    }
  }),
  { service: "name", unit: "name", "daemon-reload": "daemon_reload", "daemon-reexec": "daemon_reexec" },
);

type Args = z.output<typeof schema>;

/** The `systemd` module. */
export default defineModule<Args, UnitFindings>({
  name: "systemd",
  summary: "Starts, stops, enables and masks units of systemd",
  args: schema,
  freeForm: "name",
  examples: [
    { name: "Run it now and at boot", args: "name: node_exporter\nstate: started\nenabled: true\ndaemon_reload: true" },
    { name: "Take the new configuration", args: "name: prometheus\nstate: reloaded" },
    { name: "Keep it from ever starting", args: "name: snapd.service\nstate: stopped\nmasked: true" },
  ],
  reach: (args) => [`unit:${args.name ?? "*"}`],
  inspect: (host, args) => inspectUnit(host, args.name, args.masked === true),
  plan: (state, args) => planUnit(state, args, args.name),
  apply: (host, plan, args, signal) => applyUnit(host, plan, args, args.name, signal),
}) as Module<Args, UnitFindings>;
