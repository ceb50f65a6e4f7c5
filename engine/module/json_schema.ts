/**
 * The arguments of modules as JSON Schema (draft 7), for editors. It takes what the loading takes: values that
 * convert, and texts with expressions.
 *
 * @module
 */

import { z } from "../support/zod.ts";

/** A JSON Schema, or a part of one. */
export interface JsonSchema {
  /** Any keyword of the draft. */
  readonly [keyword: string]: unknown;
}

/** A text with an expression in it, which may come to anything. */
export const EXPRESSION: JsonSchema = { type: "string", pattern: "\\{\\{" };
/** A text; YAML's numbers and booleans become one. */
export const TEXT: JsonSchema = { type: ["string", "number", "boolean"] };

/** What may stand under a module's name. */
export interface CalleeSchema {
  /** The schema of its arguments. */
  readonly args: z.ZodType;
  /** One line on what it does. */
  readonly summary: string;
  /** The argument that a bare text stands for. */
  readonly freeForm?: string;
}

/** The schema of what stands under a module's name: its arguments as a mapping, or as a text. */
export function calleeJsonSchema({ args, summary, freeForm }: CalleeSchema): JsonSchema {
  const whole = z.toJSONSchema(args, { target: "draft-7", io: "input", unrepresentable: "any" }) as JsonSchema;
  const { required = [], ...mapping } = loose(whole) as { required?: string[] };
  const text = freeForm ? { type: ["string", "array", "number", "boolean"] } : { type: "string", pattern: "=|\\{\\{" };
  const forms: JsonSchema[] = [required.length > 0 ? { ...mapping, required } : mapping, text];
  // Nothing is no arguments.
  if (required.length === 0) forms.push({ type: "null" });
  return { description: summary, anyOf: forms };
}

interface Part {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly aliases?: Readonly<Record<string, string>>;
  readonly words?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly additionalProperties?: boolean | JsonSchema;
}

/** The schema with the values that convert; notes of ours are left out. */
function loose(schema: JsonSchema): JsonSchema {
  const part = schema as Part;
  const notes = { ...(part.description ? { description: part.description } : {}) };
  if (part.anyOf) return { ...notes, anyOf: [...part.anyOf.map(loose), EXPRESSION] };
  if (part.enum) return { ...notes, anyOf: [{ enum: [...part.enum, ...part.enum.flatMap(asBoolean)] }, EXPRESSION] };
  switch (part.type) {
    case "boolean":
      return { ...notes, anyOf: [{ type: "boolean" }, { enum: [...BOOLEAN_WORDS] }, EXPRESSION] };
    case "integer":
      return { ...notes, anyOf: [{ type: "integer" }, { type: "string", pattern: "^\\s*[+-]?\\d+\\s*$" }, EXPRESSION] };
    case "number":
      return { ...notes, anyOf: [{ type: "number" }, { type: "string", pattern: "\\d" }, EXPRESSION] };
    case "string":
      // YAML reads 0644 as a decimal number.
      return { ...notes, ...(/\bmode\b/.test(part.words ?? "") ? { type: "string" } : TEXT) };
    case "array":
      return { ...notes, anyOf: [{ type: "array", items: loose(part.items ?? {}) }, TEXT, { type: "null" }] };
    case "object":
      return { ...notes, ...looseObject(part) };
    default:
      return notes;
  }
}

const BOOLEAN_WORDS = ["yes", "no", "on", "off", "true", "false", 0, 1];

/** YAML's `true` stands for the word where it is one of those to choose from. */
function asBoolean(word: unknown): boolean[] {
  return word === "true" ? [true] : word === "false" ? [false] : [];
}

function looseObject({ properties, required = [], aliases = {}, additionalProperties }: Part): JsonSchema {
  if (!properties) return { type: "object" };
  const named = Object.entries(properties).map(([name, value]) => [name, loose(value)] as const);
  const known = new Map(named);
  const others = Object.entries(aliases).flatMap(([alias, name]) => {
    const value = known.get(name);
    return value ? [[alias, { ...value, description: `The same as '${name}'.` }] as const] : [];
  });
  // An argument may be given by its other name.
  const certain = required.filter((name) => !Object.values(aliases).includes(name));
  return {
    type: "object",
    properties: Object.fromEntries([...named, ...others]),
    ...(certain.length > 0 ? { required: certain } : {}),
    ...(additionalProperties === false ? { additionalProperties: false } : {}),
  };
}
