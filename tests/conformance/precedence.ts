/**
 * Which variable wins: a site whose variables are each set at some of the levels of Ansible's precedence, and which
 * shows whose value each has at the end.
 *
 * @module
 */

import * as fc from "fast-check";
import { dirname } from "node:path";

/** The levels, the lowest first, as Ansible documents them; `command line` is `-u`, for `ansible_user` alone. */
export const LEVELS = [
  ...["command line", "role defaults", "inventory file group", "inventory group_vars/all", "playbook group_vars/all"],
  ...["inventory group_vars/g", "playbook group_vars/g", "inventory file host", "inventory host_vars"],
  ...["playbook host_vars", "facts", "play vars", "vars_prompt", "vars_files", "role vars", "block vars", "task vars"],
  ...["include_vars", "set_fact", "role params", "include params", "extra vars"],
] as const;

/** One of the levels. */
export type Level = typeof LEVELS[number];

/** A variable and the levels that set it. */
export interface Contest {
  readonly name: string;
  readonly levels: readonly Level[];
}

/** Facts whose names the variables of contests take that are about facts. */
const FACTS = [
  ...["architecture", "distribution", "distribution_major_version", "distribution_release", "distribution_version"],
  ...["fqdn", "hostname", "kernel", "machine", "memtotal_mb", "nodename", "os_family", "pkg_mgr", "processor_vcpus"],
  ...["service_mgr", "system", "user_id", "user_dir", "user_uid", "user_gid", "domain", "swaptotal_mb", "user_shell"],
].map((name) => `ansible_${name}`);

const ORDINARY = LEVELS.filter((level) => level !== "command line" && level !== "facts");

/** Contests of every pair of levels but the command line's, and of some subsets of all. */
export function contests(): Contest[] {
  const pairs = ORDINARY.flatMap((low, index) => ORDINARY.slice(index + 1).map((high) => [low, high]));
  const subsets = fc.sample(fc.subarray(ORDINARY, { minLength: 3 }), { numRuns: 150, seed: 5 });
  const withFacts = [
    ...ORDINARY.map((level) => [level]),
    ...fc.sample(fc.subarray(ORDINARY, { minLength: 2 }), { numRuns: FACTS.length - ORDINARY.length, seed: 6 }),
  ];
  return [
    ...[...pairs, ...subsets].map((levels, index) => ({ name: `v${index}`, levels })),
    ...withFacts.map((levels, index) => ({ name: FACTS[index], levels: [...levels, "facts"] as Level[] })),
  ];
}

/** Contests of `-u` with each other level, a run each. */
export function loginContests(): Contest[] {
  return ORDINARY.map((level) => ({ name: "ansible_user", levels: ["command line", level] }));
}

const FILES: Partial<Record<Level, string>> = {
  "role defaults": "roles/r/defaults/main.yml",
  "inventory group_vars/all": "inventory/group_vars/all.yml",
  "playbook group_vars/all": "group_vars/all.yml",
  "inventory group_vars/g": "inventory/group_vars/g.yml",
  "playbook group_vars/g": "group_vars/g.yml",
  "inventory host_vars": "inventory/host_vars/h.yml",
  "playbook host_vars": "host_vars/h.yml",
  "vars_files": "vars.yml",
  "role vars": "roles/r/vars/main.yml",
  "include_vars": "included.yml",
  "extra vars": "extra.yml",
};

/** The files of a site for contests. */
function siteOf(all: readonly Contest[]): Record<string, unknown> {
  const at = (level: Level) =>
    Object.fromEntries(all.filter(({ levels }) => levels.includes(level)).map(({ name }) => [name, level]));
  const show = { debug: { msg: Object.fromEntries(all.map(({ name }) => [name, `{{ ${name} }}`])) }, name: "winners" };
  const prompts = Object.entries(at("vars_prompt")).map(([name, value]) => ({ name, default: value, private: false }));
  const play = {
    hosts: "g",
    gather_facts: all.some(({ levels }) => levels.includes("facts")),
    vars: at("play vars"),
    vars_files: ["vars.yml"],
    ...prompts.length > 0 ? { vars_prompt: prompts.map((prompt) => ({ ...prompt, prompt: prompt.name })) } : {},
    pre_tasks: [
      { include_vars: "included.yml" },
      ...Object.keys(at("set_fact")).length > 0 ? [{ set_fact: at("set_fact") }] : [],
    ],
    roles: [{ role: "r", ...at("role params") }],
  };
  const group = { vars: at("inventory file group"), hosts: { h: {} } };
  const host = { ansible_connection: "local", ...at("inventory file host") };
  return {
    ...Object.fromEntries(Object.entries(FILES).map(([level, path]) => [path, at(level as Level)])),
    "inventory/hosts.yml": { all: { hosts: { h: host }, children: { g: group } } },
    "roles/r/tasks/main.yml": [{ include_tasks: "shown.yml", vars: at("include params") }],
    "roles/r/tasks/shown.yml": [{ vars: at("block vars"), block: [{ ...show, vars: at("task vars") }] }],
    "play.yml": [play],
  };
}

/** Writes the site of contests into a folder, and gives the arguments to run it. */
export async function writeSite(all: readonly Contest[], folder: string): Promise<string[]> {
  for (const [path, content] of Object.entries(siteOf(all))) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    // JSON is YAML.
    await Deno.writeTextFile(`${folder}/${path}`, JSON.stringify(content));
  }
  const login = all.some(({ levels }) => levels.includes("command line")) ? ["-u", "command line"] : [];
  return [`${folder}/play.yml`, "-i", `${folder}/inventory/hosts.yml`, "-e", `@${folder}/extra.yml`, ...login];
}

/**
 * The winner of each contest, from what the program showed: a level, `facts` for any other value.
 *
 * @throws {Error} where the line is none that shows winners
 */
export function winners(line: string): Record<string, string> {
  const shown = /winners: ok (\{.*\})$/.exec(line)?.[1];
  if (shown === undefined) throw new Error(`no winners: ${line}`);
  const known: readonly string[] = LEVELS;
  const values: [string, string][] = Object.entries(JSON.parse(shown));
  return Object.fromEntries(values.map(([name, value]) => [name, known.includes(value) ? value : "facts"]));
}

/** What a program that plays a site makes of contests: one site for all, and one for each that is about `-u`. */
export async function winnersBy(
  run: (args: readonly string[], folder: string) => Promise<readonly string[]>,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const one = async (all: readonly Contest[]) => {
    const folder = await Deno.makeTempDir({ prefix: "conformance-precedence-" });
    try {
      const lines = await run(await writeSite(all, folder), folder);
      return winners(lines.find((line) => line.includes("winners")) ?? lines.join("\n"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  Object.assign(found, await one(contests()));
  for (const contest of loginContests()) {
    found[`-u against ${contest.levels[1]}`] = (await one([contest])).ansible_user;
  }
  return found;
}
