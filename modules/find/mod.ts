/**
 * `find`: files of the host by name, type, age, size and content. Never changes anything.
 *
 * @module
 */

import { defineModule, type Module, nothingToDo } from "../../engine/module/module.ts";
import { choice, flag, integer, list, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { pythonPattern, wrongPattern } from "../_shared/edited_file.ts";
import { statResult } from "../_shared/stat_result.ts";
import { inspect, type State } from "./inspect.ts";
import { parseAge, parseSize } from "./select.ts";

/** A number with a unit, as `parse` reads it. */
function measure(parse: (text: string) => number | undefined, message: string): z.ZodType<number> {
  return text().transform((value, context) => {
    const number = parse(value.trim());
    if (number !== undefined) return number;
    context.addIssue({ code: "custom", message: `${message}, got '${value}'` });
    return z.NEVER;
  }).meta({ type: "string", words: "string" });
}

const schema = z.strictObject({
  paths: list(path()).describe("The directories to search. Other names: `name`, `path`."),
  patterns: list(text()).default([]).describe(
    "Globs of which one must match the file's name (not its path), or with `use_regex` regular expressions. Other name: `pattern`.",
  ),
  excludes: list(text()).default([]).describe(
    "As `patterns`; what matches one of these is left out. Other name: `exclude`.",
  ),
  use_regex: flag().default(false).describe(
    "`patterns` and `excludes` are regular expressions in Python's syntax, matched from the name's beginning.",
  ),
  file_type: choice("file", "directory", "link", "any").default("file").describe("The type of what is looked for."),
  recurse: flag().default(false).describe("Search the directories below, too, those with hidden names included."),
  depth: integer({ min: 1 }).optional().describe(
    "With `recurse`: how many levels to go down; 1 is the directory itself.",
  ),
  hidden: flag().default(false).describe("Find names that begin with a dot, too."),
  follow: flag().default(false).describe("With `recurse`: search the directories that links lead to, too."),
  age: measure(parseAge, "expected an age such as 3600, 2d or -1w").optional().describe(
    "Files that are at least this old, or with a minus at most: seconds, or with `m`, `h`, `d`, `w` minutes to weeks.",
  ),
  age_stamp: choice("mtime", "atime", "ctime").default("mtime").describe("The time that `age` counts from."),
  size: measure(parseSize, "expected a size such as 512, 10m or -1g").optional().describe(
    "Files of at least this size, or with a minus at most: bytes, or with `k`, `m`, `g`, `t` kilobytes to terabytes.",
  ),
  contains: pythonPattern({ text: true }).optional().describe(
    "Files in which a line begins with a match of this regular expression in Python's syntax; for `file_type: file`.",
  ),
  read_whole_file: flag().default(false).describe(
    "Search `contains` anywhere in the whole file instead of line by line.",
  ),
  get_checksum: flag().default(false).describe("Hash the files by sha256 (Ansible: sha1)."),
}).superRefine(({ paths, use_regex, patterns, excludes }, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (paths.length === 0) refuse("paths", "'paths' must name a directory to search");
  for (const [name, each] of use_regex ? [["patterns", patterns], ["excludes", excludes]] as const : []) {
    const message = each.map((pattern) => wrongPattern(pattern, { text: true })).find((wrong) => wrong !== undefined);
    if (message !== undefined) refuse(name, message);
  }
});

/** The arguments of `find`. */
export type FindArgs = z.output<typeof schema>;

/** The `find` module. */
export default defineModule<FindArgs, State>({
  name: "find",
  summary: "Files of the host by name, type, age, size and content",
  args: aliased(schema, { name: "paths", path: "paths", pattern: "patterns", exclude: "excludes" }),
  examples: [
    { name: "Old and large logs", args: "paths: /var/log\npatterns: '*.log,*.gz'\nage: 4w\nsize: 100m\nrecurse: true" },
    {
      name: "Rule files by regular expression",
      args: "paths: [/etc/prometheus/rules]\npatterns: ['gpu-.*\\.ya?ml$']\nuse_regex: true\ncontains: '\\s*- alert:'",
    },
  ],
  onlyLooks: () => true,
  inspect,
  plan({ found, examined, skipped }) {
    const files = found.map(({ path, stat, checksum }) => {
      return { path, ...statResult(stat), ...(checksum === undefined ? {} : { checksum }) };
    });
    const msg = Object.keys(skipped).length === 0 ? "All paths examined" : "Not all paths examined: see skipped_paths";
    return nothingToDo({ files, matched: files.length, examined, skipped_paths: { ...skipped }, msg });
  },
}) as Module<FindArgs, State>;
