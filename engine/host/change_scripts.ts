/**
 * The scripts of the small actions: directories, links, removal, ownership, times.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import type { Action, LinkAction, MakeDirectoryAction, Ownership, OwnershipAction, TimesAction } from "./action.ts";
import { HostError } from "./host.ts";
import { absolutePath, shown } from "./script.ts";
import { octal, RELABEL, RENAME, TRAP } from "./write_script.ts";

/** An action that is done by one script without input. */
export type SmallAction = Exclude<Action, { do: "write" | "run" }>;

/**
 * The script of a small action. `path` is the action's, checked; `temporary` is a free name beside it.
 *
 * @throws {HostError} for the removal of the root directory
 */
export function changeScript(action: SmallAction, path: string, temporary: string): string {
  switch (action.do) {
    case "mkdir":
      return directoryScript(action, path);
    case "link":
      return linkScript(action, path, temporary);
    case "remove":
      return removeScript(path);
    case "ownership":
      return ownershipScript(action, path);
    case "times":
      return timesScript(action, path);
  }
}

/** Nobody gets into the directory before it has its owner; one that cannot be completed is not left. */
function directoryScript(action: MakeDirectoryAction, path: string): string {
  const owner = ownerSpec(action);
  const undo = '|| { rmdir -- "$d"; exit 1; }';
  return [
    `d=${shellQuote(path)}`,
    action.mode === undefined ? 'mkdir -- "$d" || exit 1' : '( umask 077; mkdir -- "$d" ) || exit 1',
    ...(owner === "" ? [] : [`chown -- ${owner} "$d" ${undo}`]),
    ...(action.mode === undefined ? [] : [`chmod -- ${octal(action.mode)} "$d" ${undo}`]),
    RELABEL,
  ].join("\n");
}

function linkScript(action: LinkAction, path: string, temporary: string): string {
  const target = shellQuote(action.hard ? absolutePath(action.target) : action.target);
  return [
    `d=${shellQuote(path)} t=${shellQuote(temporary)}`,
    RENAME,
    TRAP,
    `if [ -d "$d" ] && [ ! -L "$d" ]; then echo "mv: a directory lies there" >&2; exit 1; fi`,
    `ln ${action.hard ? "" : "-s "}-- ${target} "$t" || exit 1`,
    `rename || exit 1`,
    `trap - EXIT`,
  ].join("\n");
}

function removeScript(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0 || parts.includes("..")) {
    throw new HostError(`refused to remove ${shown(path)}: write the path without '..', and not the root directory`);
  }
  return `rm -rf -- ${shellQuote(path)}`;
}

function ownershipScript(action: OwnershipAction, path: string): string {
  const owner = ownerSpec(action);
  const flags = action.recursive ? "-hR" : "-h";
  return [
    `d=${shellQuote(path)}`,
    ...(owner === "" ? [] : [`chown ${flags} -- ${owner} "$d" || exit 1`]),
    // A link has no mode of its own, and chmod would change what it points to.
    ...(action.mode === undefined ? [] : [`[ -L "$d" ] || chmod -- ${octal(action.mode)} "$d"`]),
  ].join("\n") || ":";
}

/** `owner:group` as chown takes it, quoted; empty where neither is asked for. */
function ownerSpec({ owner, group }: Ownership): string {
  if (owner === undefined && group === undefined) return "";
  return shellQuote(`${owner ?? ""}${group === undefined ? "" : `:${group}`}`);
}

function timesScript(action: TimesAction, path: string): string {
  const touch = (flag: string, time: number | "now") => {
    const at = time === "now" ? "" : `-d @${Math.floor(time)} `;
    // Old busybox sets both times at once.
    return `touch ${flag} ${at}-- "$d" 2>/dev/null || touch ${at}-- "$d" || exit 1`;
  };
  return [
    `d=${shellQuote(path)}`,
    `[ -e "$d" ] || : >"$d" || exit 1`,
    ...(action.atime === undefined ? [] : [touch("-a", action.atime)]),
    ...(action.mtime === undefined ? [] : [touch("-m", action.mtime)]),
  ].join("\n");
}
