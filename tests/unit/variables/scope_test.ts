import { deepEqual, equal, throws } from "node:assert/strict";
import { compileCondition, compileExpression, compileValue } from "../../../engine/variables/expression.ts";
import { compileTemplate } from "../../../engine/variables/handlebars_template.ts";
import { lazyMap, pendingResult, scopeMap } from "../../../engine/variables/pending.ts";
import {
  constantLayer,
  constantVariable,
  LayeredScope,
  lazyVariable,
  pendingVariable,
} from "../../../engine/variables/scope.ts";
import { FactsNeeded, type Layer, PendingError, type Variable } from "../../../engine/variables/variable.ts";
import { parseYaml, type YamlMap } from "../../../engine/support/yaml.ts";
import { evaluate, messageOf } from "./helpers.ts";

function layerOf(text: string): Layer {
  const root = parseYaml({ path: "vars.yml", text }) as YamlMap;
  return new Map(root.entries.map((entry) => [entry.key, compileValue(entry.value)]));
}

Deno.test("a higher layer wins, and lower variables see it", () => {
  const scope = new LayeredScope([layerOf("b: high"), layerOf('{ a: "{{ b }}", b: low }')]);
  equal(scope.get("a"), "high");
  equal(scope.get("nowhere"), undefined);
  deepEqual([...scope.names()].sort(), ["a", "b"]);
  const child = scope.child(constantLayer({ b: "item" }));
  equal(child.get("a"), "item");
  equal(scope.get("a"), "high");
  equal(child.has("a"), true);
});

Deno.test("a variable is evaluated once per scope", () => {
  let count = 0;
  const scope = new LayeredScope([new Map([["a", lazyVariable(() => ++count)]])]);
  deepEqual([scope.get("a"), scope.get("a"), count], [1, 1, 1]);
  equal(scope.child().get("a"), 2);
});

Deno.test("what is added to a layer later is seen", () => {
  const layer = new Map<string, Variable>();
  const scope = new LayeredScope([layer]);
  layer.set("a", constantVariable(1));
  equal(scope.get("a"), 1);
  layer.set("a", constantVariable(2));
  equal(scope.get("a"), 2);
});

Deno.test("a loop of references is shown at the reference that closes it", () => {
  const scope = new LayeredScope([layerOf('a: "{{ b }}"\nb: "x{{ c.d }}"\nc: "{{ a }}"\nself: "{{ self }}"')]);
  equal(
    messageOf(() => scope.get("a")),
    [
      "vars.yml:3:8: error: variables refer to each other in a loop: a → b → c → a",
      '    3 | c: "{{ a }}"',
      "      |        ^",
    ].join("\n"),
  );
  equal(
    messageOf(() => scope.get("self")).split("\n")[0].split("error: ")[1],
    "variables refer to each other in a loop: self → self",
  );
  // The scope is usable afterwards.
  throws(() => scope.get("b"), /b → c → a → b/);
  const template = compileTemplate({ path: "t.hbs", text: "{{a}}" });
  throws(() => template.render(scope), /a → b → c → a/);
});

Deno.test("a loop through other scopes is an error too", () => {
  const layer: Layer = new Map([["a", lazyVariable(() => new LayeredScope([layer]).get("a")!)]]);
  throws(() => new LayeredScope([layer]).get("a"), /more than 150 levels deep/);
});

const PENDING = new LayeredScope([
  constantLayer({ yes: true, no: false, list: [1] }),
  new Map<string, Variable>([
    ["pending", pendingVariable("'pending', which task 'Read it' sets")],
    [
      "fact",
      lazyVariable(() => {
        throw new FactsNeeded();
      }),
    ],
    ["r", constantVariable(pendingResult({ changed: true, failed: false }, (key) => key ? `'r.${key}'` : "'r'"))],
  ]),
]);

