/**
 * What Jinja's and Ansible's filters, tests and methods are in CEL.
 *
 * @module
 */

import { FUNCTIONS_BY_NAME } from "./functions.ts";

/** A piece of CEL with the precedence of its outermost operator; `keyword` names a keyword argument. */
export interface Cel {
  /** The piece, as it would stand in an expression. */
  readonly text: string;
  /** From 1 for a ternary to 9 for what needs no parentheses. */
  readonly level: number;
  /** The name where it was written `name=piece`; undefined for an argument by place. */
  readonly keyword?: string;
}

const CALL = 9;
const COMPARE = 4;
const UNARY = 8;

/** Filters that are a function of another name, or of the same. */
const RENAMED: ReadonlyMap<string, string> = new Map(Object.entries({
  length: "size",
  count: "size",
  float: "double",
  tojson: "json",
  from_json: "fromJson",
  dict2items: "items",
  items2dict: "fromItems",
  combine: "merge",
  regex_replace: "regexReplace",
  type_debug: "type",
  d: "default",
}));

const TYPES: ReadonlyMap<string, string> = new Map(Object.entries({
  string: "string",
  number: "number",
  boolean: "boolean",
  mapping: "map",
  sequence: "list",
  iterable: "list",
}));

const COMPARISONS: ReadonlyMap<string, string> = new Map(Object.entries({
  eq: "==",
  equalto: "==",
  "==": "==",
  ne: "!=",
  "!=": "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  in: "in",
}));

const RESULT_TESTS: ReadonlyMap<string, string> = new Map(Object.entries({
  changed: "changed",
  change: "changed",
  failed: "failed",
  failure: "failed",
  skipped: "skipped",
  skip: "skipped",
}));

function call(name: string, args: readonly Cel[]): Cel {
  return { text: `${name}(${args.map((arg) => arg.text).join(", ")})`, level: CALL };
}

function tight(value: Cel): string {
  return value.level < CALL ? `(${value.text})` : value.text;
}

function literalText(value: Cel | undefined): string | undefined {
  return value && /^('[^']*'|"[^"]*")$/.test(value.text) ? value.text.slice(1, -1) : undefined;
}

/** `value | name(args)` in CEL, or undefined. */
export function filterToCel(name: string, value: Cel, args: readonly Cel[]): Cel | undefined {
  const special = SPECIAL_FILTERS.get(name)?.(value, args);
  if (special) return special;
  if (args.some((arg) => arg.keyword)) return undefined;
  const renamed = RENAMED.get(name) ?? name;
  const fn = FUNCTIONS_BY_NAME.get(renamed);
  if (renamed === "default") return call("default", [value, args[0] ?? { text: "''", level: CALL }, ...args.slice(1)]);
  if (!fn || args.length + 1 < fn.min || args.length + 1 > fn.max) return undefined;
  return call(renamed, [value, ...args]);
}

type Filter = (value: Cel, args: readonly Cel[]) => Cel | undefined;

const SPECIAL_FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ["list", (value) => value],
  ["mandatory", (value) => value],
  ["to_yaml", (value) => call("yaml", [value])],
  ["to_nice_yaml", (value) => call("yaml", [value])],
  ["to_json", (value) => call("json", [value])],
  ["to_nice_json", (value) => ({ text: `json(${value.text}, 4)`, level: CALL })],
  ["hash", (value, args) => literalText(args[0]) === "sha256" ? call("sha256", [value]) : undefined],
  ["ternary", (value, args) => ({ text: `(${tight(value)} ? ${args[0]?.text} : ${args[1]?.text})`, level: CALL })],
  ["union", (value, args) => args[0] && call("unique", [{ text: `${tight(value)} + ${tight(args[0])}`, level: CALL }])],
  ["difference", (value, args) => args[0] && loop(value, "filter", `!(item in ${tight(args[0])})`)],
  ["intersect", (value, args) => args[0] && loop(value, "filter", `item in ${tight(args[0])}`)],
  ["map", mapFilter],
  ["select", (value, args) => selectFilter(value, args, "item", false)],
  ["reject", (value, args) => selectFilter(value, args, "item", true)],
  ["selectattr", (value, args) => selectFilter(value, args.slice(1), attribute(args[0]), false)],
  ["rejectattr", (value, args) => selectFilter(value, args.slice(1), attribute(args[0]), true)],
]);

