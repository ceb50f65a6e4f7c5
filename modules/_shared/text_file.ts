/**
 * Files of lines of text: what they hold, and the plan that puts other text in its place.
 *
 * @module
 */

import { ModuleError, nothingToDo, type Plan, type Result } from "../../engine/module/module.ts";
import { type EditedFile, planEditedFile, type Replacement, requireFile } from "./edited_file.ts";

/**
 * The text of a file that was read; empty where there is none.
 *
 * @throws {ModuleError} where it is not UTF-8
 */
export function textOf({ path, content }: EditedFile): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content ?? new Uint8Array());
  } catch {
    throw new ModuleError(`${path} is not UTF-8 text`);
  }
}

/** The lines of a text, without their ends. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Lines as text, each with its end. */
export function textOfLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * Plans a file's new text.
 *
 * @throws {ModuleError} where something else than a file lies there
 */
export function planText(file: EditedFile, text: string, args: Replacement, result: Result): Plan {
  requireFile(file, true);
  return planEditedFile(file, new TextEncoder().encode(text), args, result);
}

/**
 * Plans a file that goes once it holds nothing more, and is not made to hold nothing.
 *
 * @throws {ModuleError} where something else than a file lies there
 */
export function planTextOrRemoval(file: EditedFile, text: string, args: Replacement, result: Result): Plan {
  if (text !== "") return planText(file, text, args, result);
  if (!file.stat) return nothingToDo(result);
  requireFile(file);
  return {
    changes: [{ path: file.path, what: "state", before: "file", after: "absent" }],
    actions: [{ do: "remove", path: file.path }],
    result,
  };
}

/** A text that is one line. */
export function withoutLineBreak(name: string): [(value: string) => boolean, { message: string }] {
  return [(value) => !/[\r\n\0]/.test(value), { message: `'${name}' is one line: it must not hold a line break` }];
}
