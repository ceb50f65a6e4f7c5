/** Jobs and variables of crontabs: a user's own, or a file in /etc/cron.d. */

import type { Host, ReadOnlyHost } from "../../engine/host/host.ts";
import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  performActions,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { choice, flag, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { accountName } from "../_shared/accounts.ts";
import { aliased } from "../_shared/arguments.ts";
import { type EditedFile, inspectEditedFile } from "../_shared/edited_file.ts";
import { planText, planTextOrRemoval, textOf, withoutLineBreak } from "../_shared/text_file.ts";
import { jobNames, variableNames, withJob, withVariable } from "./crontab.ts";
import { timeField } from "./times.ts";
import { inspectUserCrontab, installCrontab } from "./user_crontab.ts";

const schema = z.strictObject({
  name: text().refine(...withoutLineBreak("name")).describe(
    "What the job is called, in a comment above it; with `env` the variable.",
  ),
  job: text().transform((job) => job.replace(/^[\r\n]+|[\r\n]+$/g, "")).refine(...withoutLineBreak("job")).optional()
    .describe("The command; with `env` the variable's value. cron reads a bare `%` as a line break: write `\\%`."),
  state: choice("present", "absent").default("present").describe("Whether it should be there."),
  minute: timeField("minute").default("*").describe("Minutes, 0 to 59."),
  hour: timeField("hour").default("*").describe("Hours, 0 to 23."),
  day: timeField("day").default("*").describe("Days of the month, 1 to 31."),
  month: timeField("month").default("*").describe("Months, 1 to 12 or jan to dec."),
  weekday: timeField("weekday").default("*").describe("Days of the week, 0 to 7 or sun to sat."),
  special_time: choice("reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly").optional().describe(
    "A time by its name, instead of the five fields.",
  ),
  user: accountName("user").optional().describe(
    "Whose crontab it is; in a `cron_file` who runs the job, root unless said otherwise.",
  ),
  cron_file: text().refine((name) => /^[^/\0\r\n]+$/.test(name) || /^\/[^\0\r\n]+$/.test(name), {
    message: "'cron_file' is the name of a file in /etc/cron.d, or an absolute path",
  }).refine((name) => name !== "/etc/crontab", {
    message: "'/etc/crontab' is the distribution's own: name a file of yours in /etc/cron.d",
  }).optional().describe(
    "A file in /etc/cron.d instead of a user's crontab; it goes with its last line. Debian's cron passes over names with a dot.",
  ),
  disabled: flag().default(false).describe("Keep the job, commented out."),
  env: flag().default(false).describe("`name` is a variable, not a job."),
  backup: flag().default(false).describe("Keep what was there before."),
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.state === "present" && args.job === undefined) {
    refuse("job", `'job' must say ${args.env ? "the variable's value" : "what to run"}`);
  }
  const times = [args.minute, args.hour, args.day, args.month, args.weekday];
  if (args.special_time !== undefined && times.some((time) => time !== "*")) {
    refuse("special_time", "'special_time' stands instead of minute, hour, day, month and weekday");
  }
  if (args.env && !/^[A-Za-z_]\w*$/.test(args.name)) {
    refuse("name", `'${args.name}' cannot be the name of a variable: use letters, digits and '_'`);
  }
});

/** The arguments of `cron`. */
export type CronArgs = z.output<typeof schema>;

/** What `cron` found. */
export interface CronState {
  /** The crontab; of a user's without the header that cron writes for itself. */
  readonly file: EditedFile;
  /** Whose crontab it is; undefined with `cron_file`. */
  readonly user?: string;
  /** The group that a new crontab of a user belongs to. */
  readonly group?: string;
  /** Why there can be no such crontab. */
  readonly obstacle?: string;
}

async function inspect(host: ReadOnlyHost, args: CronArgs): Promise<CronState> {
  const name = args.cron_file;
  if (name === undefined) return await inspectUserCrontab(host, args.user ?? host.user);
  const path = name.startsWith("/") ? name : `/etc/cron.d/${name}`;
  return { file: await inspectEditedFile(host, { path, create: args.state === "present" }) };
}

function plan({ file, user, group, obstacle }: CronState, args: CronArgs): Plan {
  const { name, backup, env } = args;
  if (obstacle !== undefined && args.state === "present") throw new ModuleError(obstacle);
  const before = textOf(file);
  const line = args.state === "absent" ? undefined : env ? `${name}="${args.job}"` : jobLine(args);
  const after = env ? withVariable(before, { name, line }) : withJob(before, { name, line });
  const result: Result = {
    jobs: jobNames(after),
    envs: variableNames(after),
    ...args.cron_file !== undefined && { cron_file: args.cron_file },
  };
  if (after === before) return nothingToDo(result);
  if (user === undefined) {
    const mode = file.stat ? undefined : "0644";
    return planTextOrRemoval(file, after, { mode, backup }, result);
  }
  // The action stands for what `crontab` will do: so check mode knows what the table holds afterwards.
  return planText(file, after, file.stat ? {} : { mode: "0600", owner: user, group }, result);
}

function jobLine(args: CronArgs): string {
  const { minute, hour, day, month, weekday, special_time } = args;
  const time = special_time ? `@${special_time}` : [minute, hour, day, month, weekday].join(" ");
  const user = args.cron_file === undefined ? "" : `${args.user ?? "root"} `;
  return `${args.disabled ? "#" : ""}${time} ${user}${args.job}`;
}

async function apply(host: Host, plan: Plan, args: CronArgs): Promise<Result> {
  if (args.cron_file !== undefined) return { ...plan.result, ...await performActions(host, plan) };
  const user = args.user ?? host.user;
  return { ...plan.result, ...await installCrontab(host, plan, { user, backup: args.backup }) };
}

/** The `cron` module. */
export default defineModule<CronArgs, CronState>({
  name: "cron",
  summary: "Jobs and variables of crontabs",
  args: aliased(schema, { value: "job", dom: "day", dow: "weekday" }),
  examples: [
    {
      name: "Every night",
      args: "name: rotate job logs\nhour: '3'\nminute: '30'\njob: /usr/local/sbin/rotate-job-logs",
    },
    {
      name: "In a file of its own",
      args:
        "name: gpu health\ncron_file: gpu-health\nuser: prometheus\nminute: '*/5'\njob: /usr/local/bin/gpu-health --textfile",
    },
    { name: "Where cron's mail goes", args: "name: MAILTO\nenv: true\njob: ops@example.org" },
    { name: "No longer", args: "name: rotate job logs\nstate: absent" },
  ],
  inspect,
  plan,
  apply,
}) as Module<CronArgs, CronState>;
