/** `-e` as ansible-playbook reads it. */
import assert from "node:assert/strict";
import { extraVars } from "../../../cli/extra_vars.ts";
import { constantLayer, LayeredScope } from "../../../engine/variables/scope.ts";
import { Vault } from "../../../engine/variables/vault.ts";

async function valueOf(...values: string[]): Promise<unknown> {
  const layer = await extraVars(values, new Vault());
  const scope = new LayeredScope([layer, constantLayer({ b: 5 })]);
  return Object.fromEntries([...layer.keys()].map((name) => [name, scope.get(name)]));
}

Deno.test("-e k=v gives texts, with expressions in them; JSON keeps its types; the last one counts", async () => {
  assert.deepEqual(await valueOf("a=1 c=two"), { a: "1", c: "two" });
  assert.deepEqual(await valueOf("a=\"two words\" c='x y'"), { a: "two words", c: "x y" });
  assert.deepEqual(await valueOf("a=", "c=x=y", "d=x,y"), { a: "", c: "x=y", d: "x,y" });
  assert.deepEqual(await valueOf('a="q\\"q"'), { a: 'q"q' });
  assert.deepEqual(await valueOf("a={{b}}", "c={{ b }}-x", "d='x {{ b }}'"), { a: 5, c: "5-x", d: "x 5" });
  assert.deepEqual(await valueOf('{"a": [1, true], "c": "{{ b }}"}', "{d: 1}"), { a: [1, true], c: 5, d: 1 });
  assert.deepEqual(await valueOf("a=1", "a=2"), { a: "2" });
  assert.deepEqual(await valueOf(""), {});
});

Deno.test("-e @FILE reads YAML and JSON", async () => {
  const file = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(file, 'a: 1\nc: "{{ b }}"\n');
    assert.deepEqual(await valueOf(`@${file}`, "a=last"), { a: "last", c: 5 });
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("-e: an expression that is wrong is pointed at", async () => {
  await assert.rejects(
    extraVars(["a=1 c='{{ b. }}'"], new Vault()),
    /--extra-vars:1:12: error: the expression ends too/,
  );
});
