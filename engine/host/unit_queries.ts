/**
 * Reads of systemd units.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import { HostError, type UnitState } from "./host.ts";

const SUFFIXES = /\.(service|socket|timer|target|mount|automount|swap|path|slice|scope|device)$/;
const PROPERTIES = ["LoadState", "ActiveState", "UnitFileState", "NeedDaemonReload", "MainPID", "FragmentPath"];

/** Exit status of {@linkcode unitScript} where systemd is not running. */
export const NO_SYSTEMD = 41;

/** A unit's whole name: without a suffix it is a service, as for systemctl. */
export function unitName(name: string): string {
  return SUFFIXES.test(name) ? name : `${name}.service`;
}

/** The script that reads a unit's state. */
export function unitScript(name: string): string {
  return `if [ ! -d /run/systemd/system ]; then cat /proc/1/comm >&2; exit ${NO_SYSTEMD}; fi
exec systemctl show --no-pager ${PROPERTIES.map((each) => `-p ${each}`).join(" ")} -- ${shellQuote(unitName(name))}`;
}

/**
 * What {@linkcode unitScript} printed.
 *
 * @throws {HostError} where systemd is not running, or does not answer
 */
export function parseUnit(name: string, answer: { code: number; stdout: string; stderr: string }): UnitState {
  if (answer.code === NO_SYSTEMD) {
    const first = answer.stderr.trim();
    throw new HostError(
      `systemd does not run on this host${first ? ` (process 1 is ${first})` : ""}: unit ${
        unitName(name)
      } is not known`,
    );
  }
  if (answer.code !== 0) throw new HostError(`systemctl cannot show ${unitName(name)}: ${answer.stderr.trim()}`);
  const values = new Map(answer.stdout.split("\n").map((line) => splitAt(line, "=")));
  return {
    load: values.get("LoadState") ?? "",
    active: values.get("ActiveState") ?? "",
    enabled: values.get("UnitFileState") ?? "",
    needsReload: values.get("NeedDaemonReload") === "yes",
    mainPid: Number(values.get("MainPID") ?? 0),
    path: values.get("FragmentPath") ?? "",
  };
}

/** A text cut in two at the first separator. */
export function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
