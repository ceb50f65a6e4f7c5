/**
 * `lineinfile`: one line of a file.
 *
 * @module
 */

import { defineModule, type Module, ModuleError, nothingToDo, type Plan } from "../../engine/module/module.ts";
import { choice, flag, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased, ownershipArguments, validateArgument } from "../_shared/arguments.ts";
import { type EditedFile, inspectEditedFile, planEditedFile } from "../_shared/edited_file.ts";
import { type Edit, ensureLine, removeLines, splitLines } from "./edit.ts";
import { compilePattern, fromBytes, PatternError, toBytes } from "./python_regex.ts";

/** A Python regular expression. */
function pattern() {
  return text().superRefine((value, context) => {
    try {
      compilePattern(value);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      context.addIssue({
        code: "custom",
        message: `character ${error.index + 1} of the regular expression: ${error.message}`,
      });
    }
  });
}

const schema = z.strictObject({
  path: path().describe("The file. Other names: `dest`, `destfile`, `name`. A link is followed."),
  state: choice("present", "absent").default("present").describe(
    "Whether the line should be there. `absent` removes every line that matches.",
  ),
  line: text().optional().describe(
    "The line, without its line end. For `absent` without a search: the lines that are exactly this. Other name: `value`.",
  ),
  regexp: pattern().optional().describe(
    "A regular expression in Python's syntax, searched in every line. The last line that matches is replaced by `line` (the first with `firstmatch`). It should match the line both before and after. Other name: `regex`.",
  ),
  search_string: text().optional().describe("As `regexp`, but a text that the line contains."),
  insertafter: pattern().optional().describe(
    "Where a missing line goes: after the last line that matches this regular expression, or at the end of the file (`EOF`, the default) or its beginning (`BOF`).",
  ),
  insertbefore: pattern().optional().describe(
    "Where a missing line goes: before the last line that matches this regular expression, or at the beginning of the file (`BOF`).",
  ),
  backrefs: flag().default(false).describe(
    "Fill `\\1` and `\\g<name>` in `line` from what `regexp` matched. Without a match the file stays as it is.",
  ),
  firstmatch: flag().default(false).describe("Take the first line that matches instead of the last."),
  create: flag().default(false).describe("Make the file, and the directories above it, where it does not exist."),
  ...ownershipArguments,
  backup: flag().default(false).describe("Keep the old file beside the new one, with the time in its name."),
  validate: validateArgument,
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  const both = (one: "insertbefore" | "regexp" | "backrefs", other: "insertafter" | "search_string") => {
    if (args[one] && args[other] !== undefined) refuse(other, `'${other}' and '${one}' exclude each other`);
  };
  both("insertbefore", "insertafter");
  both("regexp", "search_string");
  both("backrefs", "search_string");
  if (args.state === "present") {
    if (args.line === undefined) refuse("state", "'state: present' needs 'line'");
    if (args.backrefs && args.regexp === undefined) refuse("backrefs", "'backrefs' needs 'regexp'");
  } else if (args.line === undefined && args.regexp === undefined && args.search_string === undefined) {
    refuse("state", "'state: absent' needs 'line', 'regexp' or 'search_string'");
  }
  if (args.line !== undefined && /[\r\n]/.test(args.line.replace(/\n$/, ""))) {
    refuse(
      "line",
      "'line' holds several lines: use one task a line, or the copy or template module for the whole file",
    );
  }
});

type Args = z.output<typeof schema>;

function plan(state: EditedFile, args: Args): Plan {
  const { path, stat, content } = state;
  if (stat?.type === "directory") throw new ModuleError(`${path} is a directory, not a file`);
  if (!stat && args.state === "absent") return nothingToDo({ path, found: 0, msg: "file not present" });
  if (!stat && !args.create) {
    throw new ModuleError(`there is no file at ${path}: 'create: true' makes it`, {
      result: { path, state: "absent" },
    });
  }
  const before = fromBytes(content ?? new Uint8Array());
  const edit = edited(before, args);
  const after = Uint8Array.from(edit.lines.join(""), (character) => character.charCodeAt(0));
  const result = { path, msg: edit.message, ...(edit.found === undefined ? {} : { found: edit.found }) };
  return planEditedFile(state, after, args, result);
}

function edited(before: string, args: Args): Edit {
  const bytes = (value: string | undefined) => value === undefined ? undefined : toBytes(value);
  const { regexp, insertbefore, backrefs, firstmatch } = args;
  const insertafter = args.insertafter ?? (insertbefore === undefined ? "EOF" : undefined);
  const request = {
    line: bytes(args.line?.replace(/\n$/, "")),
    searchString: bytes(args.search_string),
    ...{ regexp, insertafter, insertbefore, backrefs, firstmatch },
  };
  const lines = splitLines(before);
  try {
    return args.state === "absent" ? removeLines(lines, request) : ensureLine(lines, request);
  } catch (error) {
    if (error instanceof PatternError) {
      throw new ModuleError(`character ${error.index + 1} of 'line': ${error.message}`);
    }
    throw error;
  }
}

/** The `lineinfile` module. */
export default defineModule<Args, EditedFile>({
  name: "lineinfile",
  summary: "One line of a file: there, replaced, or gone",
  args: aliased(schema, { dest: "path", destfile: "path", name: "path", regex: "regexp", value: "line" }),
  examples: [
    {
      name: "A setting",
      args:
        "path: /etc/ssh/sshd_config\nregexp: '^#?PermitRootLogin '\nline: PermitRootLogin prohibit-password\nvalidate: sshd -t -f %s",
    },
    {
      name: "Keep what was matched",
      args: "path: /etc/default/grub\nregexp: '^(GRUB_TIMEOUT)=.*'\nline: '\\1=3'\nbackrefs: true",
    },
    { name: "No such line", args: "path: /etc/hosts\nregexp: '\\sold-head-node$'\nstate: absent" },
  ],
  edits: true,
  reach: (args) => [`path:${args.path}`],
  inspect: (host, args) => inspectEditedFile(host, { ...args, create: args.create && args.state === "present" }),
  plan,
}) as Module<Args, EditedFile>;
