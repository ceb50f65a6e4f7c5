/**
 * Maps that are not wholly there: a result of which check mode knows some keys, and maps made when looked at.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { ValueMap } from "./values.ts";
import { PendingError } from "./variable.ts";

/** Keys that the runtime itself asks any object for (await, JSON): they say nothing about the map. */
const RUNTIME_KEYS: ReadonlySet<string | symbol> = new Set(["then", "toJSON", "constructor"]);

/** What is known of each pending result. */
const pending = new WeakMap<object, { readonly known: ValueMap; readonly what: () => string }>();

/**
 * A registered result of which only some keys are known, as check mode predicts it. Looking at any other key, at all
 * keys, or printing it throws {@linkcode PendingError}.
 *
 * @param known the keys that are known, e.g. `{ changed: true, failed: false }`
 * @param what names a key for the operator, or the whole where no key is given: e.g. `'release.stdout', which task
 * 'Read the release' sets`
 */
export function pendingResult(known: { readonly [key: string]: Value }, what: (key?: string) => string): Value {
  const target: ValueMap = { ...known };
  const look = (key: string | symbol): boolean => {
    if (typeof key === "symbol" || Object.hasOwn(target, key)) return true;
    if (RUNTIME_KEYS.has(key)) return false;
    throw new PendingError(what(key));
  };
  const result = new Proxy(target, {
    get: (_, key) => look(key) ? Reflect.get(target, key) : undefined,
    has: (_, key) => look(key) && Reflect.has(target, key),
    getOwnPropertyDescriptor(_, key) {
      // An expression asks this way, so here the runtime's keys are like any other.
      if (typeof key === "string" && !Object.hasOwn(target, key)) throw new PendingError(what(key));
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    ownKeys() {
      throw new PendingError(what());
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
  pending.set(result, { known: target, what });
  return result;
}

/** A value with what is known of the pending results in it, as an event may tell it. */
export function knownPart(value: Value): Value {
  return replacePending(value, ({ known }) => knownPart(known));
}

/**
 * A value that is to be shown whole.
 *
 * @throws {PendingError} where a part of it is pending
 */
export function requireKnown(value: Value): Value {
  return replacePending(value, ({ what }) => {
    throw new PendingError(what());
  });
}

type Replace = (found: { readonly known: ValueMap; readonly what: () => string }) => Value;

function replacePending(value: Value, replace: Replace): Value {
  if (value === null || typeof value !== "object") return value;
  const found = pending.get(value);
  if (found) return replace(found);
  if (Array.isArray(value)) return value.map((item) => replacePending(item, replace));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replacePending(item, replace)]));
}

/**
 * A map whose values are made when they are looked at, each once, e.g. `hostvars`.
 *
 * @param keys all its keys
 * @param make the value of one of them
 */
export function lazyMap(keys: Iterable<string>, make: (key: string) => Value): Value {
  const names = new Set(keys);
  const target: ValueMap = {};
  const look = (key: string | symbol): boolean => {
    if (typeof key !== "string" || !names.has(key)) return false;
    if (!Object.hasOwn(target, key)) {
      Object.defineProperty(target, key, { value: make(key), enumerable: true, configurable: true, writable: true });
    }
    return true;
  };
  return new Proxy(target, {
    get: (_, key) => look(key) ? Reflect.get(target, key) : undefined,
    has: (_, key) => typeof key === "string" && names.has(key),
    getOwnPropertyDescriptor: (_, key) => look(key) ? Reflect.getOwnPropertyDescriptor(target, key) : undefined,
    ownKeys: () => [...names],
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false,
  });
}

/**
 * All variables of a scope as a map (`vars`, one host of `hostvars`), evaluated when looked at.
 */
export function scopeMap(scope: { names(): Iterable<string>; get(name: string): Value | undefined }): Value {
  return lazyMap(scope.names(), (name) => scope.get(name) ?? null);
}
