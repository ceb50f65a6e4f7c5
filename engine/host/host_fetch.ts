/**
 * HTTP requests that leave from the host: the runtime's own client speaks through a proxy that lives only on the
 * controller's loopback for the length of the request and carries each connection over the host's.
 *
 * @module
 */

import { type ByteStream, ConnectError } from "../transport/session.ts";

/** Opens a TCP connection from the host. */
export type Dial = (address: string, port: number) => Promise<ByteStream>;

/**
 * An HTTP request whose connections are made by `dial`. The body is read to its end before this returns, so that
 * nothing stays open behind it: for what may not fit into memory, have the host download it.
 *
 * @throws {ConnectError} when the address does not answer, or TLS fails
 */
export async function fetchThrough(
  dial: Dial,
  url: string,
  init: RequestInit = {},
  signal?: AbortSignal,
): Promise<Response> {
  const proxy = new Proxy(dial);
  const client = Deno.createHttpClient({
    proxy: { url: proxy.url, basicAuth: { username: "aami", password: proxy.password } },
    poolMaxIdlePerHost: 0,
  });
  const signals = [init.signal, signal].filter((each) => each instanceof AbortSignal);
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.any(signals), client });
    const body = await response.arrayBuffer();
    const { status, statusText, headers } = response;
    const empty = status === 204 || status === 205 || status === 304;
    const whole = new Response(empty ? null : body, { status, statusText, headers });
    Object.defineProperty(whole, "url", { value: response.url });
    return whole;
  } catch (error) {
    if (proxy.failure) throw proxy.failure;
    if (!(error instanceof TypeError)) throw error;
    throw new ConnectError(`${url}: ${error.message.replace(/^.*client error \(\w+\): /, "")}`);
  } finally {
    client.close();
    await proxy.close();
  }
}

/** An HTTP proxy for one request. */
class Proxy {
  readonly password = crypto.randomUUID();
  failure?: ConnectError;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<{ close(): void }>();
  readonly #work: Promise<void>[] = [];

  constructor(private readonly dial: Dial) {
    this.#work.push(this.#serve());
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  async close(): Promise<void> {
    this.#listener.close();
    for (const each of this.#open) closeQuietly(each);
    await Promise.allSettled(this.#work);
  }

  async #serve(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        this.#open.add(connection);
        this.#work.push(this.#carry(connection).catch(() => {}).finally(() => this.#end(connection)));
      }
    } catch {
      // The listener was closed.
    }
  }

  #end(each: { close(): void }): void {
    this.#open.delete(each);
    closeQuietly(each);
  }

  async #carry(connection: Deno.TcpConn): Promise<void> {
    const request = await readHead(connection);
    if (!request) return;
    if (request.authorization !== `Basic ${btoa(`aami:${this.password}`)}`) {
      return await say(connection, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    }
    let stream: ByteStream;
    try {
      stream = await this.dial(request.hostname, request.port);
    } catch (error) {
      if (error instanceof ConnectError) this.failure = error;
      return await say(connection, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    this.#open.add(stream);
    if (request.connect) await say(connection, "HTTP/1.1 200 OK\r\n\r\n");
    const writer = stream.writable.getWriter();
    await writer.write(request.forward);
    writer.releaseLock();
    const up = connection.readable.pipeTo(stream.writable).catch(() => {});
    await stream.readable.pipeTo(connection.writable).catch(() => {});
    this.#end(connection);
    await up;
    this.#end(stream);
  }
}

interface ProxyRequest {
  readonly connect: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly authorization: string | undefined;
  /** What goes on to the server: nothing of a CONNECT's head, else the request as an origin takes it. */
  readonly forward: Uint8Array;
}

/** Reads a request's head; what came behind it goes along. */
async function readHead(connection: Deno.TcpConn): Promise<ProxyRequest | undefined> {
  let bytes = new Uint8Array(0);
  const chunk = new Uint8Array(16 * 1024);
  while (bytes.length < 256 * 1024) {
    const count = await connection.read(chunk);
    if (count === null) return undefined;
    const more = new Uint8Array(bytes.length + count);
    more.set(bytes);
    more.set(chunk.subarray(0, count), bytes.length);
    bytes = more;
    // Latin 1, so that a character is a byte.
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return parseHead(text.slice(0, end), bytes.subarray(end + 4));
  }
  return undefined;
}

function parseHead(head: string, rest: Uint8Array): ProxyRequest | undefined {
  const [first, ...fields] = head.split("\r\n");
  const [method, target] = first.split(" ");
  const connect = method === "CONNECT";
  const url = URL.parse(connect ? `http://${target}` : target);
  if (!url) return undefined;
  const authorization = fields.find((field) => /^proxy-authorization:/i.test(field))?.slice(20).trim();
  // One request a connection: the next one on it could be for another server.
  const kept = fields.filter((field) => !/^(proxy-|connection:)/i.test(field));
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...kept, "Connection: close", "", ""];
  const origin = Uint8Array.from(lines.join("\r\n"), (character) => character.charCodeAt(0));
  const forward = connect ? rest : Uint8Array.from([...origin, ...rest]);
  const port = Number(url.port || (connect ? /:(\d+)$/.exec(target)?.[1] ?? 443 : 80));
  return { connect, hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"), port, authorization, forward };
}

async function say(connection: Deno.TcpConn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

function closeQuietly(each: { close(): void }): void {
  try {
    each.close();
  } catch {
    // Closed already.
  }
}
