/**
 * The one place that imports the PromQL grammar: errors with positions and words a person can use, and the names an
 * expression asks for. It knows the language, not the data: whether a metric exists is for Prometheus to say.
 *
 * @module
 */

import { parser } from "@prometheus-io/lezer-promql";
import { didYouMean } from "./suggest.ts";

/** One error in an expression; a half-open range of offsets into it. */
export interface PromqlFinding {
  /** The first character's offset, from 0. */
  readonly from: number;
  /** The offset behind the last character. */
  readonly to: number;
  /** A sentence without a full stop. */
  readonly message: string;
}

type Tree = ReturnType<typeof parser.parse>;
type Node = Tree["topNode"];

/**
 * What is wrong with an expression. Of several syntax errors only the first is told, as what follows it is guesswork;
 * where the syntax holds, ranges are checked: `rate(x)` lacks one, `sum(x[5m])` has one too many.
 */
export function checkPromql(expression: string): PromqlFinding[] {
  if (expression.trim() === "") return [{ from: 0, to: expression.length, message: "expected an expression" }];
  const tree = parser.parse(expression);
  const open = find(tree, (node) => node.name === "StringLiteral" && !isClosed(expression, node));
  if (open) return [{ from: open.from, to: open.from + 1, message: "the text is not closed" }];
  const error = find(tree, (node) => node.type.isError);
  if (error) return [syntaxFinding(expression, error)];
  return rangeFindings(expression, tree);
}

/** The metric names of an expression, each once, in the order of their first use. */
export function metricNames(expression: string): string[] {
  const names = new Set<string>();
  parser.parse(expression).iterate({
    enter: (cursor) => {
      const { name, from, to, node } = cursor;
      if (name === "Identifier" && node.parent?.name === "VectorSelector") names.add(expression.slice(from, to));
      if (name === "QuotedLabelName") names.add(expression.slice(from + 1, to - 1));
      if (name !== "UnquotedLabelMatcher") return;
      const [label, operator, value] = children(node).map((child) => expression.slice(child.from, child.to));
      if (label === "__name__" && operator === "=") names.add(value.slice(1, -1));
    },
  });
  return [...names];
}

/** `1:13` for an offset, as promtool writes positions inside an expression. */
export function promqlPosition(expression: string, offset: number): string {
  const before = expression.slice(0, offset).split("\n");
  return `${before.length}:${before[before.length - 1].length + 1}`;
}

function find(tree: Tree, wanted: (node: Node) => boolean): Node | undefined {
  let found: Node | undefined;
  tree.iterate({
    enter: (cursor) => {
      if (found) return false;
      if (wanted(cursor.node)) found = cursor.node;
    },
  });
  return found;
}

function children(node: Node): Node[] {
  const list: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) list.push(child);
  return list;
}

function isClosed(expression: string, { from, to }: Node): boolean {
  const text = expression.slice(from, to);
  if (text.length < 2 || !text.endsWith(text[0])) return false;
  // An odd number of backslashes makes the last quote part of the text.
  return text[0] === "`" || (/\\*$/.exec(text.slice(1, -1))?.[0].length ?? 0) % 2 === 0;
}

/** What the grammar was in the middle of, and what would have gone on. */
const CONTINUATIONS: Readonly<Record<string, string>> = {
  LabelMatchers: "',' or '}'",
  UnquotedLabelMatcher: "a label, an operator (=, !=, =~, !~) and a quoted text",
  QuotedLabelMatcher: "a label, an operator (=, !=, =~, !~) and a quoted text",
  FunctionCallBody: "')'",
  ParenExpr: "')'",
  GroupingLabels: "',' or ')'",
  MatrixSelector: "a duration and ']'",
  SubqueryExpr: "']'",
  OffsetExpr: "a duration such as 5m",
  StepInvariantExpr: "a time, start() or end()",
  AggregateExpr: "'(' and what to aggregate",
};

