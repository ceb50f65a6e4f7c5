/**
 * What an archive holds, and which of it is asked for.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import type { FileSource } from "../../engine/module/schema.ts";
import { type ArchiveFormat, archiveFormat, readTar, type TarEntry } from "../../engine/support/tar.ts";
import { baseName } from "../_shared/files.ts";
import { stripped, type UnarchiveArgs } from "./mod.ts";

/** One entry of an archive, without its content. */
export interface Entry extends Omit<TarEntry, "body"> {
  /** Of a file; undefined where only the host has the archive. */
  readonly sha256?: string;
}

/** An archive is read once for all hosts that get it. */
const listings = new Map<string, Promise<Entry[]>>();

/** The entries of an archive of the controller. @throws {ModuleError} for a format that is not understood */
export function localEntries(source: FileSource): Promise<Entry[]> {
  let listing = listings.get(source.sha256);
  if (!listing) listings.set(source.sha256, listing = readEntries(source));
  return listing;
}

async function readEntries({ content, path }: FileSource): Promise<Entry[]> {
  const blob = "local" in content ? undefined : new Blob([content as Uint8Array<ArrayBuffer>]);
  const open = async () => blob ? blob.stream() : (await Deno.open((content as { local: string }).local)).readable;
  const format = archiveFormat(await headOf(await open()));
  if (format !== "tar" && format !== "tar.gz") throw new ModuleError(notUnderstood(baseName(path), format));
  const entries: Entry[] = [];
  try {
    for await (const { body, ...entry } of readTar(await open(), format === "tar.gz")) {
      const hash = createHash("sha256");
      for await (const chunk of body) hash.update(chunk);
      entries.push(entry.type === "file" ? { ...entry, sha256: hash.digest("hex") } : entry);
    }
  } catch (error) {
    throw new ModuleError(
      `the archive ${baseName(path)} is damaged: ${error instanceof Error ? error.message : error}`,
    );
  }
  return entries;
}

/** The first block of a stream. */
async function headOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const head: number[] = [];
  for await (const chunk of stream) {
    head.push(...chunk.subarray(0, 512 - head.length));
    if (head.length >= 512) break;
  }
  return Uint8Array.from(head);
}

function notUnderstood(name: string, format: ArchiveFormat): string {
  const what = format === "unknown" ? "is not a tar archive" : `is a ${format} file`;
  const help = format === "zip"
    ? "`unzip` it and copy the directory with the copy module"
    : "`tar -czf` makes one of the unpacked files";
  return `${name} ${what}: the controller reads tar and tar.gz; ${help}`;
}

/** The entries of an archive on the host, as its tar lists them. */
export async function remoteEntries(host: ReadOnlyHost, path: string): Promise<Entry[]> {
  const argv = [
    "tar",
    "--list",
    "--verbose",
    "--numeric-owner",
    "--quoting-style=escape",
    "--full-time",
    "--file",
    path,
  ];
  const { code, stdout, stderr } = await host.probe(argv, { reads: [`path:${path}`], environment: { LC_ALL: "C" } });
  if (code !== 0) throw new ModuleError(`the host's tar cannot read ${path}: ${tarReason(stderr)}`);
  return stdout.split("\n").filter((line) => line !== "").map(parseListing);
}

function tarReason(stderr: string): string {
  const program = /\(child\): (\w+): Cannot exec/.exec(stderr)?.[1];
  if (program) return `it needs ${program}, which the host does not have; install it or repack the archive as tar.gz`;
  return stderr.trim().split("\n")[0].replace(/^tar: /, "");
}

const LISTING = /^([-dlhbcpsC])([-rwxsStT]{9})\S* +\S+ +(\S+) +\S+ +\S+ (.*)$/;
const KINDS: Readonly<Record<string, Entry["type"]>> = {
  "-": "file",
  C: "file",
  d: "directory",
  l: "link",
  h: "hardlink",
};

