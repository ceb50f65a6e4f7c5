import { equal } from "node:assert/strict";
import { casesOf, evaluateYaml, messageOf, render } from "./helpers.ts";

for (const [file, run] of [["expression_errors.txt", evaluateYaml], ["template_errors.txt", render]] as const) {
  const text = await Deno.readTextFile(new URL(file, import.meta.url));
  for (const { input, expected } of casesOf(text)) {
    Deno.test(`${file.split("_")[0]}: ${input.replaceAll("\n", " ")}`, () => {
      equal(messageOf(() => run(input)), expected);
    });
  }
}
