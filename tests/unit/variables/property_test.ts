import { equal, ok } from "node:assert/strict";
import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import type { Value } from "../../../engine/module/module.ts";
import { DiagnosticError } from "../../../engine/support/diagnostic.ts";
import { parseYaml, toYaml, type YamlScalar } from "../../../engine/support/yaml.ts";
import { compileCondition, compileExpression, compileValue } from "../../../engine/variables/expression.ts";
import { compileTemplate } from "../../../engine/variables/handlebars_template.ts";
import { pendingResult } from "../../../engine/variables/pending.ts";
import { placeOfScalar } from "../../../engine/variables/place.ts";
import { constantLayer, LayeredScope } from "../../../engine/variables/scope.ts";
import { isEqual } from "../../../engine/variables/values.ts";
import { PendingError } from "../../../engine/variables/variable.ts";
import { VARIABLES } from "./helpers.ts";

const SCOPE = new LayeredScope([
  constantLayer({ ...VARIABLES, r: pendingResult({ changed: true }, (key) => `'r.${key}'`) }),
]);

/** Runs something that may refuse its input, in the one way that operators see. */
function refuses(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (error instanceof PendingError) return;
    if (!(error instanceof DiagnosticError)) throw error;
    for (const { span, message } of error.diagnostics) {
      ok(span && span.start >= 0 && span.end <= span.source.text.length, "the error has a place");
      ok(!message.includes("\n") && message !== "", "the message is one line");
    }
  }
}

const TOKENS = [
  ..."+ - * / % == != < <= > >= && || ! ? : , . ( ) [ ] { } | ~ = & // {{ }} {% %} {# #} # > ^ @".split(" "),
  ..."and or not is in if else defined default lower join size has map filter items env r true null True 1 2.5 0".split(
    " ",
  ),
  ...Object.keys(VARIABLES),
  ..."'a' \"b\" '7' ' \n each with unless this ../ @index lookup eq add".split(" "),
  "r.stdout",
  "nowhere",
];
const soup = fc.array(fc.constantFrom(...TOKENS), { maxLength: 12 }).map((tokens) => tokens.join(" "));
const anyText = fc.oneof(soup, fc.string(), fc.string({ unit: "grapheme" }));

Deno.test("no expression, value or template does anything worse than being refused", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      refuses(() => compileExpression({ path: "a", text }).evaluate(SCOPE));
      refuses(() => compileCondition({ path: "a", text }).evaluate(SCOPE));
      for (
        const source of [
          text,
          `{{ ${text} }}`,
          `a{{${text}}}b`,
          `{{#if ${text}}}x{{/if}}`,
          `{{#each ${text}}}{{this}}{{/each}}`,
        ]
      ) {
        refuses(() => compileTemplate({ path: "a", text: source }).render(SCOPE));
        refuses(() => {
          const node = parseYaml({ path: "a", text: toYaml(source) });
          if (node) compileValue(node).evaluate(SCOPE);
        });
      }
    }),
    { numRuns: 3000 },
  );
});

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

Deno.test("a value comes out of an expression as it went in", () => {
  fc.assert(fc.property(value, (x) => {
    const scope = new LayeredScope([constantLayer({ x })]);
    for (const text of ["x", "[x][0]", "{'k': x}.k", "default(x, 1)", "true ? x : 1", "fromJson(json(x))"]) {
      ok(isEqual(compileExpression({ path: "a", text }).evaluate(scope), x), text);
    }
    equal(compileExpression({ path: "a", text: "x == x && x in [x]" }).evaluate(scope), true);
  }));
});

// The library's own evaluator is the judge of what CEL means.
const oracle = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false });

