import type { CelNode, CelOperator } from "../support/cel.ts";
import type { Run } from "./cel_frame.ts";
import { booleanWord, calculate, compareEqual, compareOrder, isIn } from "./values.ts";

/** What an operator does between two compiled operands. */
export function binaryRun(operator: CelOperator, left: Run, right: Run): Run {
  switch (operator) {
    case "==":
      return (frame) => compareEqual(left(frame), right(frame));
    case "!=":
      return (frame) => !compareEqual(left(frame), right(frame));
    case "<":
      return (frame) => compareOrder(left(frame), right(frame)) < 0;
    case "<=":
      return (frame) => compareOrder(left(frame), right(frame)) <= 0;
    case ">":
      return (frame) => compareOrder(left(frame), right(frame)) > 0;
    case ">=":
      return (frame) => compareOrder(left(frame), right(frame)) >= 0;
    case "in":
      return (frame) => isIn(left(frame), right(frame));
    default:
      return (frame) => calculate(operator, left(frame), right(frame));
  }
}

/** What to write instead, where the operands of an operator do not fit. */
export function helpForOperands(
  node: CelNode & { kind: "binary" },
  texts: { textOf(node: CelNode): string },
): string | undefined {
  const { operator, left, right } = node;
  const [l, r] = [texts.textOf(left), texts.textOf(right)];
  if (left.kind === "literal" && right.kind === "literal") return undefined;
  const literal = left.kind === "literal" ? left : right.kind === "literal" ? right : undefined;
  const word = typeof literal?.value === "string" ? booleanWord(literal.value) : undefined;
  if (word !== undefined) return `write: bool(${literal === left ? r : l}) ${operator} ${word}`;
  const convert = literal && conversionFor(literal.value, operator);
  if (convert) {
    return `write: ${literal === left ? `${l} ${operator} ${convert}(${r})` : `${convert}(${l}) ${operator} ${r}`}`;
  }
  if (operator === "+") return "string(…) makes a number a text, int(…) a text a number";
  if (operator === "/" || operator === "%" || operator === "*" || operator === "-") {
    return "int(…) or double(…) make a text a number";
  }
  return "int(…), double(…), string(…) and bool(…) convert";
}

function conversionFor(literal: string | number | boolean | null, operator: CelOperator): string | undefined {
  if (typeof literal === "number") return Number.isInteger(literal) ? "int" : "double";
  if (typeof literal === "boolean") return "bool";
  return typeof literal === "string" && (operator === "+" || operator === "==" || operator === "!=")
    ? "string"
    : undefined;
}
