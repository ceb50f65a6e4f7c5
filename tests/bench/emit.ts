/**
 * Writes the benchmark's tasks for each tool: a playbook for aami and one for ansible, a script for raw ssh, a list of
 * checks for the bare session.
 * @module
 */

import type { BarePlan } from "./bare.ts";
import { type BenchTask, VARIABLES } from "./tasks.ts";
import type { Target, Targets } from "./targets.ts";

/** Where a tool finds what it runs. */
export interface Files {
  readonly folder: string;
  readonly inventory: string;
  readonly aami: string;
  readonly ansible: string;
}

/** Quotes text for YAML; JSON is YAML. */
const quoted = (value: unknown) => JSON.stringify(value);

/** The play as YAML for one of the two. */
export function playbook(tasks: readonly BenchTask[], tool: "aami" | "ansible"): string {
  const lines = ["- hosts: all", "  gather_facts: false", `  vars: ${quoted(VARIABLES)}`, "  tasks:"];
  for (const task of tasks) {
    lines.push(`    - name: ${quoted(task.name)}`, `      ${task.module}:`);
    const args: Record<string, string | boolean> = { ...task.args, ...tool === "ansible" ? task.ansible : {} };
    if (task.template && tool === "aami") args.src = `${task.template.name}.hbs`;
    if (task.template && tool === "ansible") args.src = `${task.template.name}.j2`;
    for (const [name, value] of Object.entries(args)) lines.push(`        ${name}: ${quoted(value)}`);
  }
  return lines.join("\n") + "\n";
}

/** The inventory in INI, which both read alike. */
export function inventory(targets: Targets, hosts: readonly Target[]): string {
  const lines = hosts.map(({ name, address, port, work, label }) =>
    `${name} ansible_host=${address} ansible_port=${port} work=${work} label=${label}`
  );
  const user = Deno.uid() === 0 ? "root" : Deno.env.get("USER") ?? "root";
  return `[all]\n${lines.join("\n")}\n\n[all:vars]\nansible_user=${user}\n` +
    `ansible_ssh_private_key_file=${targets.key}\nansible_python_interpreter=/usr/bin/python3\n`;
}

/** Writes playbooks, templates, files and the inventory into a folder of its own. */
export async function writeFiles(
  targets: Targets,
  name: string,
  tasks: readonly BenchTask[],
  hosts: readonly Target[] = targets.hosts,
): Promise<Files> {
  const folder = `${targets.folder}/${name}`;
  for (const each of ["templates", "files"]) await Deno.mkdir(`${folder}/${each}`, { recursive: true });
  for (const { file, template } of tasks) {
    if (file) await Deno.writeTextFile(`${folder}/files/${file.name}`, file.text);
    if (!template) continue;
    await Deno.writeTextFile(`${folder}/templates/${template.name}.hbs`, template.aami);
    await Deno.writeTextFile(`${folder}/templates/${template.name}.j2`, template.ansible);
  }
  const files = {
    folder,
    inventory: `${folder}/hosts.ini`,
    aami: `${folder}/aami.yml`,
    ansible: `${folder}/ansible.yml`,
  };
  await Deno.writeTextFile(files.inventory, inventory(targets, hosts));
  await Deno.writeTextFile(files.aami, playbook(tasks, "aami"));
  await Deno.writeTextFile(files.ansible, playbook(tasks, "ansible"));
  return files;
}

/** The checks of a host, a script each; each ends with 1 where its task has something to do. */
export function checksOf(tasks: readonly BenchTask[], host: Target): string[] {
  return tasks.map((task) => `W=${host.work}; ${task.check(host)}`);
}

/**
 * A script that runs all checks of each host by one exec of ssh a host, so many at a time as there are hosts up to 50.
 */
export async function writeRawScript(
  folder: string,
  tasks: readonly BenchTask[],
  targets: Targets,
  hosts: readonly Target[],
): Promise<string> {
  await Deno.mkdir(`${folder}/raw`, { recursive: true });
  const options = [
    ...["-F", "none", "-i", targets.key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"],
    ...["-o", `UserKnownHostsFile=${targets.knownHosts}`, "-o", '"$KEX"', "-o", "LogLevel=ERROR"],
  ];
  for (const host of hosts) {
    const checks = checksOf(tasks, host).map((check) => `${check} || exit 1`);
    await Deno.writeTextFile(`${folder}/raw/${host.name}.sh`, checks.join("\n") + "\n");
  }
  const lines = hosts.map(({ name, address, port }) => `${name} ${address} ${port}`).join("\n");
  await Deno.writeTextFile(`${folder}/raw/hosts`, `${lines}\n`);
  const one = `ssh ${options.join(" ")} -p "$3" "$2" sh -s < ${folder}/raw/"$1".sh`;
  await Deno.writeTextFile(`${folder}/raw/one`, `#!/bin/sh\n${one}\n`, { mode: 0o755 });
  await Deno.writeTextFile(
    `${folder}/raw/all`,
    `#!/bin/sh\nexport KEX="KexAlgorithms=$1"\nexec xargs -a ${folder}/raw/hosts -P 50 -n 3 ${folder}/raw/one\n`,
    { mode: 0o755 },
  );
  return `${folder}/raw/all`;
}

/** What the bare session runs. */
export async function writeBarePlan(
  folder: string,
  mode: BarePlan["mode"],
  tasks: readonly BenchTask[],
  targets: Targets,
  hosts: readonly Target[],
): Promise<string> {
  const plan: BarePlan = {
    mode,
    forks: 50,
    key: targets.key,
    knownHosts: targets.knownHosts,
    hosts: hosts.map((host) => ({ address: host.address, port: host.port, checks: checksOf(tasks, host) })),
  };
  await Deno.writeTextFile(`${folder}/bare-${mode}.json`, JSON.stringify(plan));
  return `${folder}/bare-${mode}.json`;
}
