/**
 * The list of functions: one implementation for expressions (`lower(x)`, `x.lower()`) and for templates (`{{lower x}}`).
 *
 * @module
 */

import {
  asArgument,
  define,
  listArgument,
  mapArgument,
  numberArgument,
  type TemplateFunction,
  textArgument,
  wholeArgument,
} from "./function.ts";
import { TEXT_FUNCTIONS } from "./text_functions.ts";
import {
  booleanWord,
  compareOrder,
  describeKind,
  double,
  isEqual,
  isMap,
  Misuse,
  toText,
  type ValueMap,
} from "./values.ts";
import type { Value } from "../module/module.ts";

const MAX_RANGE = 100_000;

function sizeOf(value: Value): number {
  if (typeof value === "string") return [...value].length;
  if (Array.isArray(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw new Misuse(`expected a string, list or map, got ${describeKind(value)}`, { argument: 0 });
}

function toInt(value: Value): number {
  if (typeof value === "number") return asSafe(Math.trunc(value));
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value)) return asSafe(Number(value));
  if (typeof value === "string") throw new Misuse("the text is not a whole number", { argument: 0 });
  throw new Misuse(`expected a string, number or boolean, got ${describeKind(value)}`, { argument: 0 });
}

function asSafe(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw new Misuse("the number is too large for a whole number", { argument: 0 });
}

function toDouble(value: Value): number {
  if (typeof value === "number") return value;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
  if (Number.isFinite(number)) return number;
  if (typeof value === "string") throw new Misuse("the text is not a number", { argument: 0 });
  throw new Misuse(`expected a string or number, got ${describeKind(value)}`, { argument: 0 });
}

function toBool(value: Value): boolean {
  if (typeof value === "boolean") return value;
  if (value === 1 || value === "1") return true;
  if (value === 0 || value === "0") return false;
  const word = typeof value === "string" ? booleanWord(value) : undefined;
  if (word !== undefined) return word;
  const kind = typeof value === "string" || typeof value === "number" ? `this ${typeof value}` : describeKind(value);
  throw new Misuse(`${kind} is neither true nor false`, {
    argument: 0,
    help: "true, yes, on and 1 are true; false, no, off and 0 are false",
  });
}

function extreme(args: readonly Value[], wanted: 1 | -1): Value {
  const items = args.length === 1 ? listArgument(args, 0) : args;
  if (items.length === 0) throw new Misuse("the list is empty", { argument: 0 });
  return items.reduce((best, item) => Math.sign(compareOrder(item, best)) === wanted ? item : best);
}

function unique(list: readonly Value[]): Value[] {
  const scalars = new Set<Value>();
  const others: Value[] = [];
  return list.filter((item) => {
    const scalar = typeof item !== "object" || item === null;
    if (scalar ? scalars.has(item) : others.some((other) => isEqual(other, item))) return false;
    if (scalar) scalars.add(item);
    else others.push(item);
    return true;
  });
}

function range(args: readonly Value[]): number[] {
  const start = args.length > 1 ? wholeArgument(args, 0, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) : 0;
  const end = wholeArgument(args, args.length > 1 ? 1 : 0, start - MAX_RANGE, start + MAX_RANGE);
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
}

function slice(args: readonly Value[]): Value[] {
  const list = listArgument(args, 0);
  const start = wholeArgument(args, 1, 0, list.length);
  return list.slice(start, args.length > 2 ? wholeArgument(args, 2, start, list.length) : undefined);
}

function endOf(args: readonly Value[], index: 0 | -1): Value {
  const item = listArgument(args, 0).at(index);
  if (item === undefined) throw new Misuse("the list is empty", { argument: 0 });
  return item;
}

function round(args: readonly Value[]): ReturnType<TemplateFunction["call"]> {
  const value = numberArgument(args, 0);
  if (args.length < 2) return asSafe(Math.round(value));
  return double(Number(value.toFixed(wholeArgument(args, 1, 0, 15))));
}

const LIST_FUNCTIONS: readonly TemplateFunction[] = [
  define("size(value)", "How many characters, items or keys.", "size(['a', 'b'])", 2, (args) => sizeOf(args[0])),
  define("first(list)", "The first item.", "first(['a', 'b'])", "a", (args) => endOf(args, 0)),
  define("last(list)", "The last item.", "last(['a', 'b'])", "b", (args) => endOf(args, -1)),
  define("slice(list, start, end?)", "A part of a list; positions count from 0.", "slice([1, 2, 3], 1)", [2, 3], slice),
  define("sort(list)", "The list in order.", "sort(['b', 'a'])", ["a", "b"], (args) => {
    const list = listArgument(args, 0);
    return asArgument(0, () => list.toSorted(compareOrder));
  }),
  define(
    "reverse(list)",
    "The list from its end.",
    "reverse([1, 2])",
    [2, 1],
    (args) => listArgument(args, 0).toReversed(),
  ),
  define(
    "unique(list)",
    "The list without repetitions.",
    "unique([1, 2, 1])",
    [1, 2],
    (args) => unique(listArgument(args, 0)),
    {
      alias: "distinct",
    },
  ),
  define(
    "flatten(list)",
    "The items of the lists within a list, at any depth.",
    "flatten([1, [2, [3]]])",
    [1, 2, 3],
    (args) => (listArgument(args, 0) as unknown[]).flat(Infinity) as Value[],
  ),
  define("range(start?, end)", "The numbers up to, not including, `end`.", "range(3)", [0, 1, 2], range),
  define("min(list or values…)", "The smallest.", "min([3, 1, 2])", 1, (args) => extreme(args, -1)),
  define("max(list or values…)", "The largest.", "max(3, 1)", 3, (args) => extreme(args, 1)),
  define("sum(list)", "The sum of the numbers in a list.", "sum([1, 2.5])", 3.5, (args) => {
    const list = listArgument(args, 0);
    return list.reduce<number>((total, item) => total + asArgument(0, () => numberArgument([item], 0)), 0);
  }),
];

