/**
 * A TCP proxy that makes a near host far away, and counts what a protocol costs.
 * @module
 */

/** How to start a delaying proxy. */
export interface DelayProxyOptions {
  /** Where to forward to. */
  target: { hostname: string; port: number };
  /** How long each byte is held back in each direction, in milliseconds; a round trip takes twice that. */
  delay: number;
  /** The address to listen on; 127.0.0.1 where none is given. */
  hostname?: string;
  /** The port to listen on; a free one where none is given. */
  port?: number;
}

/** A piece on its way, and when it is due to arrive; the end of the stream for null. */
interface Piece {
  due: number;
  bytes: Uint8Array | null;
}

/**
 * Forwards TCP connections with a delay each way. The TCP handshake itself is not delayed.
 *
 * A round trip is counted when the client first sends, and then whenever it sends after it has received something and no
 * earlier than an answer to the counted piece before can have come (twice the delay): what is sent without waiting for
 * an answer counts once, however many pieces it comes in. With a delay of 0 this counts turns, which may be more.
 */
export class DelayProxy implements AsyncDisposable {
  /** The address that it listens on. */
  readonly address: Deno.NetAddr;
  /** How long each byte is held back in each direction, in milliseconds; may be changed at any time. */
  delay: number;
  /** Connections accepted so far. */
  connections = 0;
  /** Round trips so far, over all connections. */
  roundTrips = 0;
  /** Bytes from the client so far. */
  bytesUp = 0;
  /** Bytes to the client so far. */
  bytesDown = 0;
  readonly #listener: Deno.TcpListener;
  readonly #target: DelayProxyOptions["target"];
  readonly #open = new Set<Deno.TcpConn>();
  readonly #closing = new AbortController();
  readonly #tasks = new Set<Promise<void>>();

  private constructor(options: DelayProxyOptions) {
    this.delay = options.delay;
    this.#target = options.target;
    this.#listener = Deno.listen({ hostname: options.hostname ?? "127.0.0.1", port: options.port ?? 0 });
    this.address = this.#listener.addr as Deno.NetAddr;
    this.#keep(this.#accept());
  }

  /** Starts to listen. Throws where the address is not this machine's or the port is taken. */
  static listen(options: DelayProxyOptions): DelayProxy {
    return new DelayProxy(options);
  }

  /** Sets all counts to zero. */
  resetCounts(): void {
    this.connections =
      this.roundTrips =
      this.bytesUp =
      this.bytesDown =
        0;
  }

  /** Drops every connection as a lost network does not: both sides are told. */
  dropConnections(): void {
    for (const connection of [...this.#open]) this.#close(connection);
  }

  /** Stops listening, drops every connection, and waits until nothing is left. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#listener.close();
    this.dropConnections();
    await Promise.all(this.#tasks);
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #keep(task: Promise<void>): void {
    this.#tasks.add(task);
    task.finally(() => this.#tasks.delete(task));
  }

  #close(connection: Deno.TcpConn): void {
    if (!this.#open.delete(connection)) return;
    connection.close();
  }

  async #accept(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      let client: Deno.TcpConn;
      try {
        client = await this.#listener.accept();
      } catch {
        return;
      }
      this.connections++;
      this.#open.add(client);
      this.#keep(this.#forward(client));
    }
  }

  async #forward(client: Deno.TcpConn): Promise<void> {
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect(this.#target);
    } catch {
      this.#close(client);
      return;
    }
    this.#open.add(server);
    if (this.#closing.signal.aborted) this.dropConnections();
    client.setNoDelay(true);
    server.setNoDelay(true);
    let heard = true;
    let answerable = 0;
    const up = this.#pump(client, server, (bytes) => {
      this.bytesUp += bytes.length;
      const now = performance.now();
      // Timers may ring a little early: two milliseconds of grace.
      if (!heard || now < answerable - 2) return;
      heard = false;
      answerable = now + 2 * this.delay;
      this.roundTrips++;
    }, () => {});
    const down = this.#pump(server, client, (bytes) => {
      this.bytesDown += bytes.length;
    }, () => {
      heard = true;
    });
    await Promise.all([up, down]);
    this.#close(client);
    this.#close(server);
  }

  /** Carries one direction; `sent` sees a piece when it comes, `arrived` when it is handed over. */
  async #pump(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    sent: (bytes: Uint8Array) => void,
    arrived: () => void,
  ): Promise<void> {
    const queue: Piece[] = [];
    let wake = Promise.withResolvers<void>();
    const read = async () => {
      const buffer = new Uint8Array(64 * 1024);
      let open = true;
      while (open) {
        const count = await from.read(buffer).catch(() => null);
        open = count !== null;
        const bytes = count === null ? null : buffer.slice(0, count);
        if (bytes !== null) sent(bytes);
        queue.push({ due: performance.now() + this.delay, bytes });
        wake.resolve();
      }
    };
    const write = async () => {
      while (true) {
        const piece = queue.shift();
        if (piece === undefined) {
          await wake.promise;
          wake = Promise.withResolvers<void>();
          continue;
        }
        await this.#until(piece.due);
        if (piece.bytes === null) return await to.closeWrite().catch(() => {});
        arrived();
        if (!await writeAll(to, piece.bytes)) return this.#close(from);
      }
    };
    await Promise.all([read(), write()]);
  }

  /** Waits until the clock (performance.now) shows `due`, or the proxy closes. */
  async #until(due: number): Promise<void> {
    const wait = due - performance.now();
    if (wait <= 0 || this.#closing.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, wait);
    this.#closing.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }
}

/** Writes all of the bytes; false where the other side is gone. */
async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<boolean> {
  try {
    for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
    return true;
  } catch {
    return false;
  }
}
