/**
 * The one place that imports the tar reader: what an archive holds, read as a stream.
 *
 * @module
 */

import { createTarDecoder } from "modern-tar";

/** One entry of an archive. */
export interface TarEntry {
  /** As the archive names it; a directory ends with a slash. */
  readonly name: string;
  /** What it is; `link` is a symbolic link, `other` is what aami does not unpack. */
  readonly type: "file" | "directory" | "link" | "hardlink" | "other";
  /** Permission bits. */
  readonly mode: number;
  /** The content's bytes; 0 for all but files. */
  readonly size: number;
  /** What a link points to. */
  readonly target?: string;
  /** The content; read to its end or cancelled before the next entry is asked for. */
  readonly body: ReadableStream<Uint8Array>;
}

const TYPES: Readonly<Record<string, TarEntry["type"]>> = {
  file: "file",
  directory: "directory",
  symlink: "link",
  link: "hardlink",
};

/** What a file is, by its first bytes. */
export type ArchiveFormat = "tar" | "tar.gz" | "zip" | "xz" | "bzip2" | "zstd" | "unknown";

const MAGIC: readonly (readonly [ArchiveFormat, readonly number[]])[] = [
  ["tar.gz", [0x1f, 0x8b]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
];

/** Tells the format of an archive from its first 512 bytes. */
export function archiveFormat(head: Uint8Array): ArchiveFormat {
  for (const [format, magic] of MAGIC) if (magic.every((byte, index) => head[index] === byte)) return format;
  return new TextDecoder().decode(head.subarray(257, 262)) === "ustar" ? "tar" : "unknown";
}

/**
 * Reads the entries of a tar archive in their order.
 *
 * @param gzip whether the stream is compressed by gzip
 * @throws {Error} for a damaged archive
 */
export async function* readTar(stream: ReadableStream<Uint8Array>, gzip: boolean): AsyncGenerator<TarEntry> {
  const plain = gzip
    ? stream.pipeThrough(new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>)
    : stream;
  for await (const { header, body } of plain.pipeThrough(createTarDecoder({ strict: true }))) {
    const { name, type = "file", mode = 0o644, size, linkname } = header;
    const kind = TYPES[type] ?? "other";
    yield { name, type: kind, mode: mode & 0o7777, size, ...(linkname ? { target: linkname } : {}), body };
  }
}
