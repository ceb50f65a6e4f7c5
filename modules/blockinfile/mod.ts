/**
 * `blockinfile`: a block of lines in a file, between two marker lines.
 *
 * @module
 */

import { defineModule, type Module, nothingToDo, type Plan } from "../../engine/module/module.ts";
import { choice, flag, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import {
  type EditedFile,
  editedFileAliases,
  editedFileArguments,
  inspectEditedFile,
  planEditedFile,
  pythonPattern,
  requireFile,
} from "../_shared/edited_file.ts";
import { fromBytes, latin1, toBytes } from "../lineinfile/python_regex.ts";
import { editBlock } from "./edit.ts";

const schema = z.strictObject({
  ...editedFileArguments,
  state: choice("present", "absent").default("present").describe("Whether the block should be there."),
  block: text().default("").describe(
    "The lines between the markers. Empty is the same as `state: absent`. Other name: `content`.",
  ),
  marker: text().default("# {mark} ANSIBLE MANAGED BLOCK").describe(
    "The lines around the block; `{mark}` stands for `marker_begin` and `marker_end`. Two blocks in one file need two markers.",
  ),
  marker_begin: text().default("BEGIN").describe("What `{mark}` becomes in the line before the block."),
  marker_end: text().default("END").describe("What `{mark}` becomes in the line after the block."),
  insertafter: pythonPattern().optional().describe(
    "Where a missing block goes: after the last line that matches this regular expression in Python's syntax, or at the end of the file (`EOF`, the default). With `(?m)` at its start it is searched in the whole file.",
  ),
  insertbefore: pythonPattern().optional().describe(
    "Where a missing block goes: before the last line that matches this regular expression, or at the beginning of the file (`BOF`).",
  ),
  create: flag().default(false).describe("Make the file, and the directories above it, where it does not exist."),
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.insertafter !== undefined && args.insertbefore !== undefined) {
    refuse("insertbefore", "'insertafter' and 'insertbefore' exclude each other");
  }
  if (/[\r\n]/.test(args.marker + args.marker_begin + args.marker_end)) {
    refuse("marker", "a marker is one line: it must not hold a line break");
  }
  if (!args.marker.includes("{mark}")) {
    refuse("marker", "'marker' must contain {mark}, so that the beginning of the block can be told from its end");
  } else if (args.marker_begin === args.marker_end) {
    refuse("marker_end", "'marker_begin' and 'marker_end' must differ");
  }
});

type Args = z.output<typeof schema>;

function plan(file: EditedFile, args: Args): Plan {
  const { path, stat, content } = file;
  const block = args.state === "present" ? args.block : "";
  if (!stat && args.state === "absent") return nothingToDo({ path, msg: "file not present" });
  requireFile(file, args.create);
  const before = fromBytes(content ?? new Uint8Array());
  const marker = (mark: string) => toBytes(args.marker.replaceAll("{mark}", () => mark));
  const after = editBlock(before, {
    block: toBytes(block),
    begin: marker(args.marker_begin),
    end: marker(args.marker_end),
    insertafter: args.insertafter,
    insertbefore: args.insertbefore,
  });
  const done = block === "" ? "Block removed" : "Block inserted";
  const msg = !stat ? "File created" : after === before ? "" : done;
  return planEditedFile(file, latin1(after), args, { path, msg });
}

/** The `blockinfile` module. */
export default defineModule<Args, EditedFile>({
  name: "blockinfile",
  summary: "A block of lines in a file, between two marker lines",
  args: aliased(schema, { ...editedFileAliases, content: "block" }),
  examples: [
    {
      name: "Hosts of the cluster",
      args: "path: /etc/hosts\nmarker: '# {mark} gpu nodes'\nblock: |\n  10.0.0.1 gpu001\n  10.0.0.2 gpu002",
    },
    {
      name: "Before a line, checked before it counts",
      args:
        "path: /etc/ssh/sshd_config\ninsertbefore: ^Match\nblock: |\n  Match User monitor\n    X11Forwarding no\nvalidate: sshd -t -f %s",
    },
    { name: "No such block", args: "path: /etc/hosts\nmarker: '# {mark} gpu nodes'\nstate: absent" },
  ],
  edits: true,
  reach: (args) => [`path:${args.path}`],
  inspect: (host, args) => inspectEditedFile(host, { ...args, create: args.create && args.state === "present" }),
  plan,
}) as Module<Args, EditedFile>;
