/** Connections over SSH, to a real OpenSSH server on loopback. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Connection, openSsh, type SshOptions, UnreachableError } from "../../../engine/transport/mod.ts";
import { bytes, text } from "./helpers.ts";
import { freePort, sh, type Sshd, sshdPath, startSshd } from "./sshd.ts";

const ignore = !sshdPath;

/** The options that reach a test server. */
function to(server: Sshd, more: Partial<SshOptions> = {}): SshOptions {
  return {
    host: "127.0.0.1",
    port: server.port,
    user: "root",
    identities: [server.keyPath],
    explicitIdentities: true,
    knownHosts: [server.knownHosts],
    hostKeyChecking: "strict",
    attempts: 1,
    ...more,
  };
}

async function using<T>(connection: Connection, run: (connection: Connection) => Promise<T>): Promise<T> {
  try {
    return await run(connection);
  } finally {
    await connection.close();
  }
}

async function failure(options: SshOptions): Promise<UnreachableError> {
  try {
    await (await openSsh(options)).close();
  } catch (error) {
    assert.ok(error instanceof UnreachableError, String(error));
    return error;
  }
  throw new Error("the connection came about");
}

const echo = async (connection: Connection) => text(await (await connection.shell()).exec("echo hello")).stdout;

Deno.test({ name: "a key logs in, without a `none` probe", ignore }, async () => {
  await using server = await startSshd();
  await using(await openSsh(to(server)), async (connection) => {
    assert.equal(connection.target, `ssh:root@127.0.0.1:${server.port}`);
    assert.equal(await echo(connection), "hello\n");
  });
  assert.match(server.log(), /method publickey/);
  assert.doesNotMatch(server.log(), /method none/);
});

Deno.test({ name: "scripts, exit codes and all byte values over ssh; timing is information", ignore }, async () => {
  await using server = await startSshd();
  await using(await openSsh(to(server)), async (connection) => {
    const shell = await connection.shell();
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    assert.deepEqual([...(await shell.exec("cat", { stdin: all })).stdout], [...all]);
    const codes = await Promise.all(
      ["exit 7", "if then", "kill -9 $(sh -c 'echo $PPID')"].map((one) => shell.exec(one)),
    );
    assert.deepEqual(codes.map((result) => result.code), [7, 2, 137]);
    const big = Uint8Array.from({ length: 5_000_000 }, (_, index) => index * 7 + (index >> 8));
    assert.ok(new Uint8Array((await shell.exec("cat", { stdin: big })).stdout).every((byte, at) => byte === big[at]));
    let start = performance.now();
    for (let index = 0; index < 1000; index++) await shell.exec(":");
    console.log(`1,000 in sequence over ssh: ${((performance.now() - start) / 1000).toFixed(2)} ms each`);
    start = performance.now();
    await Promise.all(Array.from({ length: 1000 }, () => shell.exec(":")));
    console.log(`1,000 pipelined over ssh: ${Math.round(performance.now() - start)} ms`);
  });
});

Deno.test({ name: "a script given up over ssh is killed, and those behind it still run", ignore }, async () => {
  await using server = await startSshd();
  await using(await openSsh(to(server)), async (connection) => {
    const shell = await connection.shell();
    const mark = join(server.dir, "late");
    const slow = shell.exec(`sleep 1; echo late > ${mark}`, { timeout: 0.3 });
    const behind = shell.exec("echo behind");
    await assert.rejects(slow, { name: "CommandTimeoutError" });
    assert.equal(text(await behind).stdout, "behind\n");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await assert.rejects(Deno.stat(mark));
  });
});

Deno.test({ name: "a wrong key is one attempt and an authentication error that names it", ignore }, async () => {
  await using server = await startSshd();
  const key = join(server.dir, "wrong");
  await sh('ssh-keygen -q -t ed25519 -N "" -f "$1"', key);
  const error = await failure(to(server, { identities: [key], attempts: 3 }));
  assert.ok(error.authentication);
  assert.ok(error.message.startsWith(`root@127.0.0.1:${server.port}: the login was refused: tried ${key} (SHA256:`));
  assert.match(error.message, /the host takes publickey/);
  assert.equal(server.log().match(/Connection from/g)?.length, 1);
});

