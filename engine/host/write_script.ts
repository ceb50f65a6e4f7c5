/**
 * The script that replaces a file atomically. It reads the content from standard input.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import type { WriteAction } from "./action.ts";
import { environmentLines } from "./command_script.ts";
import { HostError } from "./host.ts";
import { nameOf, parentOf } from "./script.ts";

/** What stopped a script, by its exit status: the step that {@linkcode writeScript} was at. */
export const WRITE_STEPS: Readonly<Record<number, string>> = {
  70: "parent",
  71: "directory",
  72: "create",
  73: "content",
  74: "arrived",
  75: "owner",
  76: "attributes",
  77: "validate",
  78: "backup",
  79: "rename",
};

/** What a write needs beside its action. */
export interface WriteSetting {
  /** An absolute path in the same directory. */
  readonly temporary: string;
  /**
   * What shows that all has arrived: the size of what travels in the request, which the connection keeps from being
   * altered; the digest in hex of what comes as a stream. `large` is worth starting the faster of the programs that hash.
   */
  readonly expected: { readonly size: number } | { readonly sha256: string; readonly large: boolean };
  /** What the `validate` command gets exported; names to values. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Permission bits as `chmod` takes them: five digits, so that setuid and setgid are cleared as well as set. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(5, "0");
}

/**
 * A name for a temporary file beside a path: hidden, and short enough for every file system.
 */
export function temporaryBeside(path: string, random: string): string {
  const encoder = new TextEncoder();
  let name = "";
  let size = 0;
  for (const character of nameOf(path)) {
    size += encoder.encode(character).length;
    if (size > 200) break;
    name += character;
  }
  return `${parentOf(path) === "/" ? "" : parentOf(path)}/.${name}.aami-${random}`;
}

/**
 * The text that moves `$t` over `$d` without ever entering a directory. Old busybox has no `mv -T`, and where it has
 * one it stumbles over a link to a directory, which is then removed first.
 */
export const RENAME = `rename() {
  e=$(mv -fT -- "$t" "$d" 2>&1) && return 0
  case $e in
    *nrecognized*|*nvalid\\ option*|*llegal\\ option*|*is\\ a\\ directory*)
      if [ -L "$d" ] && [ -d "$d" ]; then rm -f -- "$d"; fi
      if [ ! -d "$d" ]; then e=$(mv -f -- "$t" "$d" 2>&1) && return 0; fi;;
  esac
  printf '%s\\n' "$e" >&2
  return 1
}`;

/** Removes `$t` however the script ends. */
export const TRAP = `trap 'rm -f -- "$t"' EXIT; trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM`;

/** Gives a new path (`$d`) the SELinux label that the policy has for it. */
export const RELABEL =
  `if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null; then restorecon -- "$d" || :; fi`;

/**
 * The script that replaces a file: checks, temporary file, content, digest, owner, mode, ACL, label, validation, backup,
 * rename. Prints the path of the backup, if one was made.
 *
 * @throws {HostError} for a validation without `%s`
 */
export function writeScript(action: WriteAction, setting: WriteSetting): string {
  const { path, owner, group, mode } = action;
  return [
    `d=${shellQuote(path)} t=${shellQuote(setting.temporary)}`,
    `p=${shellQuote(parentOf(path))}`,
    `if [ ! -d "$p" ]; then stat -L -c %f -- "$p/." >/dev/null; exit 70; fi`,
    `if [ -d "$d" ] && [ ! -L "$d" ]; then exit 71; fi`,
    RENAME,
    `( umask 077; set -C; : >"$t" ) || exit 72`,
    TRAP,
    // conv=fsync has the data on the disk before the name points to it; a full disk is said here.
    `e=$(dd of="$t" bs=65536 conv=fsync 2>&1) || { printf '%s\\n' "$e" >&2; exit 73; }`,
    arrivedLine(setting.expected),
    ...attributeLines(owner, group, mode),
    ...validationLines(action.validate, setting),
    ...(action.backup ? backupLines(path) : []),
    `rename || exit 79`,
    `trap - EXIT`,
    `if [ -z "$old" ]; then ${RELABEL}; fi`,
    `exit 0`,
  ].join("\n");
}

/** GNU dd says how much it copied; busybox may be built to say nothing. */
function arrivedLine(expected: WriteSetting["expected"]): string {
  if ("sha256" in expected) {
    return `s=$(${digest('"$t"', expected.large)}); [ "\${s%% *}" = ${expected.sha256} ] || exit 74`;
  }
  return `case $e in *"\n${expected.size} byte"*) ;; *) [ "$(wc -c <"$t")" -eq ${expected.size} ] || exit 74;; esac`;
}

/** openssl uses the CPU's own SHA instructions, which sha256sum often does not, but takes longer to start. */
function digest(file: string, large: boolean): string {
  const programs = [["sha256sum", `sha256sum <${file}`], ["openssl", `openssl dgst -sha256 -r <${file}`]];
  const [first, other] = large ? programs.reverse() : programs;
  return `if command -v ${first[0]} >/dev/null; then ${first[1]}; else ${other[1]}; fi`;
}

/** Owner first, since chown clears setuid; then ACL and label of the old file; the mode last. */
function attributeLines(owner: string | undefined, group: string | undefined, mode: number | undefined): string[] {
  const quoted = (name: string | undefined) => name === undefined ? "" : shellQuote(name);
  return [
    `old=; if [ -f "$d" ] && [ ! -L "$d" ]; then old=1; fi`,
    // Without who it may be for, `=rw` leaves out what the umask does.
    `o=${quoted(owner)} g=${quoted(group)} m="=rw"`,
    ...oldAttributes(owner, group, mode),
    `if [ -n "$o$g" ]; then chown -- "$o\${g:+:$g}" "$t" || exit 75; fi`,
    `if [ -n "$old" ]; then`,
    `  if command -v getfacl >/dev/null && command -v setfacl >/dev/null; then`,
    `    a=$(getfacl -cps -- "$d" 2>/dev/null)`,
    `    if [ -n "$a" ]; then printf '%s\\n' "$a" | setfacl --set-file=- -- "$t" || exit 76; fi`,
    `  fi`,
    `  if [ -e /sys/fs/selinux/enforce ] && command -v chcon >/dev/null; then`,
    `    chcon --reference="$d" -- "$t" || exit 76`,
    `  fi`,
    `fi`,
    `chmod -- ${mode === undefined ? '"$m"' : octal(mode)} "$t" || exit 75`,
  ];
}

/** What is not asked for is as with the old file. The shell knows by itself where both are this user's own. */
function oldAttributes(owner: string | undefined, group: string | undefined, mode: number | undefined): string[] {
  if (mode !== undefined && owner !== undefined && group !== undefined) return [];
  const own = '[ -O "$t" ] && [ -G "$t" ] && [ -O "$d" ] && [ -G "$d" ]';
  const known = mode !== undefined && owner === undefined && group === undefined ? ` && ! { ${own}; }` : "";
  return [
    `if [ -n "$old" ]${known}; then`,
    `  s=$(stat -c '%u %g %a' -- "$t" "$d") || exit 75; set -- $s; : "\${o:=$4}" "\${g:=$5}"; m=0000$6`,
    `  if [ "$o $g" = "$1 $2" ]; then o= g=; fi`,
    `fi`,
  ];
}

/** The validation's output goes to stderr as a whole: it is what the operator reads if it fails. */
function validationLines(command: string | undefined, setting: WriteSetting): string[] {
  if (command === undefined) return [];
  if (!command.includes("%s")) throw new HostError(`the validation '${command}' does not say where the file goes (%s)`);
  const file = shellQuote(setting.temporary);
  const text = command.replace(/'%s'|"%s"|%s/g, () => file);
  const run = [...environmentLines(setting.environment), `eval ${shellQuote(text)}`].join("\n");
  return [`(\n${run}\n) </dev/null 1>&2 || exit 77`];
}

function backupLines(path: string): string[] {
  return [
    `if [ -f "$d" ]; then`,
    `  b=${shellQuote(path)}.$$.$(date '+%Y-%m-%d@%H:%M:%S')~`,
    `  cp -p -- "$d" "$b" || exit 78`,
    `  printf %s "$b"`,
    `fi`,
  ];
}