/** One line of `tar --list --verbose`. @throws {ModuleError} for names that cannot be told from it */
export function parseListing(line: string): Entry {
  const [, letter, bits, size, rest] = LISTING.exec(line) ?? [];
  if (rest === undefined) {
    throw new ModuleError(`the archive has an entry that is not understood: ${line}`);
  }
  const type = KINDS[letter] ?? "other";
  const arrow = type === "link" ? " -> " : type === "hardlink" ? " link to " : undefined;
  const at = arrow === undefined ? -1 : rest.indexOf(arrow);
  const target = at === -1 ? {} : { target: unescapeName(rest.slice(at + arrow!.length)) };
  const name = unescapeName(at === -1 ? rest : rest.slice(0, at));
  return { name, type, mode: bitsOf(bits), size: Number(size) || 0, ...target };
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** A name as tar writes it with `--quoting-style=escape`: what is not ASCII is there as octal bytes. */
export function unescapeName(name: string): string {
  if (!name.includes("\\")) return name;
  const bytes = name.replace(/\\([0-7]{3}|.)/gs, (_, code: string) => {
    return String.fromCharCode(/^\d{3}/.test(code) ? parseInt(code, 8) : ESCAPES[code] ?? code.charCodeAt(0));
  });
  return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}

function bitsOf(letters: string): number {
  let mode = 0;
  for (const [index, letter] of [...letters].entries()) {
    if (!"-ST".includes(letter)) mode |= 0o400 >> index;
    if ("sStT".includes(letter)) mode |= [0o4000, 0o2000, 0o1000][Math.floor(index / 3)];
  }
  return mode;
}

/** An entry that is asked for, with its place below the destination. */
export interface Placed extends Entry {
  /** Relative to the destination. */
  readonly path: string;
}

/**
 * The entries that are asked for. The destination itself (`./`) is not one of them.
 *
 * @throws {ModuleError} for an entry that would end up outside of the destination
 */
export function placed(entries: readonly Entry[], args: UnarchiveArgs): Placed[] {
  const links = new Set<string>();
  const chosen: Placed[] = [];
  for (const entry of entries) {
    const parts = partsOf(entry.name);
    refuseEscape(entry, parts);
    const kept = parts.slice(stripped(args));
    const name = parts.join("/");
    if (kept.length === 0 || (args.include.length > 0 && !matches(name, args.include)) || matches(name, args.exclude)) {
      continue;
    }
    if (entry.type === "link") links.add(kept.join("/"));
    if (entry.type === "other") {
      throw new ModuleError(`the archive's entry '${entry.name}' is a device or the like, which is not unpacked`);
    }
    chosen.push({ ...entry, path: kept.join("/") });
  }
  for (const { name, path } of chosen) {
    const through = [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index)).find((above) =>
      links.has(above)
    );
    if (through) {
      throw new ModuleError(`the archive's entry '${name}' goes through the link '${through}': it is not unpacked`);
    }
  }
  return chosen;
}

function partsOf(name: string): string[] {
  return name.split("/").filter((part) => part !== "" && part !== ".");
}

function refuseEscape({ name, type, target = "" }: Entry, parts: readonly string[]): void {
  const outside = (path: string, pieces: readonly string[]) => path.startsWith("/") || pieces.includes("..");
  if (outside(name, parts)) {
    throw new ModuleError(`the archive's entry '${name}' lies outside of the destination: it is not unpacked`);
  }
  if (type === "hardlink" && outside(target, partsOf(target))) {
    throw new ModuleError(
      `the archive's entry '${name}' is a link to '${target}', outside of the destination: it is not unpacked`,
    );
  }
}

/** Whether a name, or a directory above it, is one of the names or globs. */
function matches(name: string, globs: readonly string[]): boolean {
  return globs.some((glob) => {
    const source = partsOf(glob).join("/").replace(/[\\^$+.()|{}]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
    return new RegExp(`^${source}(/|$)`, "s").test(name);
  });
}
