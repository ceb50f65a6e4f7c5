import assert from "node:assert/strict";
import { join } from "node:path";
import { resolveSshTarget, type SshConfigPlace } from "../../../engine/transport/ssh_config.ts";

async function withConfig(
  files: Readonly<Record<string, string>>,
  run: (place: SshConfigPlace) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  await Deno.mkdir(join(home, ".ssh/config.d"), { recursive: true });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(home, name), text);
  try {
    await run({
      home,
      user: "me",
      userFile: join(home, ".ssh/config"),
      systemFile: join(home, "ssh_config"),
      agent: "/run/agent",
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("without a configuration OpenSSH's defaults hold", () =>
  withConfig({}, async (place) => {
    const target = await resolveSshTarget("web1", {}, place);
    assert.deepEqual(target, {
      host: "web1",
      port: 22,
      user: "me",
      identities: ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(place.home, ".ssh", name)),
      explicitIdentities: false,
      identitiesOnly: false,
      agent: "/run/agent",
      password: undefined,
      knownHosts: [
        join(place.home, ".ssh/known_hosts"),
        join(place.home, ".ssh/known_hosts2"),
        "/etc/ssh/ssh_known_hosts",
      ],
      hostKeyChecking: "accept-new",
      hostKeyAlias: undefined,
      jumps: [],
    });
  }));

Deno.test("the user's file wins over the system's, and explicit settings over both", () =>
  withConfig({
    ".ssh/config": [
      "Host web*",
      "  HostName %h.example.org",
      "  user bob",
      "  IdentityFile ~/.ssh/%r_%h",
      '  IdentityFile "%d/with space"',
      "  IdentitiesOnly yes",
      "  IdentityAgent none",
      "  UserKnownHostsFile ~/known /other/known",
      "  StrictHostKeyChecking yes",
    ].join("\n"),
    "ssh_config": "Port 2200\nUser system\n",
  }, async (place) => {
    const target = await resolveSshTarget("web1", {}, place);
    assert.equal(target.host, "web1.example.org");
    assert.equal(target.user, "bob");
    assert.equal(target.port, 2200);
    assert.deepEqual(target.identities, [`${place.home}/.ssh/bob_web1.example.org`, `${place.home}/with space`]);
    assert.deepEqual([target.explicitIdentities, target.identitiesOnly, target.agent], [true, true, undefined]);
    assert.deepEqual(target.knownHosts.slice(0, 2), [`${place.home}/known`, "/other/known"]);
    assert.equal(target.hostKeyChecking, "strict");
    const set = await resolveSshTarget("web1", { port: 22, user: "root", identities: ["~/k"] }, place);
    assert.deepEqual([set.host, set.port, set.user], ["web1.example.org", 22, "root"]);
    assert.deepEqual(set.identities, [`${place.home}/k`]);
    assert.equal((await resolveSshTarget("db1", {}, place)).user, "system");
  }));

Deno.test("jump hosts have settings of their own and may need jump hosts themselves", () =>
  withConfig({
    ".ssh/config": [
      "Host inner",
      "  ProxyJump ops@mid:2222,last",
      "Host mid",
      "  HostName 10.0.0.2",
      "  ProxyJump outer",
      "Host last",
      "  User lastuser",
      "  ProxyJump ignored",
      "Host direct",
      "  ProxyJump none",
      "Host old",
      "  ProxyCommand ssh -q -W %h:%p -p 24 ops@mid2",
      "Host odd",
      "  ProxyCommand nc %h %p",
      "Host a",
      "  ProxyJump b",
      "Host b",
      "  ProxyJump a",
    ].join("\n"),
  }, async (place) => {
    const names = async (alias: string, jumps?: string[]) =>
      (await resolveSshTarget(alias, { jumps }, place)).jumps.map((hop) => `${hop.user}@${hop.host}:${hop.port}`);
    assert.deepEqual(await names("inner"), ["me@outer:22", "ops@10.0.0.2:2222", "lastuser@last:22"]);
    assert.deepEqual(await names("inner", []), []);
    assert.deepEqual(await names("direct", ["x@[fe80::1]:23"]), ["x@fe80::1:23"]);
    assert.deepEqual(await names("direct"), []);
    assert.deepEqual(await names("old"), ["ops@mid2:24"]);
    await assert.rejects(names("odd"), /ProxyCommand, which is not supported: nc %h %p\n.*use ProxyJump/);
    await assert.rejects(names("a"), /in a circle: a → b → a/);
  }));

Deno.test("Include, Match and the section after an Include", () =>
  withConfig({
    ".ssh/config": [
      "Include config.d/*.conf missing",
      "Host web1",
      "  User first",
      "  Include extra",
      "  Port 99",
      "Match host web2",
      "  User matched",
      "Match exec true",
      "  Port 1",
    ].join("\n"),
    ".ssh/config.d/10.conf": "Host web1\n  HostName ten\n",
    ".ssh/config.d/20.conf": "Host web1\n  HostName twenty\n",
    ".ssh/extra": "IdentitiesOnly yes\n",
  }, async (place) => {
    const target = await resolveSshTarget("web1", {}, place);
    assert.deepEqual([target.host, target.user, target.port, target.identitiesOnly], ["ten", "first", 99, true]);
    const other = await resolveSshTarget("web2", {}, place);
    assert.deepEqual([other.host, other.user, other.port], ["web2", "matched", 22]);
  }));
