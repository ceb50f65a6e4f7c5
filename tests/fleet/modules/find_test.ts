import { deepStrictEqual, strictEqual } from "node:assert";
import find from "../../../modules/find/mod.ts";
import type { Value } from "../../../engine/module/module.ts";
import { apply, type Bench, parseArgs, testModule } from "./harness.ts";

const TREE = `
mkdir -p /root/t/a/b "/root/t/it's \\$x" /root/t/.hidden
printf 'alert: x\\n' > /root/t/one.log; printf 'no\\n' > /root/t/a/two.log; echo y > /root/t/a/b/three.txt
echo z > "/root/t/it's \\$x/four.log"; echo h > /root/t/.hidden/five.log; head -c 5000 /dev/zero > /root/t/big.bin
touch -d '3 days ago' /root/t/one.log; ln -sfn a /root/t/link; chmod 600 /root/t/one.log`;

async function paths({ host }: Bench, args: string): Promise<string[]> {
  const { result } = await apply(find, host, parseArgs(find, `paths: /root/t\n${args}`));
  return (result.files as { [key: string]: Value }[]).map(({ path }) => String(path).slice("/root/t/".length)).sort();
}

testModule("find", [
  {
    name: "files of one directory",
    prepare: TREE,
    args: "paths: /root/t",
    changes: [],
    result: { matched: 2, examined: 6, msg: "All paths examined", skipped_paths: {} },
  },
  {
    name: "a directory that is missing",
    args: "paths: [/root/t, /nowhere]",
    result: { matched: 2, skipped_paths: { "/nowhere": "it does not exist" } },
  },
], async (bench, t) => {
  await t.step("all below, whatever their names hold", async () => {
    const all = [".hidden/five.log", "a/b/three.txt", "a/two.log", "big.bin", "it's $x/four.log", "one.log"];
    deepStrictEqual(await paths(bench, "recurse: true"), all);
  });
  await t.step("by glob, depth, age, size, content and type", async () => {
    deepStrictEqual(await paths(bench, "recurse: true\npatterns: '*.txt'"), ["a/b/three.txt"]);
    deepStrictEqual(await paths(bench, "recurse: true\ndepth: 2\npatterns: 't*'"), ["a/two.log"]);
    deepStrictEqual(await paths(bench, "recurse: true\nage: 2d"), ["one.log"]);
    deepStrictEqual(await paths(bench, "size: 4k"), ["big.bin"]);
    deepStrictEqual(await paths(bench, "contains: alert"), ["one.log"]);
    deepStrictEqual(await paths(bench, "file_type: link"), ["link"]);
    deepStrictEqual(await paths(bench, "file_type: directory\nhidden: true"), [".hidden", "a", "it's $x"]);
  });
  await t.step("through links", async () => {
    const found = await paths(bench, "recurse: true\nfollow: true\npatterns: two.*");
    deepStrictEqual(found, ["a/two.log", "link/two.log"]);
  });
  await t.step("with checksum and mode", async () => {
    const args = parseArgs(find, "paths: /root/t\npatterns: one.log\nget_checksum: true");
    const [file] = (await apply(find, bench.host, args)).result.files as { [key: string]: Value }[];
    const { stdout } = await bench.machine.exec("sha256sum < /root/t/one.log");
    deepStrictEqual([file.checksum, file.mode, file.size], [stdout.split(" ")[0], "0600", 9]);
  });
  await t.step("a thousand files in less than two seconds", async () => {
    await bench.machine.exec("mkdir /root/many; for i in $(seq 1000); do echo $i > /root/many/$i; done", {
      mustSucceed: true,
    });
    const started = performance.now();
    const { result } = await apply(find, bench.host, parseArgs(find, "paths: /root/many\nrecurse: true"));
    strictEqual(result.matched, 1000);
    strictEqual(performance.now() - started < 2000, true);
  });
});
