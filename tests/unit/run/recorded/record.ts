/**
 * Records what ansible-playbook makes of the plays that the tests compare with: `deno run -A tests/unit/run/recorded/record.ts`
 * (needs ansible-core;
 * the names of the parts to record may follow). Writes `blocks.json` and `tags.json` beside this file.
 *
 * @module
 */

import * as fc from "fast-check";
import { join } from "node:path";
import { programs, toYaml } from "./block_programs.ts";
import { SELECTIONS, tagPlay } from "./tag_plays.ts";

/** A callback plugin that prints one JSON line a result. */
const CALLBACK = `
import json
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'lines'

    def say(self, status, result):
        print(json.dumps([result._host.name, result._task.get_name(), status]))

    def v2_runner_on_ok(self, result):
        self.say('changed' if result._result.get('changed') else 'ok', result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.say('ignored' if ignore_errors else 'failed', result)

    def v2_runner_on_skipped(self, result):
        self.say('skipped', result)

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed.keys()):
            print(json.dumps([host, 'RECAP', stats.summarize(host)]))
`;

type Line = [host: string, task: string, status: string | Record<string, number>];

async function ansible(directory: string, args: string[]): Promise<Line[]> {
  const { stdout } = await new Deno.Command("ansible-playbook", {
    args,
    cwd: directory,
    env: {
      ANSIBLE_STDOUT_CALLBACK: "lines",
      ANSIBLE_CALLBACK_PLUGINS: directory,
      ANSIBLE_NOCOWS: "1",
      LC_ALL: "C.UTF-8",
      ANSIBLE_LOCALHOST_WARNING: "0",
    },
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith("[")).map((line) =>
    JSON.parse(line)
  );
}

async function version(): Promise<string> {
  const { stdout } = await new Deno.Command("ansible-playbook", { args: ["--version"] }).output();
  return new TextDecoder().decode(stdout).split("\n")[0];
}

async function recordBlocks(directory: string): Promise<void> {
  const samples = fc.sample(programs, { numRuns: 150, seed: 2 });
  const names = samples.map((_program, index) => `h${index}`);
  const inventory = [...names, "keeper"].map((name) => `${name} ansible_connection=local\n`).join("");
  // ansible-playbook stops where every host of a play has failed: one more host keeps it going.
  const leave = "    - { meta: end_host, when: inventory_hostname == 'keeper' }\n";
  const plays = samples.map((program, index) =>
    `- hosts: h${index}:keeper\n  gather_facts: false\n  tasks:\n${leave}${toYaml(program)}`
  );
  await Deno.writeTextFile(join(directory, "inventory.ini"), inventory);
  await Deno.writeTextFile(join(directory, "site.yml"), plays.join(""));
  const lines = await ansible(directory, ["-i", "inventory.ini", "site.yml"]);
  const cases = samples.map((program, index) => {
    const own = lines.filter(([host]) => host === `h${index}`);
    const recap = own.find(([, task]) => task === "RECAP")?.[2] as Record<string, number>;
    const { ok, failures, rescued, ignored } = recap;
    return {
      program,
      ran: own.filter(([, task]) => task !== "RECAP" && task !== "meta").map(([, task, status]) => `${task} ${status}`),
      counts: { ok, failed: failures, rescued, ignored },
    };
  });
  await save("blocks.json", { version: await version(), cases });
}

async function recordTags(directory: string): Promise<void> {
  await Deno.writeTextFile(join(directory, "site.yml"), tagPlay());
  const cases = [];
  for (const { only, skip } of SELECTIONS) {
    const args = ["-i", "localhost,", "-c", "local", "site.yml"];
    if (only.length > 0) args.push("--tags", only.join(","));
    if (skip.length > 0) args.push("--skip-tags", skip.join(","));
    const lines = await ansible(directory, args);
    cases.push({ only, skip, ran: lines.filter(([, task]) => task !== "RECAP").map(([, task]) => task) });
  }
  await save("tags.json", { version: await version(), cases });
}

async function save(name: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(new URL(name, import.meta.url), `${JSON.stringify(value)}\n`);
}

if (import.meta.main) {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(directory, "lines.py"), CALLBACK);
    const wanted = (name: string) => Deno.args.length === 0 || Deno.args.includes(name);
    if (wanted("tags")) await recordTags(directory);
    if (wanted("blocks")) await recordBlocks(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
