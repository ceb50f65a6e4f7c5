/**
 * Plans of `file` for symbolic and hard links.
 *
 * @module
 */

import type { Action } from "../../engine/host/action.ts";
import type { FileStat } from "../../engine/host/host.ts";
import { type Change, ModuleError, type Plan } from "../../engine/module/module.ts";
import { missingParent, ownershipActions, parentOf, planOwnership } from "../_shared/files.ts";
import type { FileArgs, State } from "./mod.ts";

/** A symbolic link to `src`; with `follow` the ownership is that of what it points to. */
export function planLink(state: State, args: FileArgs): Plan {
  const { path, stat, source } = state;
  const { force, follow } = args;
  const src = args.src ?? stat?.target;
  if (src === undefined) {
    throw new ModuleError(`${path} is not a link yet: to make it one 'src' must say what it points to`);
  }
  requireParent(state);
  if (!force && args.src !== undefined && !source) {
    throw new ModuleError(`the link's target ${src} does not exist: 'force: true' makes the link all the same`, {
      result: { path, src },
    });
  }
  if (stat && stat.type !== "link") refuseUnlessForced(state, force, "link");
  const changes: Change[] = [];
  const actions: Action[] = [];
  if (stat?.target !== src) {
    changes.push({ path, what: "state", before: words(stat), after: `link to ${src}` });
    if (stat && stat.type !== "link") actions.push({ do: "remove", path });
    actions.push({ do: "link", path, target: src });
  }
  // The ownership of a target that does not exist cannot be set; of a link itself only the owner counts.
  const [place, owned] = follow ? [source?.realPath ?? src, source] : [path, linkStat(stat)];
  if (owned || !follow) {
    const { mode: _, ...ownerOnly } = args;
    const found = planOwnership(place, owned, follow ? args : ownerOnly, owned?.type === "directory");
    changes.push(...found.changes);
    actions.push(...ownershipActions(place, found.ownership));
  }
  const destructive = stat?.type === "file" && actions.some((action) => action.do === "remove");
  return { changes, actions, result: { dest: path, src, state: "link" }, ...(destructive ? { destructive } : {}) };
}

/** A hard link to `src`. */
export function planHardLink(state: State, args: FileArgs): Plan {
  const { path, stat, source } = state;
  const src = args.src!;
  requireParent(state);
  if (!source) throw new ModuleError(`the link's target ${src} does not exist`, { result: { path, src } });
  if (source.type === "directory") throw new ModuleError(`${src} is a directory: directories cannot have hard links`);
  const { changes, ownership } = planOwnership(src, source, args, false);
  const result = { dest: path, src, state: "hard" };
  const own = ownershipActions(src, ownership);
  if (stat && stat.inode === source.inode && stat.device === source.device) return { changes, actions: own, result };
  if (stat && stat.type !== "link") refuseUnlessForced(state, args.force, "hard link");
  return {
    changes: [{ path, what: "state", before: words(stat), after: `hard link to ${src}` }, ...changes],
    actions: [
      ...(stat ? [{ do: "remove", path } as const] : []),
      { do: "link", path, target: src, hard: true },
      ...own,
    ],
    result,
    ...(stat && stat.type !== "link" ? { destructive: true } : {}),
  };
}

function requireParent({ path, stat, ancestor }: State): void {
  if (stat || (ancestor?.path === parentOf(path) && ancestor.type === "directory")) return;
  throw new ModuleError(missingParent(path, ancestor?.path === parentOf(path) ? ancestor.type : undefined));
}

function refuseUnlessForced({ path, stat, entries }: State, force: boolean, what: string): void {
  if (!force) {
    throw new ModuleError(`${path} is a ${stat?.type}: 'force: true' replaces it by a ${what}`, {
      result: { path, state: stat?.type ?? "absent" },
    });
  }
  if (entries && entries.length > 0) {
    throw new ModuleError(`the directory ${path} is not empty: it is not replaced by a ${what}`);
  }
}

function words(stat: FileStat | undefined): string {
  return !stat ? "absent" : stat.type === "link" ? `link to ${stat.target}` : stat.type;
}

function linkStat(stat: FileStat | undefined): FileStat | undefined {
  return stat?.type === "link" ? stat : undefined;
}
