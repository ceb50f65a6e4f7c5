/**
 * What the modules that write files share: what lies at a path, and the plan that makes it what it should be.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Action, Content, LocalFile, Ownership } from "../../engine/host/action.ts";
import type { FileStat, ReadOnlyHost } from "../../engine/host/host.ts";
import { type Change, ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { defaultMode, formatMode, resolveMode } from "./file_mode.ts";

/** Larger contents are told by size and digest instead of being shown. */
const DIFF_LIMIT = 128 * 1024;

/** Who should own a path and who may read it; what is left out stays. */
export interface OwnershipArgs {
  /** Octal digits (`0644`) or symbolic (`u=rw,go=r`); undefined leaves it, or takes the default for a new path. */
  readonly mode?: string;
  /** A user name or number. */
  readonly owner?: string;
  /** A group name or number. */
  readonly group?: string;
}

/** What lies where a file should be. */
export interface FileState {
  /** Where it would be written: with `follow` the real path. */
  readonly path: string;
  /** What lies there; undefined for nothing. */
  readonly stat?: FileStat;
  /** Of a regular file. */
  readonly sha256?: string;
  /** The content, where it differs from the wanted one and is small enough to show. */
  readonly before?: Uint8Array;
  /** What the parent directory is, where nothing lies at the path. */
  readonly parent?: FileStat["type"];
}

/** What a file should be. */
export interface WantedFile extends OwnershipArgs {
  /** What the file should hold, the whole of it. */
  readonly content: Content;
  /** Keep the old file beside it; default false. */
  readonly backup?: boolean;
  /** A command line with `%s` that must succeed on the new file before it replaces the old one. */
  readonly validate?: string;
}

/** The directory part of a path. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path below a directory. */
export function below(directory: string, relative: string): string {
  return relative === "" ? directory : directory === "/" ? `/${relative}` : `${directory}/${relative}`;
}

/** The sha256 of a content in hex. */
export function digest(content: Content): string {
  if (isLocal(content)) return content.sha256;
  return createHash("sha256").update(content).digest("hex");
}

function isLocal(content: Content): content is LocalFile {
  return typeof content === "object" && "local" in content;
}

function sizeOf(content: Content): number {
  if (typeof content === "string") return new TextEncoder().encode(content).length;
  return isLocal(content) ? content.size : content.length;
}

/** How {@linkcode inspectFile} looks. */
export interface InspectOptions {
  /** Look at what a symbolic link points to; default false. */
  readonly follow?: boolean;
  /** The wanted digest: the content is read only where it differs. */
  readonly sha256?: string;
}

/** Reads what lies where a file should be. */
export async function inspectFile(host: ReadOnlyHost, path: string, options: InspectOptions = {}): Promise<FileState> {
  const { follow = false, sha256: wanted } = options;
  const stat = await host.stat(path, { follow, sha256: true });
  if (!stat) return { path, parent: (await host.stat(parentOf(path), { follow: true, typeOnly: true }))?.type };
  const found = stat.sha256;
  const place = stat.realPath ?? path;
  if (stat.type !== "file") return { path: place, stat };
  const differs = wanted !== undefined && found !== wanted && stat.size <= DIFF_LIMIT;
  return { path: place, stat, sha256: found, before: differs ? await host.read(path) : undefined };
}

/**
 * Makes sure that the wanted owner and group exist, so that check mode does not promise what apply cannot do. Asks only
 * where a path differs.
 *
 * @throws {ModuleError} naming the one that does not exist
 */
