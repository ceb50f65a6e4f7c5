/**
 * Host names as Ansible reads them: an optional `:port`, IPv4, IPv6, and ranges such as `node[01:50]`.
 *
 * @module
 */

import { type DiagnosticError, inputError } from "../support/diagnostic.ts";
import type { Piece } from "./piece.ts";

/** How many hosts one name may stand for. */
export const MAX_RANGE = 100_000;

const NUMERIC = String.raw`\[[0-9]+:[0-9]+(?::[0-9]+)?\]`;
const HEXADECIMAL = String.raw`\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`;
const ALPHANUMERIC = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const V6 = `(?:[0-9a-f]{1,4}|${HEXADECIMAL})`;
const V4 = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMERIC})`;
const WORD = String.raw`[\p{L}\p{N}_]`;
const LABEL = String.raw`(?:${WORD}|${ALPHANUMERIC})(?:[\p{L}\p{N}_\-]|${ALPHANUMERIC})*(?<![_\-])`;
const BRACKETED_PORT = /^\[(.+)\]:([0-9]+)$/;
const PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;
const IPV4 = new RegExp(`^(?:${V4}\\.){3}${V4}$`, "i");
// As in Ansible, only the last alternative is held to the end of the text.
const IPV6 = new RegExp(
  `^(?:(?:${V6}:){7}${V6}|(?:${V6}:){1,6}:|(?:${V6}:)(?::${V6}){1,6}|(?:${V6}:){2}(?::${V6}){1,5}|` +
    `(?:${V6}:){3}(?::${V6}){1,4}|(?:${V6}:){4}(?::${V6}){1,3}|(?:${V6}:){5}(?::${V6}){1,2}|(?:${V6}:){6}(?::${V6})|` +
    `:(?::${V6}){1,6}|${V6}?::|(?:0:){6}(?:${V6}\\.){3}${V6}|::(?:ffff:)?(?:${V6}\\.){3}${V6}|` +
    `(?:0:){5}ffff:(?:${V6}\\.){3}${V6}$)`,
  "i",
);
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, "iu");

/** A host name and its port. */
export interface Address {
  /** The name or IP address, without brackets; ranges are not expanded yet. */
  readonly host: string;
  /** 1 to 65535 is not checked here; undefined where none was written. */
  readonly port?: number;
}

/** Reads `host`, `host:port`, `[v6]:port`, ranges included; undefined for what is none of them. */
export function parseAddress(text: string): Address | undefined {
  let host = text;
  let port: number | undefined;
  for (const pattern of [BRACKETED_PORT, PORT]) {
    const match = pattern.exec(host);
    if (match) [host, port] = [match[1], Number(match[2])];
  }
  if (!IPV4.test(host) && !IPV6.test(host) && !HOSTNAME.test(host)) return undefined;
  return { host, port };
}

/** Whether the name is an IP address, which has no short form. */
export function isIpAddress(name: string): boolean {
  return IPV4.test(name) || IPV6.test(name);
}

/** The hosts that a name stands for. */
export interface ExpandedHosts {
  /** The names, ranges expanded, in order; at least one. */
  readonly names: readonly string[];
  /** The port that all of them have, 1 to 65535; undefined where none was written. */
  readonly port?: number;
}

/**
 * Expands a host name with its ranges and port.
 *
 * @throws {DiagnosticError} for a bad range or port, or more than {@linkcode MAX_RANGE} hosts
 */
export function expandHosts(piece: Piece): ExpandedHosts {
  const address = parseAddress(piece.text);
  const host = address?.host ?? piece.text;
  if (host.trim() === "") throw inputError("host-name", "a host name is empty", piece.span());
  if (address?.port === undefined && piece.text.endsWith(":")) {
    const at = piece.text.length - 1;
    throw inputError("host-port", `'${piece.text}' ends in ':' without a port`, piece.span(at), "write host:22");
  }
  if (address?.port !== undefined && (address.port < 1 || address.port > 65_535)) {
    const from = piece.text.lastIndexOf(":") + 1;
    throw inputError("host-port", `${address.port} is no port: 1 to 65535`, piece.span(from));
  }
  if (!host.includes("[") && !host.includes("]")) return { names: [host], port: address?.port };
  const offset = piece.text.indexOf(host);
  return { names: expandRanges(piece.slice(offset, offset + host.length)), port: address?.port };
}

function expandRanges(piece: Piece): string[] {
  let names = [""];
  let rest = 0;
  for (let open = piece.text.indexOf("["); open !== -1; open = piece.text.indexOf("[", rest)) {
    const close = piece.text.indexOf("]", open);
    if (close === -1) throw inputError("host-range", "the range is not closed: ']' is missing", piece.span(open));
    const before = piece.text.slice(rest, open);
    refuseStray(piece, rest, open);
    const steps = rangeSteps(piece.slice(open, close + 1), MAX_RANGE / names.length);
    names = names.flatMap((name) => steps.map((step) => name + before + step));
    rest = close + 1;
  }
  const tail = piece.text.slice(rest);
  refuseStray(piece, rest, piece.text.length);
  return tail ? names.map((name) => name + tail) : names;
}

function refuseStray(piece: Piece, from: number, to: number): void {
  const at = piece.text.indexOf("]", from);
  if (at === -1 || at >= to) return;
  throw inputError("host-range", "there is a ']' without its '['", piece.span(at, at + 1));
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function rangeSteps(piece: Piece, most: number): string[] {
  const bounds = piece.text.slice(1, -1).split(":");
  const fail = (message: string, help?: string): DiagnosticError =>
    inputError("host-range", `bad range '${piece.text}': ${message}`, piece.span(), help);
  if (bounds.length < 2 || bounds.length > 3) {
    throw fail("it needs a begin and an end", "write [begin:end] or [begin:end:step], e.g. [01:16]");
  }
  const [begin, end, step] = [bounds[0] || "0", bounds[1], bounds[2] ?? "1"];
  if (!end) throw fail("the end is missing", "write [begin:end], e.g. [01:16]");
  if (!/^[0-9]+$/.test(step)) throw fail(`the step '${step}' is no number`);
  if (Number(step) === 0) throw fail("the step must not be 0");
  const letters = /^[a-zA-Z]$/.test(begin) && /^[a-zA-Z]$/.test(end);
  if (!letters && !(/^[0-9]+$/.test(begin) && /^[0-9]+$/.test(end))) {
    throw fail("the bounds must be two numbers or two letters");
  }
  const width = !letters && begin.length > 1 && begin[0] === "0" ? begin.length : 0;
  if (width && end.length !== width) {
    throw fail(
      `'${begin}' and '${end}' differ in length`,
      `write [${begin.padStart(end.length, "0")}:${end.padStart(width, "0")}]`,
    );
  }
  const first = letters ? LETTERS.indexOf(begin) : Number(begin);
  const last = letters ? LETTERS.indexOf(end) : Number(end);
  if (first > last) throw fail("the begin is after the end", `write [${end}:${begin}]`);
  if (!Number.isSafeInteger(last) || Math.floor((last - first) / Number(step)) + 1 > most) {
    throw fail(`it makes more than ${MAX_RANGE} hosts`);
  }
  const steps: string[] = [];
  for (let value = first; value <= last; value += Number(step)) {
    steps.push(letters ? LETTERS[value] : String(value).padStart(width, "0"));
  }
  return steps;
}
