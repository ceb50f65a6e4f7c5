/**
 * `aami play` against real hosts: the README's playbook, a mistake in it, become, hosts that are not there or die.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { changeHostKey, cutPower, dropSessions } from "../fleet/faults.ts";
import { Fleet } from "../fleet/fleet.ts";
import { accounts } from "../fleet/recipe.ts";
import { diffSnapshots, snapshot } from "../fleet/snapshot.ts";
import { aami, events, recapOf, temporaryFolder } from "./aami.ts";

const obstacle = await fleetObstacle();
if (obstacle) console.log(`left out: plays on real hosts: ${obstacle.reason} ${obstacle.aptLine ?? ""}`);

/** The playbook of the README, without its package: the fleet's hosts have their own repository. */
async function readmePlaybook(): Promise<string> {
  const readme = await Deno.readTextFile("README.md");
  const text = /```yaml\n(- name: Prepare the nodes[\s\S]*?)```/.exec(readme)?.[1];
  ok(text, "the README holds its playbook");
  return text.replace("name: chrony\n", "name: tree\n").replace("name: chrony\n", "name: systemd-networkd\n");
}

async function withFleet(hosts: number, body: (fleet: Fleet, folder: string) => Promise<void>): Promise<void> {
  await using fleet = await Fleet.up({ hosts });
  await using folder = await temporaryFolder();
  await body(fleet, folder.path);
}

function real(name: string, hosts: number, body: (fleet: Fleet, folder: string) => Promise<void>): void {
  Deno.test({ name, ignore: obstacle !== undefined, fn: () => withFleet(hosts, body) });
}

real(
  "the README's playbook works on two hosts, check writes nothing, again nothing changes",
  2,
  async (fleet, folder) => {
    await Deno.writeTextFile(`${folder}/site.yml`, await readmePlaybook());
    const args = [`${folder}/site.yml`, "-i", fleet.inventoryFile];
    const before = await Promise.all(fleet.hosts.map(snapshot));
    strictEqual((await aami(["play", ...args, "--check", "--diff"])).code, 0);
    const after = await Promise.all(fleet.hosts.map(snapshot));
    deepStrictEqual(before.flatMap((one, index) => diffSnapshots(one, after[index])), []);
    strictEqual((await aami(["play", ...args, "--check", "--detailed-exitcode"])).code, 5);

    const first = await aami(["play", ...args, "-o", "jsonl"]);
    strictEqual(first.code, 0, first.stdout + first.stderr);
    for (const host of fleet.hosts) {
      strictEqual(await host.read("/etc/motd"), `${host.name} runs Debian. Scratch is in /srv/scratch.\n`);
      strictEqual(
        (await host.exec("stat -c %a /srv/scratch; systemctl is-active systemd-networkd; command -v tree")).stdout,
        "1777\nactive\n/usr/bin/tree\n",
      );
    }
    const again = await aami(["play", ...args, "-o", "jsonl", "--check", "--detailed-exitcode"]);
    strictEqual(again.code, 0, again.stdout);
    for (const counts of Object.values(recapOf(again.stdout).hosts)) strictEqual(counts.changed + counts.unknown, 0);
  },
);

real("a typo is told with its place and a suggestion, and no host is contacted", 1, async (fleet, folder) => {
  await Deno.writeTextFile(`${folder}/site.yml`, (await readmePlaybook()).replace("path:", "pth:"));
  const { code, stderr } = await aami(["play", "site.yml", "-i", fleet.inventoryFile], { cwd: folder });
  strictEqual(code, 1);
  strictEqual(
    stderr,
    `site.yml:7:7: error: 'file' needs the argument 'path'
    7 |       file:
      |       ^^^^
site.yml:8:9: error: 'file' has no argument 'pth'
    8 |         pth: "{{ folder }}"
      |         ^^^
  help: did you mean 'path'?
more: aami explain missing-argument, aami explain unknown-argument
`,
  );
});

