/**
 * Whatever stands in an inventory or a pattern: nothing is thrown but a DiagnosticError, and it ends.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { readExecutable } from "../../../engine/inventory/executable.ts";
import { readIni } from "../../../engine/inventory/ini.ts";
import { Inventory } from "../../../engine/inventory/inventory.ts";
import { parseJson } from "../../../engine/inventory/json.ts";
import { InventoryData } from "../../../engine/inventory/model.ts";
import { inventoryToJson } from "../../../engine/inventory/listing.ts";
import { readYamlInventory } from "../../../engine/inventory/yaml_source.ts";
import { DiagnosticError, type SourceText } from "../../../engine/support/diagnostic.ts";
import { parseYaml } from "../../../engine/support/yaml.ts";
import { compileValue } from "../../../engine/variables/expression.ts";
import { INVENTORIES } from "./recorded/cases.ts";

const TEXTS = INVENTORIES.flatMap(({ files }) => Object.values(files));
const TOKENS = [
  ..."[]{}()\"'=:,#;\\&*!~|>-\n\t 0\u2028é\u0000",
  ..."[1:3] [9:1] [a:f] [1:99999999] [g] [g:children] [g:vars] [x:foo] all: hosts: children: vars: ungrouped".split(
    " ",
  ),
  ..."{{ x }}|{{|}}|'''|0x|1e999|None|True|<<: *b|&a|*a|!vault|node01|h1|\r\n|\n  |\n[all:children]\n".split("|"),
];

/** What executable inventories print: groups, or a host's variables. */
const PRINTED = [
  `{"gpu": {"hosts": ["node1", "node2"], "vars": {"port": 9100, "url": "http://{{ host }}:{{ port }}"}},
 "rack": {"children": ["gpu", "spare"]}, "spare": ["node3"],
 "_meta": {"hostvars": {"node1": {"ansible_host": "10.0.0.1", "list": [1, 2.5e3, null, true, {"a": "\\u00e9"}]}}}}`,
  `{"all": {"children": ["ungrouped"]}, "ungrouped": {"hosts": ["a", "b[1:3]"]}}`,
  `{"ansible_user": "ops", "nested": {"deep": [[], {}]}}`,
];

/** One of the texts with some edits. */
const mutatedOf = (texts: readonly string[]) =>
  fc.tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.constantFrom(...TOKENS)), { minLength: 1, maxLength: 6 }),
  ).map(([text, edits]) =>
    edits.reduce((edited, [at, remove, insert]) => {
      const from = at % (edited.length + 1);
      return edited.slice(0, from) + insert + edited.slice(from + remove);
    }, text)
  );

const mutated = mutatedOf(TEXTS);

function survives(action: () => void): void {
  const start = performance.now();
  try {
    action();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    assert.doesNotMatch(error.message, /undefined|\[object|NaN/);
  }
  assert.ok(performance.now() - start < 5_000, "it takes too long");
}

/** Makes the inventory of what was read, and looks at all of it. */
function build(data: InventoryData): void {
  data.reconcile();
  data.throwErrors();
  const inventory = new Inventory(data, { inventory: [], playbook: [] });
  JSON.stringify([inventoryToJson(inventory), inventory.groupHosts]);
  assert.equal(inventory.select("all").length, inventory.hosts.size);
}

function reading(read: (data: InventoryData) => void): InventoryData {
  const data = new InventoryData(compileValue);
  read(data);
  return data;
}

function source(text: string): SourceText {
  return { path: "inv", text };
}

Deno.test("no INI text makes the reader fail in another way", () => {
  fc.assert(fc.property(mutated, (text) => survives(() => build(reading((data) => readIni(source(text), data))))), {
    numRuns: 4000,
  });
});

Deno.test("no YAML text makes the reader fail in another way", () => {
  const read = (text: string) =>
    build(reading((data) => {
      const root = parseYaml(source(text));
      if (root) readYamlInventory(root, data);
    }));
  fc.assert(fc.property(mutated, (text) => survives(() => read(text))), { numRuns: 4000 });
});

Deno.test("nothing that an executable prints makes the reader fail in another way", async () => {
  const answers = fc.tuple(mutatedOf(PRINTED), mutatedOf(PRINTED), fc.constantFrom(0, 0, 0, 1, 255));
  await fc.assert(
    fc.asyncProperty(answers, async ([listed, ofHost, code]) => {
      const data = new InventoryData(compileValue);
      const run = (_path: string, [asked]: readonly string[]) =>
        Promise.resolve({
          code: asked === "--list" ? 0 : code,
          stdout: asked === "--list" ? listed : ofHost,
          stderr: "",
        });
      let reading: unknown;
      await readExecutable("./hosts", data, run).catch((error) => reading = error);
      survives(() => {
        if (reading) throw reading;
        build(data);
      });
    }),
    { numRuns: 2000 },
  );
});

Deno.test("JSON is read as JSON.parse reads it", () => {
  fc.assert(fc.property(fc.json(), (text) => survives(() => parseJson(source(text)))));
  const edited = fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...TOKENS)).map(([text, at, token]) => {
    const from = at % (text.length + 1);
    return text.slice(0, from) + token + text.slice(from + 1);
  });
  const accepts = (parse: () => unknown) => {
    try {
      parse();
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(fc.property(edited, (text) => {
    survives(() => parseJson(source(text)));
    assert.equal(accepts(() => parseJson(source(text))), accepts(() => JSON.parse(text)));
  }));
});

Deno.test("no pattern makes the selection fail in another way", () => {
  const data = new InventoryData(compileValue);
  readIni(source("[web]\nw[1:3]\n[db]\nd1\n10.0.0.1\n"), data);
  data.reconcile();
  const inventory = new Inventory(data, { inventory: [], playbook: [] });
  const words = [
    ..."web|db|w1|all|*|?|[|]|[0]|[-1]|[1:]|[!a-c]|[z-a]|:|,|&|!|~|(|)|+|\\d|^|$|.|@| |{2}|é|\n|w".split("|"),
    "|",
  ];
  const pattern = fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((parts) => parts.join(""));
  const readFile = () => "w1\n";
  fc.assert(
    fc.property(pattern, fc.option(pattern, { nil: undefined }), (text, limit) => {
      survives(() => {
        const hosts = inventory.select(text, limit, { readFile });
        assert.equal(new Set(hosts).size, hosts.length);
      });
    }),
    { numRuns: 3000 },
  );
});
