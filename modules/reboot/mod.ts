/**
 * `reboot`: reboots the host and waits until it is back.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { defineModule, type Module, ModuleError, type Plan } from "../../engine/module/module.ts";
import { decimal, list, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { splitWords } from "../_shared/commands.ts";
import { below } from "../_shared/files.ts";
import { apply } from "./apply.ts";

const seconds = () => decimal({ min: 0 });

const schema = z.strictObject({
  reboot_timeout: seconds().default(600).describe(
    "Seconds until the host must have rebooted, and once more until `test_command` must succeed.",
  ),
  pre_reboot_delay: seconds().default(0).describe("Seconds to wait before the reboot."),
  post_reboot_delay: seconds().default(0).describe("Seconds to wait after it before the first look."),
  connect_timeout: decimal({ min: 1 }).default(5).describe("Seconds that one connection may take."),
  test_command: text().default("whoami").describe("A shell command that succeeds once the host can be worked with."),
  msg: text().default("Reboot initiated by aami").describe("What the host's users are told."),
  boot_time_command: text().default("cat /proc/sys/kernel/random/boot_id").describe(
    "A shell command that only reads and prints something else after each boot.",
  ),
  reboot_command: text().optional().describe("The command that reboots, instead of `shutdown -r now`."),
  search_paths: list(path()).default(["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"]).describe(
    "Where the program that reboots is looked for.",
  ),
}).superRefine(({ reboot_command: command }, context) => {
  if (command?.trim() !== "") return;
  context.addIssue({ code: "custom", path: ["reboot_command"], message: "the command is empty" });
});

/** The arguments of `reboot`. */
export type RebootArgs = z.output<typeof schema>;

/** What `reboot` found. */
export interface State {
  /** What tells this boot from others. */
  readonly boot: string;
  /** Why it cannot be told. */
  readonly reason?: string;
  /** Where the program that reboots lies. */
  readonly program?: string;
  /** Whether the host is the machine that aami runs on. */
  readonly here: boolean;
}

const BOOT_ID = "/proc/sys/kernel/random/boot_id";

async function inspect(host: ReadOnlyHost, args: RebootArgs): Promise<State> {
  const reads = ["boot"];
  const [{ code, stdout, stderr }, id, program, own] = await Promise.all([
    host.probe(["/bin/sh", "-c", args.boot_time_command], { reads }),
    host.probe(["cat", BOOT_ID], { reads }),
    findProgram(host, args),
    Deno.readTextFile(BOOT_ID).catch(() => undefined),
  ]);
  const boot = stdout.trim();
  const reason = code === 0 ? boot === "" ? "it prints nothing" : undefined : stderr.trim() || `it exits ${code}`;
  return { boot, reason, program, here: own !== undefined && id.stdout.trim() === own.trim() };
}

/** The command that reboots, its program first. */
function commandOf({ reboot_command: command, msg }: RebootArgs, program: string | undefined): string[] {
  if (command !== undefined) return splitWords(command).map((word) => word.text);
  return program?.endsWith("/reboot") ? ["reboot"] : ["shutdown", "-r", "now", msg];
}

async function findProgram(host: ReadOnlyHost, args: RebootArgs): Promise<string | undefined> {
  const names = args.reboot_command === undefined ? ["shutdown", "reboot"] : [commandOf(args, undefined)[0]];
  const places = names.flatMap((name) =>
    name.startsWith("/") ? [name] : args.search_paths.map((up) => below(up, name))
  );
  const stats = await Promise.all(places.map((place) => host.stat(place, { follow: true })));
  return places.find((_, index) => stats[index] !== undefined);
}

function plan({ boot, reason, program, here }: State, args: RebootArgs): Plan {
  if (here) throw new ModuleError("this host is the machine that aami runs on: to reboot it would end the run");
  if (reason !== undefined) {
    throw new ModuleError(`cannot tell one boot from the next by '${args.boot_time_command}': ${reason}`);
  }
  const [name, ...words] = commandOf(args, program);
  if (program === undefined) {
    throw new ModuleError(`there is no program '${name}' in ${args.search_paths.join(", ")}`);
  }
  return {
    changes: [{ path: "host", what: "boot", before: boot, after: "another" }],
    actions: [{ do: "run", argv: [program, ...words] }],
    result: { rebooted: true, elapsed: 0 },
    touches: [{ key: "*" }, { key: "facts" }, { key: "boot" }],
  };
}

/** The `reboot` module. */
export default defineModule<RebootArgs, State>({
  name: "reboot",
  summary: "Reboots the host and waits until it is back",
  args: aliased(schema, {
    reboot_timeout_sec: "reboot_timeout",
    pre_reboot_delay_sec: "pre_reboot_delay",
    post_reboot_delay_sec: "post_reboot_delay",
    connect_timeout_sec: "connect_timeout",
  }),
  examples: [
    { name: "After a new driver", args: "msg: New NVIDIA driver\nreboot_timeout: 1200" },
    { name: "Until Slurm answers", args: "test_command: systemctl is-active slurmd\npost_reboot_delay: 30" },
  ],
  inspect,
  plan,
  apply: (host, plan, args, signal) => apply(host, plan, args, signal),
}) as Module<RebootArgs, State>;
