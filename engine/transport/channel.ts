/**
 * A program that runs on a host, seen as three byte streams and an end. What ssh2, a local process and the tests have
 * in common; everything above works on this.
 *
 * @module
 */

/** How a program ended. */
export interface ChannelEnd {
  /** The exit status, 128 + n for a signal n; absent when the connection went away before it was known. */
  readonly code?: number;
  /** Why the channel broke, if it did not end by itself. */
  readonly error?: Error;
}

/** Takes what a program prints. A returned promise holds the stream back until it settles. */
export interface ChannelSink {
  /** Bytes of standard output. */
  stdout(chunk: Uint8Array): void | Promise<void>;
  /** Bytes of standard error. */
  stderr(chunk: Uint8Array): void | Promise<void>;
  /** Called once, after the last byte of both streams. */
  closed(end: ChannelEnd): void;
}

/** A running program. */
export interface Channel {
  /** Writes to its standard input; resolves when more may be written. Never rejects: a broken channel closes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends its standard input. */
  end(): void;
  /** Sends what it prints to `sink` from now on; what came before the first sink is kept and given to it. */
  attach(sink: ChannelSink): void;
  /** Gives up the sink; what comes is kept for the next one, `chunk` of standard output ahead of it. */
  detach(chunk: Uint8Array): void;
  /** Lets go of the program; the sink's `closed` follows. */
  close(): void;
}

/**
 * The half of a {@linkcode Channel} that hands out what a program prints: keeps what comes before there is a sink, and
 * lets the sink change.
 */
export class Outlet {
  #sink?: ChannelSink;
  readonly #kept: ((sink: ChannelSink) => void)[] = [];
  #ended = false;

  /** Standard output came. */
  stdout(chunk: Uint8Array): void | Promise<void> {
    if (this.#sink) return this.#sink.stdout(chunk);
    this.#kept.push((sink) => void sink.stdout(chunk));
  }

  /** Standard error came. */
  stderr(chunk: Uint8Array): void | Promise<void> {
    if (this.#sink) return this.#sink.stderr(chunk);
    this.#kept.push((sink) => void sink.stderr(chunk));
  }

  /** The program has ended; only the first call counts. */
  closed(end: ChannelEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#sink) this.#sink.closed(end);
    else this.#kept.push((sink) => sink.closed(end));
  }

  /** Takes the sink away and keeps what comes, after `chunk`. */
  detach(chunk: Uint8Array): void {
    this.#sink = undefined;
    this.stdout(chunk);
  }

  /** Sets the sink and gives it what was kept. */
  attach(sink: ChannelSink): void {
    this.#sink = sink;
    for (const give of this.#kept.splice(0)) give(sink);
  }
}

/** The chunks as one array; a single chunk is not copied. */
export function concat(chunks: readonly Uint8Array[], size?: number): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(size ?? chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
