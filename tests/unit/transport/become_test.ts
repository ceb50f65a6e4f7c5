/** sudo and su on a real host; the server brings users and a sudo of its own. */

import assert from "node:assert/strict";
import { type Become, BecomeError, openSsh } from "../../../engine/transport/mod.ts";
import { text } from "./helpers.ts";
import { hasNamespaces, sh, type Sshd, sshdPath, startSshd } from "./sshd.ts";

const ignore = !sshdPath || !hasNamespaces;
if (ignore) console.log("left out: tests of sudo and su need root, sshd and mount namespaces");

async function as<T>(server: Sshd, user: string, become: Become, script: string, size = 0): Promise<string> {
  const connection = await openSsh({
    host: "127.0.0.1",
    port: server.port,
    user,
    identities: [server.keyPath],
    explicitIdentities: true,
    knownHosts: [server.knownHosts],
    hostKeyChecking: "strict",
  });
  try {
    const shell = await connection.shell(become);
    return text(await shell.exec(script, size > 0 ? { stdin: new Uint8Array(size) } : {})).stdout;
  } finally {
    await connection.close();
  }
}

const password = "sesame";

Deno.test({ name: "sudo and su become the user, for small and for streamed input", ignore }, async () => {
  await using server = await startSshd({ sudo: true });
  const ways: [string, Become][] = [
    ["ops", { user: "root", method: "sudo" }],
    ["ops", { user: "opspw", method: "sudo" }],
    ["opspw", { user: "root", method: "sudo", password }],
    ["ops", { user: "root", method: "sudo", password: "not asked for" }],
    ["ops", { user: "root", method: "su", password }],
    ["root", { user: "opspw", method: "su" }],
    ["root", { user: "root", method: "sudo" }],
  ];
  for (const [user, become] of ways) {
    assert.equal(await as(server, user, become, "id -un"), `${become.user}\n`);
    assert.equal(await as(server, user, become, "id -un; wc -c", 100_000), `${become.user}\n100000\n`);
  }
});

Deno.test({ name: "refusals name the cause", ignore }, async () => {
  await using server = await startSshd({ sudo: true });
  const ways: [string, Become, RegExp][] = [
    ["opspw", { user: "root", method: "sudo" }, /it asks for a password; give one/],
    [
      "opspw",
      { user: "root", method: "sudo", password: "wrong" },
      /sudo on 127.0.0.1 refused the password for becoming root/,
    ],
    ["ops", { user: "root", method: "su", password: "wrong" }, /su on 127.0.0.1 refused the password/],
    ["ops", { user: "root", method: "su" }, /it asks for a password; give one/],
    ["ops", { user: "nosuch", method: "sudo" }, /there is no such user/],
    ["root", { user: "nosuch", method: "su" }, /there is no such user/],
  ];
  // A wrong password costs two seconds: all at once.
  await Promise.all(ways.flatMap(([user, become, message]) =>
    [0, 100_000].map((size) =>
      assert.rejects(
        as(server, user, become, "id", size),
        (error) => error instanceof BecomeError && message.test(error.message),
        `${user} ${JSON.stringify(become)}`,
      )
    )
  ));
});

Deno.test({ name: "the password is in no argument of any process", ignore }, async () => {
  await using server = await startSshd({ sudo: true });
  const seen = await as(
    server,
    "opspw",
    { user: "root", method: "sudo", password },
    "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
  );
  assert.match(seen, /sudo -H -S -p/);
  assert.ok(!seen.includes(password));
});

Deno.test({ name: "a script under sudo that is given up is killed", ignore }, async () => {
  await using server = await startSshd({ sudo: true });
  const connection = await openSsh({
    host: "127.0.0.1",
    port: server.port,
    user: "ops",
    identities: [server.keyPath],
    explicitIdentities: true,
    knownHosts: [server.knownHosts],
    hostKeyChecking: "strict",
  });
  const shell = await connection.shell({ user: "root", method: "sudo" });
  const slow = shell.exec("exec sleep 7654", { timeout: 0.3 });
  const behind = shell.exec("id -un");
  await assert.rejects(slow, { name: "CommandTimeoutError" });
  assert.equal(text(await behind).stdout, "root\n");
  assert.equal(await sh("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'sleep [7]654' || true"), "0\n");
  await connection.close();
});

Deno.test({ name: "a host without sudo says that", ignore }, async () => {
  await using server = await startSshd();
  const bare = await Deno.stat("/usr/bin/sudo").then(() => false, () => true);
  if (bare) {
    await assert.rejects(as(server, "ops", { user: "root", method: "sudo" }, "id"), /sudo is not installed there/);
  }
});
