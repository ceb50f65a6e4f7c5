/** File systems: what is mounted where, now and at boot. */

import type { FileStat, Host, ReadOnlyHost } from "../../engine/host/host.ts";
import { defineModule, type Module, performActions, type Plan, type Result } from "../../engine/module/module.ts";
import { choice, flag, normalizePath, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { type EditedFile, inspectEditedFile } from "../_shared/edited_file.ts";
import { missingDirectories } from "../_shared/target.ts";
import { withoutLineBreak } from "../_shared/text_file.ts";
import { type Mounted, mountsAt } from "./fstab.ts";
import { planMount } from "./plan.ts";

const field = (name: string) =>
  text().refine(...withoutLineBreak(name)).refine((value) => value !== "", `'${name}' is empty`);

const schema = z.strictObject({
  path: text().transform(normalizePath).refine((value) => /^(\/[^\0\r\n]*|none|swap)$/.test(value), {
    message: "'path' is the absolute path of the mount point, or 'none' for swap space",
  }).describe("The mount point; `none` for swap space."),
  state: choice("mounted", "present", "unmounted", "absent", "absent_from_fstab", "remounted", "ephemeral").describe(
    "`mounted`: now and at boot, the mount point is made. `present`: only at boot. `ephemeral`: only now. `unmounted`: not now. `absent_from_fstab`: not at boot. `absent`: neither, and the mount point is removed. `remounted`: mounted again each time.",
  ),
  src: field("src").optional().describe("What to mount: a device, `UUID=…`, `LABEL=…`, `server:/export`, a directory."),
  fstype: field("fstype").refine((value) => !/\s/.test(value), "'fstype' is one word").optional().describe(
    "The kind of file system.",
  ),
  opts: field("opts").refine((value) => !/\s/.test(value), "'opts' are separated by commas, without spaces").default(
    "defaults",
  ).describe("Options, separated by commas."),
  dump: text().refine((value) => /^\d+$/.test(value), "'dump' is a number").default("0").describe(
    "fstab's fifth field.",
  ),
  passno: text().refine((value) => /^\d+$/.test(value), "'passno' is a number").default("0").describe(
    "When it is checked at boot: 1 for the root, 2 for others, 0 for never.",
  ),
  boot: flag().default(true).describe("Whether it is mounted at boot; `false` adds `noauto` to `opts`."),
  fstab: path().default("/etc/fstab").describe("The file that says what is mounted at boot."),
  backup: flag().default(false).describe("Keep the old fstab beside the new one, with the time in its name."),
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  const { state } = args;
  if (state === "mounted" || state === "present" || state === "ephemeral") {
    if (args.src === undefined) refuse("src", `'state: ${state}' needs 'src', which says what to mount`);
    if (args.fstype === undefined) refuse("fstype", `'state: ${state}' needs 'fstype', which says what kind it is`);
  }
  if (!args.path.startsWith("/") && !/^(present|absent|absent_from_fstab)$/.test(state)) {
    refuse("path", `'state: ${state}' needs a mount point, not '${args.path}'`);
  }
  if (!args.path.startsWith("/") && args.src === undefined) refuse("src", "'src' says which swap space is meant");
});

/** The arguments of `mount`. */
export type MountArgs = z.output<typeof schema>;

/** What `mount` found. */
export interface MountState {
  /** The file that says what is mounted at boot. */
  readonly fstab: EditedFile;
  /** What is mounted there, the topmost last. */
  readonly mounts: readonly Mounted[];
  /** What the mount point is, links followed. */
  readonly point?: FileStat;
  /** Where it is to be made: the directories that are missing, outermost first. */
  readonly missing: readonly string[];
  /** What is in the mount point, where it is to be removed and nothing is mounted there. */
  readonly entries?: readonly string[];
  /** Whether systemd runs, which makes units of fstab. */
  readonly systemd: boolean;
}

async function inspect(host: ReadOnlyHost, args: MountArgs): Promise<MountState> {
  const { path, state } = args;
  const writes = state === "mounted" || state === "present";
  const [fstab, run] = await Promise.all([
    inspectEditedFile(host, { path: args.fstab, create: writes }),
    host.stat("/run/systemd/system"),
  ]);
  const systemd = run !== undefined;
  if (!path.startsWith("/") || state === "present" || state === "absent_from_fstab") {
    return { fstab, mounts: [], missing: [], systemd };
  }
  // Not a path's content: what an earlier task mounts elsewhere leaves this answer as it is.
  const table = host.probe(["cat", "/proc/self/mountinfo"], { reads: [`mount:${path}`] });
  const [point, mountinfo, missing] = await Promise.all([
    host.stat(path, { follow: true }),
    table,
    state === "mounted" || state === "ephemeral" ? missingDirectories(host, path) : [],
  ]);
  const mounts = mountsAt(mountinfo.stdout, point?.realPath ?? path);
  const look = state === "absent" && mounts.length === 0 && point?.type === "directory";
  const entries = look ? await host.list(path) : undefined;
  return { fstab, mounts, missing, systemd, ...point && { point }, ...entries && { entries } };
}

/** What a mount that fails leaves behind goes; fstab is written after it, and so not at all. */
async function apply(host: Host, plan: Plan): Promise<Result> {
  try {
    await performActions(host, plan);
  } catch (error) {
    const made = plan.actions.filter((action) => action.do === "mkdir").map((action) => action.path);
    for (const directory of made.reverse()) await host.run(["rmdir", "--", directory]);
    throw error;
  }
  return plan.result;
}

/** The `mount` module. */
export default defineModule<MountArgs, MountState>({
  name: "mount",
  summary: "File systems: what is mounted where, now and at boot",
  args: aliased(schema, { name: "path" }),
  examples: [
    {
      name: "Home directories by NFS",
      args: "path: /home\nsrc: nfs.cluster:/export/home\nfstype: nfs\nopts: rw,hard,_netdev\nstate: mounted",
    },
    {
      name: "Scratch on local disks",
      args: "path: /scratch\nsrc: LABEL=scratch\nfstype: xfs\nopts: noatime,nofail\nstate: mounted",
    },
    { name: "No longer", args: "path: /mnt/old\nstate: absent" },
  ],
  inspect,
  plan: planMount,
  apply,
}) as Module<MountArgs, MountState>;
