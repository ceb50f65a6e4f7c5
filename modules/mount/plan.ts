/**
 * Decides what to mount and unmount, and what fstab should say.
 *
 * @module
 */

import type { Action, RunAction } from "../../engine/host/action.ts";
import { type Change, ModuleError, type Plan, type Result, type Touch } from "../../engine/module/module.ts";
import { planText, textOf } from "../_shared/text_file.ts";
import { findEntry, type FstabEntry, type Mounted, withEntry, withoutEntry } from "./fstab.ts";
import type { MountArgs, MountState } from "./mod.ts";

/** What is done, and the changes that it is. */
interface Steps {
  readonly changes: readonly Change[];
  readonly actions: readonly Action[];
  readonly touches?: readonly Touch[];
}

const NOTHING: Steps = { changes: [], actions: [] };

/**
 * The plan of the mount module. What is mounted comes before fstab: what cannot be mounted does not get into it.
 *
 * @throws {ModuleError} where the mount point is in use for something else
 */
export function planMount(state: MountState, args: MountArgs): Plan {
  const steps = stepsOf(state, args);
  const { src, fstype, dump, passno, fstab } = args;
  const result: Result = {
    name: args.path,
    ...src !== undefined && { src },
    ...fstype !== undefined && { fstype },
    ...{ opts: optionsOf(args), dump, passno, fstab },
  };
  const touches = steps.flatMap((step) => step.touches ?? []);
  return {
    changes: steps.flatMap((step) => step.changes),
    actions: steps.flatMap((step) => step.actions),
    result,
    ...touches.length > 0 && { touches },
  };
}

function stepsOf(state: MountState, args: MountArgs): Steps[] {
  switch (args.state) {
    case "present":
      return [planFstab(state, args)];
    case "mounted":
      return [planMounted(state, args), planFstab(state, args)];
    case "ephemeral":
      return [planEphemeral(state, args)];
    case "unmounted":
      return [unmount(state, args)];
    case "absent_from_fstab":
      return [planFstab(state, args)];
    case "absent":
      return [unmount(state, args), planFstab(state, args), planRemoval(state, args)];
    case "remounted":
      return [planRemount(state, args)];
  }
}

function optionsOf({ opts, boot }: MountArgs): string {
  return boot || opts.split(",").includes("noauto") ? opts : `${opts},noauto`;
}

function entryOf(args: MountArgs): FstabEntry {
  const { src = "", path, fstype = "", dump, passno } = args;
  return { src, path, fstype, opts: optionsOf(args), dump, passno };
}

/** systemd makes units of fstab's lines, and goes by the old ones until it reads them again. */
function planFstab({ fstab, systemd }: MountState, args: MountArgs): Steps {
  const present = args.state === "mounted" || args.state === "present";
  if (!present && !fstab.stat) return NOTHING;
  const before = textOf(fstab);
  const text = present ? withEntry(before, entryOf(args)) : withoutEntry(before, args);
  const mode = fstab.stat ? undefined : "0644";
  const { changes, actions } = planText(fstab, text, { mode, backup: args.backup }, {});
  if (actions.length === 0 || !systemd || args.fstab !== "/etc/fstab") return { changes, actions };
  return {
    changes,
    actions: [...actions, { do: "run", argv: ["systemctl", "daemon-reload"] }],
    touches: [{ key: "unit:*" }],
  };
}

function planMounted(state: MountState, args: MountArgs): Steps {
  const wanted = entryOf(args);
  const mounted = state.mounts.at(-1);
  if (mounted === undefined) return mountAnew(state, args);
  const old = findEntry(textOf(state.fstab), args);
  if (isOther(mounted, args) || (old && (old.src !== wanted.src || old.fstype !== wanted.fstype))) {
    return {
      changes: [mountChange(args, words(mounted.source, mounted.fstype), words(wanted.src, wanted.fstype))],
      actions: [umount(args), mount(args)],
      touches: touched(args),
    };
  }
  if (old === undefined || old.opts === wanted.opts) return NOTHING;
  return {
    changes: [mountChange(args, old.opts, wanted.opts, "mount options")],
    actions: [{ do: "run", argv: ["mount", "-o", `remount,${wanted.opts}`, "--", wanted.src, args.path] }],
    touches: touched(args),
  };
}

