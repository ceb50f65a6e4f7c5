/**
 * Looks at many paths by one script: one `stat` and one `sha256sum` for all of them, since on a host it is the starting
 * of programs that costs. Only tools and options that GNU coreutils and busybox share.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import { parseRecord, STAT_FORMAT } from "./file_queries.ts";
import type { FileStat } from "./host.ts";
import { nameOf, parentOf, saysAbsent } from "./script.ts";

/** What is asked of a path. */
export interface Look {
  /** Absolute, as {@linkcode absolutePath} gives it. */
  readonly path: string;
  /** Look at what a link points to. */
  readonly follow: boolean;
  /** Of a regular file, the digest too. */
  readonly sha256: boolean;
}

/** What was found there. */
export interface Seen {
  /** Undefined where nothing lies at the path. */
  readonly stat?: FileStat;
  /** Where it is another path than the one asked for. */
  readonly realPath?: string;
}

/** Whether a path may be one of many: tools print the names of others over several lines, or escaped. */
export function canShareLook({ path }: Look): boolean {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  return !/[\x00-\x1f\x7f\\]/.test(path) && path.length <= 1000;
}

/** As the `announce` of file_queries.ts, for many: whether it is a link, the real path where it is another, and a NUL. */
const ANNOUNCE = `a() { r= k=-
if [ -L "$4" ]; then k=L; fi
if [ "$1$k" = 1L ]; then
if [ -e "$4" ]; then r=$(readlink -f -- "$4"); else r=$(readlink -- "$4"); case $r in /*) ;; *) r=$2/$r;; esac; fi
elif cd -P -- "$2" 2>/dev/null && [ "$PWD" != "$2" ]; then r=\${PWD%/}/$3; fi
printf '%s\\000' "$k$r"; }`;

/** Paths by what is done with them; each once. */
interface Lists {
  /** Looked at as they are. */
  readonly plain: readonly string[];
  /** Looked at through links, and not plainly too. */
  readonly followed: readonly string[];
  /** Looked at through links, plainly too or not. */
  readonly through: readonly string[];
}

function listsOf(looks: readonly Look[]): Lists {
  const plain = new Set(looks.filter((look) => !look.follow).map(({ path }) => path));
  const through = new Set(looks.filter((look) => look.follow).map(({ path }) => path));
  return { plain: [...plain], followed: [...through].filter((path) => !plain.has(path)), through: [...through] };
}

/** A loop over paths that adds those to the arguments for which `test` holds, by builtins only. */
function collect(paths: Iterable<string>, test: string): string {
  const words = [...new Set(paths)].map(shellQuote).join(" ");
  return words === "" ? "" : `for p in ${words}; do if ${test}; then set -- "$@" "$p"; fi; done\n`;
}

/**
 * The script that looks. It prints fields with a NUL behind each: what is announced of each look; the records of all
 * that is no followed link; those of followed links; where each plain path points, if it is a link; the digests.
 * A line `/` on stderr stands behind each of the two calls of stat.
 */
export function looksScript(looks: readonly Look[]): string {
  const { plain, followed, through } = listsOf(looks);
  const hashed = (follow: boolean) =>
    looks.filter((look) => look.sha256 && look.follow === follow).map(({ path }) => path);
  const announced = looks.map(({ path, follow }) =>
    `a ${Number(follow)} ${[parentOf(path), nameOf(path), path].map(shellQuote).join(" ")}`
  );
  const stat = (flag: string) =>
    `if [ $# -gt 0 ]; then stat ${flag}-c '${STAT_FORMAT}\n%n' -- "$@"; fi; printf '\\000'; echo / >&2\n`;
  return `${ANNOUNCE}
${announced.join("\n")}
set -- ${plain.map(shellQuote).join(" ")}
${collect(followed, '[ ! -L "$p" ]')}${stat("")}set --
${collect(through, '[ -L "$p" ]')}${stat("-L ")}${targets(plain)}set --
${collect(hashed(false), '[ -f "$p" ] && [ ! -L "$p" ]')}${
    collect(hashed(true), '[ -f "$p" ]')
  }if [ $# = 0 ]; then exit 0; fi
if command -v sha256sum >/dev/null; then exec sha256sum "$@" 2>/dev/null; fi
exec openssl dgst -sha256 -r "$@" 2>/dev/null`;
}

