/**
 * The one place that imports Handlebars, for its parser alone. Gives a small tree with offsets; what it means is said in
 * `engine/variables`, which is strict where Handlebars' own strict mode is not.
 *
 * @module
 */

import Handlebars from "handlebars";

/** Half-open range of offsets in the template. */
export interface TemplateRange {
  /** The first character's offset, in UTF-16 units from 0. */
  readonly start: number;
  /** The offset behind the last character. */
  readonly end: number;
}

/** `a.b.[c d]`, `../a`, `this`, `@index`. */
export interface TemplatePath extends TemplateRange {
  /** Tells it from the other expressions. */
  readonly kind: "path";
  /** As it was written, brackets left out. */
  readonly text: string;
  /** Begins with `@`. */
  readonly isData: boolean;
  /** How many `../` lead it. */
  readonly depth: number;
  /** Begins with `this` or `./`: no block parameter is meant. */
  readonly isScoped: boolean;
  /** The keys in order, without `../`, `this`, `@` and brackets; empty for the context itself. */
  readonly parts: readonly string[];
}

/** `name a b key=c`, in a tag or in parentheses. */
export interface TemplateCall extends TemplateRange {
  /** Tells it from the other expressions. */
  readonly kind: "call";
  /** What is called: a helper's name. */
  readonly path: TemplatePath;
  /** The arguments by place. */
  readonly args: readonly TemplateExpression[];
  /** The arguments by name, `key=value`, in the order they were written. */
  readonly hash: readonly (TemplateRange & { readonly key: string; readonly value: TemplateExpression })[];
}

/** What may stand as an argument. */
export type TemplateExpression =
  | TemplatePath
  | TemplateCall
  | (TemplateRange & { readonly kind: "literal"; readonly value: string | number | boolean | null });

/** A part of a template between two `else`. */
export interface TemplateProgram {
  /** What it is made of, in order. */
  readonly body: readonly TemplateStatement[];
  /** The names in `as |a b|`; empty for none. */
  readonly blockParams: readonly string[];
}

/** A piece of a template. */
export type TemplateStatement =
  & TemplateRange
  & (
    /** Text as it comes out, and as it was written. */
    | { readonly kind: "content"; readonly text: string; readonly original: string }
    | { readonly kind: "output"; readonly value: TemplateExpression }
    | {
      readonly kind: "block";
      readonly call: TemplateCall;
      readonly program?: TemplateProgram;
      readonly inverse?: TemplateProgram;
    }
    /** `{{> name}}`, `{{* name}}` */
    | { readonly kind: "partial" | "decorator" }
  );

/** The text is not a Handlebars template. */
export class TemplateSyntaxError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "TemplateSyntaxError";
  /**
   * Made with a message without place, and the range at fault.
   *
   * @param token the parser's name of what it found, e.g. `EOF`
   */
  constructor(message: string, readonly range: TemplateRange, readonly token?: string) {
    super(message);
  }
}

interface JisonLocation {
  readonly first_line: number;
  readonly first_column: number;
  readonly last_line: number;
  readonly last_column: number;
}

interface JisonParser {
  readonly lexer: { readonly yylloc: JisonLocation };
  parseError(this: JisonParser, message: string, hash: { readonly token: string | null }): void;
}

class ParseFailure extends Error {
  constructor(readonly token: string | null, readonly at: JisonLocation) {
    super("not a template");
  }
}

// The parser's own error is a text without a column.
(Handlebars as unknown as { Parser: JisonParser }).Parser.parseError = function (_message, hash) {
  throw new ParseFailure(hash.token, this.lexer.yylloc);
};

/**
 * Parses a template and applies its white space control.
 *
 * @throws {TemplateSyntaxError}
 */
export function parseTemplate(text: string): TemplateProgram {
  const offsets = new Offsets(text);
  try {
    return new Converter(offsets).program(Handlebars.parse(text));
  } catch (error) {
    if (error instanceof RangeError) {
      throw new TemplateSyntaxError("the template nests too deeply", { start: 0, end: 1 });
    }
    if (error instanceof ParseFailure) {
      const range = offsets.range(
        { line: error.at.first_line, column: error.at.first_column },
        { line: error.at.last_line, column: error.at.last_column },
      );
      throw new TemplateSyntaxError("not a template", range, error.token ?? "INVALID");
    }
    if (!(error instanceof Handlebars.Exception)) throw error;
    throw fromException(error, offsets);
  }
}