function planEphemeral(state: MountState, args: MountArgs): Steps {
  const mounted = state.mounts.at(-1);
  if (mounted === undefined) return mountAnew(state, args);
  if (!isOther(mounted, args)) return NOTHING;
  throw new ModuleError(
    `${mounted.source} is mounted at ${args.path} already, not ${args.src}: unmount it first, with state: unmounted`,
  );
}

/**
 * Whether something else is mounted than what is asked for. Only names of the network are the same text in both places;
 * a device has many names.
 */
function isOther({ source, fstype }: Mounted, args: MountArgs): boolean {
  const named = (text: string) => text.includes(":") && !text.startsWith("/");
  const plain = (text: string) => text.replace(/(.)\/+$/, "$1");
  if (args.src === undefined || !named(args.src)) return named(source) && fstype !== args.fstype;
  return plain(source) !== plain(args.src);
}

function mountAnew({ point, missing }: MountState, args: MountArgs): Steps {
  const { path, src = "", fstype = "" } = args;
  // A file can be mounted on a file, as with bind mounts.
  if (point && point.type !== "directory" && !/(^|,)r?bind(,|$)/.test(args.opts)) {
    throw new ModuleError(`${path} is a ${point.type}, not a directory: nothing can be mounted there`);
  }
  return {
    changes: [
      ...missing.map((above) => ({ path: above, what: "state", before: "absent", after: "directory" })),
      mountChange(args, "nothing", words(src, fstype)),
    ],
    actions: [...missing.map((above) => ({ do: "mkdir", path: above }) as const), mount(args)],
    touches: touched(args),
  };
}

function unmount({ mounts }: MountState, args: MountArgs): Steps {
  if (mounts.length === 0) return NOTHING;
  return {
    changes: [mountChange(args, mounts.map(({ source, fstype }) => words(source, fstype)).join(", "), "nothing")],
    actions: mounts.map(() => umount(args)),
    touches: touched(args),
  };
}

/** Only a mount point of ours goes, and only if it is empty. */
function planRemoval(state: MountState, args: MountArgs): Steps {
  const { path } = args;
  const ours = state.mounts.length > 0 || findEntry(textOf(state.fstab), args) !== undefined;
  if (!ours || state.point?.type !== "directory") return NOTHING;
  if (state.entries && state.entries.length > 0) {
    throw new ModuleError(
      `the directory ${path} is not empty, so it is not removed: use state: absent_from_fstab, or remove what is in it`,
    );
  }
  return {
    changes: [{ path, what: "state", before: "directory", after: "absent" }],
    actions: [{ do: "run", argv: ["rmdir", "--", path] }],
    touches: [{ key: `path:${path}`, after: undefined }],
  };
}

function planRemount({ mounts }: MountState, args: MountArgs): Steps {
  const mounted = mounts.at(-1);
  if (!mounted) throw new ModuleError(`nothing is mounted at ${args.path}: state: mounted mounts it`);
  return {
    changes: [mountChange(args, words(mounted.source, mounted.fstype), "mounted again")],
    actions: [{ do: "run", argv: ["mount", "-o", "remount", "--", args.path] }],
    touches: touched(args),
  };
}

function mount(args: MountArgs): RunAction {
  const { path, src = "", fstype = "" } = args;
  return { do: "run", argv: ["mount", "-t", fstype, "-o", optionsOf(args), "--", src, path] };
}

function umount({ path }: MountArgs): RunAction {
  return { do: "run", argv: ["umount", "--", path] };
}

function mountChange({ path }: MountArgs, before: string, after: string, what = "mounted"): Change {
  return { path, what, before, after };
}

function words(source: string, fstype: string): string {
  return `${source} (${fstype})`;
}

/** What lies below a mount point is another thing afterwards, and nobody knows what. */
function touched({ path }: MountArgs): Touch[] {
  return [{ key: `mount:${path}` }, { key: `path:${path}` }, { key: "*" }];
}
