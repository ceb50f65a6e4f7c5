import assert from "node:assert/strict";
import { join } from "node:path";
import {
  fingerprint,
  type HostKeyChecking,
  hostPattern,
  judgeHostKey,
  knownKeys,
  matchesHost,
  parseKnownHosts,
  preferKnownTypes,
  verifyKey,
} from "../../../engine/transport/known_hosts.ts";
import { sh } from "./sshd.ts";

async function inFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function check(
  host: string,
  port: number,
  key: Uint8Array,
  knownHosts: string[],
  hostKeyChecking: HostKeyChecking,
): Promise<string | undefined> {
  const known = knownKeys(knownHosts, host, port);
  const { refused, learn } = judgeHostKey(host, port, key, { knownHosts, hostKeyChecking }, known);
  return learn ? await learn() : refused;
}

async function newKey(dir: string, name: string, type = "ed25519"): Promise<{ line: string; key: Uint8Array }> {
  await sh('ssh-keygen -q -t "$2" -N "" -f "$1"', join(dir, name), type);
  const line = (await Deno.readTextFile(join(dir, `${name}.pub`))).split(" ").slice(0, 2).join(" ");
  return { line, key: Uint8Array.fromBase64(line.split(" ")[1]) };
}

Deno.test("host fields: names, ports, patterns, negation, case", () => {
  const holds: [string, string, boolean][] = [
    ["web1", "web1", true],
    ["web1,10.0.0.1", "10.0.0.1", true],
    ["web1", "web2", false],
    ["[web1]:2222", "[web1]:2222", true],
    ["web1", "[web1]:2222", false],
    ["web?.example.org", "web1.example.org", true],
    ["*.example.org,!bad.example.org", "bad.example.org", false],
    ["*.example.org,!bad.example.org", "good.example.org", true],
    ["!web1", "web2", false],
    ["WEB1", "web1", true],
    ["[*.example.org]:22??", "[a.example.org]:2222", true],
  ];
  for (const [field, name, expected] of holds) assert.equal(matchesHost(field, name), expected, `${field} ${name}`);
  assert.equal(hostPattern("Web1", 22), "web1");
  assert.equal(hostPattern("web1", 2222), "[web1]:2222");
});

Deno.test("hashed entries and fingerprints agree with ssh-keygen", () =>
  inFolder(async (dir) => {
    const { line, key } = await newKey(dir, "key");
    const file = join(dir, "known_hosts");
    await Deno.writeTextFile(file, `# a comment\n\nweb1 ${line}\n[web2]:2222 ${line}\n`);
    await sh('ssh-keygen -q -H -f "$1" 2>/dev/null', file);
    assert.match(await Deno.readTextFile(file), /\|1\|/);
    assert.equal(verifyKey(knownKeys([file], "web1", 22), key).kind, "match");
    assert.equal(verifyKey(knownKeys([file], "web2", 2222), key).kind, "match");
    assert.equal(verifyKey(knownKeys([file], "web2", 22), key).kind, "unknown");
    assert.ok((await sh('ssh-keygen -lf "$1"', join(dir, "key.pub"))).includes(fingerprint(key)));
  }));

Deno.test("markers: a revoked key is refused, an authority is no plain key", () =>
  inFolder(async (dir) => {
    const { line, key } = await newKey(dir, "key");
    const revoked = parseKnownHosts(`web1 ${line}\n@revoked * ${line}\n`, "f");
    assert.equal(verifyKey(revoked, key).kind, "revoked");
    assert.equal(verifyKey(parseKnownHosts(`@cert-authority * ${line}`, "f"), key).kind, "unknown");
    assert.deepEqual(parseKnownHosts("nonsense\n@odd a b c\n", "f"), []);
  }));

