/**
 * `replace`: every match of a regular expression in a file.
 *
 * @module
 */

import { defineModule, type Module, ModuleError, type Plan } from "../../engine/module/module.ts";
import { text } from "../../engine/module/schema.ts";
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
  wrongPattern,
} from "../_shared/edited_file.ts";
import { fromBytes, latin1, PatternError, toBytes } from "../lineinfile/python_regex.ts";
import { replaceAll, type Replaced, sectionPattern } from "./edit.ts";

const schema = z.strictObject({
  ...editedFileArguments,
  regexp: pythonPattern({ text: true, multiline: true }).describe(
    "What to look for: a regular expression in Python's syntax, searched in the whole file; `^` and `$` match at each line, `.` does not match a line break. After the replacement it should not match any more, or match what it would be replaced by.",
  ),
  replace: text().default("").describe(
    "What comes in its place; `\\1` and `\\g<name>` are filled from the match. Without it the matches are removed.",
  ),
  after: pythonPattern({ text: true, dotAll: true }).optional().describe(
    "Replace only behind the first match of this regular expression, in which `.` matches line breaks too.",
  ),
  before: pythonPattern({ text: true, dotAll: true }).optional().describe(
    "Replace only in front of a match of this regular expression: the first one behind `after`, else the last one.",
  ),
}).superRefine((args, context) => {
  const section = sectionPattern(args);
  const message = section && wrongPattern(section, { text: true, dotAll: true });
  if (message !== undefined) {
    context.addIssue({ code: "custom", path: ["after"], message: `'after' and 'before' together: ${message}` });
  }
});

type Args = z.output<typeof schema>;

function plan(file: EditedFile, args: Args): Plan {
  requireFile(file);
  const { path, content = new Uint8Array() } = file;
  const { after, count } = replaced(content, args);
  const changed = count !== undefined && count > 0 && fromBytes(after) !== fromBytes(content);
  const msg = count === undefined
    ? `Pattern for before/after params did not match the given file: ${sectionPattern(args)}`
    : changed
    ? `${count} replacements made`
    : "";
  return planEditedFile(file, after, args, { path, msg, rc: 0 });
}

/** Text is replaced in as text, so that `.` is a character; what is no UTF-8 as bytes, so that all of it is kept. */
function replaced(content: Uint8Array, args: Args): { after: Uint8Array; count?: number } {
  const whole = decoded(content);
  if (whole !== undefined) {
    const { text, count } = replacing(whole, args, false);
    return { after: new TextEncoder().encode(text), count };
  }
  const { text, count } = replacing(fromBytes(content), { ...args, replace: toBytes(args.replace) }, true);
  return { after: latin1(text), count };
}

function replacing(text: string, args: Args, bytes: boolean): Replaced {
  try {
    return replaceAll(text, args, bytes);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new ModuleError(`character ${error.index + 1} of 'replace': ${error.message}`);
  }
}

function decoded(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** The `replace` module. */
export default defineModule<Args, EditedFile>({
  name: "replace",
  summary: "Every match of a regular expression in a file, replaced",
  args: aliased(schema, editedFileAliases),
  examples: [
    {
      name: "A renamed host",
      args: "path: /etc/hosts\nregexp: '(\\s)old-head(\\s.*)?$'\nreplace: '\\1new-head\\2'\nbackup: true",
    },
    {
      name: "In one section only",
      args:
        "path: /etc/prometheus/prometheus.yml\nafter: 'job_name: dcgm'\nbefore: job_name\nregexp: ':9400'\nreplace: ':9401'",
    },
    { name: "Comment lines removed", args: "path: /etc/default/node_exporter\nregexp: '^#.*\\n'" },
  ],
  edits: true,
  reach: (args) => [`path:${args.path}`],
  inspect: (host, args) => inspectEditedFile(host, args),
  plan,
}) as Module<Args, EditedFile>;