Deno.test("pending values come out as they are", () => {
  for (
    const text of [
      "pending",
      "pending + 1",
      "lower(pending)",
      "[pending]",
      "pending.a.b",
      "default(pending, 1)",
      "defined(pending)",
      "list.map(x, pending)",
      "pending ? 1 : 2",
    ]
  ) {
    throws(() => evaluate(text, PENDING), PendingError, text);
  }
  throws(() => evaluate("pending", PENDING), /^PendingError: rests on 'pending', which task 'Read it' sets$/);
  throws(() => compileTemplate({ path: "a", text: "{{#if yes}}{{pending}}{{/if}}" }).render(PENDING), PendingError);
  throws(() => compileTemplate({ path: "a", text: "{{#each pending}}{{/each}}" }).render(PENDING), PendingError);
});

Deno.test("logic absorbs what is not known", () => {
  equal(evaluate("pending && no", PENDING), false);
  equal(evaluate("no && pending", PENDING), false);
  equal(evaluate("pending || yes", PENDING), true);
  equal(evaluate("!(pending && no)", PENDING), true);
  equal(evaluate("yes ? 1 : pending", PENDING), 1);
  equal(evaluate("list.exists(x, pending || x == 1)", PENDING), true);
  throws(() => evaluate("pending && yes", PENDING), PendingError);
  throws(() => evaluate("yes && pending", PENDING), PendingError);
  throws(() => evaluate("pending || no", PENDING), PendingError);
  // What is not known may still decide; facts can be had.
  throws(() => evaluate("nowhere && pending", PENDING), PendingError);
  throws(() => evaluate("pending && fact", PENDING), FactsNeeded);
  throws(() => evaluate("fact || nowhere", PENDING), FactsNeeded);
});

Deno.test("conditions and lists of them let pending values out", () => {
  throws(() => compileCondition({ path: "a", text: "r.rc == 0" }).evaluate(PENDING), PendingError);
});

Deno.test("a predicted result knows some of its keys", () => {
  equal(evaluate("r.changed && !r.failed", PENDING), true);
  equal(evaluate("r['changed']", PENDING), true);
  equal(evaluate("has(r.changed)", PENDING), true);
  for (
    const text of [
      "r.stdout",
      "r.then",
      "has(r.stdout)",
      "default(r.rc, 0)",
      "json(r)",
      "size(r)",
      "'rc' in r",
      "items(r)",
      "r == {}",
      "r.map(k, k)",
    ]
  ) {
    throws(() => evaluate(text, PENDING), PendingError, text);
  }
  throws(() => evaluate("r.stdout", PENDING), /rests on 'r.stdout'/);
  equal(compileTemplate({ path: "a", text: "{{r.changed}}" }).render(PENDING), "true");
  throws(() => compileTemplate({ path: "a", text: "{{r.stdout}}" }).render(PENDING), PendingError);
  throws(() => compileTemplate({ path: "a", text: "{{#each r}}{{/each}}" }).render(PENDING), PendingError);
  throws(() => JSON.stringify(PENDING.get("r")), PendingError);
  throws(() => structuredClone({ ...(PENDING.get("r") as object) }), PendingError);
});

Deno.test("a predicted result may be returned from an async function", async () => {
  const value = await Promise.resolve(PENDING.get("r"));
  equal(value, PENDING.get("r"));
});

Deno.test("a lazy map makes what is looked at, once", () => {
  const made: string[] = [];
  const hostvars = lazyMap(["a", "b"], (host) => (made.push(host), { port: host.length }));
  const scope = new LayeredScope([constantLayer({ hostvars })]);
  equal(evaluate("hostvars.a.port + hostvars['a'].port", scope), 2);
  equal(evaluate("'b' in hostvars && !('c' in hostvars)", scope), true);
  equal(evaluate("default(hostvars.c.port, 0)", scope), 0);
  deepEqual(evaluate("keys(hostvars)", scope), ["a", "b"]);
  equal(evaluate("json(hostvars)", scope), '{"a":{"port":1},"b":{"port":1}}');
  deepEqual(made, ["a", "b"]);
  deepEqual(
    evaluate(
      "v.x + v.y",
      new LayeredScope([constantLayer({ v: scopeMap(new LayeredScope([constantLayer({ x: 1, y: 2 })])) })]),
    ),
    3,
  );
});

Deno.test("a program is compiled once for all scopes", () => {
  const program = compileExpression({ path: "a", text: "x + 1" });
  deepEqual([1, 2].map((x) => program.evaluate(new LayeredScope([constantLayer({ x })]))), [2, 3]);
});
