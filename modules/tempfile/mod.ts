/**
 * `tempfile`: a new file or directory with a name that nobody has.
 *
 * @module
 */

import type { FileStat, Host } from "../../engine/host/host.ts";
import { defineModule, type Module, ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { choice, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { formatMode } from "../_shared/file_mode.ts";
import { below } from "../_shared/files.ts";

/** A part of a file's name. */
function namePart() {
  return text().refine((part) => !/[\/\0]/.test(part), { message: "a part of a name cannot hold a slash" });
}

const schema = z.strictObject({
  state: choice("file", "directory").default("file").describe("What to make."),
  path: path().optional().describe(
    "The directory in which to make it; without it the host's own (`$TMPDIR`, or /tmp).",
  ),
  prefix: namePart().default("ansible.").describe("What its name begins with."),
  suffix: namePart().default("").describe("What its name ends with."),
});

type Args = z.output<typeof schema>;

/** What `tempfile` found. */
export interface State {
  /** What lies where the new path goes. */
  readonly directory?: FileStat["type"];
}

function plan({ directory }: State, { state, path, prefix, suffix }: Args): Plan {
  if (path !== undefined && directory !== "directory") {
    throw new ModuleError(directory ? `${path} is a ${directory}, not a directory` : `there is no directory ${path}`);
  }
  const name = `${prefix}XXXXXXXXXX`;
  const argv = [
    "mktemp",
    ...(state === "directory" ? ["-d"] : []),
    ...(suffix === "" ? [] : [`--suffix=${suffix}`]),
    ...(path === undefined ? ["-t", "--", name] : ["--", below(path, name)]),
  ];
  const place = below(path ?? "/tmp", `${name}${suffix}`);
  return {
    changes: [{ path: place, what: "state", before: "absent", after: state }],
    actions: [{ do: "run", argv }],
    result: { state },
    touches: [{ key: `path:${place}` }],
  };
}

async function apply(host: Host, { actions: [action] }: Plan): Promise<Result> {
  const { stdout } = await host.perform(action);
  const path = stdout.replace(/\n$/, "");
  const stat = await host.stat(path);
  if (!stat) return { path };
  const { mode, owner, group, uid, gid, size } = stat;
  return { path, mode: formatMode(mode), owner, group, uid, gid, size };
}

/** The `tempfile` module. */
export default defineModule<Args, State>({
  name: "tempfile",
  summary: "A new temporary file or directory on the host",
  args: schema,
  examples: [
    { name: "A directory to unpack in", args: "state: directory\nsuffix: .unpack" },
    { name: "A file elsewhere", args: "path: /var/tmp\nprefix: dcgm.\nsuffix: .log" },
  ],
  async inspect(host, { path }) {
    return path === undefined ? {} : { directory: (await host.stat(path, { follow: true }))?.type };
  },
  plan,
  apply,
}) as Module<Args, State>;
