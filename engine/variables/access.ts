/**
 * Looking into maps and lists, and what to say where nothing is there; the same for expressions and templates.
 *
 * @module
 */

import { didYouMean } from "../support/suggest.ts";
import { describeKind, Double, isMap, Misuse, type Operand, plain, toText } from "./values.ts";

/** The value of a map's key or a list's index, or undefined where there is none. Looking at a pending value throws. */
export function peek(target: Operand, key: Operand): Operand | undefined {
  if (Array.isArray(target)) {
    const index = key instanceof Double ? key.value : key;
    return typeof index === "number" ? target[index] : undefined;
  }
  if (!isMap(target)) return undefined;
  const name = typeof key === "string" ? key : toText(key);
  return Object.hasOwn(target, name) ? target[name] : undefined;
}

/** What is said where {@linkcode peek} found nothing. `what` names the target as the operator wrote it. */
export function missing(what: string, target: Operand, key: Operand): Misuse {
  const shown = typeof key === "string" ? `'${key}'` : String(plain(key));
  if (isMap(target)) {
    const help = typeof key === "string" ? didYouMean(key, Object.keys(target)) : undefined;
    return new Misuse(`${what} has no key ${shown}`, { help: help ?? someKeys(Object.keys(target)) });
  }
  if (Array.isArray(target)) return missingItem(what, target, key, shown);
  if (typeof target === "string" && typeof key === "number") {
    return new Misuse(`${what} is a string, which has no index`, { help: "substring takes a part of a text" });
  }
  return new Misuse(`${what} is ${describeKind(target)}, which has no key ${shown}`);
}

function missingItem(what: string, list: readonly unknown[], key: Operand, shown: string): Misuse {
  const index = plain(key);
  if (typeof index !== "number") {
    const help = index === "length" || index === "size" ? "size(…) counts the items of a list" : undefined;
    return new Misuse(`${what} is a list, which has no key ${shown}`, { help });
  }
  const help = index < 0
    ? (index === -1 ? "last(…) is the last item" : "count from 0, or reverse(…) the list")
    : undefined;
  const count = list.length === 1 ? "1 item" : `${list.length} items`;
  return new Misuse(`${what} has ${count}, so there is no index ${index}`, { help });
}

function someKeys(keys: readonly string[]): string | undefined {
  if (keys.length === 0) return "it is empty";
  return keys.length > 8 ? undefined : `it has ${keys.map((key) => `'${key}'`).join(", ")}`;
}
