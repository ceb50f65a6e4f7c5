/**
 * A SOCKS5 server on loopback whose connections leave from a host: what `fetch` needs to speak HTTP through a
 * {@linkcode Connection}. Only who knows the random password may use it.
 *
 * @module
 */

import { randomToken } from "./frame.ts";
import type { ByteStream, Connection } from "./session.ts";

/** A running SOCKS5 server. */
export class SocksServer {
  /** For `Deno.createHttpClient`; names are resolved on the host. */
  readonly url: string;
  /** Why the last connection could not be made, which `fetch` itself does not tell. */
  lastError?: Error;
  /** Whether a connection came. */
  used = false;
  readonly #listener: Deno.TcpListener;
  readonly #password = randomToken();
  readonly #open = new Set<Deno.Conn>();
  readonly #serving = new Set<Promise<void>>();
  readonly #accepting: Promise<void>;

  /** Listens at once, on a port of the system's choice. */
  constructor(private readonly connection: Connection) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `socks5h://aami:${this.#password}@127.0.0.1:${this.#listener.addr.port}`;
    this.#accepting = this.#accept();
  }

  /** Ends the server and what runs through it. */
  async close(): Promise<void> {
    this.#listener.close();
    for (const client of this.#open) closeQuietly(client);
    await this.#accepting;
    await Promise.all(this.#serving);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      this.used = true;
      this.#open.add(client);
      const serving = this.#serve(client).catch(() => {}).finally(() => {
        this.#open.delete(client);
        this.#serving.delete(serving);
        closeQuietly(client);
      });
      this.#serving.add(serving);
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const input = new ByteReader(client);
    const { address, port } = await this.#greet(client, input);
    let far: ByteStream;
    try {
      far = await this.connection.connect(address, port);
    } catch (error) {
      this.lastError = error instanceof Error ? error : new Error(String(error));
      await client.write(reply(5));
      return;
    }
    try {
      await client.write(reply(0));
      const sending = client.readable.pipeTo(far.writable).catch(() => {});
      const receiving = far.readable.pipeTo(client.writable).catch(() => {});
      await receiving;
      // Nothing more can come back: what the client still had to say has no reader.
      closeQuietly(client);
      await sending;
    } finally {
      far.close();
    }
  }

  /** Runs RFC 1928 and 1929 up to the request. */
  async #greet(client: Deno.Conn, input: ByteReader): Promise<{ address: string; port: number }> {
    const [version, methods] = await input.take(2);
    const offered = await input.take(methods);
    if (version !== 5 || !offered.includes(2)) throw new Error("not SOCKS5 with a password");
    await client.write(Uint8Array.of(5, 2));
    const [, userLength] = await input.take(2);
    await input.take(userLength);
    const [passwordLength] = await input.take(1);
    const password = new TextDecoder().decode(await input.take(passwordLength));
    const known = password === this.#password;
    await client.write(Uint8Array.of(1, known ? 0 : 1));
    if (!known) throw new Error("wrong password");
    const [, , , kind] = await input.take(4);
    const address = await readAddress(input, kind);
    const [high, low] = await input.take(2);
    return { address, port: high * 256 + low };
  }
}

async function readAddress(input: ByteReader, kind: number): Promise<string> {
  if (kind === 1) return (await input.take(4)).join(".");
  if (kind === 3) return new TextDecoder().decode(await input.take((await input.take(1))[0]));
  const bytes = await input.take(16);
  return Array.from({ length: 8 }, (_, index) => (bytes[index * 2] * 256 + bytes[index * 2 + 1]).toString(16)).join(
    ":",
  );
}

function reply(code: number): Uint8Array {
  return Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
}

function closeQuietly(client: Deno.Conn): void {
  try {
    client.close();
  } catch {
    // Its streams have closed it.
  }
}

/** Takes exact numbers of bytes; a SOCKS client waits for each answer, so nothing is read too far. */
class ByteReader {
  constructor(private readonly client: Deno.Conn) {}

  async take(size: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const count = await this.client.read(bytes.subarray(at));
      if (count === null) throw new Error("the client left");
      at += count;
    }
    return bytes;
  }
}
