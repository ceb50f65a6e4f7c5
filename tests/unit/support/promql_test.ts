import { equal } from "node:assert/strict";
import { checkPromql, metricNames, promqlPosition } from "../../../engine/support/promql.ts";

/** Expressions, and the place and words of what is wrong with each; nothing for a sound one. */
const CASES: readonly (readonly [expression: string, place?: string, message?: string])[] = [
  ['up{job="node"} == 0'],
  ['up{job="a",}'],
  ["avg_over_time(x[5m:1m])"],
  ["max_over_time(rate(x[5m])[1h:5m])"],
  ["rate(x[5m] offset 1h)"],
  ["quantile_over_time(0.9, x[5m])"],
  ["x @ end()"],
  ["up and on (a) group_left (b) y"],
  ["sum(foo) by (b) / on (b) group_left count(bar) by (b)"],
  ['{"foo.bar", a="b"}'],
  ['label_replace(up, "a", "$1", "b", "(.*)")'],
  ['x{a="\\"b"}'],
  ["x{a=`b\\`}"],
  ["", "1:1", "expected an expression"],
  ['up{job="node" == 0', "1:15", "unexpected '==', expected ',' or '}'"],
  ["sum(rate(x[5m])", "1:16", "the expression ends too early, expected ')'"],
  ["foo)", "1:4", "unexpected ')'"],
  ["a and\n b )", "2:4", "unexpected ')'"],
  ["a b", "1:3", "unexpected 'b'"],
  ["rate(x[5m]) >", "1:14", "the expression ends too early, expected an expression after '>'"],
  ["1 +* 2", "1:4", "unexpected '*', expected an expression after '+'"],
  ["x = 1", "1:3", "unexpected '=', '==' compares"],
  ['up{job=="a"}', "1:8", "unexpected '=', expected a label, an operator (=, !=, =~, !~) and a quoted text"],
  ["sum by (a (b)", "1:11", "unexpected '(', expected ',' or ')'"],
  ["sum(", "1:5", "the expression ends too early, expected an expression"],
  ["x offset", "1:9", "the expression ends too early, expected a duration such as 5m"],
  ['x{a="b}', "1:5", "the text is not closed"],
  ['x{a="b\\"}', "1:5", "the text is not closed"],
  ["nosuch(x)", "1:1", "unknown function 'nosuch'"],
  ["rte(x[5m])", "1:1", "unknown function 'rte': did you mean 'rate'?"],
  [
    "holt_winters(x[5m], 0.1, 0.2)",
    "1:1",
    "unknown function 'holt_winters': it is double_exponential_smoothing() since Prometheus 3",
  ],
  ["rate(x)", "1:6", "rate() needs a range, e.g. x[5m]"],
  ["sum(x[5m])", "1:5", "a range is only for functions such as rate() and max_over_time()"],
  ["x[5m]", "1:1", "a range is only for functions such as rate() and max_over_time()"],
  ["🎉", "1:1", "unexpected '🎉'"],
];

for (const [expression, place, message] of CASES) {
  Deno.test(`checkPromql() ${place ? "points into" : "accepts"} ${JSON.stringify(expression)}`, () => {
    const found = checkPromql(expression).map(({ from, message }) => [promqlPosition(expression, from), message]);
    equal(JSON.stringify(found), JSON.stringify(place ? [[place, message]] : []));
  });
}

Deno.test("metricNames() lists each metric once, however it is named", () => {
  const expression = 'rate(a[5m]) / on (x) {__name__="b", c="d"} + sum by (e) (a) > bool {"f.g"} unless max(h)';
  equal(metricNames(expression).join(), "a,b,f.g,h");
});
