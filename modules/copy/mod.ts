/**
 * `copy`: files and trees of the controller, or a text, on the host. Content that is there already does not travel.
 *
 * @module
 */

import type { Module, Plan } from "../../engine/module/module.ts";
import { defineModule } from "../../engine/module/module.ts";
import { fileSource, flag, mode, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { destination, modeOrPreserve, ownershipArguments, validateArgument } from "../_shared/arguments.ts";
import { inspect, type State } from "./inspect.ts";
import { planCopy } from "./plan.ts";

const schema = z.strictObject({
  src: fileSource().optional().describe(
    "A file or directory of the controller, found in `files/` beside the playbook or role; with `remote_src` an absolute path on the host. Of a directory with a slash at the end its content is copied, else itself.",
  ),
  content: text().optional().describe("The content itself, instead of `src`."),
  dest: destination().describe(
    "Where it goes. A directory, or a path with a slash at the end (which is then made), takes the source's name.",
  ),
  ...ownershipArguments,
  mode: modeOrPreserve().optional().describe(
    "Permission bits, octal in quotes or symbolic; `preserve` takes those of the source. Without it a new file gets the host's default and an existing one keeps its own.",
  ),
  directory_mode: mode().optional().describe("The permission bits of directories, when a directory is copied."),
  force: flag().default(true).describe(
    "Whether a file that differs is replaced; with `false` only missing ones are written.",
  ),
  remote_src: flag().default(false).describe(
    "`src` lies on the host already. Large files are copied by the host's own tools and do not travel.",
  ),
  follow: flag().default(false).describe("If `dest` is a link, write what it points to instead of replacing the link."),
  backup: flag().default(false).describe("Keep the old file beside the new one, with the time in its name."),
  validate: validateArgument,
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.src === undefined && args.content === undefined) refuse("dest", "'src' or 'content' must say what to copy");
  if (args.src !== undefined && args.content !== undefined) refuse("content", "'src' and 'content' exclude each other");
  if (args.content !== undefined && args.dest.endsWith("/")) {
    refuse("dest", `'content' needs the path of a file, '${args.dest}' is a directory`);
  }
  if (args.content !== undefined && args.remote_src) refuse("remote_src", "'remote_src' needs 'src', not 'content'");
  if (args.content !== undefined && args.mode === "preserve") {
    refuse("mode", "'mode: preserve' needs 'src', not 'content'");
  }
  if (args.remote_src && typeof args.src === "string" && !/^[/\0]/.test(args.src)) {
    refuse("src", `with 'remote_src' the source is an absolute path on the host, got '${args.src}'`);
  }
});

/** The arguments of `copy`. */
export type CopyArgs = z.output<typeof schema>;

/** The `copy` module. */
export default defineModule<CopyArgs, State>({
  name: "copy",
  summary: "Files, trees or a text, copied to the host",
  args: schema,
  examples: [
    { name: "A file", args: 'src: nvidia.rules\ndest: /etc/prometheus/rules/\nowner: root\nmode: "0644"' },
    { name: "A text", args: 'content: "SLURM_CLUSTER={{ cluster }}\\n"\ndest: /etc/default/cluster\nmode: u=rw,go=r' },
    {
      name: "What is in a directory",
      args: 'src: dashboards/\ndest: /var/lib/grafana/dashboards\ndirectory_mode: "0755"',
    },
    {
      name: "On the host itself",
      args: "src: /etc/slurm/slurm.conf\ndest: /etc/slurm/slurm.conf.known-good\nremote_src: true\nmode: preserve",
    },
  ],
  reach: (args) => [`path:${args.dest}`],
  inspect,
  plan: (state, args): Plan => planCopy(state, args),
}) as Module<CopyArgs, State>;
