/**
 * The helpers of templates beside the functions that expressions have too: what expressions write with operators.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { type Arithmetic, calculate, compareEqual, compareOrder, isIn, type Operand } from "./values.ts";

/** A helper that stands for an operator of CEL. */
export interface OperatorHelper {
  /** The word under which it is called, e.g. `eq`. */
  readonly name: string;
  /** How it is written, in parentheses: `(eq a b)`. */
  readonly signature: string;
  /** What it gives, in Markdown, without a full stop. */
  readonly summary: string;
  /** A template and what it renders. */
  readonly example: string;
  /** The text that the example renders to; a test holds it so. */
  readonly result: string;
  /** The operator in CEL. */
  readonly operator: string;
  /** Gives its value. @throws {Misuse} for values that the operator does not take */
  call(left: Value, right: Value): Operand;
}

function compare(
  name: string,
  operator: string,
  summary: string,
  example: string,
  call: OperatorHelper["call"],
): OperatorHelper {
  return {
    name,
    operator,
    summary,
    signature: `(${name} a b)`,
    example: `{{#if (${name} ${example})}}yes{{/if}}`,
    result: "yes",
    call,
  };
}

function arithmetic(name: string, operator: Arithmetic, example: string, result: string): OperatorHelper {
  const call = (left: Value, right: Value) => calculate(operator, left, right);
  return {
    name,
    operator,
    summary: `a ${operator} b`,
    signature: `(${name} a b)`,
    example: `{{${name} ${example}}}`,
    result,
    call,
  };
}

/** The helpers that compare and calculate. */
export const OPERATOR_HELPERS: readonly OperatorHelper[] = [
  compare("eq", "==", "Whether both are equal.", "1 1", compareEqual),
  compare("ne", "!=", "Whether they differ.", "1 2", (left, right) => !compareEqual(left, right)),
  compare("lt", "<", "Whether a is less than b.", "1 2", (left, right) => compareOrder(left, right) < 0),
  compare("le", "<=", "Whether a is at most b.", "2 2", (left, right) => compareOrder(left, right) <= 0),
  compare("gt", ">", "Whether a is more than b.", "2 1", (left, right) => compareOrder(left, right) > 0),
  compare("ge", ">=", "Whether a is at least b.", "2 2", (left, right) => compareOrder(left, right) >= 0),
  compare("in", "in", "Whether b, a list or map, has a.", "'x' (split 'x y')", isIn),
  arithmetic("add", "+", "1 2", "3"),
  arithmetic("sub", "-", "3 2", "1"),
  arithmetic("mul", "*", "3 2", "6"),
  arithmetic("div", "/", "7 2", "3"),
  arithmetic("mod", "%", "7 2", "1"),
];

/** {@linkcode OPERATOR_HELPERS} by name. */
export const OPERATOR_HELPERS_BY_NAME: ReadonlyMap<string, OperatorHelper> = new Map(
  OPERATOR_HELPERS.map((helper) => [helper.name, helper]),
);

/** The helpers that evaluate their arguments by themselves. */
export const SPECIAL_HELPERS: readonly string[] = ["default", "defined", "lookup", "and", "or", "not"];

/** The blocks. */
export const BLOCKS: readonly string[] = ["if", "unless", "each", "with"];
