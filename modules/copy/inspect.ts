/**
 * What `copy` reads: what there is to copy, and what lies where it goes.
 *
 * @module
 */

import type { Content } from "../../engine/host/action.ts";
import type { FileStat, ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import { baseName, below, digest, type FileState, inspectFile, requireAccounts } from "../_shared/files.ts";
import { inspectTarget, missingDirectories } from "../_shared/target.ts";
import type { CopyArgs } from "./mod.ts";

/** Larger files are copied by the host itself. */
const READ_LIMIT = 128 * 1024;

/** One file to copy. */
export interface SourceFile {
  /** Its path below the destination; empty for a single file. */
  readonly relative: string;
  /** Permission bits of the source, e.g. 0o755; used where `mode: preserve` asks for them. */
  readonly mode: number;
  /** In bytes; 0 for a text that the task holds itself. */
  readonly size: number;
  /** In hex, of the content. */
  readonly sha256: string;
  /** What to write, or the path on the host to copy from. */
  readonly content: Content | { readonly remote: string };
}

/** What there is to copy. */
export interface Sources {
  /** Whether a directory is copied; else there is one file. */
  readonly tree: boolean;
  /** All files below a tree, or the single one. */
  readonly files: readonly SourceFile[];
  /** Directories below a tree, relative, parents first. */
  readonly directories: readonly { readonly path: string; readonly mode: number }[];
}

/** A directory that the copy needs. */
export interface DirectoryState {
  /** Where it goes on the host, absolute. */
  readonly path: string;
  /** What lies there; undefined for nothing. */
  readonly stat?: FileStat;
}

/** What `copy` found. */
export interface State {
  /** Where the files go, in the order of the sources. */
  readonly files: readonly FileState[];
  /** Directories above the files that are missing, outermost first. */
  readonly missing: readonly string[];
  /** Where the directories of a tree go, in the order of the sources. */
  readonly directories: readonly DirectoryState[];
  /** With `remote_src`: what there is to copy. */
  readonly sources?: Sources;
}

/** What there is to copy: from the arguments, or with `remote_src` from what was read. */
export function sourcesOf(args: CopyArgs, state: Pick<State, "sources">): Sources {
  const { src, content } = args;
  if (content !== undefined) return single({ mode: 0o644, size: 0, sha256: digest(content), content });
  if (state.sources) return state.sources;
  if (src === undefined || typeof src === "string") {
    throw new ModuleError(`the source ${src} was not found on the controller`);
  }
  if (src.kind === "file") return single(src);
  return { tree: true, files: src.files, directories: src.directories };
}

function single({ mode, size, sha256, content }: Omit<SourceFile, "relative">): Sources {
  return { tree: false, files: [{ relative: "", mode, size, sha256, content }], directories: [] };
}

/** Reads the host for `copy`. */
export async function inspect(host: ReadOnlyHost, args: CopyArgs): Promise<State> {
  const remote = args.remote_src && typeof args.src === "string" ? await remoteSources(host, args.src) : undefined;
  const sources = sourcesOf(args, { sources: remote });
  const { files, directories, missing } = await inspectTargets(host, args, sources);
  const read = remote && await readSmall(host, remote, files);
  return { files, directories, missing, sources: read };
}

/** Reads what lies where the sources go, and whether who is to own it exists. */
async function inspectTargets(host: ReadOnlyHost, args: CopyArgs, sources: Sources): Promise<Omit<State, "sources">> {
  const { dest, follow } = args;
  const { name, contentsOnly } = sourceName(args);
  if (!sources.tree && (name === "" || !dest.endsWith("/"))) {
    const [{ sha256 }] = sources.files;
    const file = await inspectTarget(host, { ...args, name: name === "" ? undefined : name, sha256 });
    return { files: [file], directories: [], missing: [] };
  }
  const plain = dest.length > 1 ? dest.replace(/\/$/, "") : dest;
  const root = sources.tree && contentsOnly ? plain : below(plain, name);
  const [missing, files, directories] = await Promise.all([
    missingDirectories(host, sources.tree ? root : plain),
    Promise.all(
      sources.files.map(({ relative, sha256 }) => inspectFile(host, below(root, relative), { follow, sha256 })),
    ),
    Promise.all(sources.directories.map(async ({ path }) => {
      const place = below(root, path);
      return { path: place, stat: await host.stat(place, { follow: true }) };
    })),
  ]);
  await requireAccounts(host, args, [...files, ...directories].map(({ stat }) => stat));
  return { files, directories, missing };
}

/** What is small and differs is read, so that it is written like every other file: shown, checked, predicted. */
async function readSmall(host: ReadOnlyHost, sources: Sources, found: readonly FileState[]): Promise<Sources> {
  const files = await Promise.all(sources.files.map(async (file, index) => {
    const { size, sha256, content } = file;
    if (size > READ_LIMIT || found[index].sha256 === sha256 || !isRemote(content)) return file;
    const bytes = await host.read(content.remote);
    return bytes ? { ...file, content: bytes } : file;
  }));
  return { ...sources, files };
}

/** Whether a content lies on the host. */
export function isRemote(content: SourceFile["content"]): content is { readonly remote: string } {
  return typeof content === "object" && "remote" in content;
}

function sourceName({ src }: CopyArgs): { name: string; contentsOnly: boolean } {
  if (src === undefined) return { name: "", contentsOnly: false };
  if (typeof src === "string") return { name: baseName(src.replace(/\/+$/, "")), contentsOnly: src.endsWith("/") };
  return { name: baseName(src.path.replace(/\/+$/, "")), contentsOnly: src.kind === "tree" && src.contentsOnly };
}

async function remoteSources(host: ReadOnlyHost, src: string): Promise<Sources> {
  const path = src.length > 1 ? src.replace(/\/+$/, "") : src;
  const [stat, sha256] = await Promise.all([host.stat(path, { follow: true }), host.hash(path)]);
  if (!stat) throw new ModuleError(`there is nothing to copy at ${path} on the host`);
  if (stat.type !== "directory") {
    return single({ mode: stat.mode, size: stat.size, sha256: sha256 ?? "", content: { remote: path } });
  }
  const entries = [...await host.tree(path) ?? []];
  const files = entries.filter(([, entry]) => entry.type === "file");
  const hashes = await Promise.all(files.map(([relative]) => host.hash(below(path, relative))));
  return {
    tree: true,
    files: files.map(([relative, { mode, size }], index) => {
      return { relative, mode, size, sha256: hashes[index] ?? "", content: { remote: below(path, relative) } };
    }),
    directories: entries.filter(([, entry]) => entry.type === "directory")
      .map(([relative, { mode }]) => ({ path: relative, mode }))
      .sort((one, other) => one.path < other.path ? -1 : 1),
  };
}
