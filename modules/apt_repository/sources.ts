/**
 * Lines of apt's sources.list files.
 *
 * @module
 */

import { baseName } from "../_shared/files.ts";
import { linesOf, textOfLines } from "../_shared/text_file.ts";

/** One line that names a repository. */
export interface Source {
  /** The line with single spaces and without its comment. */
  readonly source: string;
  /** Whether apt reads it; else it is commented out. */
  readonly enabled: boolean;
  /** What follows a `#` in the line; empty for nothing. */
  readonly comment: string;
}

/** Reads a line; undefined where it names no repository. */
export function parseSource(line: string): Source | undefined {
  const [, off, rest, comment] = /^\s*(#*)\s*([^#]*)(#.*)?$/.exec(line) ?? [];
  const source = rest?.trim().split(/\s+/).join(" ") ?? "";
  if (!/^deb(-src)? /.test(source)) return undefined;
  return { source, enabled: off === "", comment: comment?.slice(1).trim() ?? "" };
}

/** What is wrong with a line that an operator wrote, or undefined. */
export function wrongSource(line: string): string | undefined {
  if (/^\s*ppa:/.test(line)) {
    return `'${line}' is a short name that only Ubuntu's own tools resolve: write the whole line, 'deb https://… SUITE main'`;
  }
  const parts = /^\s*deb(-src)?\s+(\[[^\]]*\]\s+)?([a-z][a-z0-9+.-]*:\S+)\s+([^\s#]+)(\s+[^\s#]+)*\s*$/.exec(line);
  if (!parts) return `'${line}' is no line of apt: write 'deb [signed-by=KEYRING] URL SUITE COMPONENT…'`;
  if (parts[5] === undefined && !parts[4].endsWith("/")) {
    return `'${line}' names no component: write one behind '${parts[4]}', e.g. main, or end that with a slash`;
  }
  return undefined;
}

/** The address in a line. */
export function addressOf(source: string): string {
  return source.replace(/\[[^\]]*\]/, "").trim().split(/\s+/)[1] ?? "";
}

/** The files that a line's `signed-by` names. */
export function keyringsOf(source: string): string[] {
  const [, options = ""] = /\[([^\]]*)\]/.exec(source) ?? [];
  const [, keys = ""] = /(?:^|\s)signed-by=(\S+)/i.exec(options) ?? [];
  return keys.split(",").filter((key) => key.startsWith("/"));
}

/** The file in sources.list.d that a line goes to where nothing else is said, as Ansible names it. */
export function suggestedName(source: string): string {
  const host = addressOf(source).replace(/^\w+:(\/\/)?/, "").replace(/^[^@]*@/, "");
  return `${(host.match(/[a-zA-Z0-9]+/g) ?? ["repository"]).join("_")}.list`;
}

/** The name of a file in sources.list.d, which apt reads only with its ending. */
export function listName(name: string): string {
  return baseName(name).endsWith(".list") ? name : `${name}.list`;
}

/** A file with a line that is commented out in force again. */
export function enabled(text: string, source: string): string {
  return edit(
    text,
    (found) =>
      found.source !== source || found.enabled ? undefined : [found.comment ? `${source} # ${found.comment}` : source],
  );
}

/** A file without a line. */
export function without(text: string, source: string): string {
  return edit(text, (found) => found.source === source && found.enabled ? [] : undefined);
}

/** Whether a file has a line, in force or commented out. */
export function has(text: string, source: string, inForce: boolean): boolean {
  return linesOf(text).map(parseSource).some((found) => found?.source === source && found.enabled === inForce);
}

function edit(text: string, change: (found: Source) => string[] | undefined): string {
  const lines = linesOf(text);
  const after = lines.flatMap((line) => {
    const found = parseSource(line);
    return (found && change(found)) ?? [line];
  });
  return after.join("\n") === lines.join("\n") ? text : textOfLines(after);
}