function targets(plain: readonly string[]): string {
  if (plain.length === 0) return "";
  const words = plain.map(shellQuote).join(" ");
  return `for p in ${words}; do if [ -L "$p" ]; then readlink -n -- "$p"; fi; printf '\\000'; done\n`;
}

/**
 * What {@linkcode looksScript} printed, in the order of the looks; undefined for one that must be asked alone: it went
 * wrong in a way that only its own answer tells.
 */
export function parseLooks(looks: readonly Look[], stdout: string, stderr: string): (Seen | undefined)[] {
  const fields = stdout.split("\0");
  const announced = fields.slice(0, looks.length);
  const { plain, followed, through } = listsOf(looks);
  const links = new Set(looks.filter((_, index) => announced[index].startsWith("L")).map(({ path }) => path));
  const [unfollowed = "", resolved = "", ...rest] = fields.slice(looks.length);
  if (rest.length !== plain.length + 1) return looks.map(() => undefined);
  const [errors, more = []] = sectionsOf(stderr);
  const found = {
    plain: records(unfollowed, [...plain, ...followed.filter((path) => !links.has(path))], errors),
    resolved: records(resolved, through.filter((path) => links.has(path)), more),
    targets: new Map(plain.map((path, index) => [path, rest[index]])),
    digests: digestsOf(rest[plain.length]),
  };
  return looks.map((look, index) => seen(look, links.has(look.path), announced[index].slice(1), found));
}

interface Found {
  readonly plain: Map<string, FileStat | null>;
  readonly resolved: Map<string, FileStat | null>;
  readonly targets: Map<string, string>;
  readonly digests: Map<string, string>;
}

function seen(
  { path, follow, sha256 }: Look,
  link: boolean,
  real: string,
  { plain, resolved, targets, digests }: Found,
): Seen | undefined {
  const stat = (follow && link ? resolved : plain).get(path);
  const realPath = real === "" ? {} : { realPath: real };
  if (stat === undefined) return undefined;
  if (stat === null) return realPath;
  if (stat.type === "link") {
    // It was none a moment ago, or is none any more.
    if (follow || !targets.get(path)) return undefined;
    return { stat: { ...stat, target: targets.get(path)! }, ...realPath };
  }
  if (!sha256 || stat.type !== "file") return { stat, ...realPath };
  const digest = digests.get(path);
  return digest === undefined ? undefined : { stat: { ...stat, sha256: digest }, ...realPath };
}

/**
 * Records by path; null for a path where nothing lies. Tools go through their arguments in order, so that the errors,
 * a line each, are those of the paths without a record.
 */
function records(text: string, paths: readonly string[], errors: readonly string[]): Map<string, FileStat | null> {
  const found = new Map<string, FileStat | null>();
  const lines = text.split("\n");
  for (let at = 0; at + 4 < lines.length; at += 4) found.set(lines[at + 3], parseRecord(lines.slice(at, at + 3)));
  const missing = paths.filter((path) => !found.has(path));
  if (errors.length !== missing.length) return found;
  missing.forEach((path, index) => {
    if (saysAbsent(errors[index])) found.set(path, null);
  });
  return found;
}

/** The lines between those that are `/`. */
function sectionsOf(text: string): string[][] {
  const sections: string[][] = [[]];
  for (const line of text.split("\n")) {
    if (line === "/") sections.push([]);
    else if (line !== "") sections.at(-1)!.push(line);
  }
  return sections;
}

function digestsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, digest, path] = /^([0-9a-f]{64}) [ *](.*)$/.exec(line) ?? [];
    if (digest !== undefined) found.set(path, digest);
  }
  return found;
}
