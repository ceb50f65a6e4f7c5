/**
 * Splits a Jinja expression into tokens; CEL's operators are tokens too.
 *
 * @module
 */

/** A token of a Jinja expression. */
export interface JinjaToken {
  /** A keyword is a name; brackets and commas are operators. */
  readonly kind: "name" | "number" | "string" | "operator";
  /** As it was written, quotes of a string included. */
  readonly text: string;
  /** The first character's offset, in UTF-16 units from 0. */
  readonly start: number;
  /** The offset behind the last character. */
  readonly end: number;
}

const TOKEN =
  /\s+|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(\*\*|\/\/|==|!=|<=|>=|&&|\|\||[-+*\/%~|.,:()[\]{}<>=!?])/suy;

/** The tokens of a text; undefined where it holds something that is neither Jinja nor CEL. */
export function tokenizeJinja(text: string): JinjaToken[] | undefined {
  const tokens: JinjaToken[] = [];
  const kinds = ["name", "number", "string", "operator"] as const;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const group = match.slice(1).findIndex((part) => part !== undefined);
    if (group !== -1) tokens.push({ kind: kinds[group], text: match[0], start, end: TOKEN.lastIndex });
  }
  return tokens;
}
