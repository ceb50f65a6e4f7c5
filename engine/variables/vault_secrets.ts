/**
 * What is secret of a file of variables that was encrypted as a whole.
 *
 * @module
 */

import { placeOf } from "../support/diagnostic.ts";
import type { YamlNode } from "../support/yaml.ts";

/** A secret and the place it was written at. */
export interface WrittenSecret {
  /** The text as it is used. */
  readonly text: string;
  /** `file:line:column`. */
  readonly place: string;
}

/** A shorter number is a port, a size or an identity, and no secret. */
const SHORTEST_NUMBER = 6;

/**
 * The scalars of decrypted variables: texts, numbers of at least six digits, and of a text with expressions what stands
 * around them.
 */
export function* secretsIn(node: YamlNode): Iterable<WrittenSecret> {
  if (node.kind === "seq") { for (const item of node.items) yield* secretsIn(item); }
  else if (node.kind === "map") { for (const { value } of node.entries) yield* secretsIn(value); }
  else if (node.tag !== "vault") {
    const { value, span } = node;
    if (typeof value === "number" && node.written.replace(/\D/g, "").length < SHORTEST_NUMBER) return;
    if (typeof value !== "string" && typeof value !== "number") return;
    const place = placeOf(span);
    for (const text of String(value).split(/\{\{.*?\}\}/s)) yield { text, place };
  }
}
