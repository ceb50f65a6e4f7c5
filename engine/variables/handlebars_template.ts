/**
 * Template files: Handlebars, strict everywhere, without HTML escaping, with the functions that expressions have.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { SourceText } from "../support/diagnostic.ts";
import {
  parseTemplate,
  type TemplateCall,
  type TemplateExpression,
  type TemplateProgram,
  type TemplateStatement,
  TemplateSyntaxError,
} from "../support/handlebars.ts";
import { perText } from "../support/per_text.ts";
import { didYouMean } from "../support/suggest.ts";
import { locate, placeOfSource } from "./place.ts";
import { templateSyntaxError } from "./template_syntax.ts";
import { TemplateCompiler } from "./template_compiler.ts";
import { TemplateFrame, type TemplateRun } from "./template_frame.ts";
import { jinjaStatement } from "./template_habits.ts";
import { BLOCKS } from "./template_helpers.ts";
import { describeKind, isMap, isTruthy, Misuse, toText, type ValueMap } from "./values.ts";
import type { Scope } from "./variable.ts";

/** A compiled template. Compile once, render for each host. */
export interface Template {
  /** The variables that it may look at. */
  readonly names: ReadonlySet<string>;
  /**
   * The text for one scope.
   *
   * @param extra names above the scope's, e.g. `ansible_managed`
   * @throws {DiagnosticError | PendingError}
   */
  render(scope: Scope, extra?: Readonly<ValueMap>): string;
}

/**
 * Compiles a template; once for each text of a file, since it is checked before the run and rendered in it.
 *
 * @throws {DiagnosticError} for what is wrong whatever the variables hold
 */
export const compileTemplate: (source: SourceText) => Template = perText(compile);

function compile(source: SourceText): Template {
  const place = placeOfSource(source);
  let program: TemplateProgram;
  try {
    program = parseTemplate(source.text);
  } catch (error) {
    throw error instanceof TemplateSyntaxError ? templateSyntaxError(error, source.text, place) : error;
  }
  const compiler = new TemplateCompiler(source.text, place);
  const render = new StatementCompiler(compiler).program(program);
  return { names: compiler.names, render: (scope, extra = {}) => render(new TemplateFrame(scope, extra)) };
}

type Render = (frame: TemplateFrame) => string;

class StatementCompiler {
  constructor(readonly compiler: TemplateCompiler) {}

  program(program: TemplateProgram | undefined): Render {
    const parts = (program?.body ?? []).map((statement) => this.#statement(statement));
    if (parts.length === 1) return parts[0];
    return (frame) => {
      let text = "";
      for (const part of parts) text += part(frame);
      return text;
    };
  }

  #statement(node: TemplateStatement): Render {
    switch (node.kind) {
      case "content":
        return this.#content(node);
      case "output":
        return this.#output(node.value);
      case "block":
        return this.#block(node);
      case "partial":
        throw this.compiler.error(
          node,
          "template-partial",
          "there are no partials: one template is one file",
          "write out the text, or render several templates",
        );
      case "decorator":
        throw this.compiler.error(node, "template-partial", "there are no decorators");
    }
  }

