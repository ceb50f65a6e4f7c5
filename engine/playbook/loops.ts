/**
 * `loop` and `loop_control`.
 *
 * @module
 */

import { inputError } from "../support/diagnostic.ts";
import { toPlain, type YamlEntry } from "../support/yaml.ts";
import { describe } from "../module/schema.ts";
import { compileValue } from "../variables/expression.ts";
import type { Variable } from "../variables/variable.ts";
import { Findings } from "./findings.ts";
import { expectMap, expectText, fields, unknownKeys } from "./keywords.ts";
import type { Loop } from "./playbook.ts";
import { flagKeyword, numberKeyword } from "./keyword_values.ts";
import { allOf, checkVariableName } from "./settings.ts";

const LOOP_CONTROL = ["loop_var", "index_var", "label", "pause", "extended", "extended_allitems", "break_when"];

/**
 * A task's loop.
 *
 * @throws {DiagnosticError}
 */
export function loopOf(entry: YamlEntry | undefined, control: YamlEntry | undefined): Loop | undefined {
  if (!entry) {
    if (control) {
      throw inputError("loop", "'loop_control' without 'loop'", control.keySpan, "add 'loop:', or take it away");
    }
    return undefined;
  }
  const findings = new Findings();
  const items = findings.attempt(() => itemsOf(entry));
  const map = control && findings.attempt(() => expectMap(control.value, "'loop_control'"));
  if (map) findings.add(...unknownKeys(map, LOOP_CONTROL, "'loop_control'"));
  const at = map ? fields(map) : new Map<string, YamlEntry>();
  const name = (key: string) => {
    const named = at.get(key);
    return named && findings.attempt(() => variableName(named));
  };
  const label = at.get("label");
  const loop = {
    loopVar: name("loop_var") ?? "item",
    indexVar: name("index_var"),
    label: label && findings.attempt(() => compileValue(label.value)),
    pause: findings.attempt(() => numberKeyword(at.get("pause"), 0, false)),
    extended: findings.attempt(() => flagKeyword(at.get("extended")))?.constant === true,
    breakWhen: findings.attempt(() => allOf(at.get("break_when"))),
    span: entry.value.span,
  };
  findings.report();
  return { ...loop, items: items! };
}

/** A list, or an expression that may give one. */
function itemsOf({ value }: YamlEntry): Variable {
  if (value.kind === "seq") return compileValue(value);
  const got = describe(toPlain(value));
  const message = `'loop' needs a list, got ${got}`;
  if (value.kind === "map") {
    throw inputError("loop", message, value.span, 'items(map) gives the keys and values of a map: "{{ items(map) }}"');
  }
  if (typeof value.value !== "string") throw inputError("loop", message, value.span);
  if (!value.value.includes("{{")) {
    throw inputError("loop", message, value.span, `write: loop: "{{ ${value.value} }}"`);
  }
  return compileValue(value);
}

/** The name of a variable that a keyword gives. @throws {DiagnosticError} */
export function variableName(entry: YamlEntry): string {
  const text = expectText(entry.value, `'${entry.key}'`);
  checkVariableName(text.value, text.span);
  return text.value;
}
