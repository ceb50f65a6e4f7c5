/**
 * Cuts one byte stream at markers. Binary-safe: what stands between two markers may hold any bytes, and each byte is
 * looked at once and copied at most once.
 *
 * @module
 */

import { concat } from "./channel.ts";

const NEWLINE = 10;
/** A marker's fields (`:3:0`) are short; where no newline follows soon, the bytes only looked like a marker. */
const LONGEST_FIELDS = 64;

/** Reads `<body><marker><fields>\n` again and again. */
export class MarkerCutter {
  #body: Uint8Array[] = [];
  #size = 0;
  #held: Uint8Array | undefined;

  /**
   * A cutter for one stream.
   *
   * @param marker begins with a byte that is rare in what scripts print
   * @param onFrame gets the bytes before a marker, and its fields (`:3:0` as `["3", "0"]`)
   */
  constructor(
    private readonly marker: Uint8Array,
    private readonly onFrame: (body: Uint8Array, fields: string[]) => void,
  ) {}

  /** How many bytes wait for their marker. */
  get size(): number {
    return this.#size;
  }

  /** What has come since the last marker. */
  rest(): Uint8Array {
    return concat(this.#held ? [...this.#body, this.#held] : this.#body);
  }

  /** Takes the next chunk, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#held) {
      chunk = concat([this.#held, chunk]);
      this.#held = undefined;
    }
    let from = 0;
    let at = chunk.indexOf(this.marker[0]);
    while (at !== -1) {
      const end = this.#endOfMarker(chunk, at);
      if (end === undefined) {
        this.#keep(chunk.subarray(from, at));
        this.#held = chunk.subarray(at);
        return;
      }
      if (end !== -1) {
        this.#cut(chunk.subarray(from, at), chunk.subarray(at + this.marker.length, end));
        from = end + 1;
      }
      at = chunk.indexOf(this.marker[0], end === -1 ? at + 1 : from);
    }
    this.#keep(chunk.subarray(from));
  }

  /** Where the newline of a marker at `at` stands; -1: that is no marker; undefined: more bytes are needed to tell. */
  #endOfMarker(chunk: Uint8Array, at: number): number | undefined {
    const length = Math.min(this.marker.length, chunk.length - at);
    for (let index = 1; index < length; index++) if (chunk[at + index] !== this.marker[index]) return -1;
    if (length < this.marker.length) return undefined;
    const end = chunk.indexOf(NEWLINE, at + length);
    if (end !== -1) return end - at - length <= LONGEST_FIELDS ? end : -1;
    return chunk.length - at - length <= LONGEST_FIELDS ? undefined : -1;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#body.push(bytes);
    this.#size += bytes.length;
  }

  #cut(last: Uint8Array, fields: Uint8Array): void {
    this.#keep(last);
    const body = compact(concat(this.#body, this.#size));
    this.#body = [];
    this.#size = 0;
    this.onFrame(body, new TextDecoder().decode(fields).split(":").slice(1));
  }
}

/** A small piece must not keep the large buffer alive that it came in. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.length < bytes.buffer.byteLength / 2 ? bytes.slice() : bytes;
}
