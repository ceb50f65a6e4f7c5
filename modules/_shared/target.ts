/**
 * Where a single file goes when its destination may be a directory.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError, nothingToDo, type Plan } from "../../engine/module/module.ts";
import {
  below,
  fileResult,
  type FileState,
  inspectFile,
  type OwnershipArgs,
  parentOf,
  planFile,
  requireAccounts,
  type WantedFile,
} from "./files.ts";

/** What {@linkcode inspectTarget} needs of a module's arguments. */
export interface TargetArgs extends OwnershipArgs {
  /** With a slash at the end where it is a directory. */
  readonly dest: string;
  /** Write what a link at the destination points to; default false. */
  readonly follow?: boolean;
  /** The file's name in a destination that is a directory; undefined where there is none. */
  readonly name?: string;
  /** The wanted digest in hex; the old content is read only where it differs. */
  readonly sha256?: string;
}

/** Reads what lies where a file will go: at the destination, or in it where it is a directory. */
export async function inspectTarget(host: ReadOnlyHost, args: TargetArgs): Promise<FileState> {
  const { dest, name, follow, sha256 } = args;
  const plain = dest.length > 1 ? dest.replace(/\/$/, "") : dest;
  const into = (directory: string) => below(directory, name ?? "");
  let file = await inspectFile(host, dest.endsWith("/") ? into(plain) : plain, { follow, sha256 });
  if (name !== undefined && !dest.endsWith("/") && await isDirectory(host, file)) {
    file = await inspectFile(host, into(plain), { follow, sha256 });
  }
  await requireAccounts(host, args, [file.stat]);
  return file;
}

async function isDirectory(host: ReadOnlyHost, { path, stat }: FileState): Promise<boolean> {
  if (stat?.type === "link") return (await host.stat(path, { follow: true, typeOnly: true }))?.type === "directory";
  return stat?.type === "directory";
}

/**
 * The directories that a path lacks, outermost first, itself included.
 *
 * @throws {ModuleError} where something else is in the way
 */
export async function missingDirectories(host: ReadOnlyHost, path: string): Promise<string[]> {
  const above: string[] = [];
  for (let up = path; up !== "/"; up = parentOf(up)) above.unshift(up);
  const stats = await Promise.all(above.map((up) => host.stat(up, { follow: true, typeOnly: true })));
  const blocked = stats.findIndex((stat) => stat && stat.type !== "directory");
  if (blocked !== -1) throw new ModuleError(`${above[blocked]} is a ${stats[blocked]?.type}, not a directory`);
  return above.filter((_, index) => !stats[index]);
}

/** Plans one file; with `force: false` an existing one stays as it is. */
export function planContent(file: FileState, wanted: WantedFile & { readonly force: boolean }): Plan {
  const { stat } = file;
  if (wanted.force || !stat) return planFile(file, wanted);
  return nothingToDo(
    fileResult(file.path, stat, {}, { mode: stat.mode, size: stat.size, sha256: file.sha256 ?? "" }),
  );
}
