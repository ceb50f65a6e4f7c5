/**
 * The lines of a known_hosts file.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { isKeyType, keyLines, parseKey, type PublicKey, wrongKey } from "../_shared/ssh_keys.ts";
import { linesOf, textOfLines } from "../_shared/text_file.ts";

/** A key and the hosts that have it. */
export interface HostKey extends PublicKey {
  /** `@cert-authority`, `@revoked`, or empty. */
  readonly marker: string;
  /** Names, or one that is hashed. */
  readonly hosts: readonly string[];
}

/** Reads a line; undefined where it is no key. */
export function parseLine(line: string): HostKey | undefined {
  const [, marker = "", hosts, rest] = /^\s*(?:(@\S+)\s+)?([^\s#@]\S*)\s+(.*)$/.exec(line) ?? [];
  const key = rest === undefined ? undefined : parseKey(rest);
  return key && { ...key, marker, hosts: hosts.split(",") };
}

/**
 * The keys of an argument of several lines, of one host. A line may leave the host out, as `ssh-keyscan` does not and
 * files with `.pub` do.
 */
export function keysOf(text: string, name: string): HostKey[] {
  return keyLines(text).map((line) => readLine(line, name)).filter((key) => key !== undefined);
}

function readLine(line: string, name: string): HostKey | undefined {
  const [first, second = ""] = line.split(/\s+/);
  if (isKeyType(first)) return parseLine(`${name} ${line}`);
  if (first.startsWith("@") && isKeyType(second)) return parseLine(line.replace(/\s/, ` ${name} `));
  return parseLine(line);
}

/** What is wrong with an argument of several lines, or undefined. */
export function wrongKeys(text: string, name: string): string | undefined {
  const lines = keyLines(text);
  if (lines.length === 0) return "'key' holds no key";
  for (const line of lines) {
    const key = readLine(line, name);
    if (!key) return "'key' is no line of known_hosts: it is the host's name, the key's type and its data";
    const wrong = wrongKey(key);
    if (wrong) return `'key': ${wrong}`;
    if (!isOf(key, name)) return `'key' is of the host '${key.hosts.join(",")}', not of '${name}'`;
  }
  return undefined;
}

/** Whether a line is of a host: by its name, or by the hash of it. */
function isOf({ hosts }: HostKey, name: string): boolean {
  return hosts.some((host) => host === name || hashMatches(host, name));
}

function hashMatches(host: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(host) ?? [];
  return salt !== undefined && hmac(Buffer.from(salt, "base64"), name) === hash;
}

function hmac(salt: Uint8Array, name: string): string {
  return createHmac("sha1", salt).update(name).digest("base64");
}

/**
 * The hash of a name. Its salt comes from the key, so that check mode and a run write the same line; nobody can compute
 * such hashes beforehand without the host's key, which is all that a salt is for.
 */
function hashed(name: string, key: PublicKey): string {
  const salt = createHmac("sha1", key.data).update(`${key.type} ${name}`).digest();
  return `|1|${salt.toString("base64")}|${hmac(salt, name)}`;
}

/** A file with a host's keys as they should be; of a kind that is given, the host's other keys go. */
export function withKeys(text: string, name: string, wanted: readonly HostKey[], hash: boolean): string {
  let lines = linesOf(text);
  for (const key of wanted) {
    const place = lines.findIndex((line) => isThere(parseLine(line), name, key, hash));
    lines = lines.flatMap((line, at) => at === place ? [line] : without(line, name, (found) => sameKind(found, key)));
    if (place === -1) lines.push(format(hash ? { ...key, hosts: [hashed(name, key)] } : key));
  }
  return lines.join("\n") === linesOf(text).join("\n") ? text : textOfLines(lines);
}

/** A file without a host's keys: those given, or without any all but `@cert-authority` and `@revoked`. */
export function withoutKeys(text: string, name: string, unwanted: readonly HostKey[] | undefined): string {
  const lines = linesOf(text);
  const gone = (found: HostKey) =>
    unwanted ? unwanted.some((key) => sameKind(found, key) && found.data === key.data) : found.marker === "";
  const kept = lines.flatMap((line) => without(line, name, gone));
  return kept.join("\n") === lines.join("\n") ? text : textOfLines(kept);
}

function isThere(found: HostKey | undefined, name: string, key: HostKey, hash: boolean): boolean {
  if (!found || !sameKind(found, key) || found.data !== key.data || !isOf(found, name)) return false;
  if (found.hosts[0].startsWith("|")) return true;
  return !hash && (isHashed(key) || key.hosts.every((host) => found.hosts.includes(host)));
}

function isHashed({ hosts }: HostKey): boolean {
  return hosts[0].startsWith("|");
}

function sameKind(one: HostKey, other: HostKey): boolean {
  return one.marker === other.marker && one.type === other.type;
}

/** A line without a host, where the key is meant; other hosts of the line keep it. */
function without(line: string, name: string, meant: (key: HostKey) => boolean): string[] {
  const key = parseLine(line);
  if (!key || !isOf(key, name) || !meant(key)) return [line];
  const others = key.hosts.filter((host) => host !== name && !hashMatches(host, name));
  return others.length === 0 ? [] : [format({ ...key, hosts: others })];
}

function format({ marker, hosts, type, data, comment }: HostKey): string {
  return [marker, hosts.join(","), type, data, comment].filter((part) => part !== "").join(" ");
}
