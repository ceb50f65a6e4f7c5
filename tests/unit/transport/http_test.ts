/** HTTP from the host, by a real SSH server. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Connection, fetchThrough, openLocal, openSsh } from "../../../engine/transport/mod.ts";
import { freePort, sh, sshdPath, startSshd } from "./sshd.ts";

const ignore = !sshdPath;

async function overSsh(
  run: (connection: Connection, dir: string) => Promise<void>,
  config: string[] = [],
): Promise<void> {
  await using server = await startSshd({ config });
  const connection = await openSsh({
    host: "127.0.0.1",
    port: server.port,
    user: "root",
    identities: [server.keyPath],
    explicitIdentities: true,
    knownHosts: [server.knownHosts],
    hostKeyChecking: "strict",
  });
  try {
    await run(connection, server.dir);
  } finally {
    await connection.close();
  }
}

function serve(tls?: { cert: string; key: string }): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls };
  return Deno.serve(options, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/big") return new Response(new Uint8Array(10_000_000));
    if (pathname === "/move") return Response.redirect(new URL("/moved", request.url));
    if (pathname === "/empty") return new Response(null, { status: 204 });
    return new Response(`${request.method} ${pathname} ${await request.text()}`, { headers: { "x-test": "1" } });
  });
}

Deno.test(
  { name: "requests leave from the host: methods, bodies, redirects, large and given-up bodies", ignore },
  async () => {
    const http = serve();
    await overSsh(async (connection) => {
      const base = `http://localhost:${http.addr.port}`;
      const posted = await fetchThrough(connection, `${base}/x`, { method: "POST", body: "hello" });
      assert.deepEqual([posted.status, posted.headers.get("x-test"), await posted.text()], [200, "1", "POST /x hello"]);
      const moved = await fetchThrough(connection, `${base}/move`);
      assert.deepEqual([moved.url, moved.redirected, await moved.text()], [`${base}/moved`, true, "GET /moved "]);
      assert.equal((await fetchThrough(connection, `${base}/empty`)).status, 204);
      assert.equal((await (await fetchThrough(connection, `${base}/big`)).arrayBuffer()).byteLength, 10_000_000);
      await (await fetchThrough(connection, `${base}/big`)).body?.cancel();
      const many = Array.from({ length: 10 }, () => fetchThrough(connection, `${base}/a`).then((one) => one.text()));
      assert.ok((await Promise.all(many)).every((one) => one === "GET /a "));
    });
    await http.shutdown();
  },
);

Deno.test({ name: "https from the host, with an authority of one's own", ignore }, async () => {
  await overSsh(async (connection, dir) => {
    await sh(
      'cd "$1"; openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 2 -subj /CN=localhost ' +
        "-addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE 2>/dev/null",
      dir,
    );
    const cert = await Deno.readTextFile(join(dir, "tls.crt"));
    const http = serve({ cert, key: await Deno.readTextFile(join(dir, "tls.key")) });
    const url = `https://localhost:${http.addr.port}/secure`;
    const response = await fetchThrough(connection, url, { caCerts: [cert] });
    assert.equal(await response.text(), "GET /secure ");
    await assert.rejects(fetchThrough(connection, url), { name: "ConnectError", message: /certificate/i });
    await http.shutdown();
  });
});

Deno.test({ name: "what stops a request is told as it is on the host", ignore }, async () => {
  await overSsh(async (connection) => {
    const refused = fetchThrough(connection, `http://localhost:${freePort()}/`);
    await assert.rejects(refused, { name: "ConnectError", message: /localhost:\d+ from root@.*: connection refused/ });
    const unknown = fetchThrough(connection, "http://no-such-name.invalid/");
    await assert.rejects(unknown, { name: "ConnectError", message: /no-such-name.invalid:80 from root@/ });
  });
  await overSsh(async (connection) => {
    const forbidden = fetchThrough(connection, "http://localhost:8080/");
    await assert.rejects(forbidden, { name: "ConnectError", message: /AllowTcpForwarding/ });
  }, ["AllowTcpForwarding no"]);
});

Deno.test({ name: "NO_PROXY does not make a request leave from the controller", ignore }, async () => {
  const http = serve();
  // Only what goes by the host's sshd is refused there.
  await overSsh(async (connection) => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      Deno.env.set(name, "127.0.0.1,localhost,*");
      try {
        const request = fetchThrough(connection, `http://127.0.0.1:${http.addr.port}/`);
        await assert.rejects(request, { name: "ConnectError", message: /AllowTcpForwarding/ });
        assert.equal(Deno.env.get(name), "127.0.0.1,localhost,*");
      } finally {
        Deno.env.delete(name);
      }
    }
  }, ["AllowTcpForwarding no"]);
  await http.shutdown();
});

Deno.test({ name: "a request can be aborted", ignore }, async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept();
  await overSsh(async (connection) => {
    const signal = AbortSignal.timeout(200);
    await assert.rejects(fetchThrough(connection, `http://127.0.0.1:${silent.addr.port}/`, { signal }), {
      name: "TimeoutError",
    });
  });
  (await accepted).close();
});

Deno.test("the local host uses plain fetch, with the same errors", async () => {
  const http = serve();
  const connection = openLocal();
  assert.equal(await (await fetchThrough(connection, `http://127.0.0.1:${http.addr.port}/l`)).text(), "GET /l ");
  const refused = fetchThrough(connection, `http://127.0.0.1:${freePort()}/`);
  await assert.rejects(refused, { name: "ConnectError", message: /Connection refused/i });
  await connection.close();
  await http.shutdown();
});