const MAP_FUNCTIONS: readonly TemplateFunction[] = [
  define("keys(map)", "The keys of a map.", "keys({'a': 1})", ["a"], (args) => Object.keys(mapArgument(args, 0))),
  define("values(map)", "The values of a map.", "values({'a': 1})", [1], (args) => Object.values(mapArgument(args, 0))),
  define("items(map)", "The entries of a map, each with `key` and `value`.", "items({'a': 1})", [{
    key: "a",
    value: 1,
  }], (args) => Object.entries(mapArgument(args, 0)).map(([key, value]) => ({ key, value }))),
  define(
    "fromItems(list)",
    "The map of a list of entries with `key` and `value`.",
    "fromItems([{'key': 'a', 'value': 1}])",
    { a: 1 },
    (args) =>
      Object.fromEntries(
        listArgument(args, 0).map((item) => {
          const entry = asArgument(0, () => mapArgument([item], 0));
          if (typeof entry.key === "string" && Object.hasOwn(entry, "value")) return [entry.key, entry.value];
          throw new Misuse("expected entries with 'key' and 'value'", { argument: 0 });
        }),
      ),
  ),
  define("merge(map, maps…)", "One map; the later ones win.", "merge({'a': 1}, {'b': 2})", { a: 1, b: 2 }, (args) => {
    const merged: ValueMap = {};
    args.forEach((_, index) => {
      for (const [key, value] of Object.entries(mapArgument(args, index))) setEntry(merged, key, value);
    });
    return merged;
  }),
];

function setEntry(map: ValueMap, key: string, value: Value): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}

const SCALAR_FUNCTIONS: readonly TemplateFunction[] = [
  define(
    "int(value)",
    "A whole number, from a text, number or boolean; cuts off decimals.",
    "int('9100')",
    9100,
    (args) => toInt(args[0]),
  ),
  define(
    "double(value)",
    "A number, from a text or number.",
    "double('0.5')",
    0.5,
    (args) => double(toDouble(args[0])),
  ),
  define(
    "string(value)",
    "The text of a string, number or boolean.",
    "string(9100)",
    "9100",
    (args) => asArgument(0, () => toText(args[0])),
  ),
  define(
    "bool(value)",
    "True or false, from `yes`, `no`, `on`, `off`, `true`, `false`, 1 or 0.",
    "bool('yes')",
    true,
    (args) => toBool(args[0]),
  ),
  define(
    "type(value)",
    "The kind of a value: string, number, boolean, null, list or map.",
    "type([])",
    "list",
    (args) => describeKind(args[0]).replace(/^an? /, ""),
  ),
  define("round(number, digits?)", "The number rounded.", "round(2.5)", 3, round),
  define("abs(number)", "The number without its sign.", "abs(-3)", 3, (args) => Math.abs(numberArgument(args, 0))),
];

const CONTROLLER_FUNCTIONS: readonly TemplateFunction[] = [
  define(
    "env(name, default?)",
    "An environment variable of the machine that aami runs on; unset is an error unless a default stands there.",
    "env('AAMI_NOT_SET', 'none')",
    "none",
    (args, controller) => {
      const name = textArgument(args, 0);
      const value = controller.env(name) ?? args[1];
      if (value !== undefined) return value;
      throw new Misuse(`the environment variable '${name}' is not set`, {
        argument: 0,
        help: `a second argument stands in where it is unset: env('${name}', '')`,
      });
    },
    { impure: true },
  ),
  define(
    "file(path)",
    "The text of a file on the machine that aami runs on, without a line break at its end; relative to the playbook.",
    "file('motd.txt')",
    "welcome",
    (args, controller) => {
      const path = textArgument(args, 0);
      try {
        return controller.readFile(path).replace(/[\r\n]+$/, "");
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const reason = error.name === "NotFound" ? "there is no such file" : error.message;
        throw new Misuse(`cannot read '${path}': ${reason}`, { argument: 0 });
      }
    },
    { impure: true },
  ),
];

/** All functions but the forms that look at undefined names (`default`, `defined`, `has`). */
export const FUNCTIONS: readonly TemplateFunction[] = [
  ...TEXT_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...MAP_FUNCTIONS,
  ...SCALAR_FUNCTIONS,
  ...CONTROLLER_FUNCTIONS,
];

/** Every function by each of its names. */
export const FUNCTIONS_BY_NAME: ReadonlyMap<string, TemplateFunction> = new Map(
  FUNCTIONS.flatMap((fn) => [[fn.name, fn] as const, ...(fn.alias ? [[fn.alias, fn] as const] : [])]),
);
