/**
 * `aami inventory`: what the inventory comes to, in the forms of `ansible-inventory`.
 *
 * @module
 */

import { loadInventory } from "../engine/inventory/load.ts";
import type { Inventory } from "../engine/inventory/inventory.ts";
import {
  type HostFilter,
  hostVariables,
  inventoryGraph,
  inventoryToJson,
  inventoryToNested,
} from "../engine/inventory/listing.ts";
import { formatDiagnostic, inputError } from "../engine/support/diagnostic.ts";
import type { Redactor } from "../engine/support/redact.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { toYaml } from "../engine/support/yaml.ts";
import { inventoryInput } from "./inventory_sources.ts";
import type { Wiring } from "./program.ts";
import { type VaultFlags, vaultOf } from "./vault_flags.ts";

/** The flags of `aami inventory`. */
export interface InventoryFlags extends VaultFlags {
  /** --config, a path. */
  readonly config?: string;
  /** -i, each once. */
  readonly inventory: string[];
  /** -l. */
  readonly limit?: string;
  /** --list. */
  readonly list?: boolean;
  /** --graph, with the group that it begins at. */
  readonly graph?: string | true;
  /** --host. */
  readonly host?: string;
  /** --vars. */
  readonly vars?: boolean;
  /** --playbook-dir, a path. */
  readonly playbookDir?: string;
  /** -o. */
  readonly output: "json" | "yaml";
}

/**
 * Prints the whole inventory, a tree of its groups, or the variables of one host.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for a wrong inventory, and names that are not in it
 */
export async function inventory(flags: InventoryFlags, wiring: Wiring): Promise<number> {
  checkFlags(flags);
  const { terminal, redactor } = wiring;
  const vault = await vaultOf(flags, terminal, redactor);
  const { sources, formats } = await inventoryInput(flags, wiring);
  const loaded = await loadInventory(sources, { playbookDirectory: flags.playbookDir, vault, formats });
  for (const warning of loaded.warnings) terminal.talk(formatDiagnostic(warning, terminal.paintTalk));
  terminal.out(printed(loaded, flags, redactor));
  return 0;
}

function checkFlags({ list, graph, host, vars, limit }: InventoryFlags): void {
  const asked = [list && "--list", graph && "--graph", host !== undefined && "--host"].filter((flag) => flag);
  if (asked.length !== 1) {
    const message = asked.length === 0 ? "nothing is asked for" : `${asked.join(" and ")} exclude each other`;
    throw inputError("flag", message, undefined, "give one of --list, --graph, --host NAME");
  }
  if (vars && !graph) throw inputError("flag", "--vars belongs to --graph", undefined, "--list shows variables anyway");
  if (host !== undefined && limit !== undefined) throw inputError("flag", "--host and --limit exclude each other");
}

function printed(
  loaded: Inventory,
  { graph, host, vars, limit, output }: InventoryFlags,
  redactor: Redactor,
): string {
  const shown: HostFilter = limit === undefined ? () => true : memberOf(new Set(loaded.select("all", limit)));
  if (graph !== undefined) {
    return redactor.text(inventoryGraph(loaded, groupOf(loaded, graph), { variables: vars, shown }));
  }
  const data = host !== undefined
    ? hostVariables(loaded, hostOf(loaded, host))
    : output === "yaml"
    ? inventoryToNested(loaded, shown)
    : inventoryToJson(loaded, shown);
  const told = sorted(redactor.value(data));
  return output === "yaml" ? toYaml(told).trimEnd() : JSON.stringify(told, undefined, 4);
}

function memberOf<T>(all: ReadonlySet<T>): (one: T) => boolean {
  return (one) => all.has(one);
}

function groupOf(loaded: Inventory, graph: string | true) {
  const name = graph === true ? "all" : graph;
  const group = loaded.groups.get(name);
  if (group) return group;
  const help = didYouMean(name, loaded.groups.keys()) ?? (loaded.hosts.has(name) ? "it is a host" : undefined);
  throw inputError("unknown-host", `--graph: there is no group '${name}' in the inventory`, undefined, help);
}

function hostOf(loaded: Inventory, name: string) {
  const host = loaded.host(name);
  if (host) return host;
  const help = didYouMean(name, loaded.hosts.keys()) ??
    (loaded.groups.has(name) ? `it is a group: 'aami inventory --graph ${name}' shows it` : undefined);
  throw inputError("unknown-host", `--host: there is no host '${name}' in the inventory`, undefined, help);
}

/** With the keys of mappings in order, as ansible-inventory has them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1);
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
