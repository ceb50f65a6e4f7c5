/**
 * Walks the directories of the host.
 *
 * @module
 */

import { type FileStat, HostError, type ReadOnlyHost } from "../../engine/host/host.ts";
import { below, parentOf } from "../_shared/files.ts";
import type { FindArgs } from "./mod.ts";
import { contentMatches, nameFilter, statMatches } from "./select.ts";

/** Something that was found. */
export interface Found {
  /** Where it lies. */
  readonly path: string;
  /** What it is; a link is not followed. */
  readonly stat: FileStat;
  /** The sha256 of a file, where it was asked for. */
  readonly checksum?: string;
}

/** What `find` found. */
export interface State {
  /** In the order of their paths. */
  readonly found: readonly Found[];
  /** How many paths were looked at. */
  readonly examined: number;
  /** Directories that could not be searched, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** How many files are read at once. */
const AT_ONCE = 16;

/** Searches the host. */
export async function inspect(host: ReadOnlyHost, args: FindArgs): Promise<State> {
  const skipped: Record<string, string> = {};
  let examined = 0;
  const [now, ...walks] = await Promise.all([
    args.age === undefined ? 0 : clockOf(host),
    ...args.paths.map(async (path) => {
      try {
        return await walk(host, path, args);
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        skipped[path] = error.message;
        return undefined;
      }
    }),
  ]);
  const found: Found[] = [];
  for (const each of walks) {
    examined += each?.examined ?? 0;
    found.push(...(each?.found ?? []).filter(({ stat }) => statMatches(stat, args, now)));
  }
  return { found: await lookInside(host, found, args), examined, skipped };
}

async function clockOf(host: ReadOnlyHost): Promise<number> {
  return Number((await host.probe(["date", "+%s"], { reads: [] })).stdout);
}

/** What lies in a directory and bears a name that is looked for. */
async function walk(host: ReadOnlyHost, path: string, args: FindArgs): Promise<{ found: Found[]; examined: number }> {
  const stat = await host.stat(path, { follow: true });
  if (stat?.type !== "directory") {
    throw new HostError(stat ? `it is a ${stat.type}, not a directory` : "it does not exist");
  }
  const named = nameFilter(args);
  if (!args.recurse) {
    const names = await host.list(path) ?? [];
    const paths = names.filter(named).map((name) => below(path, name));
    const stats = await Promise.all(paths.map((each) => host.stat(each)));
    const found = paths.flatMap((each, index) => stats[index] ? [{ path: each, stat: stats[index] }] : []);
    return { found, examined: names.length };
  }
  const all = (await treeOf(host, path, stat.realPath ?? path, args, new Set())).map(([relative, each]) => {
    return { relative, path: below(path, relative), stat: each };
  });
  const depth = ({ relative }: { relative: string }) => relative.split("/").length;
  const deepest = args.depth ?? Infinity;
  // As in Ansible, what lies one step too deep has been looked at, and counts.
  const examined = all.filter((entry) => depth(entry) <= deepest + 1).length;
  const found = all.filter((entry) => depth(entry) <= deepest && named(entry.path));
  return { found: found.map(({ path, stat }) => ({ path, stat })), examined };
}

/** All below a directory; with `follow` also what links in it lead to, each directory once. */
async function treeOf(
  host: ReadOnlyHost,
  path: string,
  real: string,
  args: FindArgs,
  seen: Set<string>,
): Promise<[string, FileStat][]> {
  seen.add(real);
  const entries = [...await host.tree(path) ?? []];
  if (!args.follow) return entries;
  const behind = await Promise.all(entries.map(async ([relative, { type }]) => {
    if (type !== "link") return [];
    const linked = below(path, relative);
    const target = await host.stat(linked, { follow: true });
    const place = target?.realPath ?? linked;
    const within = [...seen].some((other) => place === other || other.startsWith(`${place}/`));
    if (target?.type !== "directory" || within || place === parentOf(linked)) return [];
    const inner = await treeOf(host, linked, place, args, seen);
    return inner.map(([name, stat]): [string, FileStat] => [`${relative}/${name}`, stat]);
  }));
  return [...entries, ...behind.flat()].sort(([one], [other]) => one < other ? -1 : 1);
}

/** Reads the files for `contains` and `get_checksum`. */
async function lookInside(host: ReadOnlyHost, found: readonly Found[], args: FindArgs): Promise<Found[]> {
  const contains = args.file_type === "file" ? args.contains : undefined;
  if (contains === undefined && !args.get_checksum) return [...found];
  const kept: Found[] = [];
  for (let at = 0; at < found.length; at += AT_ONCE) {
    const looked = await Promise.all(
      found.slice(at, at + AT_ONCE).map(async (entry) => {
        if (contains !== undefined) {
          const content = await readIfMay(host, entry.path);
          if (!content || !contentMatches(content, contains, args.read_whole_file)) return undefined;
        }
        const checksum = args.get_checksum && entry.stat.type === "file" ? await host.hash(entry.path) : undefined;
        return checksum === undefined ? entry : { ...entry, checksum };
      }),
    );
    kept.push(...looked.filter((entry) => entry !== undefined));
  }
  return kept;
}

/** The content of a file; what may not be read holds nothing that is looked for. */
async function readIfMay(host: ReadOnlyHost, path: string): Promise<Uint8Array | undefined> {
  try {
    return await host.read(path);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
