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
  /** Of the file on the host, in hex. */
  readonly sha256?: string;
  /** On the controller. */
  readonly local: LocalState;
}

async function inspect(host: ReadOnlyHost, args: FetchArgs): Promise<State> {
  const local = localPath(host.name, args);
  const [stat, sha256, there] = await Promise.all([
    host.stat(args.src, { follow: true }),
    host.hash(args.src),
    inspectLocal(local),
    // Asks nothing, but says what it rests on: a task before this one may fetch to the same place.
    host.probe(["true"], { reads: [`controller:${local}`] }),
  ]);
  return { stat, sha256, local: there };
}

function plan({ stat, sha256, local }: State, args: FetchArgs): Plan {
  const { src } = args;
  if (!stat || sha256 === undefined) {
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
  const result = { file: src, dest: path, checksum: sha256, remote_checksum: sha256, remote_md5sum: null };
  if (local.sha256 === sha256) return nothingToDo(result);
  const before = local.type ? `${local.size} bytes, sha256 ${local.sha256}` : "";
  const change = { path: `controller ${path}`, what: "content", before, after: `${stat.size} bytes, sha256 ${sha256}` };
  return {
    changes: [change],
    actions: [{ do: "run", argv: ["fetch", src, path] }],
    result,
    touches: [{ key: `controller:${path}` }],
  };
}

async function apply(host: Host, plan: Plan, args: FetchArgs, signal: AbortSignal): Promise<Result> {
  const { dest, checksum } = plan.result as { dest: string; checksum: string };
  const accept = (sha256: string) => !args.validate_checksum || sha256 === checksum;
  const size = (await host.stat(args.src, { follow: true }))?.size;
  const sha256 = await writeLocal(dest, contentOf(host, args.src, size, signal), accept);
  if (accept(sha256)) return { checksum: sha256 };
  const result = { file: args.src, dest, checksum: sha256, remote_checksum: checksum };
  throw new ModuleError(`${args.src} changed on the host while it was read: ${dest} is as it was`, {
    retryable: true,
    result,
  });
}

/** A file of the host as it comes, so that it need not fit into memory. */
async function* contentOf(
  host: Host,
  src: string,
  streamSize: number | undefined,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const ahead = new ByteLengthQueuingStrategy({ highWaterMark: 4 * 1024 * 1024 });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, ahead, ahead);
  const reading = host.run(["cat", "--", src], { stdout: writable, streamSize });
  reading.catch(() => {}); // The stream breaks with the same error.
  for await (const chunk of readable) {
    signal.throwIfAborted();
    yield chunk;
  }
  const { code, stderr } = await reading;
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
