import { strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { parseYaml, type PlainValue, toPlain, toYaml } from "../../../engine/support/yaml.ts";
import { addToList, removeFromList } from "../../../engine/support/yaml_edit.ts";

const source = (text: string) => ({ path: "aami.yaml", text });
const add = (text: string, ...items: PlainValue[]) => addToList(source(text), ["nodes"], items);
const remove = (text: string, ...indexes: number[]) => removeFromList(source(text), ["nodes"], indexes);

const ADDED: readonly (readonly [string, string, string])[] = [
  ["an empty text", "", "nodes:\n  - b\n"],
  ["comments alone", "# here\n", "# here\nnodes:\n  - b\n"],
  ["a file without the list", "a: 1 # one\n", "a: 1 # one\n\nnodes:\n  - b\n"],
  ["no line break at the end", "a: 1", "a: 1\n\nnodes:\n  - b\n"],
  ["a key without a value", "nodes: # none\na: 1\n", "nodes: # none\n  - b\na: 1\n"],
  ["an empty list", "nodes: [] # none\na: 1\n", "nodes: # none\n  - b\na: 1\n"],
  ["a list", "nodes:\n  - a # first\n\n# end\n", "nodes:\n  - a # first\n  - b\n\n# end\n"],
  ["a list at its key's column", "nodes:\n- a\n# end\nx: 1\n", "nodes:\n- a\n- b\n# end\nx: 1\n"],
  ["a list in brackets", "nodes: [a, 'c'] # two\n", "nodes: [a, 'c', b] # two\n"],
  ["a block of text as the last", "nodes:\n  - |\n    a\n\n# end\n", "nodes:\n  - |\n    a\n  - b\n\n# end\n"],
];

for (const [name, before, after] of ADDED) {
  Deno.test(`addToList() changes nothing else: ${name}`, () => strictEqual(add(before, "b"), after));
}

Deno.test("addToList() makes the keys above, within what is there", () => {
  const preset = (text: string) => addToList(source(text), ["alerts", "presets"], ["amd"]);
  strictEqual(preset("alerts: # all\nz: 1\n"), "alerts: # all\n  presets:\n    - amd\nz: 1\n");
  strictEqual(
    preset("alerts:\n  rules: {} # none\nz: 1\n"),
    "alerts:\n  rules: {} # none\n  presets:\n    - amd\nz: 1\n",
  );
  strictEqual(preset("z: 1\n"), "z: 1\n\nalerts:\n  presets:\n    - amd\n");
});

const REMOVED: readonly (readonly [string, readonly number[], string, string])[] = [
  ["the first", [0], "nodes:\n  # these\n  - a # one\n  - b\n", "nodes:\n  # these\n  - b\n"],
  ["one with several lines", [1], "nodes:\n- a\n- x: 1\n  y: 2\n# end\n- c\n", "nodes:\n- a\n# end\n- c\n"],
  ["the only one", [0], "nodes:\n  - a\nx: 1\n", "nodes: []\nx: 1\n"],
  ["in brackets", [1], "nodes: [a, b, c] # x\n", "nodes: [a, c] # x\n"],
  ["all in brackets", [0, 1], "nodes: [a, b]\n", "nodes: []\n"],
];

for (const [name, indexes, before, after] of REMOVED) {
  Deno.test(`removeFromList() changes nothing else: ${name}`, () => strictEqual(remove(before, ...indexes), after));
}

Deno.test("what has another form is refused and left", () => {
  throws(() => add("nodes: {a: 1}\n", "b"), /'nodes' is a list/);
  throws(() => addToList(source("alerts: {rules: {}}\n"), ["alerts", "presets"], ["b"]), /written in a way/);
  throws(() => addToList(source("alerts: 3\n"), ["alerts", "presets"], ["b"]), /no mapping/);
  throws(() => remove("a: 1\n", 0), /no list/);
});

Deno.test("adding and taking away again by chance: every comment stays, and the rest is as before", () => {
  const item = fc.oneof(
    fc.stringMatching(/^[a-z][a-z0-9 :#'"-]{0,12}$/),
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,8}$/),
      labels: fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string({ unit: "grapheme-ascii" })),
    }),
  );
  fc.assert(
    fc.property(fc.array(item, { minLength: 1 }), fc.array(item, { minLength: 1 }), fc.nat(), (had, more, seed) => {
      let count = 0;
      // A comment behind and before some lines that begin an item or a key.
      const lines = toYaml({ a: { b: 1 }, nodes: had, z: [1] }).split("\n").flatMap((line, index) =>
        (seed >> (index % 20)) & 1 && /^(?:[az]|nodes| {2}- name| {2}b):?/.test(line)
          ? [`# before ${count++}`, line]
          : [line]
      );
      const text = lines.join("\n");
      const added = add(text, ...more as PlainValue[]);
      for (let index = 0; index < count; index++) strictEqual(added.split(`# before ${index}\n`).length, 2);
      const wanted = { a: { b: 1 }, nodes: [...had, ...more], z: [1] };
      strictEqual(JSON.stringify(toPlain(parseYaml(source(added))!)), JSON.stringify(wanted));
      const indexes = more.map((_each, index) => had.length + index);
      strictEqual(remove(added, ...indexes), text);
    }),
    { numRuns: 500 },
  );
});
