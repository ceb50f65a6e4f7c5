/**
 * The plan of `copy`: the directories, then each file that differs.
 *
 * @module
 */

import type { Action, WriteAction } from "../../engine/host/action.ts";
import { type Change, ModuleError, nothingToDo, type Plan, type Result } from "../../engine/module/module.ts";
import { formatMode } from "../_shared/file_mode.ts";
import {
  type FileState,
  missingParent,
  ownerResult,
  ownershipActions,
  type OwnershipArgs,
  planFile,
  planOwnership,
} from "../_shared/files.ts";
import { planContent } from "../_shared/target.ts";
import type { SourceFile, Sources, State } from "./inspect.ts";
import { isRemote, sourcesOf } from "./inspect.ts";
import type { CopyArgs } from "./mod.ts";

/** Plans the whole copy. */
export function planCopy(state: State, args: CopyArgs): Plan {
  const sources = sourcesOf(args, state);
  const directories = planDirectories(state, sources, args);
  const made = new Set([...state.missing, ...state.directories.filter(({ stat }) => !stat).map(({ path }) => path)]);
  const files = sources.files.map((source, index) => planOne(state.files[index], source, args, made));
  const single = sources.tree ? undefined : files[0];
  const touches = files.flatMap((file) => file.touches ?? []);
  return {
    changes: [...directories.changes, ...files.flatMap((file) => file.changes)],
    actions: [...directories.actions, ...files.flatMap((file) => file.actions)],
    result: single?.result ?? treeResult(state, args),
    ...(touches.length > 0 ? { touches } : {}),
  };
}

function treeResult({ files, missing, directories }: State, args: CopyArgs): Result {
  return { dest: args.dest, state: "directory", files: files.length, directories: missing.length + directories.length };
}

function planDirectories(state: State, { directories }: Sources, args: CopyArgs): Pick<Plan, "changes" | "actions"> {
  const { owner, group, directory_mode } = args;
  const own: OwnershipArgs = { owner, group, mode: directory_mode };
  const changes: Change[] = [];
  const actions: Action[] = [];
  const make = (path: string, wanted: OwnershipArgs) => {
    changes.push({ path, what: "state", before: "absent", after: "directory" });
    actions.push({ do: "mkdir", path, ...planOwnership(path, undefined, wanted, true).ownership });
  };
  for (const path of state.missing) make(path, own);
  directories.forEach((source, index) => {
    const { path, stat } = state.directories[index];
    const preserved = args.mode === "preserve" ? formatMode(source.mode) : undefined;
    const wanted = { ...own, mode: directory_mode ?? preserved };
    if (!stat) return make(path, wanted);
    if (stat.type !== "directory") throw new ModuleError(`${path} is a ${stat.type}, not a directory`);
    const found = planOwnership(stat.realPath ?? path, stat, wanted);
    changes.push(...found.changes);
    actions.push(...ownershipActions(stat.realPath ?? path, found.ownership));
  });
  return { changes, actions };
}

function planOne(found: FileState, source: SourceFile, args: CopyArgs, made: ReadonlySet<string>): Plan {
  const parent = found.path.slice(0, found.path.lastIndexOf("/"));
  // What the plan makes first is there by then.
  const file: FileState = !found.stat && made.has(parent) ? { ...found, parent: "directory" } : found;
  const mode = args.mode === "preserve" ? formatMode(source.mode) : args.mode;
  const { content } = source;
  const wanted = { ...args, mode };
  if (!isRemote(content)) return planContent(file, { ...wanted, content });
  return planRemote(file, source, content.remote, wanted);
}

/** A copy on the host: planned as if the content were known, carried out by the host's own tools. */
function planRemote(file: FileState, source: SourceFile, from: string, args: CopyArgs & OwnershipArgs): Plan {
  const { path, stat } = file;
  if (stat && !args.force) return nothingToDo({ dest: path, state: "file", ...ownerResult(stat, {}) });
  if (!stat && file.parent !== "directory") throw new ModuleError(missingParent(path, file.parent));
  const content = { local: from, size: source.size, sha256: source.sha256 };
  const { mode, owner, group, backup } = args;
  const plan = planFile(file, { content, mode, owner, group, backup });
  const write = plan.actions.find((action) => action.do === "write");
  if (write?.do !== "write") return plan;
  return {
    ...plan,
    actions: [{ do: "run", argv: copyCommand(from, write, args) }],
    touches: [{ key: `path:${path}` }],
  };
}

/**
 * Replaces a file by a copy of another, atomically: nobody sees it before it has its owner and mode. A new file gets
 * the bits that the umask leaves it; what is there keeps its own.
 */
function copyCommand(
  from: string,
  { path, mode, owner, group, backup }: WriteAction,
  { validate }: CopyArgs,
): string[] {
  const chown = owner === undefined && group === undefined
    ? ""
    : `${owner ?? ""}${group === undefined ? "" : `:${group}`}`;
  const script = [
    "set -e; u=$(umask); umask 077",
    't=$(mktemp "${2%/*}/.aami-XXXXXX"); trap \'rm -f -- "$t"\' EXIT',
    'cat -- "$1" >"$t"',
    'if [ -f "$2" ] && [ ! -L "$2" ]; then chown --reference="$2" -- "$t"; m=$(stat -c %a -- "$2")',
    "else m=$(printf %o $((0666 & ~u))); fi",
    'if [ -n "$3" ]; then chown -- "$3" "$t"; fi',
    'chmod -- "${4:-$m}" "$t"',
    ...(validate ? [`(${validate.replace(/'%s'|"%s"|%s/g, '"$t"')}) </dev/null 1>&2`] : []),
    ...(backup ? [`if [ -f "$2" ]; then cp -p -- "$2" "$2.$$.$(date '+%Y-%m-%d@%H:%M:%S')~"; fi`] : []),
    'sync -- "$t" 2>/dev/null || sync',
    'mv -fT -- "$t" "$2"',
  ];
  return ["sh", "-c", script.join("\n"), "sh", from, path, chown, mode === undefined ? "" : formatMode(mode)];
}
