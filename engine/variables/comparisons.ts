/**
 * Finds comparisons that fail whatever the host's variables hold: of a text with a number, say.
 *
 * @module
 */

import { type CelNode, CelSyntaxError, parseCel } from "../support/cel.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import type { YamlNode, YamlScalar } from "../support/yaml.ts";
import { type Place, placeOfScalar } from "./place.ts";
import { wholeExpression } from "./template_text.ts";

type Kind = "string" | "number" | "boolean" | "list" | "map";

/** What functions give, where it does not depend on their arguments. */
const FUNCTION_KINDS: Readonly<Record<string, Kind>> = {
  ...kinds("number", ["size", "int", "double", "indexOf"]),
  ...kinds("string", ["string", "lower", "upper", "trim", "replace", "regexReplace", "join", "json", "yaml", "type"]),
  ...kinds("string", ["basename", "dirname", "file", "b64encode", "b64decode", "substring"]),
  ...kinds("boolean", ["bool", "matches", "startsWith", "endsWith", "contains", "defined", "has", "all", "exists"]),
  ...kinds("list", ["split", "map", "filter", "range", "items", "unique", "flatten"]),
};

/** What the result of a command holds. */
const RESULT_KINDS: Readonly<Record<string, Kind>> = {
  ...kinds("number", ["rc"]),
  ...kinds("string", ["stdout", "stderr"]),
  ...kinds("list", ["stdout_lines", "stderr_lines"]),
  ...kinds("boolean", ["changed", "failed"]),
};

function kinds(kind: Kind, names: readonly string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

/** Keys whose value is an expression, or a list of them. */
const CONDITIONS = new Set(["when", "changed_when", "failed_when", "until", "that"]);

/**
 * The warnings for all expressions below a node of a playbook.
 *
 * @param results the variables that hold the result of a command, as `register` names them
 */
export function wrongComparisons(root: YamlNode, results: ReadonlySet<string>): Diagnostic[] {
  const found: Diagnostic[] = [];
  const expression = (node: YamlNode): void => {
    if (node.kind === "seq") return node.items.forEach(expression);
    if (node.kind === "scalar" && typeof node.value === "string") judge(node, true, results, found);
  };
  const walk = (node: YamlNode): void => {
    if (node.kind === "seq") return node.items.forEach(walk);
    if (node.kind === "scalar") return judge(node, false, results, found);
    for (const { key, value } of node.entries) {
      if (CONDITIONS.has(key)) expression(value);
      else walk(value);
    }
  };
  walk(root);
  return found;
}

function judge(node: YamlScalar, bare: boolean, results: ReadonlySet<string>, found: Diagnostic[]): void {
  const { value } = node;
  // Most texts compare nothing.
  if (typeof value !== "string" || node.tag !== undefined || !/[=!]=/.test(value)) return;
  const whole = wholeExpression(value);
  if (!whole && !bare) return;
  const text = whole?.text ?? value;
  try {
    visit(parseCel(text), placeOfScalar(node, whole?.start ?? 0), results, found);
  } catch (error) {
    // What is no expression is told by the loading.
    if (!(error instanceof CelSyntaxError)) throw error;
  }
}

function visit(node: CelNode, place: Place, results: ReadonlySet<string>, found: Diagnostic[]): void {
  if (node.kind === "binary" && (node.operator === "==" || node.operator === "!=")) {
    const [left, right] = [kindOf(node.left, results), kindOf(node.right, results)];
    if (left && right && left !== right) {
      const message = `a ${left} is compared with a ${right}: they are never equal`;
      const help = helpFor(node.left, left, node.right, right);
      found.push({
        severity: "warning",
        code: "expression-type",
        message,
        span: place.span(node.start, node.end),
        help,
      });
    }
  }
  for (const child of childrenOf(node)) visit(child, place, results, found);
}

function helpFor(left: CelNode, leftKind: Kind, right: CelNode, rightKind: Kind): string | undefined {
  const literal = left.kind === "literal" ? left : right.kind === "literal" ? right : undefined;
  const other = literal === left ? rightKind : leftKind;
  if (!literal) return undefined;
  if (typeof literal.value === "string" && other === "number" && /^-?\d+(\.\d+)?$/.test(literal.value)) {
    return `write ${literal.value} without quotes`;
  }
  if (other === "string") return `write '${literal.value}' with quotes`;
  return undefined;
}

function kindOf(node: CelNode, results: ReadonlySet<string>): Kind | undefined {
  switch (node.kind) {
    case "literal":
      return node.value === null ? undefined : typeof node.value as Kind;
    case "list":
    case "map":
      return node.kind;
    case "call":
      return Object.hasOwn(FUNCTION_KINDS, node.name) ? FUNCTION_KINDS[node.name] : undefined;
    case "member": {
      const named = node.target.kind === "name" && results.has(node.target.name);
      return named && Object.hasOwn(RESULT_KINDS, node.key) ? RESULT_KINDS[node.key] : undefined;
    }
    case "logic":
      return "boolean";
    case "unary":
      return node.operator === "!" ? "boolean" : "number";
    case "binary":
      return /^(==|!=|<=?|>=?|in)$/.test(node.operator) ? "boolean" : undefined;
    default:
      return undefined;
  }
}

function childrenOf(node: CelNode): readonly CelNode[] {
  switch (node.kind) {
    case "member":
      return [node.target];
    case "index":
      return [node.target, node.index];
    case "list":
      return node.items;
    case "map":
      return node.entries.flat();
    case "ternary":
      return [node.condition, node.then, node.otherwise];
    case "logic":
    case "binary":
      return [node.left, node.right];
    case "unary":
      return [node.operand];
    case "call":
      return node.receiver ? [node.receiver, ...node.args] : node.args;
    default:
      return [];
  }
}
