/**
 * Ansible's algorithm for a line in a file, on lines that keep their line ends.
 *
 * @module
 */

import { compilePattern, expand } from "./python_regex.ts";

/** What is asked of the lines; texts are bytes as characters. */
export interface LineRequest {
  /** The line, without a line break at its end; undefined only where it is not needed. */
  readonly line?: string;
  /** A regular expression of Python's that finds the line. */
  readonly regexp?: string;
  /** A text that finds the line, wherever it stands in it. */
  readonly searchString?: string;
  /** `EOF`, or the regular expression of the line to insert behind. */
  readonly insertafter?: string;
  /** `BOF`, or the regular expression of the line to insert before. */
  readonly insertbefore?: string;
  /** Whether `\1` in `line` is what the regular expression's groups matched. */
  readonly backrefs: boolean;
  /** Whether of several lines that match the first counts instead of the last. */
  readonly firstmatch: boolean;
}

/** The lines after the edit, and what was done, empty where nothing was. */
export interface Edit {
  /** All lines of the file, each with its line break, which the last may lack. */
  readonly lines: readonly string[];
  /** What was done, e.g. `line added`; empty where nothing was. */
  readonly message: string;
  /** How many lines were removed. */
  readonly found?: number;
}

/** Splits at `\n`; each line keeps its own. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, "");
}

/** Whether a line is the one that is looked for by `regexp` or `search_string`; undefined where neither is given. */
function matcher(
  { regexp, searchString }: LineRequest,
): ((line: string) => RegExpExecArray | boolean | null) | undefined {
  if (regexp !== undefined) {
    const pattern = compilePattern(regexp);
    return (line) => pattern.exec(line);
  }
  if (searchString !== undefined) return (line) => line.includes(searchString);
  return undefined;
}

/** Removes every line that matches. */
export function removeLines(lines: readonly string[], request: LineRequest): Edit {
  const matches = matcher(request) ?? ((line: string) => bare(line) === request.line);
  const kept = lines.filter((line) => !matches(line));
  const found = lines.length - kept.length;
  return { lines: kept, message: found > 0 ? `${found} line(s) removed` : "", found };
}

/** Makes sure that the line is there: in place of the one that matches, else where it belongs. */
export function ensureLine(lines: readonly string[], request: LineRequest): Edit {
  const { line = "", backrefs } = request;
  const { at, match } = findMatch(lines, request);
  if (at !== -1) {
    const next = backrefs && typeof match === "object" ? expand(line, match as RegExpExecArray) : line;
    return replaceLine(lines, at, next.endsWith("\n") ? next : `${next}\n`);
  }
  const anchor = findAnchor(lines, request);
  // The line is there as it should be, at most without its line end.
  if (anchor.exact !== -1) return replaceLine(lines, anchor.exact, `${line}\n`);
  // Without a match there is nothing to fill the references with.
  if (backrefs) return { lines, message: "" };
  return insertLine(lines, request, anchor.at);
}

function replaceLine(lines: readonly string[], at: number, next: string): Edit {
  if (lines[at] === next) return { lines, message: "" };
  return { lines: lines.with(at, next), message: "line replaced" };
}

function findMatch(lines: readonly string[], request: LineRequest): { at: number; match?: RegExpExecArray | true } {
  const matches = matcher(request);
  let at = -1;
  let match: RegExpExecArray | true | undefined;
  for (const [index, line] of matches ? lines.entries() : []) {
    const found = matches?.(line);
    if (!found) continue;
    at = index;
    match = found;
    if (request.firstmatch) break;
  }
  return { at, match };
}

/** Where the line stands exactly, and where it would be inserted; -1 for nowhere. */
function findAnchor(lines: readonly string[], request: LineRequest): { exact: number; at: number } {
  const { line, insertafter, insertbefore, firstmatch } = request;
  const text = insertafter !== undefined && !/^[BE]OF$/.test(insertafter)
    ? insertafter
    : insertbefore !== undefined && insertbefore !== "BOF"
    ? insertbefore
    : undefined;
  const pattern = text === undefined ? undefined : compilePattern(text);
  let exact = -1;
  let at = -1;
  for (const [index, current] of lines.entries()) {
    if (bare(current) === line) exact = index;
    else if (pattern?.test(current)) {
      at = insertafter ? index + 1 : index;
      if (firstmatch) break;
    }
  }
  return { exact, at };
}

function insertLine(lines: readonly string[], { line = "", insertafter, insertbefore }: LineRequest, at: number): Edit {
  const added = `${line}\n`;
  if (insertbefore === "BOF" || insertafter === "BOF") return { lines: [added, ...lines], message: "line added" };
  const unfinished = lines.length > 0 && !/[\r\n]$/.test(lines.at(-1)!);
  if (insertafter === "EOF" || at === -1) {
    return { lines: [...lines, ...(unfinished ? ["\n"] : []), added], message: "line added" };
  }
  // With `firstmatch` the search for the exact line ended at the anchor: it may stand right behind it.
  const neighbour = lines[Math.min(at, lines.length - 1)];
  if (insertafter !== undefined && bare(neighbour) === line) return { lines, message: "" };
  // Ansible joins the line to a last line without an end; a line of its own is what was asked for.
  const whole = unfinished && at === lines.length ? lines.with(-1, `${lines.at(-1)}\n`) : lines;
  return { lines: whole.toSpliced(at, 0, added), message: "line added" };
}
