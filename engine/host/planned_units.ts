/**
 * What planned unit files make of a systemd unit.
 *
 * @module
 */

import type { UnitState } from "./host.ts";
import type { PlannedFile } from "./planned_files.ts";
import { nameOf } from "./script.ts";
import { unitPart } from "./touch_keys.ts";

/** A unit that has no file yet and gets one: known to systemd after a reload, and not running. */
function fresh(path: string, enabled: string): UnitState {
  return { load: "loaded", active: "inactive", enabled, needsReload: true, mainPid: 0, path };
}

/**
 * A unit's state after planned changes of its files, or undefined where none of them is the unit's. `since` leaves out
 * plans up to that number, which systemd has read already; the result's generation is the oldest that counted.
 */
export function unitAfterFiles(
  name: string,
  state: UnitState,
  entries: ReadonlyMap<string, PlannedFile>,
  since: number,
): { state: UnitState; generation: number } | undefined {
  const own = [...entries]
    .filter(([, file]) => file.rewritten && file.generation > since)
    .map(([path, file]) => ({ path, file, part: unitPart(path, name) }))
    .filter(({ part }) => part === "file" || part === "drop-in");
  if (own.length === 0) return undefined;
  const generation = Math.min(...own.map(({ file }) => file.generation));
  const made = own.find(({ file, part }) => part === "file" && file.stat !== undefined);
  if (state.load !== "not-found") return { state: { ...state, needsReload: true }, generation };
  // A drop-in alone makes no unit, and the file of one that is not known may go.
  if (!made) return undefined;
  const masked = made.file.stat?.target === "/dev/null";
  const after = fresh(made.path, masked ? "masked" : enabledAtFirst(made.path, made.file));
  return { state: masked ? { ...after, load: "masked" } : after, generation };
}

/** A unit without an [Install] section can be neither enabled nor disabled. */
function enabledAtFirst(path: string, { content }: PlannedFile): string {
  const text = typeof content === "string"
    ? content
    : content instanceof Uint8Array
    ? new TextDecoder().decode(content)
    : undefined;
  if (text === undefined) return "disabled";
  if (/^\[Install\]/m.test(text)) return nameOf(path).includes("@.") ? "indirect" : "disabled";
  return "static";
}
