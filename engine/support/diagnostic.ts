/**
 * One diagnostic type for every layer (YAML, schema, CEL, Handlebars, PromQL, inventory, command line): what is wrong,
 * where, and what to do. Positions are offsets into the text they were found in; line and column are derived.
 *
 * @module
 */

import type { DiagnosticCode } from "./diagnostic_codes.ts";
import { displayWidth } from "./display_width.ts";

/** A text that an operator wrote: a file, or what stood on the command line. */
export interface SourceText {
  /** The path as it is shown, e.g. `site.yml`, or a word such as `--extra-vars`. */
  readonly path: string;
  /** The whole text, which offsets count in. */
  readonly text: string;
  /** It was decrypted: its lines are in no message. */
  readonly secret?: boolean;
}

/** A half-open range of UTF-16 offsets in a source text. */
export interface Span {
  /** The text that the offsets belong to. */
  readonly source: SourceText;
  /** The first character's offset, from 0. */
  readonly start: number;
  /** The offset behind the last character; equal to `start` for a place between two. */
  readonly end: number;
}

/** A place for people: both numbers count from 1. */
export interface Position {
  /** The line's number, from 1. */
  readonly line: number;
  /** The UTF-16 units before it in the line, plus 1. */
  readonly column: number;
}

/** One finding. */
export interface Diagnostic {
  /** An error stops the run; a warning is only shown. */
  readonly severity: "error" | "warning";
  /** What programs tell findings apart by, and `aami explain` explains. */
  readonly code: DiagnosticCode;
  /** A sentence without a full stop, one line. */
  readonly message: string;
  /** Where it is; undefined where no text of the operator is at fault. */
  readonly span?: Span;
  /** What to do about it, e.g. `did you mean 'state'?`. */
  readonly help?: string;
}

/** What an operator's input did wrong: one or several diagnostics. Never shown with a stack trace. */
export class DiagnosticError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "DiagnosticError";
  /** The findings, at least one, in the order they are shown. */
  readonly diagnostics: readonly Diagnostic[];

  /** Made with one finding or with several; the message is all of them, as a person reads them. */
  constructor(diagnostics: Diagnostic | readonly Diagnostic[]) {
    const list: readonly Diagnostic[] = Array.isArray(diagnostics) ? diagnostics : [diagnostics as Diagnostic];
    super(list.map((diagnostic) => formatDiagnostic(diagnostic)).join("\n"));
    this.diagnostics = list;
  }
}

/** Makes the error for one finding. */
export function inputError(code: DiagnosticCode, message: string, span?: Span, help?: string): DiagnosticError {
  return new DiagnosticError({ severity: "error", code, message, span, help });
}

/** The line and column of an offset, both from 1. A column counts UTF-16 units, as editors do. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let index = text.indexOf("\n"); index !== -1 && index < offset; index = text.indexOf("\n", index + 1)) {
    line++;
    lineStart = index + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** `file:line:column` of the start of a span. */
export function placeOf(span: Span): string {
  const { line, column } = positionAt(span.source.text, span.start);
  return `${span.source.path}:${line}:${column}`;
}

/** Paints a text, e.g. with `styleText`; the identity where colours are off. */
export type Paint = (style: "red" | "yellow" | "cyan" | "bold" | "dim", text: string) => string;

const plain: Paint = (_style, text) => text;

/**
 * The message as a person reads it: place and cause, the line, a caret under the very token, what to do.
 *
 * ```text
 * site.yml:4:7: error: unknown key 'nmae' in a task
 *     4 |     - nmae: install
 *       |       ^^^^
 *   help: did you mean 'name'?
 * ```
 */
export function formatDiagnostic(diagnostic: Diagnostic, paint: Paint = plain): string {
  const { severity, message, span, help } = diagnostic;
  const color = severity === "error" ? "red" : "yellow";
  const head = `${paint(color, `${severity}:`)} ${message}`;
  const place = span ? `${paint("bold", placeOf(span))}: ` : "";
  const lines = [place + head, ...span && !span.source.secret ? snippet(span, paint, color) : []];
  if (help) lines.push(`  ${paint("cyan", "help:")} ${help}`);
  return lines.join("\n");
}

function snippet(span: Span, paint: Paint, color: "red" | "yellow"): string[] {
  const { line, column } = positionAt(span.source.text, span.start);
  const code = lineAt(span);
  const length = Math.max(1, Math.min(span.end - span.start, code.length - (column - 1)));
  // A long line is cut around the token, so that the caret stays on the screen.
  const from = column > 100 ? column - 60 : 0;
  const ellipsis = from > 0 ? "…" : "";
  const shown = (start: number, end: number) => code.slice(start, end).replaceAll("\t", " ");
  const pad = " ".repeat(displayWidth(ellipsis + shown(from, column - 1)));
  const width = Math.max(1, displayWidth(shown(column - 1, column - 1 + length)));
  const gutter = String(line).padStart(5);
  return [
    `${paint("dim", `${gutter} |`)} ${ellipsis}${shown(from, from + 140)}`,
    `${paint("dim", `${" ".repeat(5)} |`)} ${pad}${paint(color, "^".repeat(Math.min(width, 100)))}`,
  ];
}

/** The line that a span begins in, without its end. */
function lineAt({ source: { text }, start }: Span): string {
  const lineStart = start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", lineStart);
  return text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, "");
}

/**
 * The finding as data, for `-o json`. Lines and columns count from 1; `end` is exclusive; `snippet` is the line that it
 * begins in. Without a place, `file`, `range` and `snippet` are left out.
 */
export function diagnosticToJson(diagnostic: Diagnostic): DiagnosticData {
  const { severity, code, message, span, help } = diagnostic;
  if (!span) return { severity, code, message, help };
  const range = { start: positionAt(span.source.text, span.start), end: positionAt(span.source.text, span.end) };
  return { severity, code, message, file: span.source.path, range, snippet: lineAt(span), help };
}

/** A finding as `-o json` prints it. */
export interface DiagnosticData extends Omit<Diagnostic, "span"> {
  /** The path as it is shown. */
  readonly file?: string;
  /** Where it is; `end` is exclusive. */
  readonly range?: { readonly start: Position; readonly end: Position };
  /** The line that it begins in. */
  readonly snippet?: string;
}
