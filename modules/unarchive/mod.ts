/**
 * `unarchive`: the content of a tar archive on the host. Only entries that differ are unpacked.
 *
 * @module
 */

import { defineModule, type Module, performActions } from "../../engine/module/module.ts";
import { fileSource, flag, list, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { ownershipArguments } from "../_shared/arguments.ts";
import { inspect, type State } from "./inspect.ts";
import { planUnpack, temporaryArchive } from "./plan.ts";

const schema = z.strictObject({
  src: fileSource().describe(
    "The archive (tar or tar.gz): a file of the controller, found in `files/`; with `remote_src` an absolute path on the host, where every compression works that the host's tar knows.",
  ),
  dest: path().describe("The directory to unpack into; it must exist."),
  remote_src: flag().default(false).describe("`src` lies on the host already."),
  creates: path().optional().describe(
    "A path on the host; if it exists nothing is done, and the archive is not even read.",
  ),
  include: list(text()).default([]).describe(
    "Only these entries: names, directories, or globs in which `*` matches slashes too.",
  ),
  exclude: list(text()).default([]).describe("Not these entries; written like `include`."),
  ...ownershipArguments,
  mode: ownershipArguments.mode.describe(
    "Permission bits of everything that is unpacked. Without it those of the archive.",
  ),
  extra_opts: list(text()).default([]).describe("Options for tar; `--strip-components=N` is understood."),
  list_files: flag().default(false).describe("Put the names of the entries into the result as `files`."),
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  const unknown = args.extra_opts.find((option) => !STRIP.test(option) && !/^\0/.test(option));
  if (unknown !== undefined) refuse("extra_opts", `'${unknown}' is not supported: only '--strip-components=N' is`);
  if (typeof args.src !== "string") return;
  if (/^[a-z]+:\/\//.test(args.src)) {
    refuse("src", "'src' is a URL: download it with get_url, which checks it, then unpack it with 'remote_src: true'");
  } else if (args.remote_src && !/^[/\0]/.test(args.src)) {
    refuse("src", `with 'remote_src' the archive is an absolute path on the host, got '${args.src}'`);
  }
});

const STRIP = /^--strip(?:-components)?=(\d+)$/;

/** The arguments of `unarchive`. */
export type UnarchiveArgs = z.output<typeof schema>;

/** How many leading directories are dropped from the names. */
export function stripped({ extra_opts }: UnarchiveArgs): number {
  return Number(extra_opts.map((option) => STRIP.exec(option)?.[1]).find((count) => count) ?? 0);
}

/** The `unarchive` module. */
export default defineModule<UnarchiveArgs, State>({
  name: "unarchive",
  summary: "The content of a tar archive, unpacked on the host",
  args: schema,
  examples: [
    {
      name: "An exporter",
      args:
        "src: node_exporter-1.9.1.linux-amd64.tar.gz\ndest: /opt/node_exporter\nextra_opts: [--strip-components=1]\ninclude: ['*/node_exporter']\nowner: root\ngroup: root",
    },
    {
      name: "What lies on the host",
      args: "src: /opt/downloads/prometheus.tar.gz\ndest: /opt\nremote_src: true\ncreates: /opt/prometheus/prometheus",
    },
  ],
  reach: (args) => [`path:${args.dest}`],
  inspect,
  plan: planUnpack,
  async apply(host, plan, args) {
    try {
      return await performActions(host, plan);
    } catch (error) {
      const path = temporaryArchive(args);
      if (path) await host.perform({ do: "remove", path });
      throw error;
    }
  },
}) as Module<UnarchiveArgs, State>;