function loop(value: Cel, kind: string, body: string): Cel {
  return { text: `${tight(value)}.${kind}(item, ${body})`, level: CALL };
}

function attribute(arg: Cel | undefined): string | undefined {
  const name = literalText(arg);
  return name && /^\w+(\.\w+)*$/.test(name) ? `item.${name}` : undefined;
}

function mapFilter(value: Cel, args: readonly Cel[]): Cel | undefined {
  const [first] = args;
  if (first?.keyword === "attribute") {
    const path = attribute(first);
    return path ? loop(value, "map", path) : undefined;
  }
  const name = literalText(first);
  const body = name && filterToCel(name, { text: "item", level: CALL }, args.slice(1));
  return body ? loop(value, "map", body.text) : undefined;
}

function selectFilter(value: Cel, args: readonly Cel[], what: string | undefined, isNegated: boolean): Cel | undefined {
  if (!what) return undefined;
  const name = literalText(args[0]);
  const item = { text: what, level: CALL };
  const test = args.length === 0 ? item : name && testToCel(name, item, args.slice(1));
  if (!test) return undefined;
  return loop(value, "filter", isNegated ? `!(${test.text})` : test.text);
}

/** `value is name(args)` in CEL, or undefined. */
export function testToCel(name: string, value: Cel, args: readonly Cel[]): Cel | undefined {
  const [first] = args;
  const comparison = COMPARISONS.get(name);
  if (comparison) return first && { text: `${tight(value)} ${comparison} ${tight(first)}`, level: COMPARE };
  const type = TYPES.get(name);
  if (type) return { text: `type(${value.text}) == '${type}'`, level: COMPARE };
  const key = RESULT_TESTS.get(name);
  if (key) return { text: `${tight(value)}.${key}`, level: CALL };
  switch (name) {
    case "defined":
      return call("defined", [value]);
    case "undefined":
      return { text: `!defined(${value.text})`, level: UNARY };
    case "none":
      return { text: `${tight(value)} == null`, level: COMPARE };
    case "true":
    case "false":
      return { text: `${tight(value)} == ${name}`, level: COMPARE };
    case "succeeded":
    case "success":
      return { text: `!${tight(value)}.failed`, level: UNARY };
    case "search":
    case "regex":
      return first && { text: `${tight(value)}.matches(${first.text})`, level: CALL };
    case "match": {
      const pattern = literalText(first);
      return pattern === undefined
        ? undefined
        : { text: `${tight(value)}.matches('^${pattern.replace(/^\^/, "")}')`, level: CALL };
    }
    case "even":
    case "odd":
      return { text: `${tight(value)} % 2 == ${name === "even" ? 0 : 1}`, level: COMPARE };
  }
  return undefined;
}

const METHODS: ReadonlyMap<string, string> = new Map(Object.entries({
  startswith: "startsWith",
  endswith: "endsWith",
  strip: "trim",
  find: "indexOf",
  index: "indexOf",
}));

/** `value.name(args)` in CEL where Python's method is called otherwise, or undefined. */
export function methodToCel(name: string, value: Cel, args: readonly Cel[]): Cel | undefined {
  const renamed = METHODS.get(name);
  if (renamed) return { text: `${tight(value)}.${renamed}(${args.map((arg) => arg.text).join(", ")})`, level: CALL };
  if (name === "get") {
    const found = { text: `${tight(value)}[${args[0]?.text}]`, level: CALL };
    return call("default", [found, args[1] ?? { text: "null", level: CALL }]);
  }
  // Python joins the other way round: ','.join(list).
  if (name === "join" && literalText(value) !== undefined && args.length === 1) {
    return { text: `${tight(args[0])}.join(${value.text})`, level: CALL };
  }
  return undefined;
}
