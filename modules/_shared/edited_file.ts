/**
 * What the modules share that change parts of one text file: reading it, and the plan that puts the new text in its
 * place.
 *
 * @module
 */

import type { FileStat, ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { flag, path, text } from "../../engine/module/schema.ts";
import type { z } from "../../engine/support/zod.ts";
import { compilePattern, PatternError, type PatternOptions } from "../lineinfile/python_regex.ts";
import { ownershipArguments, validateArgument } from "./arguments.ts";
import {
  digest,
  ownershipActions,
  type OwnershipArgs,
  parentOf,
  planFile,
  planOwnership,
  requireAccounts,
} from "./files.ts";

/** The arguments that say which file, whose it is, and how it is replaced. */
export const editedFileArguments = {
  path: path().describe("The file. Other names: `dest`, `destfile`, `name`. A link is followed."),
  ...ownershipArguments,
  backup: flag().default(false).describe("Keep the old file beside the new one, with the time in its name."),
  validate: validateArgument,
};

/** The other names of {@linkcode editedFileArguments}. */
export const editedFileAliases = { dest: "path", destfile: "path", name: "path" } as const;

/** A regular expression in Python's syntax. */
export function pythonPattern(options: PatternOptions = {}): z.ZodType<string> {
  return text().superRefine((value, context) => {
    const message = wrongPattern(value, options);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

/** What is wrong with a regular expression in Python's syntax, or undefined. */
export function wrongPattern(pattern: string, options: PatternOptions = {}): string | undefined {
  try {
    compilePattern(pattern, options);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `character ${error.index + 1} of the regular expression: ${error.message}`;
  }
}

/** What was found where the file should be. */
export interface EditedFile {
  /** The file; a link that is followed is resolved. */
  readonly path: string;
  /** Undefined where nothing lies there. */
  readonly stat?: FileStat;
  /** Of a regular file. */
  readonly content?: Uint8Array;
  /** Where the file is to be made: the directories above it that are missing, outermost first. */
  readonly missing?: readonly string[];
}

/** What {@linkcode inspectEditedFile} needs to know. */
export interface EditedFileArgs extends OwnershipArgs {
  /** The file. */
  readonly path: string;
  /** Whether it is made where it is missing. */
  readonly create?: boolean;
  /** Whether a link is followed; default true. */
  readonly follow?: boolean;
}

/** Reads a file that is to be edited. */
export async function inspectEditedFile(host: ReadOnlyHost, args: EditedFileArgs): Promise<EditedFile> {
  const { path, create, follow = true } = args;
  const [stat, content] = await Promise.all([host.stat(path, { follow }), host.read(path)]);
  if (stat || create) await requireAccounts(host, args, [stat]);
  if (stat || !create) return { path: stat?.realPath ?? path, stat, content };
  const above: string[] = [];
  for (let up = parentOf(path); up !== "/"; up = parentOf(up)) above.unshift(up);
  const stats = await Promise.all(above.map((up) => host.stat(up, { follow: true, typeOnly: true })));
  return { path, missing: above.filter((_, index) => !stats[index]) };
}

/**
 * Makes sure that there is a file to edit, or that one may be made.
 *
 * @param create undefined where the module never makes one
 * @throws {ModuleError} where there is none, or something else
 */
export function requireFile({ path, stat, content }: EditedFile, create?: boolean): void {
  if (stat?.type === "directory") throw new ModuleError(`${path} is a directory, not a file`);
  if (stat && !content) throw new ModuleError(`${path} is a ${stat.type}, not a file`);
  if (stat || create) return;
  const help = create === undefined ? "" : ": 'create: true' makes it";
  throw new ModuleError(`there is no file at ${path}${help}`, { result: { path, state: "absent" } });
}

/** How the file is replaced. */
export interface Replacement extends OwnershipArgs {
  /** Keep the old file. */
  readonly backup?: boolean;
  /** A check of the new file. */
  readonly validate?: string;
}

/** Plans the file's new content, where it is another one, and its ownership. */
export function planEditedFile(file: EditedFile, after: Uint8Array, args: Replacement, result: Result): Plan {
  const { path, stat, content, missing = [] } = file;
  const sha256 = content && digest(content);
  if (stat && sha256 === digest(after)) {
    const { changes, ownership } = planOwnership(path, stat, args);
    return { changes, actions: ownershipActions(path, ownership), result };
  }
  const { mode, owner, group, backup, validate } = args;
  const own = planFile({ path, stat, before: content, sha256, parent: "directory" }, {
    content: after,
    ...{ mode, owner, group, backup, validate },
  });
  return {
    changes: [
      ...missing.map((above) => ({ path: above, what: "state", before: "absent", after: "directory" })),
      ...own.changes,
    ],
    actions: [...missing.map((above) => ({ do: "mkdir", path: above }) as const), ...own.actions],
    result,
  };
}
