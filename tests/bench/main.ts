/**
 * `deno task bench`: what aami costs, beside what ansible-playbook, raw ssh and a bare session cost on the same hosts.
 *
 * Figures go to standard output and, as JSON, to a file; talk goes to standard error.
 * @module
 */

import { dirname } from "node:path";
import { run } from "../fleet/command.ts";
import { ansiblePackages, ensurePackages } from "../fleet/prerequisites.ts";
import { aims } from "./aims.ts";
import { Bench } from "./bench.ts";
import { bulk } from "./bulk.ts";
import { compare } from "./compare.ts";
import { language } from "./language.ts";
import { type Options, readOptions, USAGE, UsageError } from "./options.ts";
import { printed, type Report } from "./report.ts";
import { simulate } from "./simulate.ts";
import { startup } from "./startup.ts";

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (!options) return console.log(USAGE);
  const bench = new Bench(options, (line) => console.error(line));
  const load = Deno.loadavg()[0];
  const server = await ensurePackages(["openssh-server", "openssh-client"]);
  if (server.missing.length > 0) throw new UsageError(`${server.reason}; the hosts need: ${server.aptLine}`);
  const ansible = options.withoutAnsible ? undefined : await ensurePackages([...ansiblePackages, "python3-apt"]);
  if (ansible && ansible.missing.length > 0) {
    bench.leftOut.push(`ansible-playbook: ${ansible.reason}; ${ansible.aptLine}`);
  }
  await measureParts(bench, options, ansible?.missing.length === 0);
  const report: Report = {
    schema: 1,
    at: new Date().toISOString(),
    commit: await commit(),
    machine: {
      cores: navigator.hardwareConcurrency,
      memory: Math.round(Deno.systemMemoryInfo().total / 1024 ** 3),
      load,
      versions: await versions(ansible?.missing.length === 0),
    },
    rows: bench.rows,
    aims: aims(bench.rows),
    leftOut: bench.leftOut,
  };
  await Deno.mkdir(dirname(options.json), { recursive: true });
  await Deno.writeTextFile(options.json, JSON.stringify(report, undefined, 2) + "\n");
  console.log(printed(report));
  if (load > navigator.hardwareConcurrency / 4) {
    console.log(`\nThe machine was busy (load ${load.toFixed(1)}): trust the ratios more than the seconds.`);
  }
  console.log(`\n${options.json}`);
}

async function measureParts(bench: Bench, { parts, hosts, manyHosts }: Options, ansible: boolean): Promise<void> {
  const tuned = ansible ? "tuned" : "none";
  for (const part of parts) {
    if (part === "compare") await compare(bench, { part: "compare", hosts, rtt: 0, memory: true, ansible: tuned });
    if (part === "matrix") {
      const both = ansible ? "both" : "none";
      await compare(bench, { part: "near", hosts: manyHosts, rtt: 0, memory: true, ansible: tuned });
      await compare(bench, { part: "far", hosts, rtt: 50, ansible: both });
    }
    if (part === "language") await language(bench);
    if (part === "simulate") await simulate(bench);
    if (part === "startup") await startup(bench);
    if (part === "bulk") await bulk(bench);
  }
}

/** The commit that is measured; a plus where files differ from it, undefined outside of git. */
async function commit(): Promise<string | undefined> {
  const git = (...args: string[]) => run(["git", "-C", import.meta.dirname!, ...args], { mayFail: true });
  const head = await git("rev-parse", "--short", "HEAD");
  if (head.code !== 0) return undefined;
  return head.stdout.trim() + ((await git("status", "--porcelain", "-uno")).stdout === "" ? "" : "+");
}

async function versions(ansible: boolean): Promise<string[]> {
  const first = async (...argv: string[]) => {
    const { stdout, stderr } = await new Deno.Command(argv[0], { args: argv.slice(1) }).output();
    return new TextDecoder().decode(stdout.length > 0 ? stdout : stderr).split("\n")[0];
  };
  return [
    `deno ${Deno.version.deno}`,
    await first("ssh", "-V"),
    ...ansible ? [await first("ansible-playbook", "--version")] : [],
  ];
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
  }
}
