/**
 * Compiles an expression to closures. The parser is a library's; what the nodes mean is here, so that values stay as
 * they are (lazy and pending ones too) and each error points at its token.
 *
 * @module
 */

import { type CelCall, type CelNode, CelSyntaxError, parseCel } from "../support/cel.ts";
import type { DiagnosticError } from "../support/diagnostic.ts";
import type { DiagnosticCode } from "../support/diagnostic_codes.ts";
import type { Value } from "../module/module.ts";
import { missing, peek } from "./access.ts";
import { didYouMean } from "../support/suggest.ts";
import { compileForm, FORM_NAMES, isForm } from "./cel_forms.ts";
import { Frame, type Run, type SoftRun } from "./cel_frame.ts";
import { binaryRun, helpForOperands } from "./cel_operators.ts";
import { argumentCount, callFunction } from "./function.ts";
import { FUNCTIONS_BY_NAME } from "./functions.ts";
import { jinjaHabit } from "./jinja.ts";
import { errorAt, locate, type Place, type Range } from "./place.ts";
import { calculate, Double, Misuse, OMIT, type Operand, plain, toText } from "./values.ts";
import { COMMENT_HELP, commentIn, helpForSyntax, nameOf, quotedForYaml } from "./cel_syntax.ts";
import { booleanAt, logicRun } from "./cel_logic.ts";
import type { Scope } from "./variable.ts";
import { ReferenceLoop } from "./scope.ts";

/** A compiled expression. */
export interface CelProgram {
  /** The variables it may look at. */
  readonly names: ReadonlySet<string>;
  /** Whether its value rests on nothing but its text. */
  readonly constant: boolean;
  /**
   * Its value in a scope; the scope is only looked at, so that it may be called any number of times.
   *
   * @throws {DiagnosticError | PendingError}
   */
  evaluate(scope: Scope): Value;
}

/**
 * Compiles an expression.
 *
 * @throws {DiagnosticError} for what is not an expression, an unknown function, a habit from Jinja
 */
export function compileCel(text: string, place: Place): CelProgram {
  const compiler = new CelCompiler(text, place);
  const run = compiler.compileText();
  const constant = compiler.names.size === 0 && !compiler.impure;
  return { names: compiler.names, constant, evaluate: (scope) => plain(run(new Frame(scope))) };
}

/** The compiler of one expression. */
export class CelCompiler {
  /** The variables of the scope that the expression may look at. */
  readonly names = new Set<string>();
  /** Whether it reads the machine that aami runs on. */
  impure = false;
  readonly #locals: string[] = [];

  /** Made for one text; `place` says where it stands in the operator's file. */
  constructor(readonly text: string, readonly place: Place) {}

  /** Compiles the whole text. */
  compileText(): Run {
    const comment = commentIn(this.text);
    if (comment) {
      throw this.error(comment, "expression-syntax", "'//' begins a comment in an expression", COMMENT_HELP);
    }
    try {
      return this.compile(parseCel(this.text));
    } catch (error) {
      if (error instanceof RangeError) {
        throw this.error({ start: 0, end: 1 }, "expression-syntax", "the expression nests too deeply");
      }
      if (!(error instanceof CelSyntaxError)) throw error;
      throw this.habit() ??
        this.error(error.range, "expression-syntax", error.message, helpForSyntax(this.text, error.range));
    }
  }

  /** The error for a part of the text. */
  error(range: Range, code: DiagnosticCode, message: string, help?: string): DiagnosticError {
    return errorAt(this.place, range, code, message, help);
  }

  /** The error for a habit from Jinja in the text, if there is one. */
  habit(): DiagnosticError | undefined {
    const habit = jinjaHabit(this.text);
    return habit && this.error(habit, "jinja-expression", habit.message, quotedForYaml(habit.help, this.place));
  }

  /** The text of a node, for messages. */
  textOf(node: Range): string {
    return this.text.slice(node.start, node.end);
  }

  /** Compiles a node. */
  compile(node: CelNode): Run {
    switch (node.kind) {
      case "literal": {
        const value: Operand = node.double && Number.isInteger(node.value)
          ? new Double(Number(node.value))
          : node.value;
        return () => value;
      }
      case "name":
        return this.#name(node);
      case "member":
        return this.#access(node, node.target, () => node.key, node.keyRange);
      case "index":
        return this.#access(node, node.target, this.compile(node.index), node.index);
      case "list":
        return this.#list(node.items);
      case "map":
        return this.#map(node.entries);
      case "ternary": {
        const [condition, then, otherwise] = [
          this.condition(node.condition),
          this.compile(node.then),
          this.compile(node.otherwise),
        ];
        return (frame) => condition(frame) ? then(frame) : otherwise(frame);
      }
      case "logic":
        return logicRun(node.operator === "||", this.condition(node.left), this.condition(node.right));
      case "unary":
        return this.#unary(node);
      case "binary": {
        const run = binaryRun(node.operator, this.compile(node.left), this.compile(node.right));
        return this.#guard(node, run, () => helpForOperands(node, this));
      }
      case "call":
        return this.#call(node);
    }
  }

  /** Compiles a node whose value must be a boolean. */
  condition(node: CelNode): (frame: Frame) => boolean {
    const run = this.compile(node);
    return (frame) => {
      const value = run(frame);
      if (typeof value === "boolean") return value;
      return booleanAt(value, this.place, node, this.textOf(node));
    };
  }

