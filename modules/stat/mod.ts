/**
 * `stat`: what lies at a path. Never changes anything; what it found is in `register`.
 *
 * @module
 */

import type { FileStat, ReadOnlyHost, UserState } from "../../engine/host/host.ts";
import { defineModule, type Module, ModuleError, nothingToDo, type Result } from "../../engine/module/module.ts";
import { choice, flag, path } from "../../engine/module/schema.ts";
import { statResult } from "../_shared/stat_result.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";

const schema = z.strictObject({
  path: path().describe("The path to look at. Other names: `dest`, `name`."),
  follow: flag().default(false).describe("If the path is a link, look at what it points to."),
  get_checksum: flag().default(true).describe("Whether to hash a regular file."),
  checksum_algorithm: choice("sha256", "sha1", "sha224", "sha384", "sha512").default("sha256").describe(
    "How the file is hashed. Ansible's default is sha1. Other names: `checksum`, `checksum_algo`.",
  ),
});

type Args = z.output<typeof schema>;

/** What `stat` found. */
export interface State {
  /** What lies at the path; undefined for nothing. */
  readonly stat?: FileStat;
  /** In hex, by the algorithm asked for; undefined for what is no file, or cannot or need not be read. */
  readonly checksum?: string;
  /** Where a link leads in the end. */
  readonly source?: string;
  /** Who looks; undefined for root. */
  readonly reader?: Pick<UserState, "uid" | "group" | "groups">;
}

async function inspect(host: ReadOnlyHost, args: Args): Promise<State> {
  // Root may read everything; whom else it takes to read is known by the mode only.
  const sha256 = host.user === "root" && args.get_checksum && args.checksum_algorithm === "sha256";
  const [stat, reader] = await Promise.all([
    host.stat(args.path, { follow: args.follow, sha256 }),
    host.user === "root" ? undefined : host.account(host.user),
  ]);
  if (!stat) return {};
  if (stat.type === "link") {
    const target = await host.stat(args.path, { follow: true, typeOnly: true });
    return { stat, source: target?.realPath ?? host.realPathOf?.(args.path) ?? stat.target, reader };
  }
  if (stat.sha256 !== undefined) return { stat, checksum: stat.sha256, reader };
  const readable = access(stat, reader, 4);
  const checksum = args.get_checksum && stat.type === "file" && readable ? await checksumOf(host, args) : undefined;
  return { stat, checksum, reader };
}

async function checksumOf(
  host: ReadOnlyHost,
  { path, checksum_algorithm: algorithm }: Args,
): Promise<string | undefined> {
  if (algorithm === "sha256") return await host.hash(path);
  const { code, stdout, stderr } = await host.probe([`${algorithm}sum`, "--", path], { reads: [`path:${path}`] });
  if (code !== 0) throw new ModuleError(`cannot hash ${path} by ${algorithm}: ${stderr.trim()}`);
  return stdout.replace(/^\\/, "").split(" ")[0];
}

/** Whether the reader may read (4), write (2) or execute (1); the kernel's order: owner, group, others. */
function access(stat: FileStat, reader: State["reader"], bit: number): boolean {
  if (!reader) return bit !== 1 || stat.type === "directory" || (stat.mode & 0o111) !== 0;
  if (reader.uid === stat.uid) return (stat.mode >> 6 & bit) !== 0;
  const member = reader.group === stat.group || reader.groups.includes(stat.group);
  return (member ? stat.mode >> 3 & bit : stat.mode & bit) !== 0;
}

function describeStat({ stat, checksum, source, reader }: State, path: string): Result {
  if (!stat) return { exists: false };
  return {
    exists: true,
    path,
    ...statResult(stat),
    readable: access(stat, reader, 4),
    writeable: access(stat, reader, 2),
    executable: access(stat, reader, 1),
    ...(checksum === undefined ? {} : { checksum }),
    ...(stat.target === undefined ? {} : { lnk_target: stat.target }),
    ...(source === undefined ? {} : { lnk_source: source }),
  };
}

/** The `stat` module. */
export default defineModule<Args, State>({
  name: "stat",
  summary: "What lies at a path: type, mode, owner, times, checksum",
  args: aliased(schema, {
    dest: "path",
    name: "path",
    checksum: "checksum_algorithm",
    checksum_algo: "checksum_algorithm",
  }),
  examples: [
    { name: "Is it there?", args: "path: /etc/slurm/slurm.conf" },
    { name: "Of what a link points to", args: "path: /etc/resolv.conf\nfollow: true\nget_checksum: false" },
  ],
  onlyLooks: () => true,
  inspect,
  plan: (state, args) => nothingToDo({ stat: describeStat(state, args.path) }),
}) as Module<Args, State>;
