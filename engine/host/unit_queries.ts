/**
 * Reads of systemd units.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import { HostError, type UnitState } from "./host.ts";
import type { ScriptAnswer } from "./script.ts";

const SUFFIXES = /\.(service|socket|timer|target|mount|automount|swap|path|slice|scope|device)$/;
const PROPERTIES = ["LoadState", "ActiveState", "UnitFileState", "NeedDaemonReload", "MainPID", "FragmentPath"];

/** Exit status of {@linkcode unitScript} where systemd is not running. */
export const NO_SYSTEMD = 41;

/** A unit's whole name: without a suffix it is a service, as for systemctl. */
export function unitName(name: string): string {
  return SUFFIXES.test(name) ? name : `${name}.service`;
}

/** The script that reads the states of units. Where systemd is not running it says what process 1 is, on stderr. */
export function unitScript(names: readonly string[]): string {
  const units = names.map((name) => shellQuote(unitName(name))).join(" ");
  return `if [ ! -d /run/systemd/system ]; then read -r p </proc/1/comm && echo "$p" >&2; exit ${NO_SYSTEMD}; fi
exec systemctl show --no-pager ${PROPERTIES.map((each) => `-p ${each}`).join(" ")} -- ${units}`;
}

/** What {@linkcode unitScript} printed of each unit; undefined where only a script of its own tells. */
export function splitUnits(names: readonly string[], answer: ScriptAnswer): ScriptAnswer[] | undefined {
  if (names.length === 1 || answer.code === NO_SYSTEMD) return names.map(() => answer);
  const blocks = answer.stdout.split("\n\n");
  if (answer.code !== 0 || blocks.length !== names.length) return undefined;
  return blocks.map((stdout) => ({ ...answer, stdout }));
}

/**
 * What {@linkcode unitScript} printed of one unit.
 *
 * @throws {HostError} where systemd is not running, or does not answer
 */
export function parseUnit(name: string, answer: ScriptAnswer): UnitState {
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
