/**
 * What the scripts for a host have in common: checked paths, and what a tool printed turned into an operator's words.
 *
 * @module
 */

import { HostError } from "./host.ts";

/** A script's answer as text. Bytes that are no UTF-8 become U+FFFD. */
export interface ScriptAnswer {
  /** The exit status. */
  readonly code: number;
  /** The whole standard output. */
  readonly stdout: string;
  /** The whole standard error. */
  readonly stderr: string;
}

/**
 * A path as the host modules use it: absolute, without doubled slashes, `.` parts or a trailing slash. `..` parts stay,
 * since only the host knows where links lead.
 *
 * @throws {HostError} for a path that is empty, relative, or holds a NUL character
 */
export function absolutePath(path: string): string {
  if (path === "") throw new HostError("the path is empty");
  if (!path.startsWith("/")) throw new HostError(`the path ${shown(path)} is not absolute`);
  if (path.includes("\0")) throw new HostError(`the path ${shown(path)} holds a NUL character`);
  return "/" + path.split("/").filter((part) => part !== "" && part !== ".").join("/");
}

/** The directory that holds a path; `/` for the root itself. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** A path's last part; empty for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A path below a directory. */
export function childOf(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/** A path for a message: as it is, or quoted where control characters or spaces at its ends would not show. */
export function shown(path: string): string {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  return /[\x00-\x1f\x7f]|^\s|\s$/.test(path) || path === "" ? JSON.stringify(path) : path;
}

/** The reason at the end of what a tool printed: `cat: /x: Permission denied` gives `Permission denied`. */
export function reasonOf(stderr: string): string {
  // dd counts its blocks behind the error.
  const lines = stderr.trim().split("\n").filter((each) => !/^\d+(\+\d+ records (in|out)$| bytes )/.test(each));
  const line = lines.at(-1) ?? "";
  const reason = line.slice(line.lastIndexOf(": ") + 1).trim();
  if (/^(directory nonexistent|nonexistent directory|no such file)$/i.test(reason)) return "No such file or directory";
  return reason || line || "it gave no reason";
}

/** Whether what a tool printed says that nothing lies at a path. */
export function saysAbsent(stderr: string): boolean {
  return /^(no such file or directory|not a directory)$/i.test(reasonOf(stderr));
}

/** Whether a reason is one that another user's rights would mend. */
export function saysForbidden(reason: string): boolean {
  return /permission denied|operation not permitted|must be (super)?root/i.test(reason);
}

/** The error for a path that may not be read. `user` is the one who tried. */
export function readRefused(path: string, stderr: string, user: string): HostError {
  const reason = reasonOf(stderr);
  if (!saysForbidden(reason)) return new HostError(`cannot read ${shown(path)}: ${reason}`);
  return new HostError(`permission denied reading ${shown(path)} as ${user}${becomeHint(user)}`);
}

/** What to do about missing rights; empty for root, who has them all. */
export function becomeHint(user: string): string {
  return user === "root" ? "" : "; run the task with become";
}

/** The last part of a text, for messages: at most `limit` characters, cut at the front. */
export function tail(text: string, limit = 2000): string {
  const trimmed = text.trim();
  return trimmed.length <= limit ? trimmed : `…${trimmed.slice(-limit)}`;
}

/** Eight random bytes in hex, for names of temporary files. */
export function randomName(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
