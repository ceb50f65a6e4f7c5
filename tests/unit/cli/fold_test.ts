import assert from "node:assert/strict";
import * as fc from "fast-check";
import { foldNames } from "../../../cli/render/fold.ts";

const FOLDED: readonly [string, string][] = [
  ["", ""],
  ["web", "web"],
  ["gpu1", "gpu1"],
  ["gpu1 gpu2 gpu3", "gpu[1-3]"],
  ["gpu3 gpu1 gpu2 gpu7", "gpu[1-3,7]"],
  ["gpu008 gpu009 gpu010 gpu011", "gpu[008-011]"],
  ["gpu098 gpu099 gpu100 gpu101", "gpu[098-101]"],
  ["gpu9 gpu10", "gpu[9-10]"],
  ["gpu9 gpu010 gpu011", "gpu9, gpu[010-011]"],
  ["a1 b1 a2 web b2", "a[1-2], b[1-2], web"],
  ["gpu1.site.org gpu2.site.org", "gpu[1-2].site.org"],
  ["r1-n1 r1-n2 r2-n1", "r1-n[1-2], r2-n1"],
  ["gpu1 gpu1", "gpu[1]"],
  ["10.0.0.1 10.0.0.2", "10.0.0.[1-2]"],
];

for (const [names, folded] of FOLDED) {
  Deno.test(`'${names}' folds to '${folded}'`, () => {
    assert.equal(foldNames(names === "" ? [] : names.split(" ")), folded);
  });
}

/** What a folded text stands for. */
function unfold(text: string): string[] {
  return text.split(", ").flatMap((part) => {
    const match = /^(.*)\[([\d,-]+)\](.*)$/.exec(part);
    if (!match) return [part];
    const [, head, ranges, tail] = match;
    return ranges.split(",").flatMap((range) => {
      const [from, to = from] = range.split("-");
      return Array.from(
        { length: Number(to) - Number(from) + 1 },
        (_each, index) =>
          `${head}${
            String(Number(from) + index).padStart(
              from.startsWith("0") || from.length === to.length ? from.length : 0,
              "0",
            )
          }${tail}`,
      );
    });
  });
}

Deno.test("what is folded stands for the very names, each once", () => {
  const name = fc.tuple(
    fc.constantFrom("gpu", "web-", "n.1x"),
    fc.nat(1200),
    fc.constantFrom(0, 4),
    fc.constantFrom("", ".org"),
  )
    .map(([head, number, width, tail]) => head + String(number).padStart(width, "0") + tail);
  fc.assert(fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 40 }), (names) => {
    assert.deepEqual(unfold(foldNames(names)).sort(), [...names].sort());
  }));
});
