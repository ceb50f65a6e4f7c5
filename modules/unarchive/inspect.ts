/**
 * What `unarchive` reads: the archive's entries, and what lies where they go.
 *
 * @module
 */

import type { FileStat, ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import { below, requireAccounts } from "../_shared/files.ts";
import { localEntries, type Placed, placed, remoteEntries, unescapeName } from "./entries.ts";
import { stripped, type UnarchiveArgs } from "./mod.ts";

/** One entry and what lies in its place. */
export interface EntryState extends Placed {
  /** What lies there; undefined for nothing. */
  readonly stat?: FileStat;
  /** The sha256 of the file that is there; read where its size is right. */
  readonly found?: string;
  /** Of an archive on the host: whether its tar finds the content different. */
  readonly differs?: boolean;
}

/** What `unarchive` found. */
export interface State {
  /** Whether the path that `creates` names exists. */
  readonly created?: boolean;
  /** What the destination is. */
  readonly dest?: FileStat["type"];
  /** The archive's entries that are to be unpacked, in its order; empty where the destination is missing. */
  readonly entries: readonly EntryState[];
}

/** Reads the archive and the host for `unarchive`. */
export async function inspect(host: ReadOnlyHost, args: UnarchiveArgs): Promise<State> {
  if (args.creates !== undefined && await host.stat(args.creates, { follow: true })) {
    return { created: true, entries: [] };
  }
  const [dest, entries] = await Promise.all([host.stat(args.dest, { follow: true }), entriesOf(host, args)]);
  const found = dest ? await Promise.all(placed(entries, args).map((entry) => look(host, args, entry))) : [];
  await requireAccounts(host, args, found.map(({ stat }) => stat));
  const remote = typeof args.src === "string" && dest ? await differing(host, args, args.src) : undefined;
  return {
    dest: dest?.type,
    entries: remote ? found.map((entry) => ({ ...entry, differs: remote.has(entry.path) })) : found,
  };
}

async function entriesOf(host: ReadOnlyHost, { src, remote_src }: UnarchiveArgs) {
  if (typeof src === "string" && remote_src) return await remoteEntries(host, src);
  if (typeof src === "string") throw new ModuleError(`the archive ${src} was not found on the controller`);
  if (src.kind === "tree") throw new ModuleError(`${src.path} is a directory, not an archive`);
  return await localEntries(src);
}

async function look(host: ReadOnlyHost, { dest }: UnarchiveArgs, entry: Placed): Promise<EntryState> {
  const path = below(dest, entry.path);
  const stat = await host.stat(path);
  const comparable = entry.sha256 !== undefined && stat?.type === "file" && stat.size === entry.size;
  return { ...entry, stat, found: comparable ? await host.hash(path) : undefined };
}

/** Where the content on the host differs from the archive, as its tar compares them. */
async function differing(host: ReadOnlyHost, args: UnarchiveArgs, src: string): Promise<Set<string>> {
  const strip = stripped(args);
  const argv = ["tar", "--diff", "--file", src, "--directory", args.dest, "--quoting-style=escape"];
  if (strip > 0) argv.push(`--strip-components=${strip}`);
  const { code, stdout, stderr } = await host.probe(argv, {
    reads: [`path:${src}`, `path:${args.dest}`],
    environment: { LC_ALL: "C" },
  });
  if (code > 1) throw new ModuleError(`the host's tar cannot compare ${src}: ${stderr.trim().split("\n")[0]}`);
  const lines = stdout.matchAll(/^(.*): (?:Size|Contents|File type|Symlink|Device number) differs?$/gm);
  return new Set([...lines].map(([, name]) => unescapeName(name).replace(/^\.\//, "").replace(/\/$/, "")));
}
