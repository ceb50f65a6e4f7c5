/**
 * CEL's logic, and what the operands of logic must be.
 *
 * @module
 */

import { DiagnosticError } from "../support/diagnostic.ts";
import type { Frame, Run } from "./cel_frame.ts";
import { locate, type Place, type Range } from "./place.ts";
import { type Operand, toBoolean } from "./values.ts";
import { FactsNeeded, PendingError } from "./variable.ts";

/** `||` where `isOr`, else `&&`. What is wrong or not known on one side does not matter where the other decides. */
export function logicRun(isOr: boolean, left: (frame: Frame) => boolean, right: (frame: Frame) => boolean): Run {
  return (frame) => {
    try {
      if (left(frame) === isOr) return isOr;
    } catch (error) {
      return absorb(error, isOr, right, frame);
    }
    return right(frame);
  };
}

function absorb(error: unknown, decisive: boolean, right: (frame: Frame) => boolean, frame: Frame): boolean {
  if (!isAbsorbable(error)) throw error;
  let other: unknown;
  try {
    if (right(frame) === decisive) return decisive;
  } catch (rightError) {
    other = rightError;
  }
  // Facts can be gathered; what is pending may still decide; only then is an error an error.
  const errors = [error, other];
  throw errors.find((one) => one instanceof FactsNeeded) ?? errors.find((one) => one instanceof PendingError) ?? error;
}

function isAbsorbable(error: unknown): boolean {
  return error instanceof PendingError || error instanceof DiagnosticError;
}

/** The boolean that an operand of logic, or a condition, is. @throws {DiagnosticError} */
export function booleanAt(value: Operand, place: Place, range: Range, text: string): boolean {
  try {
    return toBoolean(value);
  } catch (error) {
    throw locate(error, place, range, "", helpForCondition(value, text));
  }
}

function helpForCondition(value: Operand, text: string): string {
  if (typeof value === "number") return `write: ${text} != 0`;
  if (value === null) return `write: ${text} != null`;
  if (typeof value === "object") return `write: size(${text}) > 0`;
  return `bool(…) reads a text such as 'yes'; to ask whether it is there, write: ${text} != ''`;
}
