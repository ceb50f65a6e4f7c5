/**
 * The plan of `unarchive`: one run of tar for the entries that differ, then the ownership that is asked for.
 *
 * @module
 */

import type { Action } from "../../engine/host/action.ts";
import { type Change, ModuleError, nothingToDo, type Plan, type Result } from "../../engine/module/module.ts";
import { formatMode, resolveMode } from "../_shared/file_mode.ts";
import { below, ownershipActions, planOwnership } from "../_shared/files.ts";
import type { EntryState, State } from "./inspect.ts";
import { stripped, type UnarchiveArgs } from "./mod.ts";

/** Plans the unpacking. */
export function planUnpack(state: State, args: UnarchiveArgs): Plan {
  const { dest, creates } = args;
  if (state.created) {
    const skipped = `skipped, since ${creates} exists`;
    return { ...nothingToDo({ dest, msg: skipped }), skipped };
  }
  if (state.dest !== "directory") {
    throw new ModuleError(
      state.dest ? `${dest} is a ${state.dest}, not a directory` : `the directory ${dest} does not exist`,
    );
  }
  const missing = state.entries.filter(needsUnpacking);
  const changes: Change[] = [];
  const actions: Action[] = [];
  for (const entry of state.entries) {
    const own = planEntry(entry, args, missing.includes(entry));
    changes.push(...own.changes);
    actions.push(...own.actions);
  }
  return {
    changes,
    actions: [...(missing.length > 0 ? unpackActions(missing, args) : []), ...actions],
    result: resultOf(state, args),
    ...(missing.length > 0 ? { touches: missing.map(({ path }) => ({ key: `path:${below(dest, path)}` })) } : {}),
  };
}

function resultOf({ entries }: State, { dest, src, list_files }: UnarchiveArgs): Result {
  const result: Result = { dest, src: typeof src === "string" ? src : src.path, state: "directory" };
  if (list_files) result.files = entries.map(({ name }) => name);
  return result;
}

/** Whether what lies in an entry's place is something else. */
function needsUnpacking({ type, stat, sha256, found, target, differs }: EntryState): boolean {
  if (!stat || differs) return true;
  if (type === "directory") return stat.type !== "directory";
  if (type === "link") return stat.target !== target;
  if (stat.type !== "file") return true;
  return sha256 !== undefined && found !== sha256;
}

function planEntry(entry: EntryState, args: UnarchiveArgs, unpack: boolean): Pick<Plan, "changes" | "actions"> {
  const { type, stat, size, sha256, target } = entry;
  const path = below(args.dest, entry.path);
  const directory = type === "directory";
  const mode = args.mode === undefined ? entry.mode : resolveMode(args.mode, entry.mode, directory);
  const { owner, group } = args;
  const link = type === "link";
  if (!unpack) {
    const wanted = { owner, group, mode: link || type === "hardlink" ? undefined : formatMode(mode) };
    const { changes, ownership } = planOwnership(path, stat, wanted);
    return { changes, actions: ownershipActions(path, ownership) };
  }
  const after = link ? `link to ${target}` : type === "hardlink" ? "file" : type;
  const changes: Change[] = [];
  if (stat?.type !== (link ? "link" : directory ? "directory" : "file") || link) {
    changes.push({ path, what: "state", before: stat ? words(stat) : "absent", after });
  }
  if (type === "file") {
    const before = stat?.type === "file" ? `${stat.size} bytes` : "";
    changes.push({ path, what: "content", before, after: `${size} bytes${sha256 ? `, sha256 ${sha256}` : ""}` });
  }
  // tar sets the bits of the archive.
  const differs = mode !== entry.mode && !link;
  const { ownership } = planOwnership(
    path,
    undefined,
    { owner, group, mode: differs ? formatMode(mode) : undefined },
    directory,
  );
  return { changes, actions: ownershipActions(path, ownership) };
}

function words(stat: NonNullable<EntryState["stat"]>): string {
  return stat.type === "link" ? `link to ${stat.target}` : stat.type;
}

/** Where an archive of the controller lies on the host while it is unpacked. */
export function temporaryArchive({ src, dest }: UnarchiveArgs): string | undefined {
  if (typeof src === "string" || src.kind === "tree") return undefined;
  return below(dest, `.aami-unarchive-${src.sha256.slice(0, 16)}`);
}

function unpackActions(entries: readonly EntryState[], args: UnarchiveArgs): Action[] {
  const { src, dest } = args;
  const temporary = temporaryArchive(args);
  const strip = stripped(args);
  const run: Action = {
    do: "run",
    argv: [
      ...["tar", "--extract", "--file", temporary ?? String(src), "--directory", dest, "--same-permissions"],
      // What is named is taken as it is written, and a directory without what is in it.
      ...["--no-recursion", "--null", "--verbatim-files-from", "--no-unquote", "--no-wildcards"],
      ...(strip > 0 ? [`--strip-components=${strip}`] : []),
      ...["--files-from", "-"],
    ],
    stdin: entries.map(({ name }) => `${name}\0`).join(""),
  };
  if (temporary === undefined || typeof src === "string" || src.kind === "tree") return [run];
  return [{ do: "write", path: temporary, content: src.content, mode: 0o600 }, run, { do: "remove", path: temporary }];
}