Deno.test({ name: "a changed host key is refused with both fingerprints", ignore }, async () => {
  await using server = await startSshd();
  await using other = await startSshd();
  const line = (await Deno.readTextFile(other.knownHosts)).replace(String(other.port), String(server.port));
  await Deno.writeTextFile(other.knownHosts, line);
  const error = await failure(to(server, { knownHosts: [other.knownHosts], attempts: 3 }));
  assert.match(error.message, /host key of .* has changed: .*SHA256:.*SHA256:.*ssh-keygen -R/);
  assert.ok(error.authentication);
  await using(await openSsh(to(server, { knownHosts: [other.knownHosts], hostKeyChecking: "off" })), echo);
});

Deno.test({ name: "accept-new writes a new key once for parallel connections", ignore }, async () => {
  await using server = await startSshd();
  const knownHosts = [join(server.dir, "learned")];
  const strict = await failure(to(server, { knownHosts }));
  assert.match(strict.message, /is not known.*SHA256:.*accept-new/);
  const options = to(server, { knownHosts, hostKeyChecking: "accept-new" });
  const connections = await Promise.all(Array.from({ length: 10 }, () => openSsh(options)));
  await Promise.all(connections.map((connection) => connection.close()));
  assert.equal(await Deno.readTextFile(knownHosts[0]), await Deno.readTextFile(server.knownHosts));
  await using(await openSsh(to(server, { knownHosts })), echo);
});

Deno.test({ name: "an encrypted key asks once for its passphrase, for all hosts", ignore }, async () => {
  await using server = await startSshd();
  const key = join(server.dir, "locked");
  await sh(
    'ssh-keygen -q -t ed25519 -N "open sesame" -f "$1" && cat "$1.pub" >> "$2"',
    key,
    join(server.dir, "authorized_keys"),
  );
  const without = await failure(to(server, { identities: [key] }));
  assert.ok(without.message.includes(`the private key ${key} cannot be used: it has a passphrase`));
  const wrong = await failure(to(server, { identities: [key], passphrase: () => Promise.resolve("no") }));
  assert.ok(wrong.message.includes(`${key} cannot be used: the passphrase is wrong`) && wrong.authentication);
  let asked = 0;
  const passphrase = () => Promise.resolve((asked++, "open sesame"));
  const options = to(server, { identities: [key], passphrase });
  const connections = await Promise.all([openSsh(options), openSsh(options), openSsh(options)]);
  await Promise.all(connections.map((connection) => connection.close()));
  assert.equal(asked, 1);
  const missing = await failure(to(server, { identities: [join(server.dir, "nowhere")] }));
  assert.match(missing.message, /nowhere cannot be used: there is no such file/);
});

Deno.test({ name: "an agent's keys log in, also for a locked key file", ignore }, async () => {
  await using server = await startSshd();
  const socket = join(server.dir, "agent");
  const agent = new Deno.Command("ssh-agent", { args: ["-D", "-a", socket], stdout: "null", stderr: "null" }).spawn();
  try {
    await sh('while ! [ -S "$1" ]; do sleep 0.01; done; SSH_AUTH_SOCK="$1" ssh-add -q "$2"', socket, server.keyPath);
    await using(await openSsh(to(server, { identities: [], agent: socket })), echo);
    await sh('ssh-keygen -q -p -P "" -N "locked now" -f "$1"', server.keyPath);
    await using(await openSsh(to(server, { agent: socket, identitiesOnly: true })), echo);
    const error = await failure(to(server, { identities: [], identitiesOnly: true, agent: socket }));
    assert.match(error.message, /there was no key, agent or password to try/);
  } finally {
    agent.kill();
    await agent.status;
  }
  await using(await openSsh(to(server, { agent: socket, passphrase: () => Promise.resolve("locked now") })), echo);
});

