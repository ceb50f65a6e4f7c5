/**
 * The shell text of the framed protocol: what is written into a long-lived `sh` to run one script and to learn where its
 * output ends. POSIX sh and its builtins only; nothing here starts a process, except `base64` for binary input.
 *
 * @module
 */

import type { ChainPlace } from "./session.ts";

/** Standard input up to this size travels inside the request; above, a channel of its own is cheaper. */
export const INLINE_STDIN_LIMIT: number = 64 * 1024;

/**
 * Makes a shell ready: output that is not localized (C.UTF-8 where the host has it, so that names stay readable), and
 * the directories where a system's tools live, which a login as an ordinary user leaves out. One line, without single
 * quotes, so that it can stand in an argument for any login shell.
 */
export const SETUP: string = [
  "unset LANGUAGE; LC_ALL=C",
  "for __d in /usr/lib/locale/C.utf8 /usr/lib/locale/C.UTF-8 /lib/ld-musl-*.so.1; do if [ -e $__d ]; then LC_ALL=C.UTF-8; fi; done",
  "export LC_ALL; unset __d",
  "case :$PATH: in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH ;; esac",
].join("; ");

/** Reads the shell's process group into `__g`, by builtins only; empty where there is no /proc. */
export const READ_GROUP: string = "__g=; read -r __a __a __a __a __g __a < /proc/$$/stat";

/** A random name that no output holds by chance; letters and digits. */
export function randomToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of a session's marker; \x01 is rare in what programs print, so a search for it hardly ever stops. */
export function markerBytes(token: string): Uint8Array {
  return new TextEncoder().encode(`\x01${token}`);
}

/** The first lines of a session: set-up, the function that prints markers, and the first marker with pid and group. */
export function handshake(token: string): string {
  return `{ ${SETUP}; ${READ_GROUP}; } 2>/dev/null\n` +
    `__aami() { printf '\\001${token}:%s:%s\\n' "$1" "$2"; printf '\\001${token}:%s\\n' "$1" >&2; }\n` +
    `__aami 0 "$$:$__g"; unset __a __g\n`;
}

/**
 * The text that runs one script and prints marker `serial`. The script runs in a subshell by `eval`: an `exit` or a
 * syntax error ends only that, and the session's own standard input is out of its reach.
 */
export function requestFrame(serial: number, script: string, stdin?: Uint8Array, chain?: ChainPlace): string {
  if (chain) return chainedFrame(serial, script, chain);
  const run = `( eval ${quoted(script)} )`;
  const end = `__aami ${serial} $?\n`;
  if (!stdin || stdin.length === 0) return `${run} </dev/null\n${end}`;
  const text = asText(stdin);
  if (text !== undefined) return `printf %s ${quoted(text)} 2>/dev/null | ${run}\n${end}`;
  const mark = `__aami_${serial}`;
  return `base64 -d <<'${mark}' | ${run}\n${base64Lines(stdin)}${mark}\n${end}`;
}

/** The exit code that stands for a script of a chain that was not run; no process has it. */
export const NOT_RUN = 300;

/** Runs the script only if the one before it in the chain has left its mark, and leaves one itself where it succeeds. */
function chainedFrame(serial: number, script: string, { id, index }: ChainPlace): string {
  const run = `( eval ${
    quoted(script)
  } ) </dev/null\n__s=$?; [ $__s -ne 0 ] || __c=${id}:${index}; __aami ${serial} $__s\n`;
  return index === 0 ? run : `if [ "$__c" = ${id}:${index - 1} ]; then ${run}else __aami ${serial} ${NOT_RUN}; fi\n`;
}

/** A script as one line that `printf %b` turns back, so that `read` can take it byte by byte and leave the rest. */
export function scriptLine(script: string): string {
  return script.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") + "\n";
}

/** Quotes a script; unlike an argument it must not be left bare, and only NUL cannot travel. */
function quoted(text: string): string {
  if (text.includes("\0")) throw new TypeError("a script cannot hold a NUL character");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    // The byte order mark is content here, so it must not be eaten.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function base64Lines(bytes: Uint8Array): string {
  const text = bytes.toBase64();
  let lines = "";
  for (let at = 0; at < text.length; at += 76) lines += text.slice(at, at + 76) + "\n";
  return lines;
}
