/**
 * A web server that a fleet's hosts reach, for what modules fetch.
 *
 * @module
 */

import type { Bench } from "./harness.ts";

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Headers;
  /** Where it came from. */
  readonly from: string;
}

/** Serves while `body` runs; gives it the server's base URL and what was asked. */
export async function withServer(
  { fleet }: Bench,
  answer: (seen: Seen) => Response,
  body: (base: string, seen: Seen[]) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = Deno.serve(
    { hostname: fleet.gateway, port: 0, onListen: () => {} },
    async (request, { remoteAddr }) => {
      const { pathname, search } = new URL(request.url);
      const from = remoteAddr.transport === "tcp" ? remoteAddr.hostname : "";
      const { method, headers } = request;
      const one = { method, path: pathname + search, body: await request.text(), headers, from };
      seen.push(one);
      return answer(one);
    },
  );
  try {
    await body(`http://${fleet.gateway}:${server.addr.port}`, seen);
  } finally {
    await server.shutdown();
  }
}
