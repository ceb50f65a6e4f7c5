/**
 * Errors of usage in the words and the form of all other errors.
 *
 * @module
 */

import type { CommanderError } from "../engine/support/commander.ts";
import { inputError } from "../engine/support/diagnostic.ts";

/** The error of the command line as a diagnostic. `command` is what was called, e.g. `aami play`. */
export function usageError(error: CommanderError, command: string): Error {
  const [head, near] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = /Did you mean (?:one of )?(.+)\?\)/.exec(near ?? "")?.[1];
  const help = suggestion
    ? `did you mean '${suggestion.split(", ").join("' or '")}'?`
    : `'${command} --help' shows ${command === "aami" ? "the commands" : "how to use it"}`;
  return inputError("usage", inOurWords(head), undefined, help);
}

/** The number that a flag was given. */
export function wholeNumber(flag: string, text: string, least: number, most: number = Infinity): number {
  const number = Number(text);
  if (Number.isInteger(number) && text.trim() !== "" && number >= least && number <= most) return number;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw inputError("flag", `${flag} needs a whole number ${range}, got '${text}'`);
}

const WORDS: readonly [RegExp, string][] = [
  [/^option '(?:-\w, )?(--[\w-]+) <([^>]*)>' argument missing$/, "$1 needs a value: <$2>"],
  [
    /^option '(?:-\w, )?(--[\w-]+) <[^>]*>' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/,
    "$1 is one of $3, not '$2'",
  ],
  [/^missing required argument '(.*)'$/, "the command needs an argument: <$1>"],
  [/^too many arguments for '(.*)'\. .* got \d+: (.*)\.$/, "'$1' takes no more arguments: '$2' is too much"],
  [/^unknown option '(.*)'$/, "there is no option '$1'"],
  [/^unknown command '(.*)'$/, "there is no command '$1'"],
];

function inOurWords(message: string): string {
  for (const [pattern, words] of WORDS) if (pattern.test(message)) return message.replace(pattern, words);
  return message.replace(/\.$/, "");
}
