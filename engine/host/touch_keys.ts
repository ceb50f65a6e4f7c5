/**
 * When a change makes a reading stale. The rule is on the safe side: a reading that is thrown away too often costs a
 * round trip, one that is kept too long costs the truth.
 *
 * @module
 */

import type { Action } from "./action.ts";
import type { TouchKey } from "./host.ts";
import { parentOf } from "./script.ts";
import { splitAt, unitName } from "./unit_queries.ts";

const UNIT_DIRECTORIES = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"];
const ACCOUNT_FILES = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"];

/** Directories in which programs are looked for, in a host's usual order. */
export const PROGRAM_DIRECTORIES: readonly string[] = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

/** Directories that are links to others on most hosts: as keys they are one. */
const ALIASES: readonly (readonly [string, string])[] = [
  ["/bin", "/usr/bin"],
  ["/sbin", "/usr/sbin"],
  ["/lib", "/usr/lib"],
  ["/lib64", "/usr/lib64"],
  ["/var/run", "/run"],
  ["/var/lock", "/run/lock"],
];

/** The key of a path. */
export function pathKey(path: string): TouchKey {
  return `path:${path}`;
}

/** The key of what lies at a path, a file or a directory or a link, and no more of it. */
export function typeKey(path: string): TouchKey {
  return `type:${path}`;
}

/** The key of an address that is connected to. */
export function netKey(address: string, port: number): TouchKey {
  return `net:${address}:${port}`;
}

/**
 * The keys of all that a plan changes: what it says, the paths of its actions, and the real paths that reading found
 * behind them. A plan that runs a command without saying what that touches, touches anything.
 */
export function touchedKeys(
  actions: readonly Action[],
  touches: readonly { readonly key: TouchKey }[] = [],
  realPathOf: (path: string) => string | undefined = () => undefined,
): TouchKey[] {
  const keys = new Set(touches.map((touch) => touch.key));
  for (const action of actions) {
    if (action.do === "run") {
      if (touches.length === 0) keys.add("*");
      continue;
    }
    keys.add(pathKey(action.path));
    const real = realPathOf(action.path);
    if (real !== undefined) keys.add(pathKey(real));
  }
  return [...keys];
}

/**
 * Whether a change of `touch` makes any of these readings stale.
 *
 * - A reading of `*` (a probe that does not say what it looks at) is met by every touch.
 * - A touch of `*` meets every reading but `facts`: facts are what they were when they were gathered, as in Ansible; a
 *   task that changes them touches `facts`.
 * - A path meets itself, what lies below it and what it lies in.
 * - A path meets the unit whose file, drop-in or link it is, the program whose name it has, and as one of the account
 *   files every user and group.
 * - A user and a group of one name meet, since making the one may make the other.
 * - A unit meets connections to the host itself, where it may be what listens; `unit:*` meets every unit.
 * - All else meets its equal.
 */
export function touchesOverlap(touch: TouchKey, reads: Iterable<TouchKey>): boolean {
  for (const read of reads) {
    if (meets(touch, read)) return true;
  }
  return false;
}

function meets(touch: TouchKey, read: TouchKey): boolean {
  if (read === "*" || touch === read) return true;
  if (touch === "*") return read !== "facts";
  const [touchKind, touched] = splitAt(touch, ":");
  const [readKind, seen] = splitAt(read, ":");
  switch (`${touchKind} ${readKind}`) {
    case "path path":
      return related(plainPath(touched), plainPath(seen));
    case "path type":
      return within(plainPath(seen), plainPath(touched));
    case "path unit":
      return meetsUnit(touched, seen);
    case "unit path":
      return meetsUnit(seen, touched);
    case "unit unit":
      return touched === "*" || unitName(touched) === unitName(seen);
    case "path user":
    case "path group":
      return meetsAccounts(touched);
    case "user path":
    case "group path":
      return meetsAccounts(seen);
    case "user group":
    case "group user":
      return touched === seen;
    case "path program":
      return meetsProgram(plainPath(touched), seen);
    case "unit net":
      return isLoopback(splitHost(seen));
    default:
      return false;
  }
}

/** A path without `.`, `..`, doubled slashes and the usual links to directories; for comparing only. */
export function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const plain = `/${parts.join("/")}`;
  const alias = ALIASES.find(([from]) => within(plain, from));
  return alias ? alias[1] + plain.slice(alias[0].length) : plain;
}

/** Whether a path is a directory or lies below it. */
export function within(path: string, directory: string): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}

function related(one: string, other: string): boolean {
  return within(one, other) || within(other, one);
}

function meetsUnit(path: string, unit: string): boolean {
  const plain = plainPath(path);
  return UNIT_DIRECTORIES.some((directory) => {
    if (within(directory, plain)) return true;
    return within(plain, directory) && unitPart(plain, unit) !== undefined;
  });
}

/**
 * What a path below one of systemd's unit directories is to a unit: its `file`, a link that enables it, a `drop-in`;
 * undefined for none of these.
 */
export function unitPart(path: string, unit: string): "file" | "link" | "drop-in" | undefined {
  const plain = plainPath(path);
  const directory = UNIT_DIRECTORIES.find((each) => within(plain, each));
  if (!directory) return undefined;
  const parts = plain.slice(directory.length + 1).split("/");
  const name = unitName(unit);
  const names = [name, name.replace(/@[^@]*\./, "@.")];
  if (names.includes(parts[0])) return "file";
  const kind = name.slice(name.lastIndexOf(".") + 1);
  if (parts[0] === `${kind}.d` || names.some((each) => parts[0] === `${each}.d`)) return "drop-in";
  // The directories of prefixes: `foo-.service.d` holds for `foo-bar.service`.
  const prefix = /^(.*-)\.(\w+)\.d$/.exec(parts[0]);
  if (prefix && prefix[2] === kind && name.startsWith(prefix[1])) return "drop-in";
  return /\.(wants|requires|upholds)$/.test(parts[0]) && names.includes(parts[1]) ? "link" : undefined;
}

/** The names of all units whose own file a path may be; undefined where it is none. */
export function unitOfFile(path: string): string | undefined {
  const plain = plainPath(path);
  return UNIT_DIRECTORIES.includes(parentOf(plain)) ? plain.slice(parentOf(plain).length + 1) : undefined;
}

function meetsAccounts(path: string): boolean {
  const plain = plainPath(path);
  return ACCOUNT_FILES.some((file) => within(file, plain));
}

function meetsProgram(path: string, program: string): boolean {
  if (program.startsWith("/")) return related(path, plainPath(program));
  return path.endsWith(`/${program}`) || PROGRAM_DIRECTORIES.some((directory) => within(plainPath(directory), path));
}

function splitHost(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
}

/** Whether an address is the host itself, as far as the address tells. */
export function isLoopback(address: string): boolean {
  return /^(localhost|ip6-localhost|.*\.localhost|127(\.\d+){0,3}|::1|0\.0\.0\.0|::)$/i.test(address);
}
