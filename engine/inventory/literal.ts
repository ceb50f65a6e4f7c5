/**
 * Reads the values of INI inventories as Ansible does: a Python literal (number, string, True, None, list, tuple, set,
 * dict) where the whole text is one, the text itself otherwise.
 *
 * @module
 */

import type { YamlEntry, YamlNode } from "../support/yaml.ts";
import type { Piece } from "./piece.ts";

/** The value that a text in an INI inventory stands for, with its places. */
export function readLiteral(piece: Piece): YamlNode {
  const text: YamlNode = { kind: "scalar", span: piece.span(), value: piece.text, written: piece.text };
  // Most values are plain words: no literal starts with other characters.
  if (!/^[ \t]*[\d.+\-'"([{TFNbBrRuU]/.test(piece.text)) return text;
  try {
    return new LiteralReader(piece).read();
  } catch (error) {
    if (error instanceof NoLiteral) return text;
    throw error;
  }
}

/** The text is no literal, so it stands for itself. */
class NoLiteral extends Error {}

const MAX_DEPTH = 90;
const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.?(?:\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?)/y;
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([["True", true], ["False", false], ["None", null]]);
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

class LiteralReader {
  #at = 0;
  readonly #text: string;

  constructor(readonly piece: Piece) {
    this.#text = piece.text;
  }

  /** The whole text: one value, or several with commas, which is a tuple. A comment may follow. */
  read(): YamlNode {
    this.#space();
    const start = this.#at;
    const first = this.#value(0);
    this.#space();
    const items = [first];
    const tuple = this.#text[this.#at] === ",";
    while (this.#text[this.#at] === ",") {
      this.#at++;
      this.#space();
      if (this.#atEnd()) break;
      items.push(this.#value(0));
      this.#space();
    }
    if (!this.#atEnd()) throw new NoLiteral();
    return tuple ? { kind: "seq", span: this.piece.span(start, this.#at), items } : first;
  }

  #atEnd(): boolean {
    return this.#at >= this.#text.length || this.#text[this.#at] === "#";
  }

  #space(): void {
    while (/[ \t\f]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #value(depth: number): YamlNode {
    if (depth > MAX_DEPTH) throw new NoLiteral();
    const char = this.#text[this.#at] ?? "";
    if (char === "[") return this.#sequence("]", depth);
    if (char === "(") return this.#parenthesis(depth);
    if (char === "{") return this.#braces(depth);
    if (/[\d.+-]/.test(char)) return this.#number();
    const word = /[A-Za-z]+/y;
    word.lastIndex = this.#at;
    const name = word.exec(this.#text)?.[0];
    if (name !== undefined && CONSTANTS.has(name)) {
      const start = this.#at;
      this.#at += name.length;
      if (/[\p{L}\p{N}_]/u.test(this.#text[this.#at] ?? "")) throw new NoLiteral();
      return this.#scalar(CONSTANTS.get(name) ?? null, start);
    }
    return this.#string();
  }

  #scalar(value: string | number | boolean | null, start: number): YamlNode {
    const written = this.#text.slice(start, this.#at);
    return { kind: "scalar", span: this.piece.span(start, this.#at), value, written };
  }

  #number(): YamlNode {
    const start = this.#at;
    let sign = 1;
    if (this.#text[this.#at] === "+" || this.#text[this.#at] === "-") {
      if (this.#text[this.#at++] === "-") sign = -sign;
      this.#space();
    }
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0] ?? "";
    const plain = digits.replaceAll("_", "");
    // Python refuses 0644; a lone dot is nothing.
    if (!/\d/.test(digits) || /^[eE]/.test(digits) || /^0\d*[1-9]\d*$/.test(plain)) throw new NoLiteral();
    this.#at += digits.length;
    if (/[\p{L}\p{N}_.]/u.test(this.#text[this.#at] ?? "")) throw new NoLiteral();
    const value = sign * Number(plain);
    // A number that would lose digits stays the text that was written.
    if (!Number.isFinite(value) || (/^\d+$/.test(plain) && !Number.isSafeInteger(value))) throw new NoLiteral();
    return this.#scalar(value === 0 ? 0 : value, start);
  }

  /** A string, or several side by side, which Python joins. */
  #string(): YamlNode {
    const start = this.#at;
    const parts: string[] = [];
    const kinds = new Set<boolean>();
    for (let end = start;; end = this.#at, this.#space()) {
      const prefix = /(?:[rR][bB]?|[bB][rR]?|[uU])?(?=["'])/y;
      prefix.lastIndex = this.#at;
      const match = prefix.exec(this.#text);
      if (!match) {
        this.#at = end;
        break;
      }
      this.#at += match[0].length;
      parts.push(this.#quoted(/r/i.test(match[0])));
      kinds.add(/b/i.test(match[0]));
    }
    // Text and bytes do not join.
    if (kinds.size !== 1) throw new NoLiteral();
    return this.#scalar(parts.join(""), start);
  }

  #quoted(raw: boolean): string {
    const char = this.#text[this.#at];
    const quote = this.#text.startsWith(char.repeat(3), this.#at) ? char.repeat(3) : char;
    let value = "";
    for (this.#at += quote.length; !this.#text.startsWith(quote, this.#at); this.#at++) {
      if (this.#at >= this.#text.length) throw new NoLiteral();
      if (this.#text[this.#at] !== "\\") value += this.#text[this.#at];
      else value += raw ? this.#rawEscape() : this.#escape();
    }
    this.#at += quote.length;
    return value;
  }

  #rawEscape(): string {
    this.#at++;
    return "\\" + (this.#text[this.#at] ?? "");
  }

  #escape(): string {
    const numeric = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3}))/y;
    numeric.lastIndex = this.#at;
    const match = numeric.exec(this.#text);
    if (match) {
      this.#at += match[0].length - 1;
      const code = match[4] ? parseInt(match[4], 8) : parseInt(match[1] ?? match[2] ?? match[3], 16);
      if (code > 0x10ffff) throw new NoLiteral();
      return String.fromCodePoint(code);
    }
    const char = this.#text[++this.#at] ?? "";
    if (/[xuUN]/.test(char)) throw new NoLiteral();
    return ESCAPES[char] ?? "\\" + char;
  }

  #sequence(close: string, depth: number): YamlNode {
    const start = this.#at;
    const items = this.#items(close, () => this.#value(depth + 1));
    return { kind: "seq", span: this.piece.span(start, this.#at), items };
  }

  #items<T>(close: string, read: () => T): T[] {
    const items: T[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === close) break;
      items.push(read());
      this.#space();
      if (this.#text[this.#at] === ",") this.#at++;
      else if (this.#text[this.#at] !== close) throw new NoLiteral();
    }
    this.#at++;
    return items;
  }

  /** `(1)` is 1, `(1,)` and `()` are tuples. */
  #parenthesis(depth: number): YamlNode {
    const tuple = this.#sequence(")", depth);
    const inside = this.#text.slice(0, this.#at - 1).trimEnd();
    if (tuple.kind === "seq" && tuple.items.length === 1 && !inside.endsWith(",")) return tuple.items[0];
    return tuple;
  }

  /** A dict, or a set, which becomes a list. */
  #braces(depth: number): YamlNode {
    const start = this.#at;
    const items: YamlNode[] = [];
    const entries = new Map<string, YamlEntry>();
    this.#items("}", () => {
      const key = this.#value(depth + 1);
      this.#space();
      if (this.#text[this.#at] !== ":") return items.push(key);
      if (key.kind !== "scalar") throw new NoLiteral();
      this.#at++;
      this.#space();
      // The names that JSON gives such keys: true, null, 1.
      const name = String(key.value);
      return entries.set(name, { key: name, keySpan: key.span, value: this.#value(depth + 1) });
    });
    const span = this.piece.span(start, this.#at);
    if (items.length > 0 && entries.size > 0) throw new NoLiteral();
    return items.length > 0 ? { kind: "seq", span, items } : { kind: "map", span, entries: [...entries.values()] };
  }
}
