/**
 * What can be read off a module's argument schema: names, notes for the reference, and how the engine treats each
 * argument.
 *
 * @module
 */

import type { z } from "../support/zod.ts";
import type { SourceKind } from "./schema.ts";

/** One argument, as the schema describes it. */
export interface ArgumentInfo {
  /** The key under which it is written; other names are not listed. */
  readonly name: string;
  /** Markdown for the reference; empty where the schema has none. */
  readonly description: string;
  /** Whether a task must give it; false for one with a default. */
  readonly required: boolean;
  /** The default as JSON, or undefined. */
  readonly fallback?: unknown;
  /** The type in words, e.g. `mode`, `list`, `present | absent`. */
  readonly words: string;
  /** The argument is a file or template of the controller. */
  readonly source?: SourceKind;
  /** `{{ … }}` in it is not ours to read. */
  readonly raw: boolean;
  /** It is a CEL expression, or a list of conditions. */
  readonly expression?: "value" | "condition";
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Record<string, z.ZodType>;
  readonly defaultValue?: unknown;
}

function definition(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}

/** The object inside a schema with refinements, transforms and preprocessing around it; undefined for free arguments. */
export function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const def = definition(schema);
  if (def.type === "object") return def.shape;
  for (const inner of [def.innerType, def.in, def.out]) {
    const shape = inner && shapeOf(inner);
    if (shape) return shape;
  }
  return undefined;
}

/** The arguments of a schema in the order they are declared; empty for free arguments. */
export function argumentsOf(schema: z.ZodType): readonly ArgumentInfo[] {
  let infos = read.get(schema);
  if (!infos) read.set(schema, infos = readArguments(schema));
  return infos;
}

/** Each task of a playbook asks for its module's. */
const read = new WeakMap<z.ZodType, readonly ArgumentInfo[]>();

function readArguments(schema: z.ZodType): ArgumentInfo[] {
  return Object.entries(shapeOf(schema) ?? {}).map(([name, argument]) => {
    const meta = metaOf(argument);
    return {
      name,
      description: String(meta.description ?? ""),
      required: !acceptsNothing(argument),
      fallback: fallbackOf(argument),
      words: String(meta.words ?? meta.type ?? definition(argument).type),
      source: meta.source as SourceKind | undefined,
      raw: meta.raw === true,
      expression: meta.expression as ArgumentInfo["expression"],
    };
  });
}

function acceptsNothing(schema: z.ZodType): boolean {
  const def = definition(schema);
  if (def.type === "optional" || def.type === "default" || def.type === "prefault") return true;
  return def.innerType !== undefined && acceptsNothing(def.innerType);
}

function fallbackOf(schema: z.ZodType): unknown {
  const def = definition(schema);
  if (def.type === "default" || def.type === "prefault") return def.defaultValue;
  return def.innerType && fallbackOf(def.innerType);
}

/** The notes of a schema and of what it wraps; the outermost wins. */
function metaOf(schema: z.ZodType): Record<string, unknown> {
  const def = definition(schema);
  const inner = [...(def.options ?? []), def.in, def.out, def.innerType].filter((part) => part !== undefined);
  return Object.assign({}, ...inner.map(metaOf), schema.meta() ?? {});
}
