/**
 * Splits an INI host line into words as Python's `shlex.split(line, comments=True)` does, which is what Ansible uses.
 *
 * @module
 */

import { inputError, type Span } from "../support/diagnostic.ts";
import { Piece } from "./piece.ts";

/** The words of a line. */
export interface Words {
  /** In order, quotes and escapes resolved; each knows where it stands. A comment gives none. */
  readonly words: readonly Piece[];
  /** Where a `#` inside a word ended the line: seldom meant. */
  readonly cut?: Span;
}

/**
 * Splits a line into words.
 *
 * @throws {DiagnosticError} for a quote that is not closed, a backslash at the end
 */
export function splitWords(line: Piece): Words {
  return new Splitter(line).split();
}

class Splitter {
  readonly #words: Piece[] = [];
  #text = "";
  #offsets: number[] = [];
  /** A quoted empty text is a word too. */
  #open = false;
  #at = 0;

  constructor(readonly line: Piece) {}

  split(): Words {
    const { text } = this.line;
    for (; this.#at < text.length; this.#at++) {
      const char = text[this.#at];
      if (/[ \t\r\n]/.test(char)) this.#end();
      else if (char === "#") {
        const cut = this.#open ? this.line.span(this.#at) : undefined;
        this.#end();
        return { words: this.#words, cut };
      } else if (char === '"' || char === "'") this.#quoted(char);
      else if (char === "\\") this.#escaped();
      else this.#take(this.#at);
    }
    this.#end();
    return { words: this.#words };
  }

  #take(index: number): void {
    this.#open = true;
    this.#text += this.line.text[index];
    this.#offsets.push(this.line.at(index));
  }

  #end(): void {
    if (this.#open) {
      this.#words.push(new Piece(this.line.source, this.#text, this.#offsets, this.line.at(this.#at)));
    }
    this.#text = "";
    this.#offsets = [];
    this.#open = false;
  }

  #escaped(): void {
    if (this.#at + 1 >= this.line.text.length) {
      throw inputError("ini-syntax", "a backslash ends the line", this.line.span(this.#at));
    }
    this.#take(++this.#at);
  }

  #quoted(quote: string): void {
    const { text } = this.line;
    const start = this.#at;
    this.#open = true;
    for (this.#at++; text[this.#at] !== quote; this.#at++) {
      if (this.#at >= text.length) {
        const name = quote === '"' ? "double" : "single";
        throw inputError("ini-syntax", `the ${name} quote is not closed`, this.line.span(start, start + 1));
      }
      const next = text[this.#at + 1];
      if (quote === '"' && text[this.#at] === "\\" && (next === '"' || next === "\\")) this.#at++;
      this.#take(this.#at);
    }
  }
}
