/**
 * What is said about a text that is not CEL.
 *
 * @module
 */

import type { CelNode } from "../support/cel.ts";
import type { Place, Range } from "./place.ts";

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

/** What to write instead of `//`. */
export const COMMENT_HELP = "for a whole quotient write / between two whole numbers; a comment goes into YAML: # …";

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

/** Puts quotes around an expression that is to replace a plain scalar and begins with `!`, which YAML takes as a tag. */
export function quotedForYaml(help: string | undefined, place: Place): string | undefined {
  if (!help?.startsWith("write: !")) return help;
  const { source, start } = place.span(0, 1);
  const isPlain = /(^|[:\-[,])\s*$/.test(source.text.slice(Math.max(0, start - 20), start));
  return isPlain ? `write: "${help.slice("write: ".length)}"` : help;
}

/** How a message names a value: its path in quotes, or `this value`. */
export function nameOf(node: CelNode, text: string): string {
  let inner = node;
  while (inner.kind === "member" || inner.kind === "index") inner = inner.target;
  return inner.kind === "name" ? `'${text}'` : "this value";
}
