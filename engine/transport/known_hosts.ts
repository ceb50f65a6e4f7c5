/**
 * OpenSSH's known_hosts: which host has which key, and what to say when it shows another.
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import { dirname } from "node:path";
import { UnreachableError } from "./session.ts";

/** How unknown host keys are treated. */
export type HostKeyChecking = "strict" | "accept-new" | "off";

/** One line of a known_hosts file. */
export interface KnownKey {
  /** The file that the line is in. */
  readonly file: string;
  /** The line's number, from 1. */
  readonly line: number;
  /** What the line says of its key, if it is not simply known. */
  readonly marker?: "@revoked" | "@cert-authority";
  /** The key's type, e.g. `ssh-ed25519`. */
  readonly type: string;
  /** The key in base64, as it stands in the file. */
  readonly key: string;
}

interface Entry extends KnownKey {
  readonly hosts: string;
}

/** The lines of a file by what finding a name among them costs. */
interface KnownFile {
  readonly stamp: string;
  /** Lines that write names out, by name. */
  readonly named: ReadonlyMap<string, readonly Entry[]>;
  /** Lines with patterns: each is to be looked at. */
  readonly patterns: readonly Entry[];
  /** Lines with a hashed name: to look at one is to hash the name with its salt, 5 µs. */
  readonly hashed: readonly Entry[];
}

/** What is known of an offered key. */
export type Verdict =
  | { readonly kind: "match" | "unknown" }
  | { readonly kind: "changed" | "revoked"; readonly known: KnownKey };

