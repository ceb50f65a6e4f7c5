/**
 * HTTP requests that leave from a host, so that what only the host can reach is reached, and a bare host needs no tool.
 *
 * @module
 */

import { ConnectError, type Connection, UnreachableError } from "./session.ts";
import { SocksServer } from "./socks.ts";

/** What {@linkcode fetchThrough} takes beside what `fetch` does. */
export interface FetchInit extends RequestInit {
  /** Certificates (PEM) of authorities to trust beside the system's. */
  readonly caCerts?: string[];
}

/**
 * `fetch` from a connection's host: names are resolved there, TCP starts there; TLS is spoken here. The body has to be
 * read or cancelled, as with `fetch`: that ends the connection.
 *
 * @throws {ConnectError} when no connection comes about or TLS fails, saying why
 * @throws {UnreachableError} when the host itself is lost
 */
export async function fetchThrough(connection: Connection, url: string | URL, init: FetchInit = {}): Promise<Response> {
  const { caCerts, ...request } = init;
  const socks = connection.target === "local" ? undefined : new SocksServer(connection);
  const client = socks
    ? clientThrough(socks, caCerts)
    : caCerts && Deno.createHttpClient({ caCerts, poolMaxIdlePerHost: 0 });
  const close = async () => {
    client?.close();
    await socks?.close();
  };
  let response: Response;
  try {
    response = await fetch(url, { ...request, client });
  } catch (error) {
    await close();
    request.signal?.throwIfAborted();
    if (socks?.lastError instanceof UnreachableError) throw socks.lastError;
    throw new ConnectError(socks?.lastError?.message ?? `${url}: ${fetchReason(error)}`);
  }
  if (socks?.used === false) {
    await response.body?.cancel();
    await close();
    throw new ConnectError(`${url}: the request did not go through the host`);
  }
  return client ? await closingAfter(response, close) : response;
}

const EXEMPTIONS = ["NO_PROXY", "no_proxy"];

/**
 * A client whose every connection goes through the server. Deno heeds NO_PROXY even for a proxy that is given, and reads
 * it when the client is made: without that variable for this moment no address is exempt.
 */
function clientThrough(socks: SocksServer, caCerts?: string[]): Deno.HttpClient {
  const kept = EXEMPTIONS.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of EXEMPTIONS) Deno.env.delete(name);
  try {
    return Deno.createHttpClient({ proxy: { url: socks.url }, caCerts, poolMaxIdlePerHost: 0 });
  } finally {
    for (const [name, value] of kept) if (value !== undefined) Deno.env.set(name, value);
  }
}

/** A response that ends its connection when its body has been read or is given up. */
async function closingAfter(response: Response, close: () => Promise<void>): Promise<Response> {
  if (!response.body) {
    await close();
    return response;
  }
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (!done) return controller.enqueue(value);
        await close();
        controller.close();
      } catch (error) {
        await close();
        controller.error(new ConnectError(`${response.url}: ${fetchReason(error)}`));
      }
    },
    async cancel(reason) {
      await reader.cancel(reason).catch(() => {});
      await close();
    },
  }, { highWaterMark: 0 });
  const { status, statusText, headers, url, redirected } = response;
  const wrapped = new Response(body, { status, statusText, headers });
  // A constructed response has neither, and callers name the address in messages.
  return Object.defineProperties(wrapped, { url: { value: url }, redirected: { value: redirected } });
}

/** The innermost cause, without the layers that name the same address again. */
function fetchReason(error: unknown): string {
  let text = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.cause instanceof Error) text = error.cause.message;
  return text
    .replace(/^error sending request for url \([^)]*\): /, "")
    .replace(/^(?:client )?error \([A-Za-z]+\): /, "")
    .replace(/ \(os error \d+\)/, "")
    .replace(/^tcp connect error: /, "");
}
