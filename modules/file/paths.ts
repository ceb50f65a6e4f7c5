/**
 * Plans of `file` for files and directories.
 *
 * @module
 */

import type { Action } from "../../engine/host/action.ts";
import { type Change, ModuleError, nothingToDo, type Plan, type Result } from "../../engine/module/module.ts";
import { defaultMode, formatMode, resolveMode } from "../_shared/file_mode.ts";
import {
  below,
  defined,
  missingParent,
  ownerResult,
  ownershipActions,
  parentOf,
  planOwnership,
} from "../_shared/files.ts";
import type { FileArgs, State } from "./mod.ts";

/** Nothing at the path, and nothing below it. */
export function planAbsent({ path, stat }: State): Plan {
  const result = { path, state: "absent" };
  if (!stat) return nothingToDo(result);
  const before = stat.type === "link" ? `link to ${stat.target}` : stat.type;
  return {
    changes: [{ path, what: "state", before, after: "absent" }],
    actions: [{ do: "remove", path }],
    result,
    destructive: stat.type !== "link",
  };
}

/** A file that is there already: only its ownership and times. */
export function planExisting(state: State, args: FileArgs): Plan {
  const { path, stat } = state;
  if (!stat) {
    throw new ModuleError(
      `there is no file at ${path}: 'state: file' sets the ownership of a file that exists. To make one use 'state: touch', or the copy or template module`,
      { result: { path, state: "absent" } },
    );
  }
  if (stat.type === "directory" || stat.type === "link") {
    const what = stat.type === "link" ? `link to ${stat.target}` : stat.type;
    throw new ModuleError(`${path} is a ${what}, not a file`, { result: { path, state: stat.type } });
  }
  return attributes(state, args);
}

/** A file with new times, made empty where there is none. */
export function planTouch(state: State, args: FileArgs): Plan {
  const { path, stat, ancestor } = state;
  if (stat?.type === "link") {
    throw new ModuleError(`${path} is a link to ${stat.target}, which is not followed or leads nowhere`);
  }
  if (stat) return attributes(state, args, "now");
  if (ancestor?.path !== parentOf(path) || ancestor.type !== "directory") {
    throw new ModuleError(missingParent(path, ancestor?.path === parentOf(path) ? ancestor.type : undefined));
  }
  const { ownership } = planOwnership(path, undefined, args, false);
  return {
    changes: [{ path, what: "state", before: "absent", after: "file" }],
    actions: [{ do: "write", path, content: "", ...ownership }],
    result: { dest: path, ...attributeResult(state, args, "file") },
  };
}

/** A directory with its parents; the ownership goes to every one that is made. */
export function planDirectory(state: State, args: FileArgs): Plan {
  const { path, stat, ancestor } = state;
  if (stat?.type === "directory") return withTree(attributes(state, args), state, args);
  if (stat) {
    const what = stat.type === "link" ? `link to ${stat.target}` : stat.type;
    throw new ModuleError(`${path} already exists as a ${what}`, { result: { path, state: stat.type } });
  }
  if (ancestor && ancestor.type !== "directory") {
    throw new ModuleError(`${ancestor.path} is a ${ancestor.type}, not a directory`);
  }
  const { ownership } = planOwnership(path, undefined, args, true);
  const missing: string[] = [];
  for (let up = path; up !== (ancestor?.path ?? "/"); up = parentOf(up)) missing.unshift(up);
  return {
    changes: missing.map((directory) => ({ path: directory, what: "state", before: "absent", after: "directory" })),
    actions: missing.map((directory) => ({ do: "mkdir", path: directory, ...ownership })),
    result: { path, ...attributeResult(state, args, "directory") },
  };
}

function attributes(state: State, args: FileArgs, times: "now" | "preserve" = "preserve"): Plan {
  const { path, stat } = state;
  const { changes, ownership } = planOwnership(path, stat, args);
  const mtime = (args.modification_time ?? times) === "now";
  const atime = (args.access_time ?? times) === "now";
  const renewed: Change[] = [];
  if (mtime) renewed.push({ path, what: "modification time", before: timeOf(stat?.mtime), after: "now" });
  if (atime) renewed.push({ path, what: "access time", before: timeOf(stat?.atime), after: "now" });
  const touch: Action = {
    do: "times",
    path,
    ...defined({ mtime: mtime ? "now" : undefined, atime: atime ? "now" : undefined }),
  };
  return {
    changes: [...renewed, ...changes],
    actions: [...(renewed.length > 0 ? [touch] : []), ...ownershipActions(path, ownership)],
    result: { path, ...attributeResult(state, args, stat?.type ?? "file") },
  };
}

function timeOf(seconds = 0): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+/, "");
}

function attributeResult({ stat }: State, args: FileArgs, type: string): Result {
  const directory = type === "directory";
  const current = stat?.mode ?? defaultMode(directory);
  const bits = args.mode === undefined ? current : resolveMode(args.mode, current, directory);
  return { state: type, mode: formatMode(bits), ...ownerResult(stat, args), ...(stat ? { size: stat.size } : {}) };
}

/** Adds what the entries below lack. Links keep their mode, which has no meaning, and are not followed. */
function withTree(own: Plan, { path, tree }: State, args: FileArgs): Plan {
  const { owner, group } = args;
  const changes: Change[] = [...own.changes];
  const modes: Action[] = [];
  let chown = own.actions.some((action) => action.do === "ownership" && (action.owner ?? action.group) !== undefined);
  for (const [relative, stat] of tree ?? []) {
    const entry = below(path, relative);
    const found = planOwnership(entry, stat, args);
    changes.push(...found.changes);
    chown ||= (found.ownership.owner ?? found.ownership.group) !== undefined;
    if (found.ownership.mode !== undefined) modes.push({ do: "ownership", path: entry, mode: found.ownership.mode });
  }
  if (!chown) return { ...own, changes, actions: [...own.actions, ...modes] };
  // One recursive change of owner for them all; modes come after it, as it clears setuid and setgid bits.
  const all: Action = { do: "ownership", path, recursive: true, ...defined({ owner, group }) };
  const rest = own.actions.flatMap((action): Action[] => {
    if (action.do !== "ownership") return [action];
    return action.mode === undefined ? [] : [{ do: "ownership", path, mode: action.mode }];
  });
  return { ...own, changes, actions: [all, ...rest, ...modes] };
}
