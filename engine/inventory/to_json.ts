/**
 * The inventory as `ansible-inventory --list` prints it.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { YamlNode } from "../support/yaml.ts";
import type { Inventory, InventoryHost } from "./inventory.ts";

/** What stands for a group in the listing. */
export interface ListedGroup {
  /** The names of the group's own hosts, in order; left out where there are none, and of `all`. */
  hosts?: string[];
  /** The names of the groups right below; left out where there are none. */
  children?: string[];
}

/** The listing: each group under its name, the variables of hosts under `_meta`. */
export type InventoryListing = Record<string, ListedGroup | { hostvars: Record<string, Record<string, Value>> }>;

/** The inventory in the form of `ansible-inventory --list`: values as they were written, not evaluated. */
export function inventoryToJson(inventory: Inventory): InventoryListing {
  const listing: InventoryListing = {};
  const seen = new Set(["all"]);
  for (const name of seen) {
    const group = inventory.groups.get(name);
    if (!group) continue;
    const listed: ListedGroup = {};
    if (name !== "all" && group.ownHosts.length > 0) listed.hosts = group.ownHosts.map((host) => host.name);
    if (group.children.length > 0) listed.children = [...group.children];
    for (const child of group.children) seen.add(child);
    if (listed.hosts || listed.children) listing[name] = listed;
  }
  const hostvars: Record<string, Record<string, Value>> = {};
  for (const host of inventory.groups.get("all")?.hosts ?? []) {
    const variables = hostVariables(inventory, host);
    if (Object.keys(variables).length > 0) hostvars[host.name] = variables;
  }
  listing._meta = { hostvars };
  return listing;
}

/** The variables of one host as `ansible-inventory --host` prints them: values as they were written. */
export function hostVariables(inventory: Inventory, host: InventoryHost): Record<string, Value> {
  const variables = new Map<string, Value>();
  for (const layer of host.layers()) {
    for (const [name, variable] of layer) {
      const node = inventory.writtenAs(variable);
      variables.set(name, node ? writtenValue(node) : variable.constant ?? null);
    }
  }
  return Object.fromEntries(variables);
}

function writtenValue(node: YamlNode): Value {
  if (node.kind === "seq") return node.items.map(writtenValue);
  if (node.kind === "map") return Object.fromEntries(node.entries.map(({ key, value }) => [key, writtenValue(value)]));
  if (node.tag === "vault") return { __ansible_vault: String(node.value) };
  if (node.tag === "raw") return { __ansible_unsafe: String(node.value) };
  return node.value;
}
