// Holds docs/expressions.md and the code equal. `UPDATE_DOCS=1` writes the tables anew.

import { deepEqual, equal } from "node:assert/strict";
import type { Value } from "../../../engine/module/module.ts";
import { parseYaml, toPlain } from "../../../engine/support/yaml.ts";
import { FORMS } from "../../../engine/variables/cel_forms.ts";
import { compileExpression } from "../../../engine/variables/expression.ts";
import { FUNCTIONS } from "../../../engine/variables/functions.ts";
import { compileTemplate } from "../../../engine/variables/handlebars_template.ts";
import { jinjaHabit } from "../../../engine/variables/jinja.ts";
import { constantLayer, LayeredScope } from "../../../engine/variables/scope.ts";
import { OPERATOR_HELPERS } from "../../../engine/variables/template_helpers.ts";

const FILE = new URL("../../../docs/expressions.md", import.meta.url);

function code(text: string): string {
  const ticks = text.includes("`") ? "``" : "`";
  return `${ticks}${text.replaceAll("|", "\\|").replaceAll("\n", "↵")}${ticks}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((cell) => "-".repeat(cell.length)), ...rows];
  return lines.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function functionTable(): string {
  const all = [...FORMS, ...FUNCTIONS].toSorted((a, b) => a.name.localeCompare(b.name, "en"));
  return table(
    ["Function", "What it gives", "Example"],
    all.map((fn) => {
      const alias = "alias" in fn && fn.alias ? ` Also \`${fn.alias}\`.` : "";
      const result = fn.name === "file" ? "" : ` → ${code(JSON.stringify(fn.result))}`;
      return [code(fn.signature), fn.summary + alias, code(fn.example) + result];
    }),
  );
}

function helperTable(): string {
  const rows = OPERATOR_HELPERS.map((helper) => [
    code(helper.signature),
    helper.summary,
    `${code(helper.example)} → ${code(helper.result)}`,
  ]);
  const logic = [
    [code("(and a b…)"), "Whether all hold.", code("{{#if (and a b)}}…{{/if}}")],
    [code("(or a b…)"), "Whether one holds.", code("{{#if (or a b)}}…{{/if}}")],
    [code("(not a)"), "Whether it does not hold.", code("{{#if (not a)}}…{{/if}}")],
    [code("(lookup map key)"), "The value of a key, or of a list's index.", code("{{lookup groups name}}")],
  ];
  return table(["Helper", "What it gives", "Example"], [...rows, ...logic]);
}

function withTables(text: string): string {
  return text
    .replace(
      /(<!-- functions -->\n)[^]*?(<!-- \/functions -->)/,
      (_, open, close) => `${open}\n${functionTable()}\n\n${close}`,
    )
    .replace(
      /(<!-- helpers -->\n)[^]*?(<!-- \/helpers -->)/,
      (_, open, close) => `${open}\n${helperTable()}\n\n${close}`,
    );
}

/** Tables as the formatter may have padded them. */
function unpadded(text: string): string {
  return text.replace(/ +\|/g, " |").replace(/-{3,}/g, "---");
}

async function page(): Promise<string> {
  const text = await Deno.readTextFile(FILE);
  if (Deno.env.get("UPDATE_DOCS")) await Deno.writeTextFile(FILE, withTables(text));
  return await Deno.readTextFile(FILE);
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter((block) => block[1] === language).map((block) =>
    block[2]
  );
}

function scopeOfPage(text: string): LayeredScope {
  const node = parseYaml({ path: "vars", text: blocks(text, "yaml")[0] })!;
  return new LayeredScope([constantLayer(toPlain(node) as { [name: string]: Value })]);
}

Deno.test("docs/expressions.md lists every function and helper", async () => {
  const text = await page();
  equal(unpadded(text), unpadded(withTables(text)), "run with UPDATE_DOCS=1");
});

Deno.test("the expressions in docs/expressions.md give what it says", async () => {
  const text = await page();
  const scope = scopeOfPage(text);
  const lines = blocks(text, "cel").flatMap((block) => block.trim().split("\n"));
  equal(lines.length > 20, true);
  for (const line of lines) {
    const [expression, result] = line.split(" → ");
    deepEqual(compileExpression({ path: "docs", text: expression.trim() }).evaluate(scope), JSON.parse(result), line);
  }
});

Deno.test("the templates in docs/expressions.md render what it says", async () => {
  const text = await page();
  const scope = scopeOfPage(text);
  for (const block of blocks(text, "hbs")) {
    const [template, ...results] = block.trimEnd().split("\n→ ");
    equal(compileTemplate({ path: "docs", text: template }).render(scope).trimEnd(), results.join("\n"));
  }
});

Deno.test("Jinja in docs/expressions.md is answered as it says", async () => {
  const text = await page();
  const rows = [...text.slice(text.indexOf("## Coming from Jinja")).matchAll(/^\| `(.*?)` +\| `(.*?)` +\|$/gm)];
  equal(rows.length > 20, true);
  for (const [, jinja, cel] of rows) equal(jinjaHabit(jinja.replaceAll("\\|", "|"))?.help, `write: ${cel}`);
});
