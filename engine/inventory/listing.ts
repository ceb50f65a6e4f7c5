/**
 * The inventory as `ansible-inventory` prints it: as data, as a tree of groups, and the variables of one host. Values are
 * shown as they were written, not evaluated.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { YamlNode } from "../support/yaml.ts";
import type { Layer } from "../variables/variable.ts";
import type { Inventory, InventoryGroup, InventoryHost } from "./inventory.ts";

/** What stands for a group in the listing. */
export interface ListedGroup {
  /** The names of the group's own hosts, in order; left out where there are none, and of `all`. */
  hosts?: string[];
  /** The names of the groups right below; left out where there are none. */
  children?: string[];
}

/** Variables by name. */
export type Values = Record<string, Value>;

/** The listing: each group under its name, the variables of hosts under `_meta`. */
export type InventoryListing = Record<string, ListedGroup | { hostvars: Record<string, Values> }>;

/** A group in the listing for YAML, which is an inventory again. */
export interface NestedGroup {
  /** The groups right below, by name. */
  children?: Record<string, NestedGroup>;
  /** The group's own hosts; each has its variables where it is named first. */
  hosts?: Record<string, Values>;
}

/** Which hosts a listing shows. */
export type HostFilter = (host: InventoryHost) => boolean;

const EVERY: HostFilter = () => true;

/** The inventory in the form of `ansible-inventory --list`. */
export function inventoryToJson(inventory: Inventory, shown: HostFilter = EVERY): InventoryListing {
  const listing: InventoryListing = {};
  const seen = new Set(["all"]);
  for (const name of seen) {
    const group = inventory.groups.get(name);
    if (!group) continue;
    const listed: ListedGroup = {};
    const hosts = ownHosts(group, shown);
    if (hosts.length > 0) listed.hosts = hosts.map((host) => host.name);
    if (group.children.length > 0) listed.children = [...group.children];
    for (const child of group.children) seen.add(child);
    if (listed.hosts || listed.children) listing[name] = listed;
  }
  const hostvars: Record<string, Values> = {};
  for (const host of inventory.groups.get("all")?.hosts ?? []) {
    const variables = shown(host) ? hostVariables(inventory, host) : {};
    if (Object.keys(variables).length > 0) hostvars[host.name] = variables;
  }
  listing._meta = { hostvars };
  return listing;
}

/** The inventory in the form of `ansible-inventory --list --yaml`: the group `all` with everything in it. */
export function inventoryToNested(inventory: Inventory, shown: HostFilter = EVERY): { all: NestedGroup } {
  const seen = new Set<InventoryHost>();
  const nested = (group: InventoryGroup): NestedGroup => {
    const children = group.children.flatMap((name) => {
      const child = inventory.groups.get(name);
      return child ? [[name, nested(child)] as const] : [];
    });
    const hosts = ownHosts(group, shown).map((host) => {
      const first = !seen.has(host) && seen.add(host);
      return [host.name, first ? hostVariables(inventory, host) : {}] as const;
    });
    return {
      ...(children.length > 0 ? { children: Object.fromEntries(children) } : {}),
      ...(hosts.length > 0 ? { hosts: Object.fromEntries(hosts) } : {}),
    };
  };
  return { all: nested(inventory.groups.get("all")!) };
}

/** What a graph shows. */
export interface GraphOptions {
  /** Whether the variables of hosts and groups stand below them. */
  readonly variables?: boolean;
  /** Which hosts are shown; all by default. */
  readonly shown?: HostFilter;
}

/** A group and what is below it in the form of `ansible-inventory --graph`. */
export function inventoryGraph(
  inventory: Inventory,
  top: InventoryGroup,
  { variables = false, shown = EVERY }: GraphOptions = {},
): string {
  const line = (text: string, depth: number) => depth === 0 ? text : `${"  |".repeat(depth)}--${text}`;
  const values = (all: Values, depth: number) =>
    variables ? Object.keys(all).sort().map((name) => line(`{${name} = ${asText(all[name])}}`, depth)) : [];
  const lines = (group: InventoryGroup, depth: number): string[] => [
    line(`@${group.name}:`, depth),
    ...group.children.flatMap((name) => lines(inventory.groups.get(name)!, depth + 1)),
    ...ownHosts(group, shown).flatMap((host) => [
      line(host.name, depth + 1),
      ...values(hostVariables(inventory, host), depth + 2),
    ]),
    ...values(written(inventory, inventory.groupLayers(group.name)), depth + 1),
  ];
  return lines(top, 0).join("\n");
}

/** The variables of one host as `ansible-inventory --host` prints them. */
export function hostVariables(inventory: Inventory, host: InventoryHost): Values {
  return written(inventory, host.layers());
}

/** The hosts that a listing names in a group: none of `all`, whose hosts stand in the groups below. */
function ownHosts(group: InventoryGroup, shown: HostFilter): InventoryHost[] {
  return group.name === "all" ? [] : group.ownHosts.filter(shown);
}

function asText(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function written(inventory: Inventory, layers: readonly Layer[]): Values {
  const variables = new Map<string, Value>();
  for (const layer of layers) {
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
