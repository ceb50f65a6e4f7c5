/**
 * The forms of CEL that are no functions: those that look at undefined names, and those that bind one.
 *
 * @module
 */

import type { CelCall, CelNode } from "../support/cel.ts";
import type { CelCompiler } from "./cel_program.ts";
import { argumentCount } from "./function.ts";
import { Frame, type Run } from "./cel_frame.ts";
import { describeKind, isEmpty, isMap, Misuse, type Operand, plain, type ValueMap } from "./values.ts";
import { locate } from "./place.ts";
import type { Value } from "../module/module.ts";

/** A form, for the documentation. */
export interface FormDoc {
  /** The word it begins with, or that follows the dot. */
  readonly name: string;
  /** How it is written, with the names of its parts; `?` marks what may be left out. */
  readonly signature: string;
  /** What it gives, in Markdown, with a full stop. */
  readonly summary: string;
  /** An expression; a test holds it to `result`. */
  readonly example: string;
  /** What the example evaluates to. */
  readonly result: Value;
}

/** The forms, as {@linkcode FUNCTIONS} lists the functions. */
export const FORMS: readonly FormDoc[] = [
  {
    name: "default",
    signature: "default(value, other, or_empty?)",
    summary: "The value, or the other where a part of it is undefined; with `true`, also where it is empty.",
    example: "default(nowhere.port, 9100)",
    result: 9100,
  },
  {
    name: "defined",
    signature: "defined(value)",
    summary: "Whether a variable, and each key of a path, is there.",
    example: "defined(nowhere.port)",
    result: false,
  },
  {
    name: "has",
    signature: "has(map.key)",
    summary: "Whether a map that is defined has a key.",
    example: "has({'a': 1}.a)",
    result: true,
  },
  {
    name: "map",
    signature: "list.map(item, expression)",
    summary: "A list with the expression's value for each item; of a map, for each key.",
    example: "[1, 2].map(n, n * 10)",
    result: [10, 20],
  },
  {
    name: "filter",
    signature: "list.filter(item, condition)",
    summary: "The items for which the condition holds.",
    example: "[1, 2, 3].filter(n, n > 1)",
    result: [2, 3],
  },
  {
    name: "all",
    signature: "list.all(item, condition)",
    summary: "Whether the condition holds for every item.",
    example: "[1, 2].all(n, n > 0)",
    result: true,
  },
  {
    name: "exists",
    signature: "list.exists(item, condition)",
    summary: "Whether the condition holds for an item.",
    example: "[1, 2].exists(n, n > 1)",
    result: true,
  },
  {
    name: "exists_one",
    signature: "list.exists_one(item, condition)",
    summary: "Whether the condition holds for exactly one item.",
    example: "[1, 2].exists_one(n, n > 1)",
    result: true,
  },
];

/** The names of the forms, for suggestions. */
export const FORM_NAMES: readonly string[] = FORMS.map((form) => form.name);

const LOOKS = new Set(["default", "defined", "has"]);
const BINDS = new Set(["map", "filter", "all", "exists", "exists_one"]);

/** Whether a call is a form. */
export function isForm(call: CelCall): boolean {
  return LOOKS.has(call.name) || (BINDS.has(call.name) && call.receiver !== undefined);
}

/** Compiles a form. @throws {DiagnosticError} */
export function compileForm(call: CelCall, compiler: CelCompiler): Run {
  if (BINDS.has(call.name)) return compileBinding(call, compiler);
  const args = call.receiver ? [call.receiver, ...call.args] : call.args;
  const max = call.name === "default" ? 3 : 1;
  const min = call.name === "default" ? 2 : 1;
  if (args.length < min || args.length > max) throw arityError(call, args.length, compiler);
  if (call.name === "default") return compileDefault(args, compiler);
  const [target] = args;
  const isPath = call.name === "has" ? target.kind === "member" : pathOf(target);
  if (!isPath) {
    const help = call.name === "has"
      ? `write: defined(${compiler.textOf(target)})`
      : "it takes a name or a path such as a.b";
    throw compiler.error(
      target,
      "function-arguments",
      `${call.name}() looks at ${call.name === "has" ? "a key" : "a variable"}`,
      help,
    );
  }
  if (call.name === "has" && target.kind === "member") {
    const parent = compiler.compile(target.target);
    return (frame) => hasKey(parent(frame), target.key);
  }
  const soft = compiler.soft(target);
  return (frame) => soft(frame) !== undefined;
}

function pathOf(node: CelNode): boolean {
  return node.kind === "name" || ((node.kind === "member" || node.kind === "index") && pathOf(node.target));
}

function hasKey(target: Operand, key: string): boolean {
  return isMap(target) && Object.hasOwn(target, key);
}

function compileDefault(args: readonly CelNode[], compiler: CelCompiler): Run {
  const value = compiler.soft(args[0]);
  const other = compiler.compile(args[1]);
  const orEmpty = args.length > 2 ? compiler.condition(args[2]) : () => false;
  return (frame) => {
    const found = value(frame);
    if (found === undefined || (orEmpty(frame) && isEmpty(plain(found)))) return other(frame);
    return found;
  };
}

function arityError(call: CelCall, count: number, compiler: CelCompiler): Error {
  const given = argumentCount(count);
  const signature = FORMS.find((form) => form.name === call.name)?.signature;
  return compiler.error(
    call.nameRange,
    "function-arguments",
    `${call.name}() does not take ${given}`,
    `write: ${signature}`,
  );
}

function compileBinding(call: CelCall, compiler: CelCompiler): Run {
  const receiver = call.receiver!;
  const [variable, ...bodies] = call.args;
  const filtered = call.name === "map" && bodies.length === 2;
  if ((bodies.length !== 1 && !filtered) || variable.kind !== "name") {
    throw call.args.length === 2 ? nameError(variable, compiler) : arityError(call, call.args.length, compiler);
  }
  const list = compiler.compile(receiver);
  const items = (frame: Frame) => itemsOf(list(frame), receiver, compiler);
  const name = variable.name;
  if (call.name === "map") {
    const keep = filtered ? compiler.bind(name, () => compiler.condition(bodies[0])) : () => true;
    const body = compiler.bind(name, () => compiler.compile(bodies.at(-1)!));
    return (frame) =>
      items(frame).map((item) => new Frame(frame.scope, item, frame)).filter(keep).map((inner) => plain(body(inner)));
  }
  const condition = compiler.bind(name, () => compiler.condition(bodies[0]));
  return quantifier(call.name, items, (frame, item) => condition(new Frame(frame.scope, item, frame)));
}

function quantifier(
  name: string,
  items: (frame: Frame) => readonly Value[],
  holds: (frame: Frame, item: Value) => boolean,
): Run {
  if (name === "filter") return (frame) => items(frame).filter((item) => holds(frame, item));
  if (name === "exists_one") return (frame) => items(frame).filter((item) => holds(frame, item)).length === 1;
  const decisive = name === "exists";
  return (frame) => {
    let failure: { readonly error: unknown } | undefined;
    for (const item of items(frame)) {
      try {
        if (holds(frame, item) === decisive) return decisive;
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
    return !decisive;
  };
}

function itemsOf(value: Operand, node: CelNode, compiler: CelCompiler): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (isMap(value)) return Object.keys(value as ValueMap);
  throw locate(new Misuse(`expected a list or a map, got ${describeKind(value)}`), compiler.place, node);
}

function nameError(node: CelNode, compiler: CelCompiler): Error {
  return compiler.error(
    node,
    "function-arguments",
    "expected a name for the item",
    "write e.g. list.map(item, item.name)",
  );
}
