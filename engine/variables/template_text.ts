/**
 * Texts with `{{ … }}` in them.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { compileCel } from "./cel_program.ts";
import { errorAt, locate, partOf, type Place, type Range } from "./place.ts";
import { Misuse, toText } from "./values.ts";
import type { Scope } from "./variable.ts";

/** A compiled text. */
export interface TextProgram {
  /** The variables of the scope that its expressions may look at. */
  readonly names: ReadonlySet<string>;
  /** Whether its value rests on nothing but its text. */
  readonly constant: boolean;
  /** A text, or the value itself where the text is one expression. @throws {DiagnosticError | PendingError} */
  evaluate(scope: Scope): Value;
}

/** An expression within a text; the range is that of what stands between the braces. */
export interface Hole extends Range {
  /** The expression as it was written, white space around it included. */
  readonly text: string;
}

/**
 * Compiles a text. One that is a single `{{ expression }}` keeps the expression's type.
 *
 * @throws {DiagnosticError}
 */
export function compileTemplateText(text: string, place: Place): TextProgram {
  const whole = wholeExpression(text);
  if (whole) return withSpaceAround(compileHole(whole, place), text, whole);
  const parts: (string | Part)[] = [];
  let at = 0;
  for (const hole of holesOf(text, place)) {
    if (hole.start - 2 > at) parts.push(text.slice(at, hole.start - 2));
    parts.push({ hole, program: compileHole(hole, place) });
    at = hole.end + 2;
  }
  if (at < text.length) parts.push(text.slice(at));
  const programs = parts.filter((part) => typeof part !== "string").map((part) => part.program);
  return {
    names: new Set(programs.flatMap((program) => [...program.names])),
    constant: programs.every((program) => program.constant),
    evaluate: (scope) => concatenate(parts, scope, place),
  };
}

/** The expression where a text is one `{{ expression }}` and nothing else but white space at its end. */
export function wholeExpression(text: string): Hole | undefined {
  const start = text.length - text.trimStart().length;
  if (!text.startsWith("{{", start)) return undefined;
  const end = closingBraces(text, start + 2);
  if (end === -1 || text.slice(end + 2).trim() !== "") return undefined;
  return { text: text.slice(start + 2, end), start: start + 2, end };
}

interface Part {
  readonly hole: Hole;
  readonly program: TextProgram;
}

/** A text keeps the white space around it (`"{{ name }}\n"` is a line); any other value keeps its type without it. */
function withSpaceAround(program: TextProgram, text: string, { start, end }: Hole): TextProgram {
  const [before, after] = [text.slice(0, start - 2), text.slice(end + 2)];
  if (before === "" && after === "") return program;
  return {
    ...program,
    evaluate(scope) {
      const value = program.evaluate(scope);
      return typeof value === "string" ? before + value + after : value;
    },
  };
}

function concatenate(parts: readonly (string | Part)[], scope: Scope, place: Place): string {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = part.program.evaluate(scope);
    text += typeof value === "string" ? value : textOf(value, part.hole, place);
  }
  return text;
}

function textOf(value: Value, hole: Hole, place: Place): string {
  try {
    return toText(value);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    const start = hole.start + hole.text.length - hole.text.trimStart().length;
    const written = hole.text.trim();
    throw locate(error, place, { start, end: start + written.length }, "", helpForText(value, written));
  }
}

function helpForText(value: Value, written: string): string {
  if (value === null) return `write: ${written} == null ? '' : ${written}`;
  return Array.isArray(value) ? `write: join(${written}, ',') or json(${written})` : `write: json(${written})`;
}

function* holesOf(text: string, place: Place): Iterable<Hole> {
  let at = 0;
  while (true) {
    const open = text.indexOf("{{", at);
    refuseJinja(text, at, open === -1 ? text.length : open, place);
    if (open === -1) return;
    const end = closingBraces(text, open + 2);
    if (end === -1) {
      const quote = openQuote(text, open + 2);
      if (quote !== -1 && text.includes("}}", quote)) {
        const message = "the string that begins here is never closed";
        throw errorAt(place, { start: quote, end: quote + 1 }, "template-syntax", message);
      }
      const help = "}} closes it; for the two characters themselves write {{ '{{' }} or tag the text !raw";
      throw errorAt(place, { start: open, end: open + 2 }, "template-syntax", "'{{' is never closed", help);
    }
    yield { text: text.slice(open + 2, end), start: open + 2, end };
    at = end + 2;
  }
}

/** Finds the `}}` that closes an expression, past strings and the braces of maps; -1 where there is none. */
function closingBraces(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === "'" || char === '"') {
      at = endOfString(text, at);
      if (at === -1) return -1;
    } else if (char === "{") depth++;
    else if (char === "}") {
      if (depth > 0) depth--;
      else if (text[at + 1] === "}") return at;
    }
  }
  return -1;
}

/** The closing quote of the string that begins at an offset, or -1. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start]) return at;
  }
  return -1;
}

/** The first string from an offset on that is never closed, or -1. */
function openQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] !== "'" && text[at] !== '"') continue;
    const end = endOfString(text, at);
    if (end === -1) return at;
    at = end;
  }
  return -1;
}

function compileHole(hole: Hole, place: Place): TextProgram {
  const { text, start } = hole;
  const trimmed = text.trim();
  const outer = { start: start - 2, end: hole.end + 2 };
  if (trimmed === "") throw errorAt(place, outer, "template-syntax", "there is no expression in {{ }}");
  if (/^[$.]/.test(trimmed)) {
    const help = "tag the text !raw to keep it as it is, or write {{ '{{' }} for two braces";
    throw errorAt(place, outer, "template-syntax", "this is a Go template, not an expression", help);
  }
  if (/^-\s/.test(text) || /\s-$/.test(text)) {
    const dash = text.startsWith("-") ? start : hole.end - 1;
    const help = "leave the '-' out; in YAML, '>-' and '|-' leave out line breaks";
    throw errorAt(place, { start: dash, end: dash + 1 }, "jinja-expression", "'-' at the braces is Jinja's", help);
  }
  return compileCel(text, partOf(place, start));
}

const JINJA_HELP: ReadonlyMap<string, string> = new Map(Object.entries({
  if: "choose within an expression: {{ condition ? 'this' : 'that' }}; or skip the task with when:",
  for: "make the list within an expression: {{ list.map(item, item.name).join(',') }}; or repeat the task with loop:",
  set: "give the value a name under vars:",
  raw: "tag the text !raw",
  include: "read the text with {{ file('path') }}",
}));

function refuseJinja(text: string, from: number, to: number, place: Place): void {
  const statement = text.indexOf("{%", from);
  if (statement !== -1 && statement < to) {
    const match = /^\{%-?\s*([a-z]+)/.exec(text.slice(statement, statement + 40));
    const end = text.indexOf("%}", statement);
    if (match && end !== -1) {
      const help = JINJA_HELP.get(match[1].replace(/^(end|el(se|if)).*/, "if")) ?? "write it as an expression in {{ }}";
      const range = { start: statement, end: end + 2 };
      throw errorAt(place, range, "jinja-expression", `{% ${match[1]} %} is Jinja, expressions here are CEL`, help);
    }
  }
  const comment = text.indexOf("{#", from);
  if (comment === -1 || comment >= to) return;
  const end = text.indexOf("#}", comment);
  if (end === -1) return;
  const help = "write the comment in YAML (# …), or tag the text !raw";
  throw errorAt(place, { start: comment, end: end + 2 }, "jinja-expression", "{# #} is a comment in Jinja", help);
}
