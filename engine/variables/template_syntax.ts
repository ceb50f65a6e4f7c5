/**
 * Makes the template parser's errors say what to do.
 *
 * @module
 */

import type { TemplateSyntaxError } from "../support/handlebars.ts";
import { errorAt, type Place, type Range } from "./place.ts";
import { tagInHandlebars } from "./template_habits.ts";

/** The diagnostic for a text that is not a template. */
export function templateSyntaxError(error: TemplateSyntaxError, text: string, place: Place): Error {
  const { range, token } = error;
  const fail = (at: Range, message: string, help?: string) => errorAt(place, at, "template-syntax", message, help);
  const mismatch = /^(\S+) doesn't match (\S+)$/.exec(error.message);
  if (mismatch) return fail(range, `'#${mismatch[1]}' is closed by '/${mismatch[2]}'`, `write {{/${mismatch[1]}}}`);
  if (token === "EOF") return unclosed(text, place);
  if (token === "OPEN_ENDBLOCK" || token === "INVERSE" || token === "OPEN_INVERSE_CHAIN") {
    const end = text.indexOf("}}", range.start);
    const tag = { start: range.start, end: end === -1 ? range.end : end + 2 };
    return fail(tag, `'${text.slice(tag.start, tag.end)}' belongs to no block`);
  }
  const quote = text[range.start];
  const tagEnd = text.indexOf("}}", range.start);
  if ((quote === "'" || quote === '"') && tagEnd !== -1 && !text.slice(range.start + 1, tagEnd).includes(quote)) {
    return fail({ start: range.start, end: range.start + 1 }, "the string that begins here is never closed");
  }
  const begin = /[=!<>]=/.test(text.slice(range.start - 1, range.start + 1)) ? range.start - 1 : range.start;
  const shown = /^(\w+|'[^']*'|"[^"]*"|[^\w\s]{1,3})/.exec(text.slice(begin))?.[0] ?? text[begin];
  const at = { start: begin, end: begin + shown.length };
  const written = tagInHandlebars(text, range.start);
  if (written) return fail(at, `unexpected '${shown}': template files are Handlebars`, `write ${written}`);
  if (token === undefined) return fail(range, error.message[0].toLowerCase() + error.message.slice(1));
  const open = text.lastIndexOf("{{", range.start);
  if (open !== -1 && text.indexOf("}}", open) === -1) return unclosed(text, place);
  return fail(at, `unexpected '${shown}' in a template tag`, helpFor(token, shown, text[range.start - 1]));
}

function helpFor(token: string, shown: string, before: string | undefined): string | undefined {
  if (token === "NUMBER" && before === ".") return `an index at the end of a path is written .[${shown}]`;
  if (/^[$.]/.test(shown)) return RAW_HELP;
  return undefined;
}

/** How braces are printed that are not ours to read. */
export const RAW_HELP =
  "to print braces as they are, write \\{{ for one tag, or {{{{raw}}}} … {{{{/raw}}}} around the text";

/** Finds the tag or block that is still open at the end. */
function unclosed(text: string, place: Place): Error {
  const open: { name: string; start: number; end: number }[] = [];
  for (const tag of text.matchAll(/\{\{~?(#|\/)\s*([\w.-]+)/g)) {
    if (tag[1] === "/") open.pop();
    else open.push({ name: tag[2], start: tag.index, end: tag.index + tag[0].length });
  }
  const block = open.at(-1);
  if (block) {
    return errorAt(place, block, "template-syntax", `'#${block.name}' is never closed`, `write {{/${block.name}}}`);
  }
  const start = Math.max(0, text.lastIndexOf("{{"));
  return errorAt(place, { start, end: start + 2 }, "template-syntax", "'{{' is never closed", "}} closes it");
}
