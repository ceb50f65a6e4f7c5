/**
 * One section of a .repo file, as Python's configparser writes it.
 *
 * @module
 */

import { linesOf, textOfLines } from "../_shared/text_file.ts";

/** A section's options; a value of several lines has line breaks in it. */
export type Options = Readonly<Record<string, string>>;

/** Reads a section; undefined where there is none. Lines that begin with a space go on with the value before. */
export function readSection(text: string, section: string): Options | undefined {
  const lines = sectionLines(linesOf(text), section);
  if (!lines) return undefined;
  const options: Record<string, string> = {};
  let last: string | undefined;
  for (const line of lines.slice(1)) {
    const [, name, value] = /^([^\s=:#;][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) options[last = name.toLowerCase()] = value;
    else if (last !== undefined && /^\s+\S/.test(line)) options[last] = `${options[last]}\n${line.trim()}`.trim();
  }
  return options;
}

/** A text with a section as it should be, its options sorted; all else stays to the letter. */
export function withSection(text: string, section: string, options: Options): string {
  const entries = Object.entries(options).sort(([one], [other]) => one < other ? -1 : 1);
  const own = [`[${section}]`, ...entries.map(([name, value]) => `${name} = ${value.replaceAll("\n", "\n\t")}`), ""];
  const lines = linesOf(text);
  const found = sectionLines(lines, section);
  if (!found) return textOfLines([...lines, ...lines.length > 0 && lines.at(-1) !== "" ? [""] : [], ...own]);
  const at = lines.indexOf(found[0]);
  return textOfLines([...lines.slice(0, at), ...own, ...lines.slice(at + found.length)]);
}

/** A text without a section; empty where it holds no other. */
export function withoutSection(text: string, section: string): string {
  const lines = linesOf(text);
  const found = sectionLines(lines, section);
  if (!found) return text;
  const at = lines.indexOf(found[0]);
  const kept = [...lines.slice(0, at), ...lines.slice(at + found.length)];
  return kept.some((line) => /^\[/.test(line)) ? textOfLines(kept) : "";
}

/** A section's lines, its header first. */
function sectionLines(lines: readonly string[], section: string): string[] | undefined {
  const at = lines.findIndex((line) => headerOf(line) === section);
  if (at === -1) return undefined;
  const end = lines.findIndex((line, index) => index > at && headerOf(line) !== undefined);
  return lines.slice(at, end === -1 ? undefined : end);
}

function headerOf(line: string): string | undefined {
  return /^\[([^\]]+)\]/.exec(line)?.[1];
}
