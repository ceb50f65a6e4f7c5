/**
 * How a function of expressions and templates is defined.
 *
 * @module
 */

import { describeKind, isMap, Misuse, type Operand, plain, toText, type ValueMap } from "./values.ts";
import type { Value } from "../module/module.ts";
import type { Controller } from "./variable.ts";

/** A function; `lower(x)` and `x.lower()` in expressions, `{{lower x}}` in templates. */
export interface TemplateFunction {
  /** The word under which it is called. */
  readonly name: string;
  /** A second name, from CEL's own libraries. */
  readonly alias?: string;
  /** With parameter names; `?` marks what may be left out, `…` what may repeat. */
  readonly signature: string;
  /** What it gives, in Markdown, with a full stop. */
  readonly summary: string;
  /** An expression and its value; run as a test and shown in docs/expressions.md. */
  readonly example: string;
  /** What the example evaluates to. */
  readonly result: Value;
  /** The least number of arguments, the receiver `x.name()` counted. */
  readonly min: number;
  /** The greatest number of arguments; `Infinity` where the last may repeat. */
  readonly max: number;
  /** Whether it reads the machine that aami runs on, so that it is not evaluated ahead. */
  readonly impure?: boolean;
  /** Gives its value; the number of arguments has been checked. @throws {Misuse} */
  call(args: readonly Value[], controller: Controller): Operand;
}

/** Defines a function. The number of arguments is read from the signature. */
export function define(
  signature: string,
  summary: string,
  example: string,
  result: Value,
  call: TemplateFunction["call"],
  more: { readonly alias?: string; readonly impure?: boolean } = {},
): TemplateFunction {
  const [name, list] = signature.slice(0, -1).split("(");
  const parameters = list.split(",").map((parameter) => parameter.trim());
  const max = parameters.some((parameter) => parameter.endsWith("…")) ? Infinity : parameters.length;
  const min = parameters.filter((parameter) => !/[?…]$/.test(parameter)).length;
  return { name, signature, summary, example, result, min, max, call, ...more };
}

/** Calls a function and tells the controller what it made of its arguments. @throws {Misuse} */
export function callFunction(fn: TemplateFunction, args: readonly Value[], controller: Controller): Operand {
  const result = fn.call(args, controller);
  controller.derived(args, plain(result));
  return result;
}

/** `1 argument`, `2 arguments`. */
export function argumentCount(count: number): string {
  return count === 1 ? "1 argument" : `${count} arguments`;
}

/** The argument as a string. @throws {Misuse} */
export function textArgument(args: readonly Value[], index: number): string {
  const value = args[index];
  if (typeof value === "string") return value;
  const help = typeof value === "number" || typeof value === "boolean" ? "string(…) makes it a string" : undefined;
  throw new Misuse(`expected a string, got ${describeKind(value)}`, { argument: index, help });
}

/** The argument as a list. @throws {Misuse} */
export function listArgument(args: readonly Value[], index: number): Value[] {
  const value = args[index];
  if (Array.isArray(value)) return value;
  const help = isMap(value) ? "keys(…), values(…) or items(…) make a list of a map" : undefined;
  throw new Misuse(`expected a list, got ${describeKind(value)}`, { argument: index, help });
}

/** The argument as a map. @throws {Misuse} */
export function mapArgument(args: readonly Value[], index: number): ValueMap {
  const value = args[index];
  if (isMap(value)) return value;
  throw new Misuse(`expected a map, got ${describeKind(value)}`, { argument: index });
}

/** The argument as a number. @throws {Misuse} */
export function numberArgument(args: readonly Value[], index: number): number {
  const value = args[index];
  if (typeof value === "number") return value;
  const help = typeof value === "string" ? "int(…) or double(…) make it a number" : undefined;
  throw new Misuse(`expected a number, got ${describeKind(value)}`, { argument: index, help });
}

/** The argument as a whole number within bounds. @throws {Misuse} */
export function wholeArgument(args: readonly Value[], index: number, lowest: number, highest: number): number {
  const value = numberArgument(args, index);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new Misuse(`expected a whole number from ${lowest} to ${highest}`, { argument: index });
}

/** The argument as text: a string, number or boolean. @throws {Misuse} */
export function scalarArgument(args: readonly Value[], index: number): string {
  return asArgument(index, () => toText(args[index]));
}

/** Blames an argument for what goes wrong. */
export function asArgument<T>(argument: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Misuse) throw new Misuse(error.message, { ...error.options, argument });
    throw error;
  }
}
