/**
 * Compiles the tree of a Handlebars template to closures. Every name must be defined, wherever it stands.
 *
 * @module
 */

import type { DiagnosticCode } from "../support/diagnostic_codes.ts";
import type { Value } from "../module/module.ts";
import type { TemplateCall, TemplateExpression, TemplatePath, TemplateRange } from "../support/handlebars.ts";
import { missing, peek } from "./access.ts";
import { didYouMean } from "../support/suggest.ts";
import { argumentCount, callFunction } from "./function.ts";
import { FUNCTIONS_BY_NAME } from "./functions.ts";
import { errorAt, locate, type Place } from "./place.ts";
import { ReferenceLoop } from "./scope.ts";
import type { SoftTemplateRun, TemplateFrame, TemplateRun } from "./template_frame.ts";
import { RAW_HELP } from "./template_syntax.ts";
import { tagInHandlebars } from "./template_habits.ts";
import { BLOCKS, OPERATOR_HELPERS_BY_NAME, SPECIAL_HELPERS } from "./template_helpers.ts";
import { isEmpty, isTruthy, Misuse, plain } from "./values.ts";

/** A block that gives its content another context. */
export interface Level {
  /** Only `each` has `@index`, `@key`, `@first` and `@last`. */
  readonly block: "each" | "with";
  /** The names in `as |item key|`; empty for none. */
  readonly params: readonly string[];
}

/** Compiles the expressions of one template. */
export class TemplateCompiler {
  /** The variables of the scope that the template may look at. */
  readonly names = new Set<string>();
  readonly #levels: Level[] = [];

  /** Made for one template; `place` says where its text stands in a file. */
  constructor(readonly text: string, readonly place: Place) {}

  /** The error for a part of the template. */
  error(range: TemplateRange, code: DiagnosticCode, message: string, help?: string): Error {
    return errorAt(this.place, range, code, message, help);
  }

  /** Compiles what stands within a block. */
  within<T>(level: Level, compile: () => T): T {
    this.#levels.push(level);
    try {
      return compile();
    } finally {
      this.#levels.pop();
    }
  }

  /** Compiles an argument, or what a tag prints. */
  expression(node: TemplateExpression): TemplateRun {
    if (node.kind === "literal") {
      const { value } = node;
      return () => value;
    }
    return node.kind === "path" ? this.#path(node) : this.#call(node);
  }

  /** Compiles an expression so that an undefined name gives undefined. */
  soft(node: TemplateExpression): SoftTemplateRun {
    if (node.kind === "path") return this.#walk(node, false);
    if (node.kind === "call" && node.path.text === "lookup" && node.args.length === 2) {
      const [target, key] = [this.soft(node.args[0]), this.expression(node.args[1])];
      return (frame) => {
        const from = target(frame);
        const found = from === undefined ? undefined : peek(from, key(frame));
        return found === undefined ? undefined : plain(found);
      };
    }
    return this.expression(node);
  }

