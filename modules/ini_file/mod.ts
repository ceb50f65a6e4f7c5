/**
 * `ini_file`: options in the sections of an INI file.
 *
 * @module
 */

import { defineModule, type Module, ModuleError, nothingToDo, type Plan } from "../../engine/module/module.ts";
import { choice, flag, list, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import {
  type EditedFile,
  editedFileArguments,
  inspectEditedFile,
  planEditedFile,
  requireFile,
} from "../_shared/edited_file.ts";
import { editIni } from "./edit.ts";

const { path, mode, owner, group, backup } = editedFileArguments;

const schema = z.strictObject({
  path: path.describe("The file. Other name: `dest`."),
  section: text().optional().describe("The section; without it the lines before the first section are meant."),
  option: text().optional().describe("The option. Without it the section itself should be there, or gone."),
  value: text().optional().describe("The option's value."),
  values: list(text()).optional().describe("The values of an option that stands on several lines."),
  state: choice("present", "absent").default("present").describe(
    "Whether the option should be there. `absent` without `option` removes the section.",
  ),
  exclusive: flag().default(true).describe(
    "Whether the option's lines with other values go. With `false` they stay, and `absent` removes only the lines with `value` or `values`.",
  ),
  no_extra_spaces: flag().default(false).describe("Write `a=b` instead of `a = b`."),
  ignore_spaces: flag().default(false).describe("Leave a line that would change only in the spaces around `=`."),
  allow_no_value: flag().default(false).describe("An option without a value stands on its line without `=`."),
  modify_inactive_option: flag().default(true).describe(
    "A line of the option that is commented out is put in force instead of a new one being added.",
  ),
  create: flag().default(true).describe("Make the file, and the directories above it, where it does not exist."),
  follow: flag().default(false).describe(
    "If the path is a link, change what it points to instead of replacing the link.",
  ),
  ...{ mode, owner, group, backup },
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.value !== undefined && args.values !== undefined) {
    refuse("values", "'value' and 'values' exclude each other");
  }
  const valued = args.value !== undefined || (args.values ?? []).length > 0;
  if (args.state === "present" && args.option !== undefined && !valued && !args.allow_no_value) {
    refuse("option", "'state: present' needs 'value' or 'values', or 'allow_no_value: true'");
  }
  if (args.option === undefined && args.section === undefined) {
    refuse("path", "'section' or 'option' must say what should be there");
  }
  if (args.option === undefined && valued) refuse("option", "a value needs the 'option' that has it");
  const several = [args.section, args.option, args.value, ...args.values ?? []].some((text) =>
    /[\r\n]/.test(text ?? "")
  );
  if (several) refuse("path", "section, option and values are one line each: they must not hold a line break");
});

type Args = z.output<typeof schema>;

function plan(file: EditedFile, args: Args): Plan {
  const { path, stat, content } = file;
  if (!stat && args.state === "absent") return nothingToDo({ path, msg: "OK" });
  requireFile(file, args.create);
  const [mark, before] = decode(path, content ?? new Uint8Array());
  const { text, message } = editIni(before, {
    section: args.section || undefined,
    option: args.option,
    values: args.values ?? (args.value === undefined ? [] : [args.value]),
    present: args.state === "present",
    exclusive: args.exclusive,
    tight: args.no_extra_spaces,
    ignoreSpaces: args.ignore_spaces,
    allowNoValue: args.allow_no_value,
    inactive: args.modify_inactive_option,
  });
  return planEditedFile(file, new TextEncoder().encode(mark + text), args, { path, msg: message });
}

/** The byte order mark, if there is one, and the text. */
function decode(path: string, content: Uint8Array): [mark: string, text: string] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    return text.startsWith("\uFEFF") ? ["\uFEFF", text.slice(1)] : ["", text];
  } catch {
    throw new ModuleError(`${path} is not UTF-8 text`);
  }
}

/** The `ini_file` module. */
export default defineModule<Args, EditedFile>({
  name: "ini_file",
  summary: "Options in the sections of an INI file",
  args: aliased(schema, { dest: "path" }),
  examples: [
    {
      name: "A setting",
      args: "path: /etc/grafana/grafana.ini\nsection: server\noption: http_port\nvalue: '3000'\nmode: '0640'",
    },
    {
      name: "An option on several lines",
      args:
        "path: /etc/systemd/system/node_exporter.service.d/limits.conf\nsection: Service\noption: Environment\nvalues: [A=1, B=2]\nno_extra_spaces: true",
    },
    { name: "No such section", args: "path: /etc/dnf/dnf.conf\nsection: old\nstate: absent" },
  ],
  edits: true,
  reach: (args) => [`path:${args.path}`],
  inspect: (host, args) => inspectEditedFile(host, { ...args, create: args.create && args.state === "present" }),
  plan,
}) as Module<Args, EditedFile>;
