import { deepEqual, equal, ok, throws } from "node:assert/strict";
import type { Value } from "../../../engine/module/module.ts";
import { DiagnosticError } from "../../../engine/support/diagnostic.ts";
import { parseYaml } from "../../../engine/support/yaml.ts";
import { compileCondition, compileExpression, compileValue, rawValue } from "../../../engine/variables/expression.ts";
import { FORMS } from "../../../engine/variables/cel_forms.ts";
import { FUNCTIONS } from "../../../engine/variables/functions.ts";
import { jinjaHabit } from "../../../engine/variables/jinja.ts";
import { OMIT } from "../../../engine/variables/values.ts";
import { evaluate, evaluateYaml, scopeOf } from "./helpers.ts";

const EXPRESSIONS: readonly (readonly [expression: string, value: Value])[] = [
  ["1 + 2 * 3", 7],
  ["7 / 2", 3],
  ["-7 / 2", -3],
  ["7 / 2.0", 3.5],
  ["6 / 2.0 / 4", 0.75],
  ["6.0 / 4", 1.5],
  ["port * ratio", 4550],
  ["port * ratio / 4", 1137.5],
  ["7 % 4", 3],
  ["-port", -9100],
  ["-2.0 / 4", -0.5],
  ["1 < 1.5 && 2 >= 2", true],
  ["'a' < 'b'", true],
  ["1 == 1.0", true],
  ["[1, 'a'] == [1.0, 'a']", true],
  ["{'a': 1} == {'a': 2}", false],
  ["null == nothing", true],
  ["name == null", false],
  ["nothing != 1", true],
  ["list == 'a'", false],
  ["'gpu' in groups", true],
  ["'gpu01' in groups['gpu']", true],
  ["'x' in list", false],
  ["groups['head-nodes'][0]", "head"],
  ["users[0].name + '!'", "ann!"],
  ["list + ['c']", ["a", "b", "c"]],
  ["users.map(u, u.name)", ["ann", "bob"]],
  ["users.map(u, u.id > 1, u.name)", ["bob"]],
  ["users.filter(u, u.id in [1, 5]).map(u, u.name + name)", ["anngpu01"]],
  ["groups.map(g, g)", ["gpu", "head-nodes"]],
  ["users.exists(u, u.name == 'bob')", true],
  ["users.exists_one(u, u.id > 0)", false],
  ["users.all(u, list.exists(x, x == 'a') && u.id > 0)", true],
  ["list.map(x, list.map(y, x + y))", [["aa", "ab"], ["ba", "bb"]]],
  ["port > 1 ? 'many' : 'one'", "many"],
  ["on ? 1 : undefined_name", 1],
  ["default(nowhere, 1)", 1],
  ["default(ports.ftp, ports.http)", 80],
  ["default(users[7].name, 'none')", "none"],
  ["default(nothing, 'x')", null],
  ["default(nothing, 'x', true)", "x"],
  ["default(flag, on)", "false"],
  ["nowhere.default(2)", 2],
  ["defined(ports.http) && !defined(ports.ftp) && defined(ports['https'])", true],
  ["has(ports.http)", true],
  ["has(ports.ftp)", false],
  ["type(1) == 'number'", true],
  ["'a.b'.split('.').join('-').upper()", "A-B"],
  ["name.size() + size(list)", 7],
  ["env('TOKEN')", "t0k"],
  ["file('motd.txt')", "welcome"],
  ["min(numbers) + max(1, 5)", 6],
  ["'''it's'''", "it's"],
  ["r'\\d'", "\\d"],
  ["{'a': {'b': 1}}.a.b", 1],
  ["[1, omit, 2]", [1, 2]],
  ["{'a': omit, 'b': 1}", { b: 1 }],
  ["0x1F", 31],
  ["'true' == flag", false],
  ["regexReplace('a-1', '(\\\\w)-(\\\\d)', '\\\\2$1')", "1$1"],
];

for (const [expression, value] of EXPRESSIONS) {
  Deno.test(`evaluates ${expression}`, () => deepEqual(evaluate(expression), value));
}

