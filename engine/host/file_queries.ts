/**
 * Reads of files and directories: the scripts, and pure parsers of what they print. Only tools and options that GNU
 * coreutils and busybox share.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import type { FileStat } from "./host.ts";
import { nameOf, parentOf } from "./script.ts";

/** Three lines a path: numbers, owner, group. Names come last since directory services have names with spaces. */
export const STAT_FORMAT = "%f %u %g %s %Y %X %Z %i %d %h\n%U\n%G";

const FILE_TYPES: Record<number, FileStat["type"]> = {
  0o010000: "fifo",
  0o020000: "char",
  0o040000: "directory",
  0o060000: "block",
  0o100000: "file",
  0o120000: "link",
  0o140000: "socket",
};

/** Exit status of a script that found nothing of the kind it reads. */
export const NOTHING_THERE = 43;

/**
 * What every script here prints first, with a NUL behind it: the real path, where it is another (links in it resolved;
 * with `follow` also the last part), else nothing. Builtins only unless the path is a link.
 * One that leads nowhere is followed by one step only: GNU `readlink -f` may take for ever on a loop.
 */
function announce(path: string, follow: boolean): string {
  const parent = shellQuote(parentOf(path));
  const name = shellQuote(nameOf(path));
  const link = follow
    ? `if [ -L "$p" ] && [ -e "$p" ]; then r=$(readlink -f -- "$p")
elif [ -L "$p" ]; then r=$(readlink -- "$p"); case $r in /*) ;; *) r=${parent}/$r;; esac
el`
    : "";
  return `p=${shellQuote(path)} r=
${link}if cd -P -- ${parent} 2>/dev/null && [ "$PWD" != ${parent} ]; then r=\${PWD%/}/${name}; fi
printf '%s\\000' "$r"`;
}

/** What a script of this file printed, cut in two: the real path where it is another, and the answer proper. */
export function cutAnnounced(output: Uint8Array): { realPath: string | undefined; rest: Uint8Array } {
  const end = output.indexOf(0);
  const realPath = new TextDecoder().decode(output.subarray(0, Math.max(end, 0)));
  return { realPath: realPath || undefined, rest: output.subarray(end + 1) };
}

/** The script of `stat`: the record, then where a link points, or with `sha256` the digest of a regular file. */
export function statScript(path: string, follow: boolean, sha256 = false): string {
  const record = `stat ${follow ? "-L " : ""}-c '${STAT_FORMAT}' -- "$p"`;
  if (sha256) {
    const link = follow ? "" : '[ ! -L "$p" ] || exec readlink -n -- "$p"; ';
    return `${announce(path, follow)}\n${record} || exit; ${link}[ ! -f "$p" ] || ${DIGEST}`;
  }
  if (follow) return `${announce(path, true)}\nexec ${record}`;
  return `${announce(path, false)}\nstat -c '${STAT_FORMAT}' -- "$p" || exit; [ ! -L "$p" ] || readlink -n -- "$p"`;
}

/** What {@linkcode statScript} printed. */
export function parseStat(output: string): FileStat {
  const lines = output.split("\n");
  const stat = parseRecord(lines);
  if (stat.type === "link") return { ...stat, target: lines.slice(3).join("\n") };
  return lines[3] ? { ...stat, sha256: parseHash(lines[3]) } : stat;
}

/** A {@linkcode STAT_FORMAT} record of three lines. @throws {TypeError} for anything else */
export function parseRecord(lines: readonly string[]): FileStat {
  const [raw, uid, gid, size, mtime, atime, ctime, inode, device, links] = lines[0].split(" ");
  const bits = parseInt(raw, 16);
  const type = FILE_TYPES[bits & 0o170000];
  if (!type || links === undefined) throw new TypeError(`stat printed ${JSON.stringify(lines[0])}`);
  return {
    type,
    mode: bits & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    owner: lines[1] === "UNKNOWN" ? uid : lines[1],
    group: lines[2] === "UNKNOWN" ? gid : lines[2],
    size: Number(size),
    mtime: Number(mtime),
    atime: Number(atime),
    ctime: Number(ctime),
    inode: Number(inode),
    device: Number(device),
    links: Number(links),
  };
}

/** The script that prints a file's content; {@linkcode NOTHING_THERE} where it is no file or cannot be looked at. */
export function readScript(path: string): string {
  return onFile(path, 'exec cat -- "$p"');
}

/** The script that prints the sha256 of a file. */
export function hashScript(path: string): string {
  return onFile(path, DIGEST);
}

const DIGEST =
  `{ if command -v sha256sum >/dev/null; then exec sha256sum <"$p"; else exec openssl dgst -sha256 -r <"$p"; fi; }`;

/** The digest in what {@linkcode hashScript} printed. */
export function parseHash(output: string): string {
  const digest = output.slice(0, 64);
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new TypeError(`sha256sum printed ${JSON.stringify(output.slice(0, 100))}`);
  return digest;
}

/** Has the shell say on stderr why nothing can be seen at `$p`; says nothing where something lies there. */
const SAY_WHY = `[ -e "$p" ] || true <"$p"`;

/** Runs `command` on a file in `$p`; else stderr says why there is none (nothing: it is no regular file). */
function onFile(path: string, command: string): string {
  return `${announce(path, true)}
if [ -f "$p" ]; then ${command}; exit; fi
${SAY_WHY}
exit ${NOTHING_THERE}`;
}

/** The script that prints the names in a directory, each with a NUL behind it. Builtins only. */
export function listScript(path: string): string {
  return `${enterDirectory(path)}
for f in * .[!.]* ..?*; do if [ -e "$f" ] || [ -L "$f" ]; then printf '%s\\000' "$f"; fi; done`;
}

/** The names that {@linkcode listScript} printed, sorted by code unit. */
export function parseList(output: string): string[] {
  return output.split("\0").slice(0, -1).sort();
}

/** Changes into a directory that can be listed, or says on stderr why not. */
function enterDirectory(path: string): string {
  return `${announce(path, true)}
if [ ! -d "$p" ]; then ${SAY_WHY}; exit ${NOTHING_THERE}; fi
if ! cd -- "$p" 2>/dev/null || [ ! -r . ]; then echo "$p: Permission denied" >&2; exit 1; fi`;
}

/**
 * The script that prints every path below a directory with its stat, in batches of NUL-ended fields: the number of
 * paths, the paths, the stat lines of all, and where each link points.
 */
export function treeScript(path: string): string {
  const batch = [
    `printf "%s\\000" "$#" "$@"`,
    `stat -c "${STAT_FORMAT}" -- "$@" || exit 1`,
    `printf "\\000"`,
    `for f do if [ -L "$f" ]; then readlink -n -- "$f"; printf "\\000"; fi; done`,
  ].join("\n");
  return `${enterDirectory(path)}
find . ! -name . -exec sh -c ${shellQuote(batch)} sh {} +`;
}

/**
 * What {@linkcode treeScript} printed, or undefined where entries vanished between being found and being looked at.
 */
export function parseTree(output: string): Map<string, FileStat> | undefined {
  const tree = new Map<string, FileStat>();
  const fields = output.split("\0");
  let at = 0;
  while (at < fields.length - 1) {
    const count = Number(fields[at++]);
    const names = fields.slice(at, at += count);
    const lines = (fields[at++] ?? "").split("\n");
    if (lines.length !== count * 3 + 1) return undefined;
    names.forEach((name, index) => {
      const stat = parseRecord(lines.slice(index * 3, index * 3 + 3));
      const target = stat.type === "link" ? { target: fields[at++] } : {};
      tree.set(name.slice(2), { ...stat, ...target });
    });
  }
  return tree;
}
