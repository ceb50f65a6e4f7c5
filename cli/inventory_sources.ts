import { join } from "node:path";
import { BUILTIN_ROOT, exists } from "../engine/support/assets.ts";

/** Below the operator's directory, else among the built-in files. */
const DEFAULT_INVENTORY = "inventory/default.yml";

/** What `-i` gives, else the default inventory: `inventory/default.yml` here, else this machine. */
export async function inventorySources(given: readonly string[]): Promise<readonly string[]> {
  if (given.length > 0) return given;
  return [await exists(DEFAULT_INVENTORY) ? DEFAULT_INVENTORY : join(BUILTIN_ROOT, DEFAULT_INVENTORY)];
}