Deno.test("a text that is one expression keeps its type; others become text", () => {
  deepEqual(evaluateYaml('a: "{{ list }}"'), ["a", "b"]);
  deepEqual(evaluateYaml('a: " {{ port }} "'), 9100);
  equal(evaluateYaml('a: "{{ port }}/{{ on }}/{{ ratio }}/{{ name }}"'), "9100/true/0.5/gpu01");
  equal(evaluateYaml("a: \"{{ '{{' }} x {{ '}}' }}\""), "{{ x }}");
  deepEqual(evaluateYaml("a: \"{{ {'a': {'b': 1}} }}\""), { a: { b: 1 } });
  equal(evaluateYaml("a: \"{{ 'a' }}{{ 'b' }}\""), "ab");
  equal(evaluateYaml("a: awk '{print $1}' {{ name }}"), "awk '{print $1}' gpu01");
  equal(evaluateYaml("a: '${x%.*} ${#x}'"), "${x%.*} ${#x}");
});

Deno.test("values nest, raw text stays, omit leaves out", () => {
  deepEqual(evaluateYaml('a: { "{{ key }}": ["{{ port }}", 1], b: !raw "{{ $labels.x }}" }'), {
    "{{ key }}": [9100, 1],
    b: "{{ $labels.x }}",
  });
  deepEqual(evaluateYaml('a: { x: "{{ default(nowhere, omit) }}", y: [1, "{{ omit }}"] }'), { y: [1] });
  equal(evaluateYaml('a: "{{ omit }}"'), OMIT);
  deepEqual(evaluateYaml('a: { __proto__: "{{ port }}" }'), JSON.parse('{"__proto__":9100}'));
  equal(rawValue(parseYaml({ path: "a", text: "'{{ x }}'" })!).constant, "{{ x }}");
});

Deno.test("what does not depend on the scope is evaluated when it is compiled", () => {
  const constant = (text: string) => compileValue(parseYaml({ path: "a", text })!).constant;
  deepEqual(constant('[1, "{{ 1 + 1 }}", { a: "x{{ 1 }}" }]'), [1, 2, { a: "x1" }]);
  equal(constant('"{{ name }}"'), undefined);
  equal(constant("\"{{ env('TOKEN') }}\""), undefined);
  equal(compileCondition({ path: "a", text: "false" }).constant, false);
  deepEqual([...compileExpression({ path: "a", text: "a.b + list.map(x, x + c)[d]" }).names].sort(), [
    "a",
    "c",
    "d",
    "list",
  ]);
});

Deno.test("conditions", () => {
  const holds = (yaml: string) => evaluateYaml(`when: ${yaml}`);
  equal(holds("true"), true);
  equal(holds("yes"), true);
  equal(holds("False"), false);
  equal(holds("port == 9100"), true);
  equal(holds('"{{ port == 9100 }}"'), true);
  equal(holds("[on, port > 1]"), true);
  equal(holds("[on, '{{ port > 9999 }}']"), false);
  equal(holds("[]"), true);
  // `-e flag=false` gives a text.
  equal(holds("flag"), false);
  equal(holds("'!flag && on'"), true);
  equal(holds("'flag ? on : on'"), true);
  equal(holds("undefined_name == 1 || on"), true);
  equal(holds("on || undefined_name == 1"), true);
  equal(holds("undefined_name == 1 && flag"), false);
});

Deno.test("every function's example gives what it says, by each of its names", () => {
  for (const fn of FUNCTIONS) {
    deepEqual(evaluate(fn.example), fn.result, fn.example);
    if (fn.alias) deepEqual(evaluate(fn.example.replace(fn.name, fn.alias)), fn.result, fn.alias);
  }
  for (const form of FORMS) deepEqual(evaluate(form.example), form.result, form.example);
  equal(new Set(FUNCTIONS.map((fn) => fn.name)).size, FUNCTIONS.length);
});