export async function requireAccounts(
  host: ReadOnlyHost,
  args: OwnershipArgs,
  stats: readonly (FileStat | undefined)[],
): Promise<void> {
  const { owner, group } = args;
  const [user, wantedGroup] = await Promise.all([
    owner && stats.some((stat) => !stat || !ownedBy(stat, owner)) && !isNumber(owner) ? host.account(owner) : true,
    group && stats.some((stat) => !stat || !inGroup(stat, group)) && !isNumber(group) ? host.group(group) : true,
  ]);
  if (!user) throw new ModuleError(`there is no user '${owner}' on the host: 'owner' names an account that exists`);
  if (!wantedGroup) {
    throw new ModuleError(`there is no group '${group}' on the host: 'group' names a group that exists`);
  }
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

function ownedBy(stat: FileStat, owner: string): boolean {
  return stat.owner === owner || String(stat.uid) === owner;
}

function inGroup(stat: FileStat, group: string): boolean {
  return stat.group === group || String(stat.gid) === group;
}

/** The ownership that a path lacks, and the changes that say so. */
export interface OwnershipPlan {
  /** One for each of `mode`, `owner` and `group` that differs; empty for a new path. */
  readonly changes: Change[];
  /** Only what differs; for a new path all that is given. */
  readonly ownership: Ownership;
}

/** Compares mode, owner and group of a path with the wanted ones. A new path has no changes of its own. */
export function planOwnership(
  path: string,
  stat: FileStat | undefined,
  args: OwnershipArgs,
  directory = stat?.type === "directory",
): OwnershipPlan {
  const { mode, owner, group } = args;
  const bits = mode === undefined ? undefined : resolveMode(mode, stat?.mode ?? defaultMode(directory), directory);
  if (!stat) return { changes: [], ownership: defined({ mode: bits, owner, group }) };
  const changes: Change[] = [];
  const note = (what: string, before: string, after: string) => changes.push({ path, what, before, after });
  const newMode = bits !== undefined && bits !== stat.mode && stat.type !== "link" ? bits : undefined;
  const newOwner = owner !== undefined && !ownedBy(stat, owner) ? owner : undefined;
  const newGroup = group !== undefined && !inGroup(stat, group) ? group : undefined;
  if (newMode !== undefined) note("mode", formatMode(stat.mode), formatMode(newMode));
  if (newOwner !== undefined) note("owner", stat.owner, newOwner);
  if (newGroup !== undefined) note("group", stat.group, newGroup);
  return { changes, ownership: defined({ mode: newMode, owner: newOwner, group: newGroup }) };
}

/** The action that sets an ownership, or none where nothing differs. */
export function ownershipActions(path: string, ownership: Ownership): Action[] {
  return Object.keys(ownership).length === 0 ? [] : [{ do: "ownership", path, ...ownership }];
}

/** Drops the keys without a value, so that plans compare as data. */
export function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/**
 * Plans one file: its content where it differs, its ownership where that differs.
 *
 * @throws {ModuleError} where a directory is in the way or the parent directory is missing
 */
export function planFile(file: FileState, wanted: WantedFile): Plan {
  const { path, stat } = file;
  if (stat?.type === "directory") throw new ModuleError(`${path} is a directory: it cannot become a file`);
  if (!stat && file.parent !== "directory") throw new ModuleError(missingParent(path, file.parent));
  // A link that is not followed is replaced; what it points to says nothing about the new file.
  const old = stat?.type === "file" ? stat : undefined;
  const { changes, ownership } = planOwnership(path, old, wanted, false);
  const { content, backup, validate } = wanted;
  const sha256 = digest(content);
  const mode = ownership.mode ?? old?.mode ?? defaultMode(false);
  const result = fileResult(path, old, wanted, { mode, size: sizeOf(content), sha256 });
  if (old && file.sha256 === sha256) {
    return { changes, actions: ownershipActions(path, ownership), result };
  }
  const sensitive = (mode & 0o004) === 0 || (old !== undefined && (old.mode & 0o004) === 0);
  return {
    changes: [...contentChanges(file, content, sensitive), ...changes],
    actions: [{ do: "write", path, content, ...ownership, ...defined({ validate, backup: backup || undefined }) }],
    result,
  };
}

/** Why nothing can be made at a path whose parent is not a directory. */
export function missingParent(path: string, parent: FileStat["type"] | undefined): string {
  const directory = parentOf(path);
  return parent ? `${directory} is a ${parent}, not a directory` : `the directory ${directory} does not exist`;
}

function contentChanges(file: FileState, content: Content, sensitive: boolean): Change[] {
  const { path, stat, before } = file;
  const changes: Change[] = [];
  if (stat?.type !== "file") {
    const was = !stat ? "absent" : stat.type === "link" ? `link to ${stat.target}` : stat.type;
    changes.push({ path, what: "state", before: was, after: "file" });
  }
  const old = stat?.type !== "file" ? "" : shown(before) ?? summary(stat.size, file.sha256);
  const next = shown(isLocal(content) ? undefined : content) ?? summary(sizeOf(content), digest(content));
  if (old !== next || stat?.type === "file") {
    changes.push({ path, what: "content", before: old, after: next, ...(sensitive ? { sensitive } : {}) });
  }
  return changes;
}

/** The content as text, or undefined where it is binary or too large to show. */
function shown(content: string | Uint8Array | undefined): string | undefined {
  if (typeof content === "string") content = new TextEncoder().encode(content);
  if (!content || content.length > DIFF_LIMIT || content.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

function summary(size: number, sha256: string | undefined): string {
  return `${size} bytes${sha256 ? `, sha256 ${sha256}` : ""}`;
}

/** What `register` gets of a file that is, or will be, as wanted. */
export function fileResult(
  dest: string,
  stat: FileStat | undefined,
  args: OwnershipArgs,
  after: { mode: number; size: number; sha256: string },
): Result {
  return {
    dest,
    state: "file",
    mode: formatMode(after.mode),
    size: after.size,
    checksum: after.sha256,
    ...ownerResult(stat, args),
  };
}

/** `owner`, `uid`, `group`, `gid` as far as they are known before the change. */
export function ownerResult(stat: FileStat | undefined, { owner, group }: OwnershipArgs): Result {
  const result: Result = {};
  const sameOwner = stat && (owner === undefined || ownedBy(stat, owner));
  const sameGroup = stat && (group === undefined || inGroup(stat, group));
  if (sameOwner) Object.assign(result, { owner: stat.owner, uid: stat.uid });
  else if (owner !== undefined) result.owner = owner;
  if (sameGroup) Object.assign(result, { group: stat.group, gid: stat.gid });
  else if (group !== undefined) result.group = group;
  return result;
}
