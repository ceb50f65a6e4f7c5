import type { Value } from "../../../engine/module/module.ts";
import { DiagnosticError } from "../../../engine/support/diagnostic.ts";
import { parseYaml, type YamlMap } from "../../../engine/support/yaml.ts";
import { compileCondition, compileExpression, compileValue } from "../../../engine/variables/expression.ts";
import { compileTemplate } from "../../../engine/variables/handlebars_template.ts";
import { constantLayer, LayeredScope } from "../../../engine/variables/scope.ts";
import { NO_VAULT } from "../../../engine/variables/vault.ts";
import type { Controller, Scope } from "../../../engine/variables/variable.ts";

/** A controller that has one variable and one file. */
export const CONTROLLER: Controller = {
  env: (name) => name === "TOKEN" ? "t0k" : undefined,
  readFile(path) {
    if (path === "motd.txt") return "welcome\n";
    throw new Deno.errors.NotFound("no such file");
  },
  decrypt: (text, span) => NO_VAULT.value(text, span),
  derived() {},
};

/** The variables that the tests look at. */
export const VARIABLES: { readonly [name: string]: Value } = {
  port: 9100,
  ratio: 0.5,
  name: "gpu01",
  text: "9100",
  flag: "false",
  on: true,
  nothing: null,
  list: ["a", "b"],
  numbers: [3, 1, 2],
  ports: { http: 80, https: 443 },
  users: [{ name: "ann", id: 1 }, { name: "bob", id: 2 }],
  groups: { gpu: ["gpu01", "gpu02"], "head-nodes": ["head"] },
};

/** A scope with {@linkcode VARIABLES} and others. */
export function scopeOf(more: { readonly [name: string]: Value } = {}): LayeredScope {
  return new LayeredScope([constantLayer(more), constantLayer(VARIABLES)], { controller: CONTROLLER });
}

/** Evaluates a bare expression. */
export function evaluate(text: string, scope: Scope = scopeOf()): Value {
  return compileExpression({ path: "expression", text }).evaluate(scope);
}

/** Evaluates the first value of a YAML mapping; a key that begins with `when` is a condition. */
export function evaluateYaml(text: string, scope: Scope = scopeOf()): Value {
  const root = parseYaml({ path: "site.yml", text }) as YamlMap;
  const [{ key, value }] = root.entries;
  return (key.startsWith("when") ? compileCondition(value) : compileValue(value)).evaluate(scope);
}

/** Renders a template. */
export function render(text: string, scope: Scope = scopeOf()): string {
  return compileTemplate({ path: "a.hbs", text }).render(scope);
}

/** The message of the diagnostic that a run throws. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  return "no error";
}

/** Splits a text of cases: each an input, `---`, and the message; cases are parted by lines of `===`. */
export function casesOf(text: string): { input: string; expected: string }[] {
  return text.trim().split(/^===$\n?/m).map((one) => {
    const [input, expected] = one.split(/^---$\n?/m);
    return { input: input.replace(/\n$/, ""), expected: (expected ?? "").trimEnd() };
  });
}