Deno.test("hashed lines are heard also where another line names the host", () =>
  inFolder(async (dir) => {
    const [old, now, bad] = [await newKey(dir, "old"), await newKey(dir, "new", "ecdsa"), await newKey(dir, "bad")];
    const [plain, hashed] = [join(dir, "known_hosts"), join(dir, "hashed")];
    await Deno.writeTextFile(plain, `web1,10.0.0.1 ${old.line}\n`);
    await Deno.writeTextFile(hashed, `web1 ${now.line}\nweb1 ${bad.line}\n`);
    await sh('ssh-keygen -q -H -f "$1" 2>/dev/null', hashed);
    await Deno.writeTextFile(hashed, (await Deno.readTextFile(hashed)).replace(/\n(?=\|1\|)/, "\n@revoked "));
    for (const key of [old.key, now.key]) {
      assert.equal(await check("web1", 22, key, [plain, hashed], "strict"), undefined);
    }
    assert.match(await check("web1", 22, bad.key, [plain, hashed], "strict") ?? "", /is revoked/);
    assert.equal(await check("10.0.0.1", 22, old.key, [plain, hashed], "strict"), undefined);
  }));

Deno.test("a changed key is refused with both fingerprints, the place and the remedy", () =>
  inFolder(async (dir) => {
    const [old, now] = [await newKey(dir, "old"), await newKey(dir, "new")];
    const file = join(dir, "known_hosts");
    await Deno.writeTextFile(file, `other ${now.line}\n[web1]:2222 ${old.line}\n`);
    for (const mode of ["strict", "accept-new"] as const) {
      const why = await check("web1", 2222, now.key, [file], mode);
      assert.ok(why !== undefined && why.includes(fingerprint(old.key)) && why.includes(fingerprint(now.key)));
      assert.ok(why.includes(`${file}:2`) && why.includes("ssh-keygen -R '[web1]:2222'"));
    }
    assert.equal(await check("web1", 2222, now.key, [file], "off"), undefined);
  }));

Deno.test("a host that shows only another type of key counts as changed", () =>
  inFolder(async (dir) => {
    const [ed25519, rsa] = [await newKey(dir, "a"), await newKey(dir, "b", "ecdsa")];
    assert.equal(verifyKey(parseKnownHosts(`web1 ${ed25519.line}`, "f"), rsa.key).kind, "changed");
    const known = parseKnownHosts(`web1 ssh-rsa AAAA\nweb1 ${rsa.line}`, "f");
    const order = preferKnownTypes(["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"], known);
    assert.deepEqual(order, ["ecdsa-sha2-nistp256", "rsa-sha2-512", "ssh-ed25519"]);
  }));

Deno.test("strict refuses an unknown key and says how to accept it", () =>
  inFolder(async (dir) => {
    const { key } = await newKey(dir, "key");
    const why = await check("web1", 22, key, [join(dir, "none")], "strict");
    assert.ok(why?.includes(fingerprint(key)) && why.includes("ssh-keyscan -p 22 web1"));
  }));

Deno.test("accept-new learns each key once, for many connections at once", () =>
  inFolder(async (dir) => {
    const { line, key } = await newKey(dir, "key");
    const file = join(dir, "new", "known_hosts");
    const checks = Array.from({ length: 50 }, (_, index) => check(`web${index % 5}`, 22, key, [file], "accept-new"));
    assert.ok((await Promise.all(checks)).every((why) => why === undefined));
    const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
    assert.deepEqual(lines.sort(), [0, 1, 2, 3, 4].map((index) => `web${index} ${line}`));
    assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(join(dir, "new"))).mode! & 0o777, 0o700);
  }));

Deno.test("a file without a last newline is continued on a new line", () =>
  inFolder(async (dir) => {
    const { line, key } = await newKey(dir, "key");
    const file = join(dir, "known_hosts");
    await Deno.writeTextFile(file, `web1 ${line}`);
    await check("web2", 22, key, [file], "accept-new");
    assert.equal(await Deno.readTextFile(file), `web1 ${line}\nweb2 ${line}\n`);
  }));