  #content(node: TemplateStatement & { kind: "content" }): Render {
    const statement = jinjaStatement(node.original);
    if (statement) {
      const range = { start: node.start + statement.start, end: node.start + statement.end };
      throw this.compiler.error(range, "jinja-template", statement.message, statement.help);
    }
    return () => node.text;
  }

  #output(node: TemplateExpression): Render {
    const run = this.compiler.expression(node);
    return (frame) => {
      const value = run(frame);
      if (typeof value === "string") return value;
      try {
        return toText(value);
      } catch (error) {
        throw locate(error, this.compiler.place, node, "", this.#outputHelp(value, node));
      }
    };
  }

  #outputHelp(value: Value, node: TemplateExpression): string {
    const { text } = this.compiler;
    const written = node.kind === "call"
      ? `(${text.slice(node.start, node.end).replace(/^\(|\)$/g, "")})`
      : text.slice(node.start, node.end).replace(/^\{\{[{~]*\s*|\s*[}~]*\}\}$/g, "");
    if (value === null) return `write {{default ${written} '' true}}, or {{#if …}} around it`;
    return Array.isArray(value)
      ? `write {{join ${written} ','}}, {{json ${written}}} or {{#each …}}`
      : `write {{json ${written}}} or {{yaml ${written}}}`;
  }

  #block(node: TemplateStatement & { kind: "block" }): Render {
    const { call } = node;
    const name = call.path.text;
    if (this.compiler.text.startsWith("{{{{", node.start)) return this.#raw(node);
    if (!node.program && node.inverse) throw this.#inverseBlock(call);
    if (!BLOCKS.includes(name)) throw this.#unknownBlock(call);
    this.#checkHash(call, name);
    this.compiler.arity(call, 1, 1, `{{#${name} value}}`);
    const value = this.compiler.expression(call.args[0]);
    if (name === "each") return this.#each(node, value);
    const inverse = this.program(node.inverse);
    if (name === "with") return this.#with(node, value, inverse);
    const program = this.program(node.program);
    const zero = this.#includeZero(call);
    const wanted = name === "if";
    return (frame) => {
      const given = value(frame);
      const isTrue = isTruthy(given) || (given === 0 && isTruthy(zero(frame)));
      return isTrue === wanted ? program(frame) : inverse(frame);
    };
  }

  #inverseBlock({ path }: TemplateCall): Error {
    const help = `write {{#unless ${path.text}}} … {{/unless}}`;
    return this.compiler.error(path, "template-block", `'{{^${path.text}}}' is not supported`, help);
  }

  #raw(node: TemplateStatement & { kind: "block" }): Render {
    if (node.call.path.text !== "raw" || node.call.args.length > 0) {
      throw this.compiler.error(
        node.call.path,
        "template-block",
        "the one block of this kind is {{{{raw}}}}",
        "write {{{{raw}}}} … {{{{/raw}}}}",
      );
    }
    const text = (node.program?.body ?? []).map((part) => part.kind === "content" ? part.text : "").join("");
    return () => text;
  }

  #unknownBlock(call: TemplateCall): Error {
    const name = call.path.text;
    const help = didYouMean(name, BLOCKS) ?? `write {{#if ${name}}} or {{#each ${name}}}`;
    return this.compiler.error(call.path, "template-block", `unknown block '#${name}'`, help);
  }

  #checkHash(call: TemplateCall, name: string): void {
    const allowed = name === "if" || name === "unless" ? "includeZero" : undefined;
    const pair = call.hash.find((one) => one.key !== allowed);
    if (pair) throw this.compiler.error(pair, "template-argument", `'#${name}' takes no '${pair.key}='`);
  }

  #includeZero(call: TemplateCall): TemplateRun {
    const pair = call.hash.find((one) => one.key === "includeZero");
    return pair ? this.compiler.expression(pair.value) : () => false;
  }

  #with(node: TemplateStatement & { kind: "block" }, value: TemplateRun, inverse: Render): Render {
    const params = node.program?.blockParams ?? [];
    const program = this.compiler.within({ block: "with", params }, () => this.program(node.program));
    return (frame) => {
      const given = value(frame);
      return isTruthy(given) ? program(frame.enter(given)) : inverse(frame);
    };
  }

  #each(node: TemplateStatement & { kind: "block" }, value: TemplateRun): Render {
    const params = node.program?.blockParams ?? [];
    const program = this.compiler.within({ block: "each", params }, () => this.program(node.program));
    const inverse = this.program(node.inverse);
    return (frame) => {
      const entries = this.#entriesOf(value(frame), node.call.args[0]);
      if (entries.length === 0) return inverse(frame);
      let text = "";
      entries.forEach(([key, item], index) => {
        const loop = { index, key, first: index === 0, last: index === entries.length - 1 };
        text += program(frame.enter(item, loop));
      });
      return text;
    };
  }

  #entriesOf(value: Value, node: TemplateExpression): (readonly [Value, Value])[] {
    if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
    if (isMap(value)) return Object.entries(value);
    const misuse = new Misuse(`#each goes through a list or a map, this is ${describeKind(value)}`);
    throw locate(misuse, this.compiler.place, node);
  }
}
