/**
 * Holds the inventory against what ansible-core made of the same files (recorded/record.ts).
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  hostVariables,
  inventoryGraph,
  inventoryToJson,
  inventoryToNested,
} from "../../../engine/inventory/listing.ts";
import type { Inventory } from "../../../engine/inventory/inventory.ts";
import { loadInventory } from "../../../engine/inventory/load.ts";
import { DiagnosticError } from "../../../engine/support/diagnostic.ts";
import { parseYaml, toPlain } from "../../../engine/support/yaml.ts";
import { INVENTORIES, type InventoryCase, sourcesOf } from "./recorded/cases.ts";
import { withFiles } from "./recorded/files.ts";
import { LIMIT_FILE, PATTERN_INVENTORY } from "./recorded/patterns.ts";
import inventories from "./recorded/inventories.json" with { type: "json" };
import patterns from "./recorded/patterns.json" with { type: "json" };

interface Recorded {
  readonly listing: unknown;
  /** What `--graph` printed. */
  readonly graph: string;
  /** What `--list --yaml` printed. */
  readonly nested: string;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly hosts: Readonly<Record<string, readonly [readonly string[], string, string | null, string | null]>>;
  /** Whether ansible-core gave the same order each time. */
  readonly stable: boolean;
}

async function load(inventory: InventoryCase, root: string): Promise<Inventory> {
  const place = (source: string) => source.includes(",") ? source : `${root}/${source}`;
  const playbookDirectory = inventory.playbook && place(inventory.playbook);
  return await loadInventory(sourcesOf(inventory).map(place), { playbookDirectory });
}

/** Orders that ansible-core leaves to chance do not count. */
function sorted(groups: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(groups).map(([name, hosts]) => [name, [...hosts].sort()]));
}

/** What was recorded of the hosts, without two slips of ansible-core. */
function hostsOf({ hosts, groups }: Recorded, root: string): Recorded["hosts"] {
  return Object.fromEntries(
    Object.entries(hosts).map(([name, [groupNames, short, file, directory]]) => {
      // The variables of a host that is named like a group end up at the group.
      if (name in groups) return [name, [groupNames, short, `${root}/inv.sh`, root]];
      return [name, [groupNames, short, file, directory === "None" ? null : directory]];
    }),
  );
}

/** Inventories that are deliberately read in another way, by the entry of docs/coming-from-ansible.md that tells so. */
const READ_OTHERWISE: Readonly<Record<string, string>> = {
  "constructed: numbers that are composed": "composed variables keep their type",
};

for (const inventory of INVENTORIES.filter(({ name }) => !Object.hasOwn(READ_OTHERWISE, name))) {
  Deno.test(`inventory as ansible-core reads it: ${inventory.name}`, async () => {
    const recorded = (inventories.inventories as Record<string, unknown>)[inventory.name] as Recorded;
    await withFiles(inventory.files, async (root) => {
      const loaded = await load(inventory, root);
      assert.deepEqual(inventoryToJson(loaded), recorded.listing);
      const nested = parseYaml({ path: "recorded", text: recorded.nested });
      // A YAML parser gives no mark for text that is not to be read.
      const plain = JSON.stringify(inventoryToNested(loaded)).replace(/\{"__ansible_unsafe":("[^"]*")\}/g, "$1");
      assert.deepEqual(JSON.parse(plain), toPlain(nested!));
      if (recorded.stable) {
        assert.equal(inventoryGraph(loaded, loaded.groups.get("all")!), recorded.graph.trimEnd());
      }
      assert.deepEqual(sorted(loaded.groupHosts), sorted(recorded.groups));
      if (recorded.stable) assert.deepEqual(loaded.groupHosts, recorded.groups);
      const place = (path: string | undefined) => path?.replace(root, "ROOT") ?? null;
      const hosts = [...loaded.hosts.values()].map((host) => {
        return [host.name, [host.groups, host.shortName, place(host.file), place(host.directory)]];
      });
      assert.deepEqual(Object.fromEntries(hosts), hostsOf(recorded, "ROOT"));
      assert.deepEqual(hosts.map(([name]) => name), Object.keys(recorded.hosts));
    });
  });
}

interface RecordedPattern {
  readonly pattern: string;
  readonly limit?: string;
  readonly hosts: readonly string[];
  readonly said?: string;
}

/** Where aami says no and ansible-core goes on, and the entries of docs/coming-from-ansible.md that tell so. */
const DELIBERATE: readonly { anchor: string; holds: (pattern: string, said?: string) => boolean }[] = [
  { anchor: "a-name-that-is-nowhere", holds: (_pattern, said) => /Could not match/.test(said ?? "") },
  { anchor: "a-subscript-beyond-the-end", holds: (pattern) => /\[-?9\]$/.test(pattern) },
];

Deno.test("each deliberate difference occurs and has its entry in the guide", async () => {
  const guide = await Deno.readTextFile(new URL("../../../docs/coming-from-ansible.md", import.meta.url));
  for (const anchor of Object.values(READ_OTHERWISE)) assert.match(guide, new RegExp(`^### ${anchor}$`, "im"));
  for (const { anchor, holds } of DELIBERATE) {
    const cases = patterns.patterns as readonly RecordedPattern[];
    assert.ok(cases.some(({ pattern, said }) => holds(pattern, said)), anchor);
    assert.match(guide, new RegExp(`^### ${anchor.replaceAll("-", " ")}$`, "im"));
  }
});

for (const { pattern, limit, hosts, said } of patterns.patterns as readonly RecordedPattern[]) {
  Deno.test(`pattern as ansible-core reads it: '${pattern}'${limit ? ` limited to '${limit}'` : ""}`, async () => {
    await withFiles(PATTERN_INVENTORY.files, async (root) => {
      const inventory = await load(PATTERN_INVENTORY, root);
      const select = () => inventory.select(pattern, limit, { readFile: () => LIMIT_FILE }).map((host) => host.name);
      if (DELIBERATE.some((difference) => difference.holds(pattern, said))) {
        assert.throws(select, DiagnosticError);
      } else assert.deepEqual(select(), hosts);
    });
  });
}

Deno.test("a composed number is a number, which ansible-core makes a text of", async () => {
  const inventory = INVENTORIES.find(({ name }) => name === "constructed: numbers that are composed")!;
  await withFiles(inventory.files, async (root) => {
    const loaded = await load(inventory, root);
    assert.equal(hostVariables(loaded, loaded.host("n1")!).double, 16);
    assert.deepEqual(loaded.groupHosts.sixteen, ["n1", "n3"]);
    const { listing, groups } = (inventories.inventories as unknown as Record<string, Recorded>)[inventory.name];
    assert.match(JSON.stringify(listing), /"double":"16"/);
    assert.equal(groups.sixteen, undefined);
  });
});

Deno.test("the recorded comparison is as large as promised", () => {
  assert.ok(Object.keys(inventories.inventories).length >= 40);
  assert.ok(patterns.patterns.length >= 60);
  assert.equal(inventories.ansible, patterns.ansible);
});

Deno.test("the variables of one host are those of the listing", async () => {
  const inventory = await loadInventory([new URL("../../../inventory/examples/cluster.ini", import.meta.url).pathname]);
  const host = inventory.host("node03");
  assert.ok(host);
  assert.deepEqual(hostVariables(inventory, host), {
    ansible_become: "true",
    ansible_user: "admin",
    gpu_vendor: "nvidia",
    gpus_per_node: 8,
    rack_power_limit_kw: 40,
  });
});