  /** Compiles a path so that an undefined part of it gives undefined; undefined where the node is no path. */
  soft(node: CelNode): SoftRun {
    if (node.kind === "name") {
      const local = this.#localDepth(node.name);
      if (local !== undefined || node.name === "omit") return this.compile(node);
      this.names.add(node.name);
      return (frame) => this.#read(frame, node);
    }
    if (node.kind !== "member" && node.kind !== "index") return this.compile(node);
    const target = this.soft(node.target);
    const key: Run = node.kind === "member" ? () => node.key : this.compile(node.index);
    return (frame) => {
      const value = target(frame);
      return value === undefined ? undefined : peek(value, key(frame));
    };
  }

  /** Compiles a part in which a name is bound. */
  bind<T>(name: string, compile: () => T): T {
    this.#locals.push(name);
    try {
      return compile();
    } finally {
      this.#locals.pop();
    }
  }

  #localDepth(name: string): number | undefined {
    const index = this.#locals.lastIndexOf(name);
    return index === -1 ? undefined : this.#locals.length - 1 - index;
  }

  #name(node: CelNode & { kind: "name" }): Run {
    const depth = this.#localDepth(node.name);
    if (depth !== undefined) {
      return (frame) => {
        let holder = frame;
        for (let up = depth; up > 0; up--) holder = holder.parent!;
        return holder.value;
      };
    }
    if (node.name === "omit") return () => OMIT;
    if (/^(True|False|None)$/.test(node.name)) {
      throw this.habit() ??
        this.error(node, "jinja-expression", `'${node.name}' is Python: true, false and null are small`);
    }
    this.names.add(node.name);
    return (frame) => {
      const value = this.#read(frame, node);
      if (value !== undefined) return value;
      throw this.error(
        node,
        "undefined-variable",
        `undefined variable '${node.name}'`,
        didYouMean(node.name, frame.scope.names()),
      );
    };
  }

  #read(frame: Frame, node: CelNode & { kind: "name" }): Value | undefined {
    try {
      return frame.scope.get(node.name);
    } catch (error) {
      if (!(error instanceof ReferenceLoop)) throw error;
      throw this.error(node, "reference-loop", `variables refer to each other in a loop: ${error.path.join(" → ")}`);
    }
  }

  #access(node: CelNode, targetNode: CelNode, key: Run, keyRange: Range): Run {
    const target = this.compile(targetNode);
    return (frame) => {
      const from = target(frame);
      const name = key(frame);
      try {
        const value = peek(from, name);
        if (value !== undefined) return value;
        throw missing(nameOf(targetNode, this.textOf(targetNode)), from, name);
      } catch (error) {
        throw locate(error, this.place, node.kind === "index" && Array.isArray(from) ? node : keyRange);
      }
    };
  }

  #list(nodes: readonly CelNode[]): Run {
    const items = nodes.map((node) => this.compile(node));
    return (frame) => items.map((item) => plain(item(frame))).filter((item) => item !== OMIT);
  }

  #map(nodes: readonly (readonly [CelNode, CelNode])[]): Run {
    const entries = nodes.map(([key, value]) => [this.#key(key), this.compile(value)] as const);
    return (frame) =>
      Object.fromEntries(
        entries.map(([key, value]) => [key(frame), plain(value(frame))] as const).filter(([, value]) => value !== OMIT),
      );
  }

  #key(node: CelNode): (frame: Frame) => string {
    const run = this.compile(node);
    return this.#guard(node, (frame) => toText(run(frame)));
  }

  #unary(node: CelNode & { kind: "unary" }): Run {
    if (node.operator === "!") {
      const operand = this.condition(node.operand);
      return (frame) => !operand(frame);
    }
    const operand = this.compile(node.operand);
    return this.#guard(node, (frame) => {
      const value = operand(frame);
      return value instanceof Double ? new Double(-value.value) : calculate("-", 0, value);
    });
  }

  #call(node: CelCall): Run {
    if (isForm(node)) return compileForm(node, this);
    const fn = FUNCTIONS_BY_NAME.get(node.name);
    const argNodes = node.receiver ? [node.receiver, ...node.args] : node.args;
    const isPythonJoin = node.name === "join" && node.receiver?.kind === "literal";
    if (!fn || isPythonJoin) {
      const kind = node.receiver ? "method" : "function";
      const help = didYouMean(node.name, [...FUNCTIONS_BY_NAME.keys(), ...FORM_NAMES]);
      throw this.habit() ?? this.error(node.nameRange, "unknown-function", `unknown ${kind} '${node.name}'`, help);
    }
    if (argNodes.length < fn.min || argNodes.length > fn.max) {
      const given = argumentCount(argNodes.length);
      throw this.error(
        node.nameRange,
        "function-arguments",
        `${node.name}() does not take ${given}`,
        `write: ${fn.signature}`,
      );
    }
    if (fn.impure) this.impure = true;
    const args = argNodes.map((arg) => this.compile(arg));
    return (frame) => {
      const values = args.map((arg) => plain(arg(frame)));
      try {
        return callFunction(fn, values, frame.controller);
      } catch (error) {
        const at = error instanceof Misuse ? argNodes[error.options.argument ?? -1] : undefined;
        throw locate(error, this.place, at ?? node.nameRange, `${node.name}(): `);
      }
    };
  }

  #guard<T extends Operand>(
    node: Range,
    run: (frame: Frame) => T,
    help?: () => string | undefined,
  ): (frame: Frame) => T {
    return (frame) => {
      try {
        return run(frame);
      } catch (error) {
        throw error instanceof Misuse ? locate(error, this.place, node, "", help?.()) : error;
      }
    };
  }
}
