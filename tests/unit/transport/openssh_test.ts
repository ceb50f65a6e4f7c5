/** Connections by the system's `ssh`, to a real OpenSSH server on loopback. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Connection, type HostOptions, openHost, UnreachableError } from "../../../engine/transport/mod.ts";
import { text } from "./helpers.ts";
import { freePort, sh, type Sshd, sshdPath, startSshd } from "./sshd.ts";

const ignore = !sshdPath || !(await sh("command -v ssh").then(() => true, () => false));

/** The options that reach a test server. */
function to(server: Sshd, more: Partial<HostOptions> = {}): HostOptions {
  return {
    transport: "openssh",
    configFile: "none",
    port: server.port,
    user: "root",
    identities: [server.keyPath],
    knownHosts: [server.knownHosts],
    hostKeyChecking: "strict",
    attempts: 1,
    ...more,
  };
}

async function using<T>(opening: Promise<Connection>, run: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await opening;
  try {
    return await run(connection);
  } finally {
    await connection.close();
  }
}

async function failure(opening: Promise<Connection>): Promise<UnreachableError> {
  try {
    await (await opening).close();
  } catch (error) {
    assert.ok(error instanceof UnreachableError, String(error));
    return error;
  }
  throw new Error("the connection came about");
}

const echo = async (connection: Connection) => text(await (await connection.shell()).exec("echo hello")).stdout;

Deno.test({ name: "openssh: the same sessions, streams and TCP; nothing is left behind", ignore }, async () => {
  await using server = await startSshd();
  const before = await leftovers();
  await using(openHost("127.0.0.1", to(server)), async (connection) => {
    assert.equal(connection.target, `ssh:root@127.0.0.1:${server.port}`);
    const shell = await connection.shell();
    assert.deepEqual(text(await shell.exec("echo hello; echo err >&2; exit 7")), {
      code: 7,
      stdout: "hello\n",
      stderr: "err\n",
    });
    const big = Uint8Array.from({ length: 3_000_000 }, (_, index) => index * 7 + (index >> 8));
    assert.ok(new Uint8Array((await shell.exec("cat", { stdin: big })).stdout).every((byte, at) => byte === big[at]));
    await assert.rejects(shell.exec("sleep 30", { timeout: 0.3 }), { name: "CommandTimeoutError" });
    assert.equal(await echo(connection), "hello\n");

    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = listener.accept().then((client) => client.readable.pipeTo(client.writable));
    const stream = await connection.connect("127.0.0.1", listener.addr.port);
    const writer = stream.writable.getWriter();
    const sent = writer.write(new TextEncoder().encode("through")).then(() => writer.close());
    assert.equal(await new Response(stream.readable as ReadableStream<Uint8Array<ArrayBuffer>>).text(), "through");
    await Promise.all([sent, serving]);
    stream.close();
    await assert.rejects(connection.connect("127.0.0.1", freePort()), {
      name: "ConnectError",
      message: /^cannot connect to 127\.0\.0\.1:\d+ from root@127\.0\.0\.1:\d+: connection refused$/,
    });
  });
  assert.equal(server.log().match(/Connection from/g)?.length, 1);
  assert.deepEqual(await leftovers(), before);
});

/** The folders of control sockets. */
async function leftovers(): Promise<string[]> {
  return (await sh("ls -d /tmp/aami-*/s 2>/dev/null || :")).split("\n");
}

Deno.test({ name: "openssh: what stops a login is told, and whether trying again can help", ignore }, async () => {
  await using server = await startSshd();
  await using other = await startSshd();
  const wrong = join(server.dir, "wrong");
  await sh('ssh-keygen -q -t ed25519 -N "" -f "$1"', wrong);
  const told = async (more: Partial<HostOptions>, alias = "127.0.0.1") => {
    const { message, authentication } = await failure(openHost(alias, to(server, more)));
    return `${authentication ? "for good: " : ""}${message}`;
  };
  const where = `root@127.0.0.1:${server.port}`;
  assert.match(
    await told({ identities: [wrong], attempts: 3 }),
    new RegExp(`^for good: ${where}: the login was refused: .*Permission denied \\(publickey`),
  );
  assert.equal(server.log().match(/Connection from/g)?.length, 1);
  assert.match(await told({ port: freePort() }), /^root@127\.0\.0\.1:\d+: connection refused/);
  assert.match(await told({}, "no-such-host.invalid"), /: the name cannot be resolved$/);
  await Deno.writeTextFile(
    other.knownHosts,
    (await Deno.readTextFile(other.knownHosts)).replace(String(other.port), String(server.port)),
  );
  assert.match(
    await told({ knownHosts: [other.knownHosts] }),
    /^for good: .*the host key has changed: offered is ED25519 SHA256:[\w+/]{43}, another is known \(.*known_hosts:1\)/,
  );
  assert.match(await told({ knownHosts: ["/dev/null"] }), /^for good: .*the host key is not known/);
  await using(openHost("127.0.0.1", to(server, { knownHosts: [other.knownHosts], hostKeyChecking: "off" })), echo);
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assert.match(await told({ port: silent.addr.port, connectTimeout: 1 }), /no SSH server answered|no answer/);
  const missing = await failure(openHost("127.0.0.1", to(server, { program: "no-such-ssh" })));
  assert.match(missing.message, /there is no 'no-such-ssh' on this machine/);
});