  #path(node: TemplatePath): TemplateRun {
    const walk = this.#walk(node, true);
    return (frame) => walk(frame) as Value;
  }

  /** Compiles a path; a strict one throws where a part of it is undefined. */
  #walk(node: TemplatePath, isStrict: boolean): SoftTemplateRun {
    if (node.isData) return this.#data(node, isStrict);
    const [first, ...rest] = node.parts;
    if (!node.isScoped && node.depth === 0) {
      for (let up = 0; up < this.#levels.length; up++) {
        const position = this.#levels[this.#levels.length - 1 - up].params.indexOf(first);
        if (position === -1) continue;
        const start: SoftTemplateRun = (frame) => position === 0 ? frame.outer(up).context : frame.outer(up).loop?.key;
        return this.#members(node, start, rest, isStrict, () => `'${first}'`);
      }
    }
    const remaining = this.#levels.length - node.depth;
    if (remaining < 0) {
      const help = this.#levels.length === 0 ? `write ${node.parts.join(".")}` : "leave out one '../'";
      throw this.error(node, "template-path", "'../' leads out of the template", help);
    }
    if (remaining === 0) return this.#root(node, node.parts, isStrict);
    const { block } = this.#levels[remaining - 1];
    const whole = block === "each" ? "the item of #each" : "the value of #with";
    return this.#members(node, (frame) => frame.outer(node.depth).context, node.parts, isStrict, () => whole);
  }

  #root(node: TemplatePath, parts: readonly string[], isStrict: boolean): SoftTemplateRun {
    const [name, ...rest] = parts;
    if (name === undefined) {
      throw this.error(node, "template-path", `'${node.text}' is all variables here: name one`);
    }
    this.names.add(name);
    const range = this.#partRange(node, rest.length);
    const start: SoftTemplateRun = (frame) => {
      const value = this.#read(frame, name, range);
      if (value !== undefined || !isStrict) return value;
      const isFunction = FUNCTIONS_BY_NAME.has(name) && rest.length === 0;
      const help = isFunction
        ? `it is a function; give it an argument: {{${name} x}}`
        : name.startsWith("$")
        ? RAW_HELP
        : didYouMean(name, frame.rootNames());
      throw this.error(range, "undefined-variable", `undefined variable '${name}'`, help);
    };
    return this.#members(node, start, rest, isStrict, () => `'${name}'`);
  }

  #read(frame: TemplateFrame, name: string, range: TemplateRange): Value | undefined {
    try {
      return frame.root(name);
    } catch (error) {
      if (!(error instanceof ReferenceLoop)) throw error;
      throw this.error(range, "reference-loop", `variables refer to each other in a loop: ${error.path.join(" → ")}`);
    }
  }

  #members(
    node: TemplatePath,
    start: SoftTemplateRun,
    parts: readonly string[],
    isStrict: boolean,
    nameOfStart: () => string,
  ): SoftTemplateRun {
    if (parts.length === 0) return start;
    const keys = parts.map((part) => /^\d+$/.test(part) ? Number(part) : part);
    return (frame) => {
      let value = start(frame);
      for (let index = 0; index < keys.length; index++) {
        if (value === undefined) return undefined;
        const key = Array.isArray(value) ? keys[index] : parts[index];
        const next = peek(value, key);
        if (next === undefined && isStrict) throw this.#missing(node, value, key, { parts, index, nameOfStart, frame });
        value = next === undefined ? undefined : plain(next);
      }
      return value;
    };
  }

  #missing(
    node: TemplatePath,
    value: Value,
    key: string | number,
    at: { parts: readonly string[]; index: number; nameOfStart: () => string; frame: TemplateFrame },
  ): unknown {
    const range = this.#partRange(node, at.parts.length - 1 - at.index);
    const what = at.index === 0 ? at.nameOfStart() : `'${at.parts[at.index - 1]}'`;
    const isOutside = at.index === 0 && this.#isRootName(at.frame, key);
    const misuse = missing(what, value, key);
    const help = isOutside && !node.isData ? `outside of the block, '${key}' is @root.${key}` : undefined;
    return this.error(range, "undefined-variable", misuse.message, help ?? misuse.options.help ?? undefined);
  }

  #isRootName(frame: TemplateFrame, key: string | number): boolean {
    return typeof key === "string" && (Object.hasOwn(frame.extra, key) || frame.scope.has(key));
  }

  #data(node: TemplatePath, isStrict: boolean): SoftTemplateRun {
    const [name, ...rest] = node.parts;
    if (name === "root") return this.#root(node, rest, isStrict);
    const known = ["index", "key", "first", "last"] as const;
    const field = known.find((one) => one === name);
    if (!field) {
      const help = didYouMean(name ?? "", [...known, "root"]) ?? "there are @index, @key, @first, @last and @root";
      throw this.error(node, "template-path", `unknown '@${name}'`, help);
    }
    const loops = this.#levels.map((level, index) => level.block === "each" ? index : -1).filter((index) =>
      index !== -1
    );
    const level = loops.at(-1 - node.depth);
    if (level === undefined) throw this.error(node, "template-path", `'${node.text}' stands in no #each`);
    const up = this.#levels.length - 1 - level;
    const start: SoftTemplateRun = (frame) => frame.outer(up).loop?.[field];
    return this.#members(node, start, rest, isStrict, () => `'@${name}'`);
  }

  /** The range of one part of a path, counted from its end. */
  #partRange(node: TemplatePath, fromEnd: number): TemplateRange {
    const parts = [...this.text.slice(node.start, node.end).matchAll(/\[[^\]]*\]|[^./@\s]+/g)];
    const part = parts.at(-1 - fromEnd);
    if (!part) return node;
    const start = node.start + part.index;
    return { start, end: start + part[0].length };
  }

  #call(node: TemplateCall): TemplateRun {
    const name = node.path.text;
    const [pair] = node.hash;
    if (pair) throw this.error(pair, "template-argument", `'${name}' takes no '${pair.key}='`);
    if (SPECIAL_HELPERS.includes(name)) return this.#special(node);
    const operator = OPERATOR_HELPERS_BY_NAME.get(name);
    const fn = FUNCTIONS_BY_NAME.get(name);
    const min = operator ? 2 : fn?.min ?? 0;
    const max = operator ? 2 : fn?.max ?? 0;
    if (!operator && !fn) throw this.#unknown(node);
    this.arity(node, min, max, operator?.signature ?? fn?.signature ?? "");
    const args = node.args.map((arg) => this.expression(arg));
    const isOperator = operator !== undefined;
    return (frame) => {
      const values = args.map((arg) => arg(frame));
      try {
        return plain(isOperator ? operator.call(values[0], values[1]) : callFunction(fn!, values, frame.controller));
      } catch (error) {
        const at = error instanceof Misuse ? node.args[error.options.argument ?? -1] : undefined;
        const help = isOperator ? "(int x), (double x), (string x) and (bool x) convert" : undefined;
        throw locate(error, this.place, at ?? node.path, isOperator ? "" : `${name}: `, help);
      }
    };
  }

  #unknown(node: TemplateCall): Error {
    const name = node.path.text;
    const written = tagInHandlebars(this.text, node.start);
    if (written) return this.error(node.path, "template-helper", `'${name}' is no function`, `write ${written}`);
    const known = [...FUNCTIONS_BY_NAME.keys(), ...OPERATOR_HELPERS_BY_NAME.keys(), ...SPECIAL_HELPERS];
    const help = BLOCKS.includes(name) ? `write {{#${name} …}} … {{/${name}}}` : didYouMean(name, known);
    return this.error(node.path, "template-helper", `unknown function '${name}'`, help);
  }

  /** Checks how many arguments a call has. */
  arity(node: TemplateCall, min: number, max: number, signature: string): void {
    const count = node.args.length;
    if (count >= min && count <= max) return;
    const given = argumentCount(count);
    const isTemplate = /^[({]/.test(signature);
    const written = isTemplate ? signature : `(${signature.slice(0, -1).replace("(", " ").replaceAll(",", "")})`;
    throw this.error(node.path, "template-argument", `'${node.path.text}' does not take ${given}`, `write: ${written}`);
  }

  #special(node: TemplateCall): TemplateRun {
    const { args } = node;
    switch (node.path.text) {
      case "default": {
        this.arity(node, 2, 3, "(default value other)");
        const [value, other] = [this.soft(args[0]), this.expression(args[1])];
        const orEmpty = args[2] ? this.expression(args[2]) : () => false;
        return (frame) => {
          const found = value(frame);
          return found === undefined || (isTruthy(orEmpty(frame)) && isEmpty(found)) ? other(frame) : found;
        };
      }
      case "defined": {
        this.arity(node, 1, 1, "(defined value)");
        const value = this.soft(args[0]);
        return (frame) => value(frame) !== undefined;
      }
      case "lookup":
        return this.#lookup(node);
      case "not": {
        this.arity(node, 1, 1, "(not condition)");
        const condition = this.expression(args[0]);
        return (frame) => !isTruthy(condition(frame));
      }
      default: {
        this.arity(node, 2, Infinity, `(${node.path.text} a b)`);
        const conditions = args.map((arg) => this.expression(arg));
        const isAnd = node.path.text === "and";
        return (frame) =>
          isAnd
            ? conditions.every((condition) => isTruthy(condition(frame)))
            : conditions.some((condition) => isTruthy(condition(frame)));
      }
    }
  }

  #lookup(node: TemplateCall): TemplateRun {
    this.arity(node, 2, 2, "(lookup map key)");
    const [targetNode, keyNode] = node.args;
    const [target, key] = [this.expression(targetNode), this.expression(keyNode)];
    return (frame) => {
      const from = target(frame);
      const name = key(frame);
      try {
        const found = peek(from, name);
        if (found !== undefined) return plain(found);
        throw missing(targetNode.kind === "path" ? `'${targetNode.text}'` : "this value", from, name);
      } catch (error) {
        throw locate(error, this.place, keyNode);
      }
    };
  }
}
