import { deepStrictEqual, match, strictEqual } from "node:assert";
import fetchModule from "../../../modules/fetch/mod.ts";
import { RemoteHost } from "../../../engine/host/remote_host.ts";
import { apply, parseArgs, plan, testModule } from "./harness.ts";

const folder = await Deno.makeTempDir({ prefix: "aami fetch's " });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const dest = (path: string) => `dest: ${JSON.stringify(`${folder}/${path}`)}`;
const read = (path: string) => Deno.readTextFile(`${folder}/${path}`);
const names = (path: string) => [...Deno.readDirSync(`${folder}/${path}`)].map(({ name }) => name).sort();

testModule("fetch", [
  {
    name: "a file behind a link, by host and path",
    prepare: 'mkdir -p "/root/it\'s here"; printf \'ü\\n\' > "/root/it\'s here/f"; ln -sfn f "/root/it\'s here/l"',
    args: `src: "/root/it's here/l"\n${dest("tree")}`,
    verify: "test $(ls -A /root/it*here | wc -l) = 2",
    drift: [{ name: "it changed on the host", by: 'echo other > "/root/it\'s here/f"' }],
  },
  {
    name: "a file that is missing and may be",
    args: `src: /root/none\nfail_on_missing: false\n${dest("tree")}`,
    changes: [],
    result: { msg: "there is no file at /root/none on the host: nothing is fetched" },
  },
  { name: "a file that is missing", args: `src: /root/none\n${dest("t")}`, fails: /^there is no file at \/root\/none/ },
  { name: "a directory", args: `src: /etc\n${dest("t")}`, fails: /^\/etc is a directory, not a file$/ },
  {
    name: "out of its place",
    args: `src: /../../../../../../../etc/hostname\n${dest("tree")}`,
    fails: /^\/\.\.\/.*would be written to .*, which is not below/,
  },
  { name: "a directory that cannot be made", args: `src: /etc/hostname\ndest: /proc/none`, fails: /^cannot write/ },
], async ({ host, machine, connection }, t) => {
  await t.step("what was fetched is what the host has", async () => {
    strictEqual(await read("tree/node1/root/it's here/l"), "other\n");
  });
  await t.step("flat, into a directory or as a file; the mode of what is there stays", async () => {
    await apply(fetchModule, host, parseArgs(fetchModule, `src: /etc/hostname\nflat: true\n${dest("flat/")}`));
    strictEqual(await read("flat/hostname"), await machine.read("/etc/hostname"));
    await Deno.chmod(`${folder}/flat/hostname`, 0o640);
    await apply(fetchModule, host, parseArgs(fetchModule, `src: /etc/passwd\nflat: true\n${dest("flat/hostname")}`));
    strictEqual(await read("flat/hostname"), await machine.read("/etc/passwd"));
    strictEqual((await Deno.stat(`${folder}/flat/hostname`)).mode! & 0o777, 0o640);
    deepStrictEqual(names("flat"), ["hostname"]);
  });
  await t.step("check writes nothing on the controller either", async () => {
    await plan(fetchModule, host, parseArgs(fetchModule, `src: /etc/hostname\n${dest("checked")}`));
    deepStrictEqual(names("").includes("checked"), false);
  });
  await t.step("a file of several pieces, and an empty one", async () => {
    await machine.exec("head -c 20000001 /dev/urandom > /root/big; : > /root/empty", { mustSucceed: true });
    for (const name of ["big", "empty"]) {
      const args = parseArgs(fetchModule, `src: /root/${name}\nflat: true\n${dest("flat/")}`);
      const { result } = await apply(fetchModule, host, args);
      const { stdout } = await machine.exec(`sha256sum < /root/${name}`);
      strictEqual(result.checksum, stdout.split(" ")[0]);
      deepStrictEqual((await plan(fetchModule, host, args)).changes, []);
    }
  });
  await t.step("a file that changes meanwhile is refused, and nothing is left", async () => {
    const args = parseArgs(fetchModule, `src: /root/big\nflat: true\n${dest("moving/")}`);
    const planned = await plan(fetchModule, host, args);
    await machine.exec("echo more >> /root/big", { mustSucceed: true });
    const refused = fetchModule.apply(host, planned, args as never, new AbortController().signal);
    match(await refused.then(() => "", (error) => error.message), /^\/root\/big changed on the host while it was read/);
    deepStrictEqual(names("moving"), []);
  });
  await t.step("a file that the user may not read", async () => {
    await machine.exec("useradd -m plain; mkdir -p /root/x; chmod 700 /root", { mustSucceed: true });
    const shell = await connection.shell({ user: "plain", method: "su" });
    const plain = new RemoteHost({ name: "node1", user: "plain", connection, shell });
    const args = parseArgs(fetchModule, `src: /root/big\n${dest("plain")}`);
    const said = await apply(fetchModule, plain, args).then(() => "", (error) => error.message);
    match(said, /\/root\/big/);
  });
});
