/**
 * What is said about a text that is not CEL.
 *
 * @module
 */

import type { Range } from "./place.ts";

const HELP: ReadonlyMap<string, string> = new Map(Object.entries({
  "=": "write == to compare",
  "&": "write && between conditions",
  "|": "write || between conditions",
  "%}": "statements of Jinja have no place in an expression",
}));

/** What to write instead of a token that was not expected. */
export function helpForSyntax(text: string, range: Range): string | undefined {
  return HELP.get(text.slice(range.start, range.end));
}

/** Finds `//` outside of strings. */
export function commentIn(text: string): Range | undefined {
  if (!text.includes("//")) return undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quote) {
      if (char === "\\") at++;
      else if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (char === "/" && text[at + 1] === "/") return { start: at, end: at + 2 };
  }
  return undefined;
}
