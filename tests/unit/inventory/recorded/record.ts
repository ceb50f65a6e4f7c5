/**
 * Records what ansible-core makes of the inventories and patterns of cases.ts and patterns.ts. Run it where ansible-core
 * is installed; with the beginning of a name it records the inventories called so and keeps the rest:
 *
 *     deno run -A tests/unit/inventory/recorded/record.ts [constructed]
 *
 * @module
 */

import { INVENTORIES, type InventoryCase, sourcesOf } from "./cases.ts";
import { withFiles } from "./files.ts";
import { LIMIT_FILE, PATTERN_INVENTORY, PATTERNS } from "./patterns.ts";

/** What Ansible's own classes say about groups; asked several times, because some orders depend on addresses. */
const GROUPS = `
import json, sys
from ansible.parsing.dataloader import DataLoader
from ansible.inventory.manager import InventoryManager
manager = InventoryManager(loader=DataLoader(), sources=json.loads(sys.argv[1]))
print(json.dumps({
  "groups": {name: list(hosts) for name, hosts in manager.get_groups_dict().items()},
  "hosts": {host.name: [host.get_magic_vars()["group_names"], host.get_magic_vars()["inventory_hostname_short"],
            host.vars.get("inventory_file"), host.vars.get("inventory_dir")] for host in manager.hosts.values()},
}))
`;

async function run(command: string, args: string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const env = { ANSIBLE_NOCOLOR: "1", LC_ALL: "C.UTF-8", ANSIBLE_DEPRECATION_WARNINGS: "0" };
  const output = await new Deno.Command(command, { args, cwd, env }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { stdout: decode(output.stdout), stderr: decode(output.stderr) };
}

function sourceFlags(inventory: InventoryCase): string[] {
  return sourcesOf(inventory).flatMap((source) => ["-i", source]);
}

async function recordInventory(inventory: InventoryCase): Promise<unknown> {
  return await withFiles(inventory.files, async (root) => {
    const playbook = inventory.playbook ? ["--playbook-dir", inventory.playbook] : [];
    const { stdout, stderr } = await run("ansible-inventory", [...sourceFlags(inventory), ...playbook, "--list"], root);
    const graph = await run("ansible-inventory", [...sourceFlags(inventory), ...playbook, "--graph"], root);
    const nested = await run("ansible-inventory", [...sourceFlags(inventory), ...playbook, "--list", "--yaml"], root);
    if (!stdout || /Unable to parse/.test(stderr)) throw new Error(`${inventory.name}: ${stderr}`);
    const groups: Record<string, unknown>[] = [];
    for (let time = 0; time < 4; time++) {
      const { stdout } = await run("/usr/bin/python3", ["-c", GROUPS, JSON.stringify(sourcesOf(inventory))], root);
      groups.push(JSON.parse(stdout.replaceAll(root, "ROOT")));
    }
    const stable = groups.every((other) => JSON.stringify(other) === JSON.stringify(groups[0]));
    return { listing: JSON.parse(stdout), graph: graph.stdout, nested: nested.stdout, ...groups[0], stable };
  });
}

async function recordPattern([pattern, limit]: readonly [string, string?], root: string): Promise<unknown> {
  const limits = limit === undefined ? [] : ["--limit", limit];
  const { stdout, stderr } = await run("ansible", [pattern, "-i", "inv.ini", "--list-hosts", ...limits], root);
  const hosts = stdout.split("\n").filter((line) => line.startsWith("    ")).map((line) => line.trim());
  return { pattern, limit, hosts, said: stderr.trim() || undefined };
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]);
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, worker));
  return results;
}

async function write(name: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(new URL(name, import.meta.url), JSON.stringify(value, null, 2) + "\n");
}

if (import.meta.main) {
  const { stdout } = await run("ansible", ["--version"], ".");
  const ansible = stdout.match(/core ([\d.]+)/)?.[1];
  const [beginning = ""] = Deno.args;
  const chosen = INVENTORIES.filter(({ name }) => name.startsWith(beginning));
  const recorded = await inParallel(chosen, recordInventory);
  const before = JSON.parse(await Deno.readTextFile(new URL("inventories.json", import.meta.url))).inventories;
  const all = { ...before, ...Object.fromEntries(chosen.map(({ name }, index) => [name, recorded[index]])) };
  const inventories = Object.fromEntries(INVENTORIES.map(({ name }) => [name, all[name]]));
  await write("inventories.json", { ansible, inventories });
  if (beginning !== "") Deno.exit(0);
  const patterns = await withFiles({ ...PATTERN_INVENTORY.files, "limit.txt": LIMIT_FILE }, async (root) => {
    return await inParallel(PATTERNS, (pattern) => recordPattern(pattern, root));
  });
  await write("patterns.json", { ansible, patterns });
}
