/**
 * Texts that a careless shell, template or protocol would take for something else than a text.
 *
 * @module
 */

import * as fc from "fast-check";

/** The program whose running proves that a text was run. Tests put it on the host's PATH; see {@linkcode canary}. */
const PROGRAM = "aami_canary";

/** The canary: a program that leaves a file behind whenever it runs. `trace` is the file's path. */
export function canary(trace: string): { readonly name: string; readonly script: string } {
  return { name: PROGRAM, script: `#!/bin/sh\necho ran >> ${trace}\n` };
}

const PIECES = [
  ...[`$(${PROGRAM})`, "`" + PROGRAM + "`", `;${PROGRAM};`, `\n${PROGRAM}\n`, `|${PROGRAM}`, `&& ${PROGRAM} #`],
  ...[`'$(${PROGRAM})'`, `"$(${PROGRAM})"`, `'; ${PROGRAM}; '`, `'\\''\n${PROGRAM}\n'\\''`, `<(${PROGRAM})`],
  ...[`\${x:-$(${PROGRAM})}`, `EOF\n${PROGRAM}\n`, `)${PROGRAM}(`, `{ ${PROGRAM};}`, `$((${PROGRAM}))`],
  ...["'", '"', "\\", "\\\\", "\\n", "\n", "\r", "\r\n", "\t", " ", "  ", "$", "$$", "$HOME", "${IFS}", "$0", "$@"],
  ...["*", "?", "[a-z]*", "[!x]", "{a,b}", "{1..9}", "~", "~root", "!", "!!", "#", "%s", "%n", "%00", "&", ">", "<"],
  ...["-", "--", "-rf", "-n", "-e", "--help", "-", "=", ":", ",", ".", "..", "{{ 1 + 1 }}", "{{", "}}", "{% x %}"],
  ...["\x01", "\x1b[31m", "\x7f", "é", "日本語", "👩‍🚀", "e\u0301", "\u200f", "\ufeff", "\u2028", "null", "true", "0x10"],
];

const mixed = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
// What no argument can hold is tested by itself.
const anything = fc.array(fc.integer({ min: 1, max: 0x10f7ff }), { maxLength: 40 })
  .map((points) => String.fromCodePoint(...points.map((point) => point < 0xd800 ? point : point + 0x800)));
const long = fc.tuple(mixed, fc.constantFrom(4095, 4096, 4097)).map(([text, length]) =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length).replace(/[\ud800-\udbff]$/, "")
);

const value = fc.oneof({ weight: 6, arbitrary: mixed }, { weight: 3, arbitrary: anything }, {
  weight: 1,
  arbitrary: long,
});

/** Any text of up to about 4 KB without NUL. */
export function hostileTexts(count: number, seed: number): string[] {
  return fc.sample(value, { numRuns: count, seed });
}

/** Names that a directory can hold: not empty, at most 255 bytes, without a slash, all different. */
export function hostileNames(count: number, seed: number): string[] {
  const name = fc.oneof({ weight: 2, arbitrary: mixed }, { weight: 1, arbitrary: anything })
    .map((text) => text.replaceAll("/", "∕"))
    .filter((text) => text !== "" && text !== "." && text !== ".." && new TextEncoder().encode(text).length <= 255);
  const names = new Set<string>();
  for (let round = 0; names.size < count; round++) {
    for (const text of fc.sample(name, { numRuns: count, seed: seed + round })) if (names.size < count) names.add(text);
  }
  return [...names];
}
