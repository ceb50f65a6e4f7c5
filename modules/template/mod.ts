/**
 * `template`: a file rendered from a Handlebars template of the controller.
 *
 * @module
 */

import { defineModule, type Module } from "../../engine/module/module.ts";
import { choice, flag, templateSource } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { destination, ownershipArguments, validateArgument } from "../_shared/arguments.ts";
import { baseName, digest, type FileState } from "../_shared/files.ts";
import { inspectTarget, planContent } from "../_shared/target.ts";

const NEWLINES: Readonly<Record<string, string>> = { "\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n" };

const schema = z.strictObject({
  src: templateSource().describe("The template, found in `templates/` beside the playbook or role."),
  dest: destination().describe(
    "The file to write. A directory, or a path with a slash at the end, takes the template's name.",
  ),
  ...ownershipArguments,
  newline_sequence: choice("\\n", "\\r", "\\r\\n", "\n", "\r", "\r\n").default("\n").describe(
    "How lines end in the written file, whatever they end with in the template.",
  ),
  force: flag().default(true).describe(
    "Whether a file that differs is replaced; with `false` only a missing one is written.",
  ),
  follow: flag().default(false).describe("If `dest` is a link, write what it points to instead of replacing the link."),
  backup: flag().default(false).describe("Keep the old file beside the new one, with the time in its name."),
  validate: validateArgument,
});

type Args = z.output<typeof schema>;

/** The rendered text with the line ends that are asked for. */
function rendered(args: Args): string {
  const newline = NEWLINES[args.newline_sequence] ?? args.newline_sequence;
  return args.src.text.replace(/\r\n|\r|\n/g, newline);
}

/** The name of the file that a template without `dest` name becomes. */
function fileName(args: Args): string {
  return baseName(args.src.path).replace(/\.hbs$/, "");
}

/** The `template` module. */
export default defineModule<Args, FileState>({
  name: "template",
  summary: "A file rendered from a template",
  args: schema,
  examples: [
    {
      name: "A checked configuration",
      args:
        'src: prometheus.yml.hbs\ndest: /etc/prometheus/prometheus.yml\nowner: prometheus\nmode: "0640"\nvalidate: promtool check config %s',
    },
    { name: "Into a directory", args: "src: motd.hbs\ndest: /etc/" },
  ],
  reach: (args) => [`path:${args.dest}`],
  inspect: (host, args) => inspectTarget(host, { ...args, name: fileName(args), sha256: digest(rendered(args)) }),
  plan: (file, args) => planContent(file, { ...args, content: rendered(args) }),
}) as Module<Args, FileState>;