Deno.test({ name: "a password logs in, a wrong one is an authentication error", ignore }, async () => {
  await using server = await startSshd({ config: ["PasswordAuthentication yes"] });
  if (!server.hasUsers) return;
  await using(await openSsh(to(server, { user: "opspw", identities: [], password: "sesame" })), echo);
  const error = await failure(to(server, { user: "opspw", identities: [], password: "wrong" }));
  assert.match(error.message, /the login was refused: tried password/);
  assert.ok(error.authentication);
});

Deno.test({ name: "hosts that cannot be reached say why", ignore }, async () => {
  await using server = await startSshd();
  const refused = await failure(to(server, { port: freePort() }));
  assert.match(refused.message, /connection refused/);
  assert.ok(!refused.authentication);
  const unknown = await failure(to(server, { host: "no-such-host.invalid" }));
  assert.match(unknown.message, /the name cannot be resolved/);
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const late = await failure(to(server, { port: silent.addr.port, connectTimeout: 0.3 }));
  assert.match(late.message, /connected, but no SSH server answered within 0.3 s/);
});

Deno.test({ name: "a host without a common algorithm says which setting", ignore }, async () => {
  await using server = await startSshd({ config: ["KexAlgorithms diffie-hellman-group14-sha1"] });
  const error = await failure(to(server));
  assert.match(error.message, /no common key exchange algorithm.*KexAlgorithms/);
});

Deno.test({ name: "a peer that is killed is noticed at once, mid-command", ignore }, async () => {
  await using server = await startSshd();
  await using(await openSsh(to(server)), async (connection) => {
    const shell = await connection.shell();
    const requests = [
      shell.exec("sleep 30"),
      shell.exec("echo"),
      shell.exec("cat", { stdin: new Uint8Array(100_000) }),
    ];
    setTimeout(() => server.kill(), 100);
    const start = performance.now();
    for (const result of await Promise.allSettled(requests)) {
      assert.ok(result.status === "rejected" && result.reason instanceof UnreachableError, String(result));
    }
    assert.ok(performance.now() - start < 1000);
    await assert.rejects(shell.exec("echo"), UnreachableError);
    await assert.rejects(connection.shell({ method: "sudo", user: "ops" }), UnreachableError);
  });
});

/** A server behind a proxy that can fall silent. */
async function silenced(run: (options: SshOptions, freeze: () => void) => Promise<void>): Promise<void> {
  await using server = await startSshd();
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const sockets: Deno.Conn[] = [];
  let frozen = false;
  const serving = (async () => {
    for await (const client of proxy) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      sockets.push(client, far);
      const pass = async (from: Deno.Conn, into: Deno.Conn) => {
        const buffer = new Uint8Array(65536);
        for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
          if (!frozen) await into.write(buffer.subarray(0, size));
        }
      };
      pass(client, far).catch(() => {});
      pass(far, client).catch(() => {});
    }
  })();
  await run(to(server, { port: proxy.addr.port, hostKeyChecking: "off", keepalive: 0.1 }), () => frozen = true);
  for (const socket of sockets) socket.close();
  proxy.close();
  await serving;
}

Deno.test({ name: "a peer that falls silent is noticed by keepalive, mid-command", ignore }, async () => {
  await silenced(async (options, freeze) => {
    await using(await openSsh(options), async (connection) => {
      const shell = await connection.shell();
      await shell.exec("true");
      const request = shell.exec("sleep 30");
      freeze();
      await assert.rejects(request, { name: "UnreachableError", message: /the host no longer answers/ });
    });
  });
});

Deno.test(
  { name: "a peer that falls silent is noticed by keepalive, also when nothing is under way", ignore },
  async () => {
    await silenced(async (options, freeze) => {
      await using(await openSsh(options), async (connection) => {
        const shell = await connection.shell();
        await shell.exec("true");
        freeze();
        // Four tenths of a second; what is asked for afterwards need not wait for it.
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const start = performance.now();
        await assert.rejects(shell.exec("true"), { name: "UnreachableError", message: /the host no longer answers/ });
        await assert.rejects(connection.connect("127.0.0.1", 1), { name: "UnreachableError" });
        assert.ok(performance.now() - start < 100);
      });
    });
  },
);