const celExpression = fc.letrec<{ int: string; bool: string; string: string; list: string }>((tie) => ({
  int: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: 0, max: 50 }).map(String),
    fc.constantFrom("a", "b", "m.x", "xs[1]"),
    fc.tuple(tie("int"), fc.constantFrom("+", "-", "*", "/", "%"), tie("int")).map(([l, op, r]) => `(${l} ${op} ${r})`),
    tie("list").map((list) => `size(${list})`),
    tie("int").map((int) => `-(${int})`),
    fc.tuple(tie("bool"), tie("int"), tie("int")).map(([c, l, r]) => `(${c} ? ${l} : ${r})`),
  ),
  bool: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("true", "false", "t"),
    fc.tuple(tie("bool"), fc.constantFrom("&&", "||"), tie("bool")).map(([l, op, r]) => `(${l} ${op} ${r})`),
    fc.tuple(tie("int"), fc.constantFrom("<", "<=", ">", ">=", "==", "!="), tie("int")).map((part) =>
      `(${part.join(" ")})`
    ),
    fc.tuple(tie("string"), fc.constantFrom("==", "!=", "<"), tie("string")).map((part) => `(${part.join(" ")})`),
    tie("bool").map((bool) => `!${bool}`),
    fc.tuple(tie("int"), tie("list")).map((part) => `(${part.join(" in ")})`),
    fc.tuple(tie("list"), fc.constantFrom("all", "exists", "exists_one"), tie("int"))
      .map(([list, macro, int]) => `${list}.${macro}(i, i > ${int})`),
    fc.constantFrom("has(m.x)", "has(m.y)", "('x' in m)", "s.startsWith('ab')", "s.matches('^a')", "s.contains('c')"),
  ),
  string: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("'a'", "'abc'", "s", "''"),
    fc.tuple(tie("string"), tie("string")).map((part) => `(${part.join(" + ")})`),
    tie("int").map((int) => `string(${int})`),
    tie("string").map((text) => `${text}.upperAscii()`),
  ),
  list: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("xs", "[]", "[1, 2]"),
    fc.array(tie("int"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.tuple(tie("list"), tie("list")).map((part) => `(${part.join(" + ")})`),
    fc.tuple(tie("list"), tie("int")).map(([list, int]) => `${list}.map(i, i + ${int})`),
    fc.tuple(tie("list"), tie("bool")).map(([list, bool]) => `${list}.filter(i, i > 1 || ${bool})`),
  ),
}));

const JUDGED = { a: 7, b: 0, t: true, s: "abc", xs: [3, 1, 2], m: { x: 5 } };
const JUDGED_BIG = { a: 7n, b: 0n, t: true, s: "abc", xs: [3n, 1n, 2n], m: { x: 5n } };

function judge(text: string): { value: Value } | undefined {
  try {
    const big: unknown = oracle.evaluate(text, JUDGED_BIG);
    const numbers = JSON.stringify(big, (_, one) => typeof one === "bigint" ? Number(one) : one);
    return { value: JSON.parse(numbers) };
  } catch {
    return undefined;
  }
}

function ours(text: string): { value: Value } | undefined {
  try {
    return { value: compileExpression({ path: "a", text }).evaluate(new LayeredScope([constantLayer(JUDGED)])) };
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

Deno.test("expressions mean what CEL says they mean", () => {
  const any = fc.oneof(celExpression.int, celExpression.bool, celExpression.string, celExpression.list);
  fc.assert(
    fc.property(any, (text) => {
      const expected = judge(text);
      const actual = ours(text);
      // The library refuses more than we do: it checks types ahead.
      ok(!expected || (actual && isEqual(actual.value, expected.value)), JSON.stringify({ expected, actual }));
    }),
    { numRuns: 5000 },
  );
});

Deno.test("every character of a scalar is found in the file", () => {
  const words = fc.array(
    fc.constantFrom("a", "é", "x y", "'", '"', "\\", "\t", ":", "#", "\n", "\n\n", "  ", "{{", "%"),
    {
      minLength: 1,
      maxLength: 10,
    },
  ).map((parts) => parts.join(""));
  const styles = ["BLOCK_LITERAL", "BLOCK_FOLDED", "QUOTE_DOUBLE", "QUOTE_SINGLE", "PLAIN"] as const;
  fc.assert(
    fc.property(words, fc.constantFrom(...styles), (text, style) => {
      const scalar = scalarIn(text, style);
      if (!scalar || typeof scalar.value !== "string") return;
      const place = placeOfScalar(scalar);
      for (let index = 0; index < scalar.value.length; index++) {
        const { start, source } = place.span(index, index + 1);
        const [wanted, found] = [scalar.value[index], source.text[start]];
        const isFound = wanted === found || found === "\\" || /\s/.test(wanted) && /\s/.test(found);
        ok(isFound, `${style} ${JSON.stringify(source.text)} at ${index}: ${JSON.stringify([wanted, found])}`);
      }
    }),
    { numRuns: 2000 },
  );
});

function scalarIn(text: string, style: string): YamlScalar | undefined {
  const indented = text.replace(/\n(?=[^\n])/g, "\n  ");
  const written: Record<string, string> = {
    BLOCK_LITERAL: `|\n  ${indented}`,
    BLOCK_FOLDED: `>-\n  ${indented}`,
    QUOTE_DOUBLE: JSON.stringify(text),
    QUOTE_SINGLE: `'${indented.replaceAll("'", "''")}'`,
    PLAIN: indented,
  };
  try {
    const root = parseYaml({ path: "a", text: `k: ${written[style]}\nz: 1\n` });
    return root?.kind === "map" && root.entries[0].value.kind === "scalar" ? root.entries[0].value : undefined;
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}
