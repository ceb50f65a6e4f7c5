/**
 * Whether a unit that was started is up, and why not.
 *
 * @module
 */

import type { Host, UnitState } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import { sleep } from "./sleep.ts";

/** How long a unit may be on its way up, in milliseconds. */
const DEADLINE = 30_000;
/** A program that cannot work ends within this time as a rule: a unit without readiness protocol counts as up at once. */
const SETTLE = 250;

/**
 * Waits until a unit is up and looks again a moment later.
 *
 * @throws {ModuleError} where it failed, or is not up within the deadline
 */
export async function settle(host: Host, name: string, signal: AbortSignal): Promise<UnitState> {
  const end = Date.now() + DEADLINE;
  let first: UnitState | undefined;
  while (true) {
    const unit = await host.unit(name);
    if (unit.active === "failed") throw await explainFailure(host, name, "it failed right after its start");
    // A oneshot that is done, or a socket unit: there is nothing to come.
    if (unit.active === "inactive" || unit.mainPid === 0 && unit.active === "active") return unit;
    if (unit.active === "active" && first?.mainPid === unit.mainPid) return unit;
    if (Date.now() >= end) {
      throw await explainFailure(host, name, `it is still ${unit.active} ${DEADLINE / 1000} s after its start`);
    }
    first = unit.active === "active" ? unit : undefined;
    await sleep(SETTLE, signal);
  }
}

/** The error for a unit that did not do as told, with its state and the last lines of its journal. */
export async function explainFailure(host: Host, name: string, reason: string): Promise<ModuleError> {
  const wanted = ["ActiveState", "SubState", "Result", "ExecMainStatus"];
  const [status, journal] = await Promise.all([
    host.run(["systemctl", "show", "--no-pager", ...wanted.map((each) => `-p${each}`), "--", name]),
    host.run(["journalctl", "-u", name, "-n", "20", "--no-pager", "--no-hostname"]),
  ]);
  // systemctl has an order of its own.
  const shown = status.stdout.split("\n");
  const state = wanted.flatMap((each) => shown.filter((line) => line.startsWith(`${each}=`))).join(", ");
  const lines = journal.stdout.trimEnd();
  const message = [`unit ${name}: ${reason}`, `state: ${state}`, ...lines === "" ? [] : [`journal:\n${lines}`]].join(
    "\n",
  );
  return new ModuleError(message, { result: { name, journal: lines.split("\n") } });
}