real("become by sudo and su, with and without a password, and never in an argv", 1, async (fleet, folder) => {
  const { privateKey, hosts: [host] } = fleet;
  await Deno.writeTextFile(
    `${folder}/who.yml`,
    "- hosts: all\n  tasks:\n    - command: id -un\n      register: who\n    - assert:\n        that: who.stdout == 'root'\n",
  );
  const inventory =
    `all:\n  hosts:\n    node1:\n      ansible_host: ${host.address}\n      ansible_ssh_private_key_file: ${privateKey}\n`;
  await Deno.writeTextFile(`${folder}/hosts.yml`, inventory);
  await Deno.writeTextFile(`${folder}/secret`, `${accounts.opspwPassword}\n`);
  await Deno.writeTextFile(`${folder}/root`, `${accounts.rootPassword}\n`);
  const play = (...flags: string[]) => aami(["play", `${folder}/who.yml`, "-i", `${folder}/hosts.yml`, ...flags]);
  for (
    const flags of [
      ["-u", "ops", "-b"],
      ["-u", "opspw", "-b", "--become-password-file", `${folder}/secret`],
      ["-u", "ops", "-b", "--become-method", "su", "--become-password-file", `${folder}/root`],
    ]
  ) {
    const result = await play(...flags);
    strictEqual(result.code, 0, `${flags.join(" ")}\n${result.stdout}`);
  }
  const refused = await play("-u", "opspw", "-b");
  strictEqual(refused.code, 2, refused.stdout);
  match(refused.stdout, /password/);
});

real("a host that was never there is unreachable, the others are done, exit 4", 2, async (fleet, folder) => {
  await Deno.writeTextFile(
    `${folder}/play.yml`,
    "- hosts: all\n  tasks:\n    - copy: {dest: /root/here, content: here}\n",
  );
  await using _dead = await cutPower(fleet.hosts[1]);
  const { code, stdout } = await aami([
    "play",
    `${folder}/play.yml`,
    "-i",
    fleet.inventoryFile,
    "-T",
    "2",
    "-o",
    "jsonl",
  ]);
  strictEqual(code, 4);
  const { hosts } = recapOf(stdout);
  deepStrictEqual([hosts.node1.changed, hosts.node1.unreachable, hosts.node2.unreachable], [1, 0, 1]);
  strictEqual(await fleet.hosts[0].read("/root/here"), "here");
});

real("a host that dies in the middle of a task is unreachable, the others go on", 2, async (fleet, folder) => {
  const tasks =
    "    - shell: touch /root/started; sleep 60\n      when: inventory_hostname == 'node2'\n    - copy: {dest: /root/done, content: done}\n";
  await Deno.writeTextFile(`${folder}/play.yml`, `- hosts: all\n  tasks:\n${tasks}`);
  const run = aami(["play", `${folder}/play.yml`, "-i", fleet.inventoryFile, "-o", "jsonl"]);
  await fleet.hosts[1].exec("until [ -e /root/started ]; do sleep 0.05; done");
  await dropSessions(fleet.hosts[1]);
  const { code, stdout } = await run;
  strictEqual(code, 4, stdout);
  strictEqual(await fleet.hosts[0].read("/root/done"), "done");
  const lost = events(stdout).find((event) => event.type === "task" && event.status === "unreachable");
  strictEqual(lost?.type === "task" && lost.host, "node2");
});

real("a host key that changed is refused with both fingerprints", 1, async (fleet, folder) => {
  await Deno.writeTextFile(`${folder}/play.yml`, "- hosts: all\n  tasks:\n    - ping:\n");
  const home = `${folder}/home`;
  await Deno.mkdir(home);
  const play = () => aami(["play", `${folder}/play.yml`, "-i", fleet.inventoryFile], { env: { HOME: home } });
  strictEqual((await play()).code, 0);
  await using _changed = await changeHostKey(fleet.hosts[0]);
  const { code, stdout } = await play();
  strictEqual(code, 4);
  strictEqual([...stdout.matchAll(/SHA256:[A-Za-z0-9+/]{43}/g)].length >= 2, true, stdout);
  match(stdout, /ssh-keygen -R/);
});
