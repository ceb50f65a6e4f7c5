/**
 * The one place that imports the CEL parser. Gives a small tree of positioned nodes; what they mean is said in
 * `engine/variables`, so that values need no conversion, stay lazy, and every message points at its token.
 *
 * @module
 */

import { type ASTNode, Environment } from "@marcbachmann/cel-js";

/** Half-open range of offsets in the expression's text. */
export interface CelRange {
  /** The first character's offset, in UTF-16 units from 0. */
  readonly start: number;
  /** The offset behind the last character. */
  readonly end: number;
}

/** The operators between two operands, logic left out. */
export type CelOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";

/** A positioned node of an expression. Parentheses are not part of a node's range. */
export type CelNode =
  & CelRange
  & (
    | { readonly kind: "literal"; readonly value: string | number | boolean | null; readonly double: boolean }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "member"; readonly target: CelNode; readonly key: string; readonly keyRange: CelRange }
    | { readonly kind: "index"; readonly target: CelNode; readonly index: CelNode }
    | CelCall
    | { readonly kind: "list"; readonly items: readonly CelNode[] }
    | { readonly kind: "map"; readonly entries: readonly (readonly [key: CelNode, value: CelNode])[] }
    | { readonly kind: "ternary"; readonly condition: CelNode; readonly then: CelNode; readonly otherwise: CelNode }
    | { readonly kind: "logic"; readonly operator: "&&" | "||"; readonly left: CelNode; readonly right: CelNode }
    | { readonly kind: "binary"; readonly operator: CelOperator; readonly left: CelNode; readonly right: CelNode }
    | { readonly kind: "unary"; readonly operator: "!" | "-"; readonly operand: CelNode }
  );

/** `name(args)`, or `receiver.name(args)`. */
export interface CelCall extends CelRange {
  /** Tells it from the other nodes. */
  readonly kind: "call";
  /** The function or method, as it was written. */
  readonly name: string;
  /** Where the name stands. */
  readonly nameRange: CelRange;
  /** What stands before the dot; undefined for a plain call. */
  readonly receiver?: CelNode;
  /** The arguments in order, the receiver left out. */
  readonly args: readonly CelNode[];
}

/** The text is not CEL. The range says where. */
export class CelSyntaxError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "CelSyntaxError";
  /** Made with a message without place, and the range at fault. */
  constructor(message: string, readonly range: CelRange) {
    super(message);
  }
}

const MAX_LENGTH = 20_000;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  // The number of nodes also bounds how deep a chain of operators nests, and so every recursion over the tree.
  limits: { maxAstNodes: 2_000, maxDepth: 200, maxListElements: 2_000, maxMapEntries: 2_000 },
});

/**
 * Parses an expression.
 *
 * @throws {CelSyntaxError}
 */
export function parseCel(text: string): CelNode {
  if (text.length > MAX_LENGTH) {
    throw new CelSyntaxError(`an expression of more than ${MAX_LENGTH} characters`, { start: 0, end: 1 });
  }
  try {
    return convert(environment.parse(text).ast, text);
  } catch (error) {
    if (error instanceof RangeError) throw new CelSyntaxError("the expression nests too deeply", { start: 0, end: 1 });
    throw isParseError(error) ? toSyntaxError(error, text) : error;
  }
}

interface ParseError {
  readonly code: string;
  readonly summary: string;
  readonly range?: CelRange;
}

function isParseError(error: unknown): error is ParseError {
  return error instanceof Error && error.name === "ParseError";
}

