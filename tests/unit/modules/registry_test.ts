import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fromFileUrl } from "./paths.ts";
import { argumentsOf } from "../../../engine/module/schema_info.ts";
import { registry } from "../../../modules/registry.ts";

const MODULES = fromFileUrl("../../../modules", import.meta.url);

Deno.test("the registry lists the folders of modules/, no more and no less", async () => {
  const folders: string[] = [];
  for await (const entry of Deno.readDir(MODULES)) {
    if (entry.isDirectory && !entry.name.startsWith("_")) folders.push(entry.name);
  }
  deepStrictEqual(Object.keys(registry), folders.sort());
});

for (const [name, load] of Object.entries(registry)) {
  Deno.test(`${name} is named as its folder, and each of its arguments is described`, async () => {
    const module = (await load()).default;
    strictEqual(module.name, name);
    ok(module.summary.length > 10 && !module.summary.endsWith("."), `summary: ${module.summary}`);
    ok(module.examples.length > 0, "has an example");
    for (const argument of argumentsOf(module.args)) {
      ok(argument.description.length > 3, `the argument '${argument.name}' has no description`);
    }
  });
}