function fromException(error: Handlebars.Exception, offsets: Offsets): TemplateSyntaxError {
  const message = error.message.replace(/ - \d+:\d+$/, "");
  const line = Number(error.lineNumber ?? 1);
  const range = offsets.range({ line, column: Number(error.column ?? 0) }, {
    line: Number(error.endLineNumber ?? line),
    column: Number(error.endColumn ?? 1),
  });
  return new TemplateSyntaxError(message, range);
}

/** Offsets of the parser's lines, which count from 1, and columns, which count from 0. */
class Offsets {
  readonly #lines: number[] = [0];

  constructor(readonly text: string) {
    // The parser takes a lone carriage return as a line break too.
    for (const match of text.matchAll(/\r\n?|\n/g)) this.#lines.push(match.index + match[0].length);
  }

  range(start: hbs.AST.Position, end: hbs.AST.Position): TemplateRange {
    const from = this.#offset(start);
    return { start: from, end: Math.max(from, this.#offset(end)) };
  }

  #offset({ line, column }: hbs.AST.Position): number {
    return Math.min((this.#lines[line - 1] ?? this.text.length) + column, this.text.length);
  }
}

class Converter {
  constructor(readonly offsets: Offsets) {}

  program(node: hbs.AST.Program): TemplateProgram {
    return { body: node.body.map((statement) => this.#statement(statement)), blockParams: node.blockParams ?? [] };
  }

  #range(node: hbs.AST.Node): TemplateRange {
    return this.offsets.range(node.loc.start, node.loc.end);
  }

  #statement(node: hbs.AST.Statement): TemplateStatement {
    const range = this.#range(node);
    switch (node.type) {
      case "ContentStatement": {
        const { value, original } = node as hbs.AST.ContentStatement;
        return { kind: "content", text: value, original: String(original), ...range };
      }
      case "CommentStatement":
        return { kind: "content", text: "", original: "", ...range };
      case "MustacheStatement": {
        const { path, params, hash } = node as hbs.AST.MustacheStatement;
        const isCall = params.length > 0 || (hash?.pairs.length ?? 0) > 0;
        const inner = isCall ? { start: this.#range(path).start, end: this.#endOf(params, hash, path) } : range;
        const value = isCall ? this.#call(path, params, hash, inner) : this.#expression(path);
        return { kind: "output", value, ...range };
      }
      case "BlockStatement": {
        const { path, params, hash, program, inverse } = node as hbs.AST.BlockStatement;
        const inner = { start: this.#range(path).start, end: this.#endOf(params, hash, path) };
        return {
          kind: "block",
          call: this.#call(path, params, hash, inner),
          program: program && this.program(program),
          inverse: inverse && this.program(inverse),
          ...range,
        };
      }
      default:
        return { kind: node.type.startsWith("Partial") ? "partial" : "decorator", ...range };
    }
  }

  #endOf(params: readonly hbs.AST.Node[], hash: hbs.AST.Hash | undefined, path: hbs.AST.Node): number {
    return Math.max(...[path, ...params, ...(hash?.pairs ?? [])].map((node) => this.#range(node).end));
  }

  #call(
    path: hbs.AST.Expression,
    params: readonly hbs.AST.Expression[],
    hash: hbs.AST.Hash | undefined,
    range: TemplateRange,
  ): TemplateCall {
    const callee = this.#expression(path);
    if (callee.kind !== "path") throw new TemplateSyntaxError("a literal cannot be called", this.#range(path));
    const pairs = (hash?.pairs ?? []).map((pair) => ({
      key: pair.key,
      value: this.#expression(pair.value),
      ...this.#range(pair),
    }));
    return { kind: "call", path: callee, args: params.map((param) => this.#expression(param)), hash: pairs, ...range };
  }

  #expression(node: hbs.AST.Expression): TemplateExpression {
    const range = this.#range(node);
    switch (node.type) {
      case "SubExpression": {
        const { path, params, hash } = node as hbs.AST.SubExpression;
        return this.#call(path, params, hash, range);
      }
      case "PathExpression": {
        const { data, depth, parts, original } = node as hbs.AST.PathExpression;
        const isScoped = /^(\.\.?(\/|$)|this\b(?!-))/.test(original);
        return { kind: "path", text: original, isData: Boolean(data), depth, isScoped, parts, ...range };
      }
      case "StringLiteral":
      case "NumberLiteral":
      case "BooleanLiteral":
        return { kind: "literal", value: (node as hbs.AST.StringLiteral).value, ...range };
      default:
        return { kind: "literal", value: null, ...range };
    }
  }
}
