/**
 * Ansible's algorithm for replacing in a section of a file.
 *
 * @module
 */

import { compilePattern, expand, type PatternOptions } from "../lineinfile/python_regex.ts";

/** What is asked of the text. */
export interface ReplaceRequest {
  /** What to look for. */
  readonly regexp: string;
  /** What comes in its place; `\1` and `\g<name>` are filled. */
  readonly replace: string;
  /** Only behind what matches this. */
  readonly after?: string;
  /** Only in front of what matches this. */
  readonly before?: string;
}

/** What came of it. */
export interface Replaced {
  /** The whole text. */
  readonly text: string;
  /** How often the pattern matched; undefined where the section was not found. */
  readonly count?: number;
}

/** The pattern whose group `subsection` is where to replace; undefined for everywhere. */
export function sectionPattern({ after, before }: Pick<ReplaceRequest, "after" | "before">): string | undefined {
  if (after && before) return `${after}(?P<subsection>.*?)${before}`;
  if (after) return `${after}(?P<subsection>.*)`;
  return before ? `(?P<subsection>.*)${before}` : undefined;
}

/**
 * Replaces every match in the text, or in the section between `after` and `before`.
 *
 * @param text text, or with `bytes` bytes as characters
 * @throws {PatternError} for a replacement that names a group which the pattern does not have
 */
export function replaceAll(text: string, request: ReplaceRequest, bytes: boolean): Replaced {
  const options: PatternOptions = { text: !bytes };
  const [from, to] = sectionOf(text, request, options) ?? [-1, -1];
  if (from === -1) return { text };
  const found = compilePattern(request.regexp, { ...options, multiline: true });
  const pattern = new RegExp(found.source, `${found.flags}g`);
  let next = "";
  let count = 0;
  const section = text.slice(from, to);
  let last = 0;
  for (const match of section.matchAll(pattern)) {
    next += section.slice(last, match.index) + expand(request.replace, match);
    last = match.index + match[0].length;
    count++;
  }
  return { text: text.slice(0, from) + next + section.slice(last) + text.slice(to), count };
}

function sectionOf(text: string, request: ReplaceRequest, options: PatternOptions): [number, number] | undefined {
  const source = sectionPattern(request);
  if (source === undefined) return [0, text.length];
  const found = compilePattern(source, { ...options, dotAll: true });
  const match = new RegExp(found.source, `${found.flags}d`).exec(text);
  return match?.indices?.groups?.subsection;
}
