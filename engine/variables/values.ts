/**
 * What operators mean between values; the same for CEL and for Handlebars. Values are plain JSON values: whole numbers
 * are CEL's int, others its double, and the two mix.
 *
 * @module
 */

import type { Value } from "../module/module.ts";

/** A double that happens to be whole, as `2.0`: within one expression, `7 / 2.0` is 3.5 where `7 / 2` is 3. */
export class Double {
  /** Made with its number. */
  constructor(readonly value: number) {}
}

/** A value while an expression is evaluated. */
export type Operand = Value | Double;

/** A value is not of the kind that is needed. Whoever knows the place makes it a diagnostic. */
export class Misuse extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "Misuse";
  /**
   * Made with a message without place, which the catcher adds.
   *
   * @param options `argument` is the index of the argument at fault; `help` null where nothing is to be suggested
   */
  constructor(message: string, readonly options: { help?: string | null; argument?: number } = {}) {
    super(message);
  }
}

/**
 * What `omit` stands for: an argument, list item or map entry with this value is left out, as with Ansible's
 * `default(omit)`. Compare by identity.
 */
export const OMIT: Value = Object.freeze({});

/** A mapping, also one that is not known yet. */
export type ValueMap = { [key: string]: Value };

/** Whether a value is a mapping. */
export function isMap(value: unknown): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Double);
}

/** The value as it leaves an expression. */
export function plain(operand: Operand): Value {
  return operand instanceof Double ? operand.value : operand;
}

/** `a string`, `a list`, … */
export function describeKind(value: Operand): string {
  if (value === null) return "null";
  if (value === OMIT) return "omit";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Double) return "a number";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

const BOOLEAN_WORDS: ReadonlyMap<string, boolean> = new Map(
  Object.entries({ true: true, yes: true, on: true, false: false, no: false, off: false }),
);

/** Whether a keyword or connection variable means true: `true`, or one of the words `true`, `yes`, `on`, `1`. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && /^(true|yes|on|1)$/i.test(value));
}

/** Reads a text such as `yes` or `False`, as `-e flag=true` gives it; undefined where it is another text. */
export function booleanWord(text: string): boolean | undefined {
  return text.length > 5 ? undefined : BOOLEAN_WORDS.get(text.toLowerCase());
}

/** The boolean of a condition. @throws {Misuse} for what is none */
export function toBoolean(value: Operand): boolean {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? booleanWord(value) : undefined;
  if (word !== undefined) return word;
  throw new Misuse(`a condition must be true or false, this is ${describeKind(value)}`);
}

/** Whether a Handlebars `#if` takes the value as true: not false, null, "", 0, [] or a text such as "false". */
export function isTruthy(value: Value): boolean {
  if (typeof value === "string") return value !== "" && booleanWord(value) !== false;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Whether `default(x, y, true)` takes the value as missing: false, null, "", [] or {}. */
export function isEmpty(value: Value): boolean {
  if (isMap(value)) return Object.keys(value).length === 0;
  return value === "" || value === null || value === false || (Array.isArray(value) && value.length === 0);
}

/** The text that a value becomes within a longer text. @throws {Misuse} for null, lists and maps */
export function toText(operand: Operand): string {
  const value = plain(operand);
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === OMIT) throw new Misuse("omit leaves a whole argument out and cannot be part of a text", { help: null });
  throw new Misuse(`${describeKind(value)} cannot be put into a text`);
}

/** Deep equality; kinds that differ are not equal. */
export function isEqual(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length &&
      left.every((item, index) => isEqual(item, right[index]));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]));
}

/** What `==` says. @throws {Misuse} for scalars of two kinds, such as "7" and 7, which would silently never be equal */
export function compareEqual(leftOperand: Operand, rightOperand: Operand): boolean {
  const left = plain(leftOperand);
  const right = plain(rightOperand);
  const kind = typeof left;
  if (kind !== typeof right && kind !== "object" && typeof right !== "object") {
    throw new Misuse(`${describeKind(left)} is compared with ${describeKind(right)}: they are never equal`);
  }
  return isEqual(left, right);
}

/** Less than zero, zero or more: how numbers, strings and booleans sort. @throws {Misuse} for other or mixed kinds */
export function compareOrder(leftOperand: Operand, rightOperand: Operand): number {
  const left = plain(leftOperand);
  const right = plain(rightOperand);
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  throw new Misuse(`${describeKind(left)} and ${describeKind(right)} have no order`);
}

/** What `in` says: an item of a list, a key of a map. @throws {Misuse} for other kinds */
export function isIn(item: Operand, container: Operand): boolean {
  if (Array.isArray(container)) return container.some((other) => isEqual(other, plain(item)));
  if (isMap(container)) return Object.hasOwn(container, String(plain(item)));
  const help = typeof container === "string" ? "contains looks for a text within a text" : null;
  throw new Misuse(`'in' looks into a list or a map, this is ${describeKind(container)}`, { help });
}

/** The arithmetic operators. `+` also joins two strings or two lists. */
export type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** Calculates. Two whole numbers give a whole number, also for `/`. @throws {Misuse} */
export function calculate(operator: Arithmetic, left: Operand, right: Operand): Operand {
  if (operator === "+") {
    if (typeof left === "string" && typeof right === "string") return left + right;
    if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
    if (isMap(left) && isMap(right)) {
      throw new Misuse("'+' does not join maps", { help: "the function merge joins maps" });
    }
  }
  const a = left instanceof Double ? left.value : left;
  const b = right instanceof Double ? right.value : right;
  if (typeof a !== "number" || typeof b !== "number") {
    throw new Misuse(`'${operator}' does not work between ${describeKind(left)} and ${describeKind(right)}`);
  }
  if (isWhole(left) && isWhole(right)) return wholeResult(operator, a, b);
  if (operator === "%") throw new Misuse("'%' needs two whole numbers");
  return double(operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : a / b);
}

/** A number that remembers that it is a double. @throws {Misuse} for what JSON cannot hold */
export function double(value: number): Operand {
  if (!Number.isFinite(value)) throw new Misuse("the result is not a finite number", { help: null });
  return Number.isInteger(value) ? new Double(value) : value;
}

function isWhole(operand: Operand): boolean {
  return typeof operand === "number" && Number.isSafeInteger(operand);
}

function wholeResult(operator: Arithmetic, a: number, b: number): number {
  if ((operator === "/" || operator === "%") && b === 0) throw new Misuse("division by zero", { help: null });
  const result = operator === "+"
    ? a + b
    : operator === "-"
    ? a - b
    : operator === "*"
    ? a * b
    : operator === "/"
    ? Math.trunc(a / b)
    : a % b;
  if (!Number.isSafeInteger(result)) throw new Misuse("the result is too large for a whole number", { help: null });
  return result === 0 ? 0 : result;
}
