import { join } from "node:path";
import { BUILTIN_ROOT, exists } from "../engine/support/assets.ts";
import type { InventoryFormat } from "../engine/inventory/load.ts";
import type { Wiring } from "./program.ts";
import { type ConfigFlag, requireSite, type Site, USUAL_CONFIGS } from "./site.ts";
import { siteFormat } from "./site_inventory.ts";

/** Below the operator's directory, else among the built-in files. */
const DEFAULT_INVENTORY = "inventory/default.yml";

/** The flags that say where the inventory is. */
export interface InventoryFlags extends ConfigFlag {
  /** -i, each once. */
  readonly inventory: readonly string[];
}

/** What the inventory is read from. */
export interface InventoryInput {
  /** Paths, or hosts with commas. */
  readonly sources: readonly string[];
  /** The configuration among them. */
  readonly site?: Site;
  /** Reads configurations. */
  readonly formats: readonly InventoryFormat[];
}

/**
 * What --config and -i give. Without either the configuration that AAMI_CONFIG names or that lies here, else
 * `inventory/default.yml` here, else the machine's configuration, else this machine alone.
 *
 * @throws {DiagnosticError} for a configuration that is not there or wrong
 */
export async function inventoryInput(flags: InventoryFlags, wiring: Wiring): Promise<InventoryInput> {
  const { config, sources } = await found(flags);
  const site = config === undefined ? undefined : await requireSite({ config }, wiring);
  return {
    sources: [...config === undefined ? [] : [config], ...sources],
    site,
    formats: [siteFormat(wiring.redactor, site)],
  };
}

async function found({ config, inventory }: InventoryFlags): Promise<Pick<InventoryInput, "sources"> & ConfigFlag> {
  if (config !== undefined || inventory.length > 0) return { config, sources: inventory };
  const named = Deno.env.get("AAMI_CONFIG");
  if (named) return { config: named, sources: [] };
  const [here, machine] = USUAL_CONFIGS;
  if (await exists(here)) return { config: here, sources: [] };
  if (await exists(DEFAULT_INVENTORY)) return { sources: [DEFAULT_INVENTORY] };
  if (await exists(machine)) return { config: machine, sources: [] };
  return { sources: [join(BUILTIN_ROOT, DEFAULT_INVENTORY)] };
}
