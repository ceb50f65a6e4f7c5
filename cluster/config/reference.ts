/**
 * The reference of the configuration, from its schema.
 *
 * @module
 */

import { configJsonSchema, type JsonSchema } from "./schema.ts";

/** The page, in Markdown: a part for each key at the top, a row for each key below. */
export function configReference(): string {
  const { properties = {}, required = [] } = configJsonSchema();
  const parts = Object.entries(properties).map(([name, schema]) => {
    const needed = required.includes(name) ? " It is needed." : "";
    return `## ${name}\n\n${schema.description ?? ""}${needed}\n\n${
      table(rowsBelow(inside(schema), prefixOf(schema)))
    }`;
  });
  const head = "# The configuration\n\n" +
    "Every key of `aami.yaml`; [the guide](../config.md) tells how they play together. " +
    "`[]` stands for each item of a list, `NAME` for a name that you choose. " +
    "`aami config schema` prints the same for editors.\n";
  return `${head}\n${parts.join("\n\n")}\n`;
}

/** The mapping that a list or a mapping of names holds. */
function inside(schema: JsonSchema): JsonSchema {
  const { additionalProperties: more } = schema;
  if (schema.items?.properties) return schema.items;
  return typeof more === "object" && more.properties ? more : schema;
}

function prefixOf(schema: JsonSchema): string {
  if (schema.items?.properties) return "[].";
  return inside(schema) === schema ? "" : "NAME.";
}

interface Row {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly needed: boolean;
}

function rowsBelow(schema: JsonSchema, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, each]) => {
    const row = { name: `${prefix}${key}`, schema: each, needed: schema.required?.includes(key) ?? false };
    return [row, ...rowsBelow(inside(each), `${prefix}${key}${prefixOf(each) === "" ? "." : `.${prefixOf(each)}`}`)];
  });
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, schema, needed }) =>
    `| \`${name.replace(".[]", "[]")}\` | ${kindOf(schema)} | ${needed ? "needed" : fallbackOf(schema)} | ${
      (schema.description ?? "").replaceAll("|", "\\|").replace(/\]\((?=\w+\.md)/g, "](../")
    } |`
  );
  return ["| key | value | default | what it is |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function kindOf({ type, enum: words, items, additionalProperties: more, writeOnly }: JsonSchema): string {
  if (words) return words.map((word) => `\`${word}\``).join(", ");
  if (writeOnly) return "secret text";
  if (type === "array") {
    return items?.enum ? `list of ${kindOf(items)}` : items?.type === "string" ? "list of text" : "list";
  }
  if (type === "object") return typeof more === "object" && !more.properties ? "names to text" : "mapping";
  const words_: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    boolean: "true or false",
  };
  return words_[String(type)] ?? String(type ?? "any");
}

function fallbackOf({ default: value }: JsonSchema): string {
  if (value === undefined || (typeof value === "object" && Object.keys(value ?? {}).length === 0)) return "";
  return `\`${typeof value === "object" ? JSON.stringify(value) : value}\``;
}