function syntaxFinding(expression: string, error: Node): PromqlFinding {
  const previous = error.prevSibling;
  const parent = error.parent?.name ?? "";
  const { from, to } = tokenAt(expression, error.from);
  const token = expression.slice(from, to);
  if (token === "(" || /^\s*\(/.test(expression.slice(to))) {
    const call = callBefore(expression, error);
    if (call) return call;
  }
  const unexpected = token === "" ? "the expression ends too early" : `unexpected '${token}'`;
  if (isOperand(parent, previous)) {
    const operator = expression.slice(previous?.from ?? 0, previous?.to ?? 0);
    return { from, to, message: `${unexpected}, expected an expression after '${operator}'` };
  }
  if (token === "=" && !/LabelMatcher/.test(parent)) return { from, to, message: `${unexpected}, '==' compares` };
  const expected = parent === "FunctionCallBody" && !previous ? "an expression" : CONTINUATIONS[parent];
  return { from, to, message: expected ? `${unexpected}, expected ${expected}` : unexpected };
}

function isOperand(parent: string, previous: Node | null): boolean {
  return (parent === "BinaryExpr" || parent === "UnaryExpr") && previous !== null;
}

/** `nosuch(x)`: the grammar knows functions by name and takes any other for a metric. */
function callBefore(expression: string, error: Node): PromqlFinding | undefined {
  const before = /([A-Za-z_][A-Za-z0-9_]*)\s*$/.exec(expression.slice(0, error.from));
  if (!before || error.parent?.name === "BinaryExpr") return undefined;
  const name = before[1];
  if (error.prevSibling?.name !== "Identifier" && error.prevSibling?.name !== "VectorSelector") return undefined;
  const suggestion = name === "holt_winters"
    ? "it is double_exponential_smoothing() since Prometheus 3"
    : didYouMean(name, functionNames());
  const message = `unknown function '${name}'${suggestion ? `: ${suggestion}` : ""}`;
  return { from: before.index, to: before.index + name.length, message };
}

/** The token at or after an offset; empty at the end. */
function tokenAt(expression: string, offset: number): { from: number; to: number } {
  const from = offset + (/^\s*/.exec(expression.slice(offset))?.[0].length ?? 0);
  if (from >= expression.length) return { from: expression.length, to: expression.length };
  const token = /^([A-Za-z_:][\w:]*|[\d.]+\w*|"[^"]*"?|'[^']*'?|[=!<>]=|[=!]~|.)/su.exec(expression.slice(from));
  return { from, to: from + (token?.[0].length ?? 1) };
}

/** Functions over a range of time, with the place of the range among their arguments. */
const RANGE_ARGUMENT: Readonly<Record<string, number>> = {
  changes: 0,
  delta: 0,
  deriv: 0,
  double_exponential_smoothing: 0,
  idelta: 0,
  increase: 0,
  irate: 0,
  predict_linear: 0,
  quantile_over_time: 1,
  rate: 0,
  resets: 0,
};

function rangeArgument(name: string): number | undefined {
  return RANGE_ARGUMENT[name] ?? (/_over_time$/.test(name) ? 0 : undefined);
}

function rangeFindings(expression: string, tree: Tree): PromqlFinding[] {
  const findings: PromqlFinding[] = [];
  const allowed = new Set<number>();
  const text = (node: Node) => expression.slice(node.from, node.to);
  tree.iterate({
    enter: ({ node }) => {
      if (node.name === "FunctionCall") {
        const name = text(children(node)[0]);
        const place = rangeArgument(name);
        if (place === undefined) return;
        const argument = children(children(node)[1])[place];
        if (argument && isRange(argument)) allowed.add(argument.from);
        else if (argument) {
          findings.push({ ...spanOf(argument), message: `${name}() needs a range, e.g. ${text(argument)}[5m]` });
        } else findings.push({ ...spanOf(node), message: `${name}() needs a range, e.g. metric[5m]` });
      } else if (isRange(node) && !allowed.has(node.from) && !isInsideRange(node)) {
        findings.push({ ...spanOf(node), message: "a range is only for functions such as rate() and max_over_time()" });
      }
    },
  });
  return findings;
}

function spanOf({ from, to }: Node): { from: number; to: number } {
  return { from, to };
}

function isRange(node: Node): boolean {
  if (node.name === "MatrixSelector" || node.name === "SubqueryExpr") return true;
  const inside = node.firstChild;
  const wraps = node.name === "ParenExpr" || node.name === "OffsetExpr" || node.name === "StepInvariantExpr";
  return wraps && inside !== null && isRange(inside);
}

/** Whether a wrapper around it (`x[5m] offset 1h`) has been judged already. */
function isInsideRange(node: Node): boolean {
  return node.parent !== null && node.parent.name !== "SubqueryExpr" && isRange(node.parent);
}

/** The grammar lists the functions in a row. */
function functionNames(): string[] {
  const names = parser.nodeSet.types.map((type) => type.name);
  return names.slice(names.indexOf("FunctionIdentifier") + 1, names.indexOf("MatrixSelector"))
    .filter((name) => name !== "Identifier")
    .map((name) => name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase());
}