const JINJA: readonly (readonly [jinja: string, cel: string])[] = [
  ["x is defined", "defined(x)"],
  ["x.y is not defined or z", "!defined(x.y) || z"],
  ["not (a and b)", "!(a && b)"],
  ["not a == b", "!(a == b)"],
  ["'x' not in y and a", "!('x' in y) && a"],
  ["x | default('y')", "default(x, 'y')"],
  ["x.y | d(omit)", "default(x.y, omit)"],
  ["x | default('', true)", "default(x, '', true)"],
  ["x | int + 1", "int(x) + 1"],
  ["x | bool", "bool(x)"],
  ["x | lower | trim", "trim(lower(x))"],
  ["(a + b) | join(',')", "join(a + b, ',')"],
  ["x if c else y", "c ? x : y"],
  ["a if b else c if d else e", "b ? a : d ? c : e"],
  ["a ~ '/' ~ b", "string(a) + '/' + string(b)"],
  ["lookup('env', 'HOME')", "env('HOME')"],
  ["lookup('file', path)", "file(path)"],
  ["x == True", "x == true"],
  ["x == None", "x == null"],
  ["x is none", "x == null"],
  ["x.startswith('a')", "x.startsWith('a')"],
  ["x.get('k')", "default(x['k'], null)"],
  ["','.join(xs)", "xs.join(',')"],
  ["item.key | upper", "upper(item.key)"],
  ["groups['gpu'] | length > 0", "size(groups['gpu']) > 0"],
  ["r is changed or r is failed", "r.changed || r.failed"],
  ["r is succeeded", "!r.failed"],
  ["x is match('gpu.*')", "x.matches('^gpu.*')"],
  ["x is search('gpu')", "x.matches('gpu')"],
  ["xs | map(attribute='a.b') | list", "xs.map(item, item.a.b)"],
  ["xs | map('upper') | unique", "unique(xs.map(item, upper(item)))"],
  ["xs | selectattr('a', 'defined') | list", "xs.filter(item, defined(item.a))"],
  ["xs | rejectattr('a', 'in', ys) | list", "xs.filter(item, !(item.a in ys))"],
  ["xs | select('match', 'a')", "xs.filter(item, item.matches('^a'))"],
  ["a | union(b)", "unique(a + b)"],
  ["a | difference(b)", "a.filter(item, !(item in b))"],
  ["a | combine(b)", "merge(a, b)"],
  ["a | dict2items", "items(a)"],
  ["x | to_nice_json", "json(x, 4)"],
  ["x | to_nice_yaml(indent=2)", "yaml(x)"],
  ["x | ternary('a', 'b')", "(x ? 'a' : 'b')"],
  ["x | hash('sha256')", "sha256(x)"],
  ["x | regex_replace('a', 'b')", "regexReplace(x, 'a', 'b')"],
  ["x is string", "type(x) == 'string'"],
  ["x is mapping and y is iterable", "type(x) == 'map' && type(y) == 'list'"],
  ["{'a': x | int}", "{'a': int(x)}"],
  ["x | mandatory", "x"],
];

for (const [jinja, cel] of JINJA) {
  Deno.test(`from Jinja: ${jinja}`, () => {
    equal(jinjaHabit(jinja)?.help, `write: ${cel}`);
    const error = (() => {
      try {
        compileExpression({ path: "a", text: jinja });
      } catch (thrown) {
        return thrown;
      }
    })();
    ok(error instanceof DiagnosticError, "it is refused");
    equal(error.diagnostics[0].code, "jinja-expression");
    compileExpression({ path: "a", text: cel });
  });
}

Deno.test("what is CEL is not taken for Jinja", () => {
  for (const [expression] of EXPRESSIONS) equal(jinjaHabit(expression.replace("True", "x")), undefined, expression);
});

Deno.test("large and deep expressions are refused, not crashed on", () => {
  equal(evaluate("1+".repeat(900) + "1"), 901);
  for (
    const text of [
      "(".repeat(5000),
      "!".repeat(19_000),
      "1+".repeat(9000) + "1",
      "[".repeat(9000),
      "a".repeat(30_000),
      "-".repeat(19_000) + "1",
      "x ? ".repeat(4000),
    ]
  ) {
    throws(() => compileExpression({ path: "a", text }).evaluate(scopeOf()), DiagnosticError, text.slice(0, 10));
  }
});
