/** `aami new`: what it makes passes what is asked of its kind. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { registryWith } from "../../cli/new_module.ts";
import { parseYaml, toPlain } from "../../engine/support/yaml.ts";
import { temporaryFolder } from "./aami.ts";
import { drive } from "./bad_input/drive.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("a new role has no findings, and a play can take it", async () => {
  await using folder = await temporaryFolder();
  const directory = folder.path;
  await Deno.writeTextFile(join(directory, "site.yml"), "- hosts: localhost\n  roles: [gpu-burn]\n");
  const [made, lint, list, again, wrong] = await drive([
    ...["new role gpu-burn", "lint --strict", "play site.yml --list-tasks", "new role gpu-burn", "new role Burn"],
  ].map((line) => ({ directory, args: line.split(" ") })));
  assert.match(made.talk, /^roles\/gpu-burn is there/);
  assert.deepEqual([lint.out, lint.talk, lint.exit], ["", "3 files, 0 errors, 0 warnings", 0]);
  assert.match(list.out, /gpu-burn : Write the configuration/);
  assert.deepEqual([again.exit, wrong.exit], [1, 1]);
  assert.match(again.talk, /'roles\/gpu-burn' is there already/);
  assert.match(wrong.talk, /'Burn' is no good name/);
});

Deno.test("a new module type-checks, its cases hold, and the registry lists it", async () => {
  await using folder = await temporaryFolder();
  const directory = folder.path;
  await Deno.symlink(join(ROOT, "engine"), join(directory, "engine"));
  await Deno.mkdir(join(directory, "modules"));
  await Deno.copyFile(join(ROOT, "modules/registry.ts"), join(directory, "modules/registry.ts"));
  const [made, known] = await drive(["new module nvme_health", "new module copy"].map((line) => ({
    directory,
    args: line.split(" "),
  })));
  assert.equal(made.exit, 0, made.talk);
  assert.match(known.talk, /there is a module 'copy' already/);
  const names = Array.from(
    (await Deno.readTextFile(join(directory, "modules/registry.ts"))).matchAll(/^ {2}(\w+): \(\)/gm),
    ([, name]) => name,
  );
  assert.deepEqual(names, [...names].sort());
  assert.ok(names.includes("nvme_health"));
  const path = join(directory, "modules/nvme_health/mod.ts");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", join(ROOT, "deno.json"), path],
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const module = (await import(`file://${path}`)).default;
  const cases = join(directory, "tests/cases/nvme_health");
  let count = 0;
  for await (const { name } of Deno.readDir(cases)) {
    const text = await Deno.readTextFile(join(cases, name));
    // deno-lint-ignore no-explicit-any -- a case holds whatever the module's schema and state say
    const given = toPlain(parseYaml({ path: name, text })!) as any;
    const plan = module.plan(given.state, module.args.parse(given.args));
    for (const [key, value] of Object.entries(given.plan)) assert.deepEqual(plan[key], value, `${name}: ${key}`);
    count++;
  }
  assert.equal(count, 2);
});

Deno.test("the registry's lines stay in order", () => {
  const text = 'export const registry = {\n  b: () => import("./b/mod.ts"),\n  d: () => import("./d/mod.ts"),\n};\n';
  const lines = (name: string) => registryWith(text, name).split("\n").slice(1, 4).map((line) => line.trim()[0]);
  assert.deepEqual([lines("a"), lines("c"), lines("e")], [["a", "b", "d"], ["b", "c", "d"], ["b", "d", "e"]]);
});
