/**
 * A text that knows where each of its characters stands in the file, so that quoting and escapes do not move a caret.
 *
 * @module
 */

import type { SourceText, Span } from "../support/diagnostic.ts";

/** A part of a source text, unquoted, with the place of each character. */
export class Piece {
  /**
   * Holds a text and its places.
   *
   * @param offsets the offset of each character, or of the first where they are contiguous
   * @param end the offset after the last character (after the closing quote, where there is one)
   */
  constructor(
    readonly source: SourceText,
    readonly text: string,
    readonly offsets: readonly number[] | number,
    readonly end: number,
  ) {}

  /** A contiguous part of a source. */
  static of(source: SourceText, start: number, end: number): Piece {
    return new Piece(source, source.text.slice(start, end), start, end);
  }

  /** The offset in the source of a character. */
  at(index: number): number {
    if (typeof this.offsets === "number") return this.offsets + Math.min(index, this.text.length);
    return this.offsets[index] ?? this.end;
  }

  /** The place of some of the characters; all of them by default. */
  span(from = 0, to = this.text.length): Span {
    const start = this.at(from);
    return { source: this.source, start, end: to > from ? this.at(to - 1) + 1 : Math.max(start, this.end) };
  }

  /** Some of the characters. */
  slice(from: number, to = this.text.length): Piece {
    const end = to >= this.text.length ? this.end : this.at(to);
    const offsets = typeof this.offsets === "number" ? this.offsets + from : this.offsets.slice(from, to);
    return new Piece(this.source, this.text.slice(from, to), offsets, end);
  }

  /** Without the white space around. */
  trim(): Piece {
    const start = this.text.length - this.text.trimStart().length;
    return this.slice(start, Math.max(start, this.text.trimEnd().length));
  }
}