Deno.test({ name: "closing with a script under way rejects it and leaves nothing open", ignore }, async () => {
  await using server = await startSshd();
  const connection = await openSsh(to(server));
  const request = (await connection.shell()).exec("sleep 30");
  request.catch(() => {});
  await connection.close();
  await assert.rejects(request, UnreachableError);
  await assert.rejects(connection.shell(), UnreachableError);
});

Deno.test({ name: "two jump hosts: one connection to each, shared, closed with the last user", ignore }, async () => {
  await using first = await startSshd();
  await using second = await startSshd();
  await using target = await startSshd();
  const jumps = [to(first), to(second)];
  const connections = await Promise.all([1, 2, 3].map(() => openSsh(to(target, { jumps }))));
  for (const connection of connections) assert.equal(await echo(connection), "hello\n");
  assert.match(connections[0].target, / via root@127\.0\.0\.1:\d+,root@127/);
  await Promise.all(connections.map((connection) => connection.close()));
  assert.equal(first.log().match(/Accepted publickey/g)?.length, 1);
  assert.equal(second.log().match(/Accepted publickey/g)?.length, 1);
  assert.equal(target.log().match(/Accepted publickey/g)?.length, 3);
  const refused = await failure(to(target, { jumps, port: freePort() }));
  assert.match(refused.message, /via root@.*connection refused/i);
  const broken = await failure(to(target, { jumps: [to(first, { port: freePort() })] }));
  assert.match(broken.message, /connection refused/);
});

Deno.test({ name: "a TCP connection from the host; a closed port and a forbidding host say so", ignore }, async () => {
  await using server = await startSshd();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using client = await listener.accept();
    await client.readable.pipeTo(client.writable);
  })().catch(() => {});
  await using(await openSsh(to(server)), async (connection) => {
    const stream = await connection.connect("127.0.0.1", listener.addr.port);
    const writer = stream.writable.getWriter();
    const big = new Uint8Array(3_000_000).fill(7);
    const sent = writer.write(big).then(() => writer.close());
    const received = new Uint8Array(
      await new Response(stream.readable as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
    );
    await sent;
    stream.close();
    assert.equal(received.length, big.length);
    await assert.rejects(connection.connect("127.0.0.1", freePort()), { name: "ConnectError", message: /refused/ });
  });
  listener.close();
  await serving;
  await using closed = await startSshd({ config: ["AllowTcpForwarding no"] });
  await using(await openSsh(to(closed)), async (connection) => {
    await assert.rejects(connection.connect("127.0.0.1", 1), { name: "ConnectError", message: /AllowTcpForwarding/ });
  });
});

Deno.test({ name: "a banner and a profile that prints do not disturb", ignore }, async () => {
  await using server = await startSshd({
    config: [`ForceCommand sh -c 'echo "profile noise"; echo "more" >&2; exec sh'`],
  });
  await using(await openSsh(to(server)), async (connection) => {
    const result = text(await (await connection.shell()).exec("echo hello; echo err >&2"));
    assert.deepEqual(result, { code: 0, stdout: "hello\n", stderr: "err\n" });
  });
});

Deno.test({ name: "an account that gives no shell says what it printed", ignore }, async () => {
  await using server = await startSshd({
    config: [`ForceCommand sh -c 'echo "This account is not available."; exit 1'`],
  });
  await using(await openSsh(to(server)), async (connection) => {
    const shell = await connection.shell();
    await assert.rejects(shell.exec("echo"), { name: "UnreachableError", message: /This account is not available/ });
    await assert.rejects(shell.exec("cat", { stdin: bytes("x".repeat(70_000)) }), /not available/);
  });
});

Deno.test({ name: "failed connections are tried again until the host is there", ignore }, async () => {
  await using server = await startSshd();
  const port = freePort();
  const opening = openSsh(to(server, { port, attempts: 3, hostKeyChecking: "off" }));
  await using again = await startSshd({ port, keysFrom: server });
  await using(await opening, echo);
  assert.match(again.log(), /Accepted publickey/);
});
