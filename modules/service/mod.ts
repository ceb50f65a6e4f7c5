/** Controls services by what starts them on the host: systemd, or init scripts. */

import { defineModule, type Module, ModuleError, type Plan } from "../../engine/module/module.ts";
import { integer, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { applyUnit, inspectUnit, planUnit, unitArguments, type UnitFindings } from "../_shared/units.ts";
import { applyScript, inspectScript, planScript, type ScriptState } from "./init_script.ts";

const schema = aliased(
  z.strictObject({
    name: text().describe("The service."),
    ...unitArguments,
    pattern: text().optional().describe(
      "With an init script that has no `status`: text of the command line of a process that runs while the service is up.",
    ),
    arguments: text().default("").describe("With an init script: more words for its command line."),
    sleep: integer({ min: 0 }).optional().describe("With an init script: seconds between stop and start of a restart."),
  }).superRefine((args, context) => {
    if (args.state !== undefined || args.enabled !== undefined) return;
    context.addIssue({ code: "custom", message: "nothing is asked: give state or enabled", path: ["state"] });
  }),
  { args: "arguments" },
);

/** The arguments of the service module. */
export type ServiceArgs = z.output<typeof schema>;

/** What runs the service, and what is known of it. */
export interface ServiceState {
  /** What systemd says of it; `booted` is false where systemd does not run. */
  readonly units: UnitFindings;
  /** Where systemd does not run. */
  readonly script?: ScriptState;
}

/** The `service` module. */
export default defineModule<ServiceArgs, ServiceState>({
  name: "service",
  summary: "Starts, stops and enables services, by systemd or by init scripts",
  args: schema,
  freeForm: "name",
  examples: [
    { name: "Run it now and at boot", args: "name: cron\nstate: started\nenabled: true" },
    {
      name: "An init script without status",
      args: "name: gmond\nstate: restarted\npattern: /usr/sbin/gmond\nsleep: 2",
    },
  ],
  reach: (args) => [`unit:${args.name}`],
  async inspect(host, args) {
    const units = await inspectUnit(host, args.name, false);
    return units.booted ? { units } : { units, script: await inspectScript(host, args) };
  },
  plan({ units, script }, args): Plan {
    if (units.booted) return planUnit(units, args, args.name);
    if (script === undefined) throw new ModuleError("it is not known what starts services on this host");
    return planScript(script, args);
  },
  apply(host, plan, args, signal) {
    const units = plan.actions.some((action) => action.do === "run" && action.argv[0] === "systemctl");
    return units ? applyUnit(host, plan, args, args.name, signal) : applyScript(host, plan, args, signal);
  },
}) as Module<ServiceArgs, ServiceState>;
