/**
 * `fetch`: a file of the host, brought to the controller. What is there already does not travel.
 *
 * @module
 */

import type { FileStat, Host, ReadOnlyHost } from "../../engine/host/host.ts";
import {
  defineModule,
  type Module,
  ModuleError,
  nothingToDo,
  type Plan,
  type Result,
} from "../../engine/module/module.ts";
import { flag, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { inspectLocal, localPath, type LocalState, writeLocal } from "./controller.ts";

const schema = z.strictObject({
  src: path().describe("The file on the host; a link is followed."),
  dest: text().describe(
    "The directory on the controller; the file goes to `DEST/HOST/SRC` in it. A relative path is below the directory in which aami runs.",
  ),
  flat: flag().default(false).describe(
    "`dest` is the file itself, or with a slash at its end the directory that gets it under its own name. With several hosts the last one wins.",
  ),
  fail_on_missing: flag().default(true).describe("Whether it is an error that the file does not exist."),
  validate_checksum: flag().default(true).describe("Refuse a file that changed on the host while it was read."),
}).refine(({ dest }) => dest !== "", { path: ["dest"], message: "expected a path on the controller, got ''" });

/** The arguments of `fetch`. */
export type FetchArgs = z.output<typeof schema>;

/** What `fetch` found. */
export interface State {
  /** On the host. */
  readonly stat?: FileStat;
  /** Of the file on the host, in hex; undefined for a large one that is not here yet. */
  readonly sha256?: string;
  /** On the controller. */
  readonly local: LocalState;
}

/** Hashing a file of so many bytes before it travels would take as long again as the way. */
const LARGE = 64 * 1024 * 1024;

async function inspect(host: ReadOnlyHost, args: FetchArgs): Promise<State> {
  const { src } = args;
  const local = await inspectLocal(localPath(host.name, args));
  const compares = local.type === "file";
  const [stat, sha256] = await Promise.all([
    host.stat(src, { follow: true }),
    compares ? host.hash(src) : undefined,
    // Asks nothing, but says what it rests on: a task before this one may fetch to the same place.
    host.probe(["true"], { reads: [`controller:${local.path}`] }),
  ]);
  if (compares || stat?.type !== "file" || stat.size >= LARGE) return { stat, sha256, local };
  return { stat, sha256: await host.hash(src), local };
}

function plan({ stat, sha256, local }: State, args: FetchArgs): Plan {
  const { src } = args;
  if (stat?.type !== "file") {
    const why = stat ? `${src} is a ${stat.type}, not a file` : `there is no file at ${src} on the host`;
    if (args.fail_on_missing) throw new ModuleError(why, { result: { file: src } });
    return nothingToDo({ file: src, msg: `${why}: nothing is fetched` });
  }
  const { path } = local;
  if (local.type === "directory") {
    throw new ModuleError(
      `${path} is a directory on the controller${
        args.flat ? ": a slash at the end of 'dest' puts the file into it" : ""
      }`,
    );
  }
  const sums: Result = sha256 === undefined ? {} : { checksum: sha256, remote_checksum: sha256 };
  const result = { file: src, dest: path, ...sums, remote_md5sum: null };
  if (local.type && local.sha256 === sha256) return nothingToDo(result);
  const before = local.type ? contentText(local.size, local.sha256) : "";
  const change = { path: `controller ${path}`, what: "content", before, after: contentText(stat.size, sha256) };
  return {
    changes: [change],
    actions: [{ do: "run", argv: ["fetch", src, path] }],
    result,
    touches: [{ key: `controller:${path}` }],
  };
}

function contentText(size: number | undefined, sha256: string | undefined): string {
  return `${size} bytes${sha256 === undefined ? "" : `, sha256 ${sha256}`}`;
}

async function apply(host: Host, plan: Plan, args: FetchArgs, signal: AbortSignal): Promise<Result> {
  const { src } = args;
  const { dest, checksum } = plan.result as { dest: string; checksum?: string };
  const before = await host.stat(src, { follow: true });
  const fill = (stdout: WritableStream<Uint8Array>) => copyTo(stdout, host, src, before?.size, signal);
  const isSame = async (sha256: string, size: number) => {
    if (!args.validate_checksum) return true;
    if (checksum !== undefined) return sha256 === checksum;
    // Not hashed before: it is the file that it was, and all of it has come.
    return size === before?.size && sameFile(before, await host.stat(src, { follow: true }));
  };
  const { sha256, kept } = await writeLocal(dest, fill, isSame);
  const result = { checksum: sha256, remote_checksum: checksum ?? sha256 };
  if (kept) return result;
  throw new ModuleError(`${src} changed on the host while it was read: ${dest} is as it was`, {
    retryable: true,
    result: { file: src, dest, ...result },
  });
}

function sameFile(before: FileStat, now: FileStat | undefined): boolean {
  const keys = ["inode", "device", "size", "mtime", "ctime"] as const;
  return now !== undefined && keys.every((key) => before[key] === now[key]);
}

/** A file of the host as it comes, so that it need not fit into memory. */
async function copyTo(
  stdout: WritableStream<Uint8Array>,
  host: Host,
  src: string,
  streamSize: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { code, stderr } = await host.run(["cat", "--", src], { stdout, streamSize });
  signal.throwIfAborted();
  if (code !== 0 || stderr !== "") throw new ModuleError(`cannot read ${src} on the host: ${stderr.trim()}`);
}

/** The `fetch` module. */
export default defineModule<FetchArgs, State>({
  name: "fetch",
  summary: "A file of the host, brought to the controller",
  args: schema,
  examples: [
    { name: "The hosts' slurm.conf, side by side", args: "src: /etc/slurm/slurm.conf\ndest: fetched" },
    {
      name: "One file, if it is there",
      args: "src: /var/log/nvidia-installer.log\ndest: /tmp/\nflat: true\nfail_on_missing: false",
    },
  ],
  inspect,
  plan,
  apply,
}) as Module<FetchArgs, State>;
