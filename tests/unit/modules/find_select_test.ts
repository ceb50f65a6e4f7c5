import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { FileStat } from "../../../engine/host/host.ts";
import { contentMatches, nameFilter, parseAge, parseSize, statMatches } from "../../../modules/find/select.ts";

const any = { patterns: [], excludes: [], use_regex: false, hidden: false };

Deno.test("nameFilter() looks at the last part of a path only", () => {
  const named = nameFilter({ ...any, patterns: ["*.log"] });
  deepStrictEqual(["/a/x.log", "/x.log/y"].map(named), [true, false]);
});

Deno.test("nameFilter() leaves out hidden names unless asked", () => {
  strictEqual(nameFilter(any)("/a/.x"), false);
  strictEqual(nameFilter({ ...any, hidden: true })("/a/.x"), true);
});

Deno.test("nameFilter() matches regular expressions at the name's beginning, again and again", () => {
  const named = nameFilter({ ...any, patterns: ["gpu\\d"], excludes: [".*old$"], use_regex: true });
  deepStrictEqual(["gpu1.rules", "my-gpu1", "gpu2-old", "gpu3"].map(named), [true, false, false, true]);
});

Deno.test("parseAge() and parseSize() know units and refuse others", () => {
  deepStrictEqual(["90", "-2D", "1w", "1y", "x"].map(parseAge), [90, -172_800, 604_800, undefined, undefined]);
  deepStrictEqual(["512", "2k", "-1g", "1z"].map(parseSize), [512, 2048, -(1024 ** 3), undefined]);
});

Deno.test("statMatches() compares age and size from above, or with a minus from below", () => {
  const stat = { type: "file", size: 100, mtime: 1000 } as FileStat;
  const matches = (more: object) => statMatches(stat, { file_type: "file", age_stamp: "mtime", ...more }, 1060);
  deepStrictEqual([60, 61, -60, -59].map((age) => matches({ age })), [true, false, true, false]);
  deepStrictEqual([100, 101, -100, -99].map((size) => matches({ size })), [true, false, true, false]);
  strictEqual(matches({ file_type: "directory" }), false);
});

Deno.test("contentMatches() wants a line to begin so, or searches the whole", () => {
  const content = new TextEncoder().encode("one\n  alert: x\n");
  deepStrictEqual(["one", "alert", "\\s*alert"].map((each) => contentMatches(content, each, false)), [
    true,
    false,
    true,
  ]);
  strictEqual(contentMatches(content, "alert", true), true);
  strictEqual(contentMatches(Uint8Array.of(255, 97), "a", true), false);
});
