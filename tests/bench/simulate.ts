/**
 * A large fleet on one machine. A thousand names stand for few sshd that listen on many loopback addresses: to the
 * controller each is a host of its own (an address, a host key to check, a connection, a session, tasks, events), so its
 * CPU and memory are those of a thousand hosts. The clock is the targets' as much as the controller's, and says little.
 * @module
 */

import type { Bench, Case } from "./bench.ts";
import { Cases } from "./cases.ts";
import { TITLES } from "./compare.ts";
import { type Files, writeFiles } from "./emit.ts";
import { measure } from "./measure.ts";
import { type Target, Targets } from "./targets.ts";
import { type BenchTask, benchTasks } from "./tasks.ts";

/** sshd listens on at most 16 addresses. */
const ADDRESSES = 16;

/** Measures a tenth of the fleet, half of the rest, and all of it, so that the constant part can be told apart. */
export async function simulate(bench: Bench): Promise<void> {
  const { simulate: most, keep } = bench.options;
  const count = Math.ceil(most / ADDRESSES);
  const addresses = Array.from({ length: ADDRESSES }, (_, index) => `127.0.0.${index + 1}`);
  bench.say(`simulate: ${count} sshd with ${ADDRESSES} addresses each stand for ${most} hosts`);
  await using targets = await Targets.start({ count, addresses }, keep);
  const tasks = benchTasks(targets.hasService);
  const cases = await Cases.of(targets);
  const servers = await writeFiles(targets, "servers", tasks, targets.hosts.slice(0, count));
  await measure(cases.aami(servers.aami, servers.inventory));
  for (const size of sizes(most)) {
    const hosts = targets.hosts.slice(0, size);
    const files = await writeFiles(targets, `fleet-${size}`, tasks, hosts);
    const measured = await casesOf(cases, files, tasks, hosts);
    await bench.measure({ part: "simulate", hosts: size, rtt: 0, run: "second", memory: true }, measured);
  }
}

/** The sizes that are measured. */
export function sizes(most: number): number[] {
  const least = Math.max(1, Math.round(most / 10));
  return [...new Set([least, Math.round((least + most) / 2), most])];
}

async function casesOf(
  cases: Cases,
  files: Files,
  tasks: readonly BenchTask[],
  hosts: readonly Target[],
): Promise<Case[]> {
  // Each takes a minute of the targets' CPU, and CPU times vary little.
  const most = 3;
  return [
    { title: TITLES.aami, command: cases.aami(files.aami, files.inventory), most },
    { title: TITLES.once, command: await cases.bare(files, "once", tasks, hosts), most },
  ];
}