function toSyntaxError(error: ParseError, text: string): CelSyntaxError {
  const start = Math.min(error.range?.start ?? 0, text.length);
  const rest = text.slice(start);
  if (error.code === "limit_exceeded" || error.code === "invalid_macro_argument") {
    const message = error.code === "limit_exceeded"
      ? "the expression is too large"
      : "expected a name for the item, as in list.map(item, item.name)";
    return new CelSyntaxError(message, { start, end: Math.max(start + 1, error.range?.end ?? 0) });
  }
  if (/unterminated|escape|newline|invalid/.test(error.code)) {
    const message = error.summary[0].toLowerCase() + error.summary.slice(1);
    return new CelSyntaxError(message, { start, end: Math.max(start + 1, error.range?.end ?? 0) });
  }
  if (rest.trim() === "") {
    const message = text.trim() === "" ? "an empty expression" : "the expression ends too early";
    const end = text.trimEnd().length;
    return new CelSyntaxError(message, { start: Math.max(0, end - 1), end: Math.max(1, end) });
  }
  if (error.code === "reserved_identifier") {
    const end = error.range?.end ?? start + 1;
    return new CelSyntaxError(`'${text.slice(start, end)}' is a reserved word`, { start, end });
  }
  const token = /^([A-Za-z_]\w*|\d+|&&|\|\||[=!<>]=|.)/us.exec(rest)?.[0] ?? rest[0];
  return new CelSyntaxError(`unexpected '${token}' in the expression`, { start, end: start + token.length });
}

function convert(node: ASTNode, text: string): CelNode {
  const { start, end } = node;
  switch (node.op) {
    case "value":
      return literal(node.args, { start, end });
    case "id":
      return { kind: "name", name: node.args, start, end };
    case ".":
    case ".?":
      return memberOf(node.args[0], node.args[1], text, end);
    case "[]":
    case "[?]":
      return { kind: "index", target: convert(node.args[0], text), index: convert(node.args[1], text), start, end };
    case "call":
    case "rcall":
      return call(node, text);
    case "list":
      return { kind: "list", items: node.args.map((item) => convert(item, text)), start, end };
    case "map": {
      const entries = node.args.map(([key, value]) => [convert(key, text), convert(value, text)] as const);
      return { kind: "map", entries, start, end };
    }
    case "?:": {
      const [condition, then, otherwise] = node.args.map((arm) => convert(arm, text));
      return { kind: "ternary", condition, then, otherwise, start, end };
    }
    case "&&":
    case "||": {
      const [left, right] = node.args.map((side) => convert(side, text));
      return { kind: "logic", operator: node.op, left, right, start, end };
    }
    case "!_":
    case "-_":
      return { kind: "unary", operator: node.op === "!_" ? "!" : "-", operand: convert(node.args, text), start, end };
    default: {
      const [left, right] = node.args.map((side) => convert(side, text));
      return { kind: "binary", operator: node.op, left, right, start, end };
    }
  }
}

function memberOf(target: ASTNode, key: string, text: string, end: number): CelNode {
  const keyRange = { start: end - key.length, end };
  return { kind: "member", target: convert(target, text), key, keyRange, start: target.start, end };
}

function call(node: ASTNode & { readonly op: "call" | "rcall" }, text: string): CelCall {
  const { start, end } = node;
  if (node.op === "call") {
    const [name, args] = node.args;
    const nameRange = { start, end: start + name.length };
    return { kind: "call", name, nameRange, args: args.map((arg) => convert(arg, text)), start, end };
  }
  const [name, receiver, args] = node.args;
  const at = text.indexOf(name, text.indexOf(".", receiver.end));
  return {
    kind: "call",
    name,
    nameRange: { start: at, end: at + name.length },
    receiver: convert(receiver, text),
    args: args.map((arg) => convert(arg, text)),
    start,
    end,
  };
}

function literal(value: unknown, range: CelRange): CelNode {
  if (value === null || typeof value === "string" || typeof value === "boolean") {
    return { kind: "literal", value, double: false, ...range };
  }
  if (typeof value === "number") return { kind: "literal", value, double: true, ...range };
  if (typeof value !== "bigint") throw new CelSyntaxError("a literal of a kind that is not supported", range);
  const number = Number(value);
  if (Number.isSafeInteger(number)) return { kind: "literal", value: number, double: false, ...range };
  throw new CelSyntaxError("an integer that is too large (more than 9007199254740991)", range);
}
