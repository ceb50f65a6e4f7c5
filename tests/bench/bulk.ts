/**
 * One large file to a host and from it, beside scp.
 * @module
 */

import type { Bench } from "./bench.ts";
import { Cases } from "./cases.ts";
import { writeFiles } from "./emit.ts";
import { Targets } from "./targets.ts";

/** The titles of the cases. */
export const BULK = {
  copy: "copy of a large file",
  scp: "scp of it",
  fetch: "fetch of a large file",
  back: "scp of it, from the host",
} as const;

/** Measures `copy` and `fetch` against scp; the file is new where it goes each time. */
export async function bulk(bench: Bench): Promise<void> {
  const { megabytes, keep } = bench.options;
  if (megabytes < 1024) bench.leftOut.push(`bulk: the aim is about 1 GB, the file had ${megabytes} MB`);
  await using targets = await Targets.start({ count: 1 }, keep);
  const cases = await Cases.of(targets);
  const files = await writeFiles(targets, "bulk", []);
  const big = `${files.folder}/files/big`;
  await writeRandom(big, megabytes);
  const play = async (name: string, task: string) => {
    const path = `${files.folder}/${name}.yml`;
    await Deno.writeTextFile(path, `- hosts: all\n  gather_facts: false\n  tasks:\n    - ${task}\n`);
    return path;
  };
  const copy = await play("copy", `copy: { src: big, dest: "{{ work }}/big", mode: "0644" }`);
  const here = `${files.folder}/fetched`;
  const fetch = await play("fetch", `fetch: { src: "{{ work }}/big", dest: ${here}, flat: true }`);
  const [host] = targets.hosts;
  const options = ["-F", "none", "-i", targets.key, "-o", `UserKnownHostsFile=${targets.knownHosts}`, "-q"];
  const user = Deno.uid() === 0 ? "root@" : "";
  const there = `${user}${host.address}:${host.work}/big`;
  const scp = (from: string, to: string) => ({ argv: ["scp", ...options, "-P", String(host.port), from, to] });
  const before = () => targets.reset();
  const away = async () => {
    await Deno.copyFile(big, `${host.work}/big`);
    await Deno.remove(here).catch(() => {});
  };
  await bench.measure({ part: "bulk", hosts: 1, rtt: 0, run: "first", memory: true }, [
    { title: BULK.copy, command: cases.aami(copy, files.inventory), before, most: 3 },
    { title: BULK.scp, command: scp(big, there), before, most: 3 },
    { title: BULK.fetch, command: cases.aami(fetch, files.inventory), before: away, most: 3 },
    { title: BULK.back, command: scp(there, here), before: away, most: 3 },
  ]);
}

/** Bytes that nothing along the way can make smaller. */
async function writeRandom(path: string, megabytes: number): Promise<void> {
  using out = await Deno.open(path, { create: true, write: true });
  const block = new Uint8Array(1024 * 1024);
  for (let at = 0; at < block.length; at += 65536) crypto.getRandomValues(block.subarray(at, at + 65536));
  for (let index = 0; index < megabytes; index++) {
    block[0] = index & 255;
    for (let at = 0; at < block.length;) at += await out.write(block.subarray(at));
  }
}
