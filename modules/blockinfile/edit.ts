/**
 * Ansible's algorithm for a block of lines between two markers.
 *
 * @module
 */

import { compilePattern } from "../lineinfile/python_regex.ts";

/** What is asked of the file; texts but the patterns are bytes as characters. */
export interface BlockRequest {
  /** The lines between the markers; empty for none, and the markers gone as well. */
  readonly block: string;
  /** The line before the block, without its line end. */
  readonly begin: string;
  /** The line after the block, without its line end. */
  readonly end: string;
  /** Where a missing block goes: behind the last line that matches. */
  readonly insertafter?: string;
  /** Where a missing block goes: before the last line that matches. */
  readonly insertbefore?: string;
}

/** Splits at `\n`, `\r` and `\r\n` as Python's splitlines; each line keeps its own. */
function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g) ?? [];
}

/** The file with the block as it should be. */
export function editBlock(before: string, request: BlockRequest): string {
  const { block } = request;
  const lines = splitLines(before);
  const place = findBlock(lines, request);
  if (place) lines.splice(place.from, place.count);
  // Ansible would finish the last line even where there is nothing to remove.
  else if (block === "") return before;
  const at = place?.from ?? findPlace(lines, before, request);
  if (at > 0 && !lines[at - 1].endsWith("\n")) lines[at - 1] += "\n";
  if (block !== "") {
    const whole = block.endsWith("\n") ? block : `${block}\n`;
    lines.splice(at, 0, `${request.begin}\n`, whole, `${request.end}\n`);
  }
  return lines.join("");
}

/** The lines from one marker to the other; of several the last counts, as in Ansible. */
function findBlock(
  lines: readonly string[],
  { begin, end }: BlockRequest,
): { from: number; count: number } | undefined {
  // Ansible does not know a marker on a last line without its end, and would write the block a second time.
  const isLine = (marker: string) => (line: string, index: number) =>
    line === `${marker}\n` || (line === marker && index === lines.length - 1);
  const first = lines.findLastIndex(isLine(begin));
  const last = lines.findLastIndex(isLine(end));
  if (first === -1 || last === -1) return undefined;
  const from = Math.min(first, last);
  return { from, count: Math.max(first, last) - from + 1 };
}

/** The index of the line before which a missing block goes. */
function findPlace(lines: readonly string[], text: string, { insertafter, insertbefore }: BlockRequest): number {
  if (insertafter === "EOF" || (insertafter === undefined && insertbefore === undefined)) return lines.length;
  if (insertafter === undefined && insertbefore === "BOF") return 0;
  const source = insertafter ?? insertbefore ?? "";
  const at = isMultiline(source) ? lineOfMatch(text, source, insertafter !== undefined) : lastMatch(lines, source);
  if (at === -1) return lines.length;
  return insertafter === undefined ? at : Math.min(at + 1, lines.length);
}

/** Whether a pattern says by its flags that it is meant for the whole file. */
function isMultiline(pattern: string): boolean {
  return /^\(\?[aiLsux]*m[a-z]*\)/.test(pattern);
}

function lastMatch(lines: readonly string[], source: string): number {
  const pattern = compilePattern(source);
  return lines.findLastIndex((line) => pattern.test(line));
}

/** The number of the line in which the first match in the whole text ends (or begins). */
function lineOfMatch(text: string, source: string, atEnd: boolean): number {
  const match = compilePattern(source).exec(text);
  if (!match) return -1;
  return text.slice(0, match.index + (atEnd ? match[0].length : 0)).split("\n").length - 1;
}
