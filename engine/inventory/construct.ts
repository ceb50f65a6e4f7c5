/**
 * Makes the variables and groups that a constructed inventory asks for.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { DiagnosticError, inputError } from "../support/diagnostic.ts";
import { constantLayer, constantVariable, LayeredScope } from "../variables/scope.ts";
import type { Layer } from "../variables/variable.ts";
import type { Constructed, KeyedGroup } from "./constructed.ts";
import type { Inventory, InventoryHost } from "./inventory.ts";
import type { InventoryData } from "./model.ts";

/**
 * Goes over the hosts that are known so far.
 *
 * @param known the inventory as the sources before this one made it
 * @param data what it was made of, which gets the variables and groups
 * @throws {DiagnosticError} for a value that no group can be named after, with `strict` for each expression that fails
 */
export function construct(plan: Constructed, known: Inventory, data: InventoryData): void {
  for (const host of known.hosts.values()) {
    const attempt = <T>(part: () => T) => plan.strict ? ofHost(host, part) : orNothing(part);
    const record = data.addHost(host.name, undefined);
    const before = scopeOf(host);
    for (const { name, span, value } of plan.compose) {
      const result = attempt(() => value.evaluate(before));
      if (result === undefined) continue;
      data.checkName(name, span);
      record.vars.set(name, constantVariable(result, span));
    }
    const scope = scopeOf(host, record.vars);
    for (const { name, span, value } of plan.groups) {
      if (attempt(() => value.evaluate(scope)) !== true) continue;
      data.addHost(host.name, data.addGroup(groupName(name), span));
    }
    for (const keyed of plan.keyed) attempt(() => addKeyed(keyed, host, scope, plan, data));
  }
}

/** The errors of a part, which name the host that brings them out. */
function ofHost<T>(host: InventoryHost, part: () => T): T {
  try {
    return part();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(
      error.diagnostics.map((finding) => ({ ...finding, message: `host '${host.name}': ${finding.message}` })),
    );
  }
}

function orNothing<T>(part: () => T): T | undefined {
  try {
    return part();
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

/** What expressions see of a host: `own` are the variables that were made for it here. */
function scopeOf(host: InventoryHost, own: Layer = new Map()): LayeredScope {
  const magic = constantLayer({
    inventory_hostname: host.name,
    inventory_hostname_short: host.shortName,
    group_names: [...host.groups],
  });
  return new LayeredScope([magic, own, ...host.layers().toReversed()]);
}

function addKeyed(
  keyed: KeyedGroup,
  host: InventoryHost,
  scope: LayeredScope,
  { strict, leadingSeparator }: Constructed,
  data: InventoryData,
): void {
  const value = keyed.key.evaluate(scope);
  const names = namesFor(value, keyed, strict);
  const separator = keyed.prefix === "" && !leadingSeparator ? "" : keyed.separator;
  const parent = keyed.parent?.evaluate(scope);
  for (const name of names) {
    const group = data.addGroup(groupName(`${keyed.prefix}${separator}${name}`), keyed.key.span);
    data.addHost(host.name, group);
    if (parent === undefined || parent === "") continue;
    data.link(data.addGroup(groupName(String(parent)), keyed.parent?.span), group);
  }
}

/** A name that is made for a group is one that a variable could have, as in Ansible. */
function groupName(name: string): string {
  return name.replace(/^\d|[^\p{L}\p{N}_]/gu, "_");
}

/** What the groups of a value are called, before the prefix. */
function namesFor(
  value: Value,
  { key, separator, fallback, trailingSeparator }: KeyedGroup,
  strict: boolean,
): string[] {
  const orFallback = (text: string) => text === "" && fallback !== undefined ? fallback : text;
  if (value === null || (value === "" && fallback === undefined)) {
    if (strict) throw inputError("inventory-structure", `the key is ${value === null ? "null" : "empty"}`, key.span);
    return [];
  }
  if (typeof value !== "object") return [orFallback(String(value))];
  if (Array.isArray(value)) return value.map((item) => orFallback(String(item)));
  return Object.entries(value).map(([name, each]) => {
    const text = orFallback(String(each));
    return text === "" && !trailingSeparator ? name : `${name}${separator}${text}`;
  });
}