/** A host's name in known_hosts: with its port where that is not 22. */
export function hostPattern(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** `SHA256:…`, as `ssh-keygen -l` shows a key. */
export function fingerprint(key: Uint8Array | string): string {
  const bytes = typeof key === "string" ? Uint8Array.fromBase64(key) : key;
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

/** The type that stands in a key's wire format, e.g. `ssh-ed25519`. */
export function keyType(key: Uint8Array): string {
  const length = new DataView(key.buffer, key.byteOffset).getUint32(0);
  return new TextDecoder().decode(key.subarray(4, 4 + length));
}

/**
 * The known keys of a host, from all files. Files that do not exist are empty. Hashed lines, of which a file may hold
 * thousands, are passed over where another has the host's name, save those that revoke; `all` looks at them too.
 *
 * @throws {UnreachableError} for a file that cannot be read
 */
export function knownKeys(files: readonly string[], host: string, port: number, all = false): KnownKey[] {
  const name = hostPattern(host, port);
  const loaded = files.map(load).filter((file) => file !== undefined);
  const matches = (entry: Entry) => matchesHost(entry.hosts, name);
  const plain = loaded.flatMap(({ named, patterns }) => [...named.get(name) ?? [], ...patterns.filter(matches)]);
  const enough = !all && plain.some((entry) => entry.marker === undefined);
  const hashed = loaded.flatMap((file) => file.hashed).filter((entry) => !(enough && entry.marker === undefined));
  return [...plain, ...hashed.filter(matches)];
}

/** Compares an offered key with the known ones. */
export function verifyKey(known: readonly KnownKey[], key: Uint8Array): Verdict {
  const offered = key.toBase64();
  const revoked = known.find((entry) => entry.marker === "@revoked" && entry.key === offered);
  if (revoked) return { kind: "revoked", known: revoked };
  // Host certificates are not negotiated, so an authority's key says nothing about a plain one.
  const plain = known.filter((entry) => entry.marker === undefined);
  if (plain.some((entry) => entry.key === offered)) return { kind: "match" };
  if (plain.length === 0) return { kind: "unknown" };
  // Known types are negotiated first: a host that shows another type has lost the known key, or is not that host.
  return { kind: "changed", known: plain.find((entry) => entry.type === keyType(key)) ?? plain[0] };
}

/** The host key algorithms to offer: those of known keys first, so that a host shows the key that can be checked. */
export function preferKnownTypes(algorithms: readonly string[], known: readonly KnownKey[]): string[] {
  const types = new Set(known.filter((entry) => entry.marker === undefined).map((entry) => entry.type));
  const isKnown = (algorithm: string) => types.has(/^rsa-sha2-/.test(algorithm) ? "ssh-rsa" : algorithm);
  return [...algorithms.filter(isKnown), ...algorithms.filter((algorithm) => !isKnown(algorithm))];
}

/** What follows from a host's key. */
export interface Judgement {
  /** Why the key is refused; it is trusted if this is absent. */
  readonly refused?: string;
  /** Writes a new key down; gives the reason if that turns out to be wrong after all. */
  readonly learn?: () => Promise<string | undefined>;
}

/** Judges the key that a host offers by what is known of it. */
export function judgeHostKey(
  host: string,
  port: number,
  key: Uint8Array,
  rules: { readonly knownHosts: readonly string[]; readonly hostKeyChecking: HostKeyChecking },
  known: readonly KnownKey[],
): Judgement {
  const { knownHosts: files, hostKeyChecking: mode } = rules;
  if (mode === "off") return {};
  let verdict = verifyKey(known, key);
  // A hashed line that was passed over may hold the key.
  if (verdict.kind === "changed") verdict = verifyKey(knownKeys(files, host, port, true), key);
  if (verdict.kind === "match") return {};
  if (verdict.kind === "unknown" && mode === "accept-new") {
    return files.length === 0 ? {} : { learn: () => learn(files, host, port, key) };
  }
  return { refused: refusal(verdict, host, port, key, files[0]) };
}

function refusal(verdict: Verdict, host: string, port: number, key: Uint8Array, file: string | undefined): string {
  const name = hostPattern(host, port);
  const offered = `${keyType(key)} ${fingerprint(key)}`;
  if (verdict.kind === "changed") {
    const { known } = verdict;
    return `the host key of ${name} has changed: known is ${known.type} ${fingerprint(known.key)} ` +
      `(${known.file}:${known.line}), offered is ${offered}. Either the host was set up anew or someone is in ` +
      `between. If the new key is right: ssh-keygen -R '${name}' -f ${known.file}`;
  }
  if (verdict.kind === "revoked") {
    return `the host key of ${name}, ${offered}, is revoked (${verdict.known.file}:${verdict.known.line})`;
  }
  const scan = `ssh-keyscan -p ${port} ${host} >> ${file ?? "~/.ssh/known_hosts"}`;
  return `the host key of ${name} is not known: it offers ${offered}. Compare that with the host's own; to accept ` +
    `it: ${scan}, or run with --host-key-checking accept-new`;
}

const writes = new Map<string, Promise<unknown>>();

/** Appends a key, one at a time for each file; a second connection to the same host finds it there. */
function learn(files: readonly string[], host: string, port: number, key: Uint8Array): Promise<string | undefined> {
  const file = files[0];
  const turn = (writes.get(file) ?? Promise.resolve()).then(async () => {
    const verdict = verifyKey(knownKeys(files, host, port, true), key);
    if (verdict.kind === "match") return undefined;
    if (verdict.kind !== "unknown") return refusal(verdict, host, port, key, file);
    await append(file, `${hostPattern(host, port)} ${keyType(key)} ${key.toBase64()}\n`);
    return undefined;
  });
  writes.set(file, turn.catch(() => {}));
  return turn.catch((error) =>
    `the new host key of ${hostPattern(host, port)} cannot be kept in ${file}: ${error.message}`
  );
}

async function append(path: string, line: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  using file = await Deno.open(path, { read: true, append: true, create: true, mode: 0o600 });
  const { size } = await file.stat();
  let start = "";
  if (size > 0) {
    await file.seek(-1, Deno.SeekMode.End);
    const last = new Uint8Array(1);
    await file.read(last);
    if (last[0] !== 10) start = "\n";
  }
  // One write in append mode, so that two processes do not mix their lines.
  await file.write(new TextEncoder().encode(start + line));
}

const cache = new Map<string, KnownFile>();

/** A file's lines, read anew where it has changed; undefined where there is none. */
function load(path: string): KnownFile | undefined {
  // Not awaited: that would cost more than looking, once for each host.
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch {
    return undefined;
  }
  if (!info.isFile) return undefined;
  const stamp = `${info.mtime?.getTime()}:${info.size}:${info.ino}`;
  let known = cache.get(path);
  if (known?.stamp !== stamp) cache.set(path, known = { stamp, ...sorted(parseKnownHosts(read(path), path)) });
  return known;
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    // To go on without it would take a changed key for a new one.
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreachableError(`the known host keys in ${path} cannot be read: ${why}`, true);
  }
}

function sorted(entries: readonly Entry[]): Omit<KnownFile, "stamp"> {
  const named = new Map<string, Entry[]>();
  const patterns: Entry[] = [];
  const hashed: Entry[] = [];
  for (const entry of entries) {
    if (entry.hosts.startsWith("|1|")) hashed.push(entry);
    else if (/[*?!]/.test(entry.hosts)) patterns.push(entry);
    else {
      for (const name of new Set(entry.hosts.toLowerCase().split(","))) {
        const of = named.get(name);
        if (of) of.push(entry);
        else named.set(name, [entry]);
      }
    }
  }
  return { named, patterns, hashed };
}

/** Reads the lines of a known_hosts file; lines that make no sense are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): (KnownKey & { readonly hosts: string })[] {
  return text.split("\n").flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || words[0].startsWith("#")) return [];
    const marker = words[0].startsWith("@") ? words.shift() : undefined;
    if (marker !== undefined && marker !== "@revoked" && marker !== "@cert-authority") return [];
    const [hosts, type, key] = words;
    return key === undefined ? [] : [{ file, line: index + 1, marker, hosts, type, key }];
  });
}

/** Whether a host field (patterns, or one hash) holds a name such as `web1` or `[web1]:2222`. */
export function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith("|1|")) {
    const [, , salt, hash] = hosts.split("|");
    const bytes = Uint8Array.fromBase64(salt);
    return createHmac("sha1", bytes).update(name).digest("base64") === hash;
  }
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(",")) {
    const negated = pattern.startsWith("!");
    if (!matchesGlob(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function matchesGlob(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(name);
}
