/**
 * The lines of /etc/fstab and of /proc/self/mountinfo.
 *
 * @module
 */

import { normalizePath } from "../../engine/module/schema.ts";
import { linesOf, textOfLines } from "../_shared/text_file.ts";

/** One line of fstab; names without their escapes. */
export interface FstabEntry {
  /** What is mounted: a device, `UUID=…`, `server:/export`. */
  readonly src: string;
  /** Where; `none` or `swap` for swap space. */
  readonly path: string;
  /** The kind of file system. */
  readonly fstype: string;
  /** Separated by commas. */
  readonly opts: string;
  /** Whether dump(8) backs it up. */
  readonly dump: string;
  /** When it is checked at boot. */
  readonly passno: string;
}

/** One line of mountinfo. */
export interface Mounted {
  /** Where. */
  readonly path: string;
  /** What, as the kernel names it. */
  readonly source: string;
  /** The kind of file system. */
  readonly fstype: string;
}

/** A field of fstab as it is written: white space and backslashes as octal numbers. */
export function escapeField(text: string): string {
  return text.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** What a field of fstab or mountinfo stands for. */
export function unescapeField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}

/** Reads a line of fstab; undefined for a comment and what is none. */
export function parseEntry(line: string): FstabEntry | undefined {
  const fields = line.trim().split(/[ \t]+/);
  if (line.trim().startsWith("#") || fields.length < 3) return undefined;
  const [src, path, fstype, opts = "defaults", dump = "0", passno = "0"] = fields.map(unescapeField);
  return { src, path: normalizePath(path), fstype, opts, dump, passno };
}

/** The entry for a mount point; of swap space that of its device. */
export function findEntry(text: string, wanted: Pick<FstabEntry, "path"> & { src?: string }): FstabEntry | undefined {
  return linesOf(text).map(parseEntry).find((entry) => entry && isFor(entry, wanted));
}

/** An fstab with an entry as it should be, once; every other line stays to the letter. */
export function withEntry(text: string, wanted: FstabEntry): string {
  const lines = linesOf(text);
  const places = lines.keys().filter((at) => isForLine(lines[at], wanted)).toArray();
  const kept = places.find((at) => sameEntry(parseEntry(lines[at])!, wanted));
  if (places.length === 1 && kept !== undefined) return text;
  const { src, path, fstype, opts, dump, passno } = wanted;
  const line = [src, path, fstype, opts, dump, passno].map(escapeField).join(" ");
  if (places.length === 0) return textOfLines([...lines, line]);
  const place = kept ?? places[0];
  const after = lines.flatMap((each, at) => at === place ? [kept === undefined ? line : each] : [each]);
  return textOfLines(after.filter((_, at) => at === place || !places.includes(at)));
}

/** An fstab without the entries for a mount point. */
export function withoutEntry(text: string, wanted: Pick<FstabEntry, "path"> & { src?: string }): string {
  const lines = linesOf(text);
  const kept = lines.filter((line) => !isForLine(line, wanted));
  return kept.length === lines.length ? text : textOfLines(kept);
}

function isForLine(line: string, wanted: Pick<FstabEntry, "path"> & { src?: string }): boolean {
  const entry = parseEntry(line);
  return entry !== undefined && isFor(entry, wanted);
}

function isFor(entry: FstabEntry, { path, src }: Pick<FstabEntry, "path"> & { src?: string }): boolean {
  return entry.path === path && (path.startsWith("/") || entry.src === src);
}

function sameEntry(one: FstabEntry, other: FstabEntry): boolean {
  return (["src", "fstype", "opts", "dump", "passno"] as const).every((key) => one[key] === other[key]);
}

/** What is mounted at a path, the topmost last. */
export function mountsAt(mountinfo: string, path: string): Mounted[] {
  return linesOf(mountinfo).map((line): Mounted => {
    const fields = line.split(" ");
    // Optional fields stand between the options and a lone minus.
    const end = fields.indexOf("-", 6);
    return {
      path: unescapeField(fields[4] ?? ""),
      fstype: fields[end + 1] ?? "",
      source: unescapeField(fields[end + 2] ?? ""),
    };
  }).filter((mounted) => mounted.path === path);
}
