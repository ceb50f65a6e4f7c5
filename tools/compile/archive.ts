/**
 * A tar.gz that is the same bytes for the same files: sorted names, one date, owner 0.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";

/** One file of an archive. */
export interface ArchiveFile {
  /** Its path in the archive; up to 100 bytes. */
  readonly name: string;
  /** Its bytes. */
  readonly content: Uint8Array;
  /** Whether it may be run. */
  readonly executable?: boolean;
}

/** Packs files as tar (ustar), compressed by gzip without name and date. */
export function tarGz(files: readonly ArchiveFile[], seconds: number): Uint8Array {
  const sorted = [...files].sort((a, b) => a.name < b.name ? -1 : 1);
  const parts: Uint8Array[] = [];
  for (const file of sorted) {
    parts.push(header(file, seconds), file.content, new Uint8Array(-file.content.length & 511));
  }
  parts.push(new Uint8Array(1024));
  // Node's gzip writes no name, and 0 for the date; the system it names is the same everywhere.
  const packed = gzipSync(Buffer.concat(parts), { level: 9 });
  packed[9] = 0xff;
  return packed;
}

function header({ name, content, executable }: ArchiveFile, seconds: number): Uint8Array {
  const block = new Uint8Array(512);
  const encoder = new TextEncoder();
  const put = (text: string, offset: number) => block.set(encoder.encode(text), offset);
  const octal = (value: number, width: number) => value.toString(8).padStart(width - 1, "0");
  if (encoder.encode(name).length > 100) throw new RangeError(`a name of more than 100 bytes: ${name}`);
  put(name, 0);
  put(octal(executable ? 0o755 : 0o644, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(content.length, 12), 124);
  put(octal(seconds, 12), 136);
  put("        ", 148);
  put("0", 156);
  put("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 7)}\0 `, 148);
  return block;
}
