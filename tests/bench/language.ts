/**
 * What parts of the language cost: many tasks, loops, commands, conditions that do not hold.
 * @module
 */

import type { Bench, Case } from "./bench.ts";
import { Cases } from "./cases.ts";
import { writeFiles } from "./emit.ts";
import { measure } from "./measure.ts";
import { Targets } from "./targets.ts";
import { Wire } from "./wire.ts";

/** The titles of the cases. */
export const LANGUAGE = {
  one: "one task",
  many: "200 tasks, none of them a command",
  loop: "a loop of 100 items",
  commands: "3 commands without a guard, one after the other",
  split: "3 commands without a guard, a file task before each",
  neverOnOne: "200 tasks, when: false, on one of them",
  never: "200 tasks, when: false",
} as const;

const file = (path: string, more = "") => `    - file: { path: "{{ work }}/${path}", state: directory }${more}\n`;
const command = "    - { command: uname -r, changed_when: false }\n";
const times = (count: number, task: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => task(i)).join("");

/** The plays, by title. */
const PLAYS: Readonly<Record<string, string>> = {
  [LANGUAGE.one]: file("."),
  [LANGUAGE.many]: times(200, (index) => file(`d${index % 10}`)),
  [LANGUAGE.loop]: `    - file: { path: "{{ work }}/l{{ item }}", state: directory }\n      loop: [${
    times(100, (index) => `${index}, `)
  }]\n`,
  [LANGUAGE.commands]: file(".") + command.repeat(3) + file("."),
  [LANGUAGE.split]: times(3, (index) => file(`d${index}`) + command) + file("."),
  [LANGUAGE.never]: times(200, (index) => file(`d${index}`, "\n      when: 1 > 2")),
};

async function writePlays(folder: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const [index, [title, tasks]] of Object.entries(PLAYS).entries()) {
    const path = `${folder}/language-${index}.yml`;
    await Deno.writeTextFile(path, `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`);
    paths.set(title, path);
  }
  return paths;
}

/** Measures them: round trips on two hosts far away, conditions on many hosts that nobody connects to. */
export async function language(bench: Bench): Promise<void> {
  await far(bench);
  await never(bench, bench.options.manyHosts);
}

async function far(bench: Bench): Promise<void> {
  await using targets = await Targets.start({ count: 2 }, bench.options.keep);
  await using wire = await Wire.before(targets, targets.hosts, 50);
  const cases = await Cases.of(targets);
  const files = await writeFiles(targets, "language", [], wire.hosts);
  const plays = await writePlays(files.folder);
  const titles = [LANGUAGE.one, LANGUAGE.many, LANGUAGE.loop, LANGUAGE.commands, LANGUAGE.split];
  for (const title of titles) await measure(cases.aami(plays.get(title)!, files.inventory));
  const measured: Case[] = titles.map((title) => ({ title, command: cases.aami(plays.get(title)!, files.inventory) }));
  measured.push({ title: "connection only", command: await cases.bare(files, "connect", [], wire.hosts) });
  await bench.measure({ part: "language", hosts: 2, rtt: 50, run: "second", wire }, measured);
}

async function never(bench: Bench, hosts: number): Promise<void> {
  await using targets = await Targets.start({ count: 1 }, bench.options.keep);
  const cases = await Cases.of(targets);
  const names = Array.from({ length: hosts }, (_, index) => ({ ...targets.hosts[0], name: `node${index + 1}` }));
  const files = await writeFiles(targets, "never", [], names);
  const plays = await writePlays(files.folder);
  const play = plays.get(LANGUAGE.never)!;
  // On one host it is start-up and reading the playbook; what comes on top is the engine's.
  const measured = [
    { title: LANGUAGE.neverOnOne, command: cases.aami(play, files.inventory, "--limit", "node1") },
    { title: LANGUAGE.never, command: cases.aami(play, files.inventory) },
  ];
  await bench.measure({ part: "language", hosts, rtt: 0, run: "" }, measured);
}