Deno.test({ name: "openssh: a password and a passphrase are answered, and shown nowhere", ignore }, async () => {
  await using server = await startSshd({ config: ["PasswordAuthentication yes"] });
  const key = join(server.dir, "locked");
  await sh(
    'ssh-keygen -q -t ed25519 -N "open sesame" -f "$1" && cat "$1.pub" >> "$2/authorized_keys"',
    key,
    server.dir,
  );
  const locked = to(server, { identities: [key], passphrase: () => Promise.resolve("open sesame") });
  await using(openHost("127.0.0.1", locked), echo);
  if (!server.hasUsers) return;
  const login = to(server, { user: "opspw", identities: [], password: "sesame" });
  await using(openHost("127.0.0.1", login), async (connection) => {
    assert.equal(await echo(connection), "hello\n");
    const seen = await sh("grep -alz sesam[e] /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null || :");
    assert.deepEqual(seen.split("\n").filter((path) => path !== "" && !path.includes(`/${Deno.pid}/`)), []);
  });
  const refused = await failure(openHost("127.0.0.1", { ...login, password: "wrong" }));
  assert.match(refused.message, /the login was refused: .*Permission denied/);
});

Deno.test(
  { name: "a host that speaks only post-quantum kex is reached through openssh, saying so", ignore },
  async () => {
    await using server = await startSshd({ config: ["KexAlgorithms sntrup761x25519-sha512@openssh.com"] });
    const notices: string[] = [];
    const options = to(server, { transport: "ssh", onNotice: (message) => notices.push(message) });
    await using(openHost("127.0.0.1", options), async (connection) => {
      assert.equal(await echo(connection), "hello\n");
    });
    assert.deepEqual(notices, [
      "the built-in ssh client has no key exchange algorithm in common with the host: the system's ssh is used " +
      "(ansible_connection: openssh says so from the start)",
    ]);
  },
);

Deno.test(
  { name: "a host with only old algorithms is refused with the setting, which then works", ignore },
  async () => {
    await using server = await startSshd({ config: ["KexAlgorithms diffie-hellman-group14-sha1"] });
    const refused = await failure(openHost("127.0.0.1", to(server, { transport: "ssh", attempts: 3 })));
    assert.equal(
      refused.message,
      `root@127.0.0.1:${server.port}: no common key exchange method: the host offers only diffie-hellman-group14-sha1, ` +
        "which ssh refuses as too old. Update its sshd; to connect all the same, put into ~/.ssh/config: Host 127.0.0.1, " +
        "KexAlgorithms +diffie-hellman-group14-sha1",
    );
    assert.ok(refused.authentication);
    const configFile = join(server.dir, "config");
    await Deno.writeTextFile(configFile, "Host 127.0.0.1\n  KexAlgorithms +diffie-hellman-group14-sha1\n");
    await using(openHost("127.0.0.1", to(server, { transport: "ssh", configFile })), echo);
  },
);

Deno.test(
  { name: "a large stream takes the system's ssh where there is one, and arrives without it", ignore },
  async () => {
    await using server = await startSshd();
    const size = 65 * 1024 * 1024;
    const piece = new Uint8Array(1024 * 1024).fill(7);
    for (const program of ["ssh", "no-such-ssh"]) {
      const connecting = () => server.log().match(/Connection from/g)?.length ?? 0;
      const before = connecting();
      await using(openHost("127.0.0.1", to(server, { transport: "ssh", program })), async (connection) => {
        const shell = await connection.shell();
        let left = 65;
        const stdin = new ReadableStream<Uint8Array>({
          pull: (controller) => left-- > 0 ? controller.enqueue(piece) : controller.close(),
        });
        assert.equal(text(await shell.exec("wc -c", { stdin, streamSize: size })).stdout.trim(), String(size));
        assert.equal(await echo(connection), "hello\n");
      });
      assert.equal(connecting() - before, program === "ssh" ? 2 : 1);
    }
  },
);

Deno.test({ name: "openssh: two jump hosts, one connection to each, shared", ignore }, async () => {
  await using first = await startSshd();
  await using second = await startSshd();
  await using target = await startSshd();
  const configFile = join(target.dir, "config");
  const host = (name: string, server: Sshd, more = "") =>
    `Host ${name}\n  HostName 127.0.0.1\n  Port ${server.port}\n  User root\n  IdentityFile ${server.keyPath}\n` +
    `  UserKnownHostsFile ${server.knownHosts}\n${more}`;
  await Deno.writeTextFile(
    configFile,
    [host("one", first), host("two", second, "  ProxyJump one\n"), host("far", target, "  ProxyJump two\n")].join(""),
  );
  const options: HostOptions = { transport: "openssh", configFile, hostKeyChecking: "strict", attempts: 1 };
  const connections = await Promise.all([1, 2].map(() => openHost("far", options)));
  for (const connection of connections) assert.equal(await echo(connection), "hello\n");
  assert.equal(connections[0].target, `ssh:root@127.0.0.1:${target.port} via one,two`);
  await Promise.all(connections.map((connection) => connection.close()));
  const logins = (server: Sshd) => server.log().match(/Accepted publickey/g)?.length;
  assert.deepEqual([first, second, target].map(logins), [1, 1, 2]);
});

Deno.test({ name: "openssh: a peer that is killed is noticed at once, mid-command", ignore }, async () => {
  await using server = await startSshd();
  await using(openHost("127.0.0.1", to(server)), async (connection) => {
    const shell = await connection.shell();
    const requests = [shell.exec("sleep 30"), shell.exec("cat", { stdin: new Uint8Array(100_000) })];
    await new Promise((resolve) => setTimeout(resolve, 300));
    const start = performance.now();
    server.kill();
    for (const result of await Promise.allSettled(requests)) {
      assert.ok(result.status === "rejected", "rejected");
      assert.match(result.reason.message, /^root@127\.0\.0\.1:\d+: the connection was lost/);
    }
    assert.ok(performance.now() - start < 2000);
    await assert.rejects(shell.exec("echo"), UnreachableError);
  });
});
