/**
 * Recognises an expression written in Jinja, as Ansible has it, and says how it is written in CEL.
 *
 * @module
 */

import { CelSyntaxError, parseCel } from "../support/cel.ts";
import { JinjaParser } from "./jinja_parser.ts";
import { type JinjaToken, tokenizeJinja } from "./jinja_tokens.ts";
import type { Range } from "./place.ts";

/** What of an expression is Jinja, and what to write. */
export interface Habit extends Range {
  /** What is Jinja, without a full stop. */
  readonly message: string;
  /** What to write in CEL; undefined where there is no rule for it. */
  readonly help?: string;
}

const GENERIC_HELP: ReadonlyMap<string, string> = new Map(Object.entries({
  is: "defined(x), x == null, x.matches('…') ask such things",
  and: "write && between conditions",
  or: "write || between conditions",
  not: "write ! before a condition, or !(x in list)",
  if: "write: condition ? this : that",
  else: "write: condition ? this : that",
  "~": "write + between strings",
  "**": "there is no power operator; multiply",
  "|": "write a function: lower(x) for x | lower",
}));

/**
 * Finds what of an expression is Jinja and not CEL, and translates the expression.
 *
 * @returns undefined where nothing in it is Jinja
 */
export function jinjaHabit(text: string): Habit | undefined {
  const tokens = tokenizeJinja(text);
  if (!tokens) return undefined;
  const parser = new JinjaParser(tokens);
  const written = parser.parse();
  const habit = parser.habit ?? firstHabitToken(tokens);
  if (!habit) return undefined;
  const help = written !== undefined && isCel(written) ? `write: ${written}` : GENERIC_HELP.get(habit.word);
  return { start: habit.start, end: habit.end, message: `'${habit.shown}' is Jinja, expressions here are CEL`, help };
}

/** An expression of Jinja in CEL; undefined where it cannot be said. What is CEL already stays so. */
export function jinjaToCel(text: string): string | undefined {
  const tokens = tokenizeJinja(text);
  return tokens && new JinjaParser(tokens).parse();
}

/** Where the text could not be parsed as Jinja either, one of its words may still say what it was meant to be. */
function firstHabitToken(tokens: readonly JinjaToken[]) {
  const token = tokens.find((one) =>
    (one.kind === "name" && /^(is|and|or|not|if|else)$/.test(one.text)) || one.text === "|" || one.text === "~"
  );
  return token && { start: token.start, end: token.end, shown: token.text, word: token.text };
}

function isCel(text: string): boolean {
  try {
    parseCel(text);
    return true;
  } catch (error) {
    if (error instanceof CelSyntaxError) return false;
    throw error;
  }
}
