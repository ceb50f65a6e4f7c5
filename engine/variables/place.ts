/**
 * Where an expression stands in a file, so that every message points at the very character.
 *
 * @module
 */

import { type DiagnosticError, inputError, type SourceText, type Span } from "../support/diagnostic.ts";
import type { DiagnosticCode } from "../support/diagnostic_codes.ts";
import { offsetInScalar, type YamlScalar } from "../support/yaml.ts";
import { Misuse } from "./values.ts";

/** Maps offsets in a text to the file it stands in. */
export interface Place {
  /** The range in the file of a half-open range of offsets in the text. */
  span(start: number, end: number): Span;
}

/** The place of a scalar's value, or of the part of it that begins at an offset. */
export function placeOfScalar(scalar: YamlScalar, offset = 0): Place {
  return {
    span(start, end) {
      const from = offsetInScalar(scalar, offset + start);
      const to = end > start ? offsetInScalar(scalar, offset + end - 1) + 1 : from;
      return { source: scalar.span.source, start: from, end: Math.max(from, to) };
    },
  };
}

/** The place of a text that is read as it stands. */
export function placeOfSource(source: SourceText, offset = 0): Place {
  const within = (index: number) => Math.min(offset + index, source.text.length);
  return { span: (start, end) => ({ source, start: within(start), end: within(end) }) };
}

/** The part of a place that begins at an offset. */
export function partOf(place: Place, offset: number): Place {
  return { span: (start, end) => place.span(offset + start, offset + end) };
}

/** A half-open range of offsets in an expression. */
export interface Range {
  /** The first character's offset, in UTF-16 units from 0. */
  readonly start: number;
  /** The offset behind the last character. */
  readonly end: number;
}

/** Makes the error for something in an expression. */
export function errorAt(
  place: Place,
  range: Range,
  code: DiagnosticCode,
  message: string,
  help?: string,
): DiagnosticError {
  // What an operator wrote may hold line breaks.
  const line = (text: string) => text.includes("\n") ? text.replace(/\s*[\r\n]+\s*/g, " ").trim() : text;
  return inputError(code, line(message), place.span(range.start, range.end), help && line(help));
}

/** Makes a misuse that happened at a place a diagnostic; other errors stay what they are. */
export function locate(error: unknown, place: Place, range: Range, prefix = "", help?: string): unknown {
  if (!(error instanceof Misuse)) return error;
  const own = error.options.help;
  return errorAt(place, range, "expression-type", prefix + error.message, own === undefined ? help : own ?? undefined);
}
