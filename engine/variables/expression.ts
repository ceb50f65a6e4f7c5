/**
 * Compiles what operators write in playbooks: values with `{{ … }}` in them, and bare expressions and conditions.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { inputError, type SourceText, type Span } from "../support/diagnostic.ts";
import { toPlain, type YamlMap, type YamlNode, type YamlScalar, type YamlSeq } from "../support/yaml.ts";
import { booleanAt } from "./cel_logic.ts";
import { compileCel } from "./cel_program.ts";
import { SYSTEM_CONTROLLER } from "./controller.ts";
import { errorAt, type Place, placeOfScalar, placeOfSource } from "./place.ts";
import { EMPTY_SCOPE } from "./scope.ts";
import { compileTemplateText, wholeExpression } from "./template_text.ts";
import { booleanWord, describeKind, OMIT, type ValueMap } from "./values.ts";
import type { Scope, Variable } from "./variable.ts";
import { envelopeOf } from "./vault.ts";

const NO_NAMES: ReadonlySet<string> = new Set();

/** A compiled value, expression or condition. Compile once, evaluate for each host. */
export class Expression implements Variable {
  /** The value where it does not depend on the scope. */
  readonly constant?: Value;

  /**
   * Made with the place it was written at, for messages.
   *
   * @param names the variables of the scope that it may look at
   * @param run evaluates it; where it is constant, that is tried at once
   */
  constructor(
    readonly span: Span,
    readonly names: ReadonlySet<string>,
    constant: boolean,
    private readonly run: (scope: Scope) => Value,
  ) {
    if (constant) this.constant = run(EMPTY_SCOPE);
  }

  /** Its value in a scope. @throws {DiagnosticError | PendingError} */
  evaluate(scope: Scope): Value {
    return this.constant === undefined ? this.run(scope) : this.constant;
  }
}

/**
 * Compiles a value: text within `{{ … }}` is an expression, at any depth of lists and maps; keys are plain. A list item
 * or map entry whose value is `omit` is left out.
 *
 * @throws {DiagnosticError} for what is wrong whatever the variables hold
 */
export function compileValue(node: YamlNode): Expression {
  if (node.kind === "map") return compileMap(node);
  if (node.kind === "seq") return compileSeq(node);
  const { value, tag, span } = node;
  if (tag === "vault") return secretValue(node);
  if (typeof value !== "string" || tag === "raw" || !value.includes("{")) return rawValue(node);
  const program = compileTemplateText(value, placeOfScalar(node));
  return new Expression(span, program.names, program.constant, program.evaluate);
}

/** A `!vault` value: decrypted when it is looked at, and then taken as it is, whatever braces it holds. */
function secretValue({ value, span }: YamlScalar): Expression {
  const text = String(value ?? "");
  envelopeOf(text, span);
  return new Expression(span, NO_NAMES, false, (scope) => (scope.controller ?? SYSTEM_CONTROLLER).decrypt(text, span));
}

/** A value that is not read: what a schema calls raw, as `!raw` does. */
export function rawValue(node: YamlNode): Expression {
  if (node.kind === "scalar" && node.tag === "vault") return secretValue(node);
  const value = toPlain(node);
  return new Expression(node.span, NO_NAMES, true, () => value);
}

/**
 * Compiles a bare expression (`debug: var`), or the text of one `{{ … }}`.
 *
 * @throws {DiagnosticError}
 */
export function compileExpression(written: YamlScalar | SourceText): Expression {
  const { text, place, span } = bareText(written);
  const program = compileCel(text, place);
  return new Expression(span, program.names, program.constant, program.evaluate);
}

/**
 * Compiles a condition (`when`, `changed_when`, `failed_when`, `until`, `assert.that`): a boolean, an expression, or a
 * list of which all must hold. Evaluates to a boolean; a text such as "yes", as `-e flag=yes` gives it, counts as one.
 *
 * @throws {DiagnosticError}
 */
export function compileCondition(written: YamlNode | SourceText): Expression {
  if (!("kind" in written)) return compileConditionText(written);
  if (written.kind === "seq") {
    const conditions = written.items.map((item) => compileCondition(item));
    return combine(written.span, conditions, (scope) => conditions.every((condition) => condition.evaluate(scope)));
  }
  if (written.kind === "scalar" && typeof written.value === "boolean") return rawValue(written);
  if (written.kind === "scalar" && typeof written.value === "string") return compileConditionText(written);
  const kind = written.kind === "map" ? "a map" : describeKind(written.value);
  const isBraced = written.kind === "map" && written.span.source.text.startsWith("{{", written.span.start);
  const help = isBraced ? "write the expression without {{ }}" : "write an expression such as: x == 'y'";
  throw inputError("condition", `a condition must be an expression, this is ${kind}`, written.span, help);
}

function compileConditionText(written: YamlScalar | SourceText): Expression {
  const { text, place, span } = bareText(written);
  const word = booleanWord(text.trim());
  if (word !== undefined) return new Expression(span, NO_NAMES, true, () => word);
  const program = compileCel(text, place);
  const start = text.length - text.trimStart().length;
  const range = { start, end: start + text.trim().length };
  return new Expression(span, program.names, program.constant, (scope) => {
    const value = program.evaluate(scope);
    return typeof value === "boolean" ? value : booleanAt(value, place, range, text.trim());
  });
}

/** The text of a bare expression; braces around the whole are accepted, as Ansible does. */
function bareText(written: YamlScalar | SourceText): { text: string; place: Place; span: Span } {
  const isNode = "kind" in written;
  const span = isNode ? written.span : { source: written, start: 0, end: written.text.length };
  const text = isNode ? String(written.value ?? "") : written.text;
  const place = isNode ? placeOfScalar(written) : placeOfSource(written);
  const inner = wholeExpression(text);
  if (inner) {
    return {
      text: inner.text,
      place: { span: (start, end) => place.span(start + inner.start, end + inner.start) },
      span,
    };
  }
  const brace = text.indexOf("{{");
  if (brace !== -1 && text.includes("}}") && !/\{\s*\{\s*['"]/.test(text.slice(brace))) {
    const help = `write: ${text.replace(/\{\{\s*|\s*\}\}/g, "").trim()}`;
    throw errorAt(
      place,
      { start: brace, end: brace + 2 },
      "condition",
      "this is an expression already, without {{ }}",
      help,
    );
  }
  return { text, place, span };
}

function compileSeq(node: YamlSeq): Expression {
  const items = node.items.map(compileValue);
  return combine(node.span, items, (scope) => {
    const list: Value[] = [];
    for (const item of items) {
      const value = item.evaluate(scope);
      if (value !== OMIT) list.push(value);
    }
    return list;
  });
}

function compileMap(node: YamlMap): Expression {
  const entries = node.entries.map((entry) => [entry.key, compileValue(entry.value)] as const);
  return combine(node.span, entries.map(([, value]) => value), (scope) => {
    const map: ValueMap = {};
    for (const [key, expression] of entries) {
      const value = expression.evaluate(scope);
      if (value === OMIT) continue;
      if (key === "__proto__") {
        Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
      } else map[key] = value;
    }
    return map;
  });
}

function combine(span: Span, parts: readonly Expression[], run: (scope: Scope) => Value): Expression {
  const names = new Set(parts.flatMap((part) => [...part.names]));
  return new Expression(span, names, parts.every((part) => part.constant !== undefined), run);
}
