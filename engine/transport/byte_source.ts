/**
 * A stream read in large pieces: a file gives 64 KiB at a time unless it is handed a larger buffer to fill.
 *
 * @module
 */

/** Reads a stream to its end. */
export class ByteSource {
  readonly #fill?: ReadableStreamBYOBReader;
  readonly #take?: ReadableStreamDefaultReader<Uint8Array>;

  /** Locks the stream. Pieces have at most `size` bytes where the stream can fill a buffer, else what it gives. */
  constructor(stream: ReadableStream<Uint8Array>, private readonly size: number) {
    try {
      this.#fill = stream.getReader({ mode: "byob" });
    } catch {
      // Not a stream of bytes but one of chunks.
      this.#take = stream.getReader();
    }
  }

  /** The next piece, which is the caller's to keep; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#take) return (await this.#take.read()).value;
    // A fresh buffer each time: ssh2 keeps what is written until the window opens.
    const { value, done } = await this.#fill!.read(new Uint8Array(this.size));
    return done ? undefined : value;
  }

  /** Gives up the rest; never rejects. */
  async cancel(): Promise<void> {
    await (this.#fill ?? this.#take)?.cancel().catch(() => {});
  }

  /** Lets go of the stream. */
  release(): void {
    (this.#fill ?? this.#take)?.releaseLock();
  }
}
