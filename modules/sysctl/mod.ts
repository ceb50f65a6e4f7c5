/** Kernel settings, now and after the next boot. */

import type { Host, ReadOnlyHost } from "../../engine/host/host.ts";
import {
  type Change,
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { choice, flag, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { type EditedFile, inspectEditedFile } from "../_shared/edited_file.ts";
import { planText, textOf, withoutLineBreak } from "../_shared/text_file.ts";
import { sameValue, settingPath, withSetting, words } from "./settings.ts";

/** Booleans, as Ansible takes them. */
const BOOLEANS: Readonly<Record<string, string>> = { true: "1", yes: "1", on: "1", false: "0", no: "0", off: "0" };

const schema = z.strictObject({
  name: text().refine((name) => /^[\w-]+([./][^\s=#;*?[\]./]+)+$/.test(name) && !/(^|[./])\.\.?([./]|$)/.test(name), {
    message: "'name' is the setting as sysctl names it, e.g. net.ipv4.ip_forward; without globs",
  }).describe("The setting, e.g. `net.ipv4.ip_forward`; a slash stands for a dot within a part (`eth0/100`)."),
  value: text().transform((value) => BOOLEANS[value.toLowerCase()] ?? words(value))
    .refine(...withoutLineBreak("value")).optional().describe(
      "Its value; true, yes and on are 1, and false, no and off are 0.",
    ),
  state: choice("present", "absent").default("present").describe(
    "Whether the file sets it. `absent` leaves the kernel's value until the next boot.",
  ),
  sysctl_file: path().default("/etc/sysctl.conf").describe(
    "The file. Debian 13 and later read only those in /etc/sysctl.d at boot: name one there.",
  ),
  reload: flag().default(true).describe("Set the value in the running kernel too, where it is another one."),
  sysctl_set: flag().default(false).describe("As `reload`: sets the value in the running kernel."),
  ignoreerrors: flag().default(false).describe(
    "Whether a setting that the kernel does not know, or refuses, is left to the next boot.",
  ),
}).superRefine((args, context) => {
  if (args.state === "absent" || (args.value ?? "") !== "") return;
  context.addIssue({
    code: "custom",
    path: ["value"],
    message: "'state: present' needs 'value', and not an empty one",
  });
});

type Args = z.output<typeof schema>;

/** What `sysctl` found. */
export interface State {
  /** The file that sets it at boot. */
  readonly file: EditedFile;
  /** The running kernel's value; undefined where it knows none, or nobody asked. */
  readonly current?: string;
}

async function inspect(host: ReadOnlyHost, args: Args): Promise<State> {
  const { name, state, sysctl_file } = args;
  const [file, value] = await Promise.all([
    inspectEditedFile(host, { path: sysctl_file, create: state === "present" }),
    setsKernel(args) ? host.read(settingPath(name)) : undefined,
  ]);
  return { file, ...value && { current: new TextDecoder().decode(value).trimEnd() } };
}

function setsKernel(args: Args): boolean {
  return args.state === "present" && (args.reload || args.sysctl_set);
}

function plan({ file, current }: State, args: Args): Plan {
  const { name, value, state } = args;
  const text = withSetting(textOf(file), name, state === "present" ? value : undefined);
  const written = file.stat || state === "present" ? planText(file, text, {}, {}) : nothingToDo();
  const result: Result = { name, ...value !== undefined && { value }, state };
  const differs = setsKernel(args) && !(current !== undefined && sameValue(current, value!));
  if (!differs || (current === undefined && args.ignoreerrors)) return { ...written, result };
  if (current === undefined) {
    throw new ModuleError(
      `the kernel has no setting '${name}': load the module that brings it first, check the name, or leave it to the next boot with reload: false`,
    );
  }
  const change: Change = { path: `kernel ${name}`, what: "value", before: words(current), after: value! };
  // The action stands for the write that the kernel takes: so check mode knows the value afterwards.
  const set = { do: "write", path: settingPath(name), content: `${value}\n` } as const;
  return { changes: [change, ...written.changes], actions: [set, ...written.actions], result };
}

/** The kernel goes first: what it refuses does not get into the file. */
async function apply(host: Host, plan: Plan, args: Args): Promise<Result> {
  for (const action of plan.actions) {
    if (action.do !== "write" || !action.path.startsWith("/proc/sys/")) await host.perform(action);
    else await setKernel(host, action.path, args);
  }
  return plan.result;
}

async function setKernel(host: Host, path: string, { name, value, ignoreerrors }: Args): Promise<void> {
  const script = 'printf "%s\\n" "$2" >"$1"';
  const { code, stderr } = await host.run(["sh", "-c", script, "sh", path, value!]);
  if (code === 0 || ignoreerrors) return;
  const reason = stderr.trim().split("\n").at(-1)?.replace(/^.*: /, "") ?? "";
  const help = /read-only|permission denied|not permitted/i.test(reason)
    ? ": in a container it is set on the machine that runs it; elsewhere it takes root"
    : /invalid/i.test(reason)
    ? ": the value is none that it takes"
    : "";
  throw new ModuleError(`the kernel refuses ${name} = ${value}: ${reason}${help}`);
}

/** The `sysctl` module. */
export default defineModule<Args, State>({
  name: "sysctl",
  summary: "Kernel settings, now and after the next boot",
  args: aliased(schema, { key: "name", val: "value" }),
  examples: [
    {
      name: "Buffers of a fast network",
      args: "name: net.core.rmem_max\nvalue: 268435456\nsysctl_file: /etc/sysctl.d/90-network.conf",
    },
    { name: "From the next boot on", args: "name: kernel.numa_balancing\nvalue: 0\nreload: false" },
    { name: "No longer", args: "name: vm.swappiness\nstate: absent" },
  ],
  inspect,
  plan,
  apply,
}) as Module<Args, State>;
