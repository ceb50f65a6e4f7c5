/**
 * Layers, the implicit localhost, hosts that a play adds, size.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Inventory, InventoryHost } from "../../../engine/inventory/inventory.ts";
import { loadInventory } from "../../../engine/inventory/load.ts";
import { inventoryToJson } from "../../../engine/inventory/listing.ts";
import { DiagnosticError } from "../../../engine/support/diagnostic.ts";
import type { Layer } from "../../../engine/variables/variable.ts";
import { withFiles } from "./recorded/files.ts";

async function withInventory(
  files: Readonly<Record<string, string>>,
  check: (inventory: Inventory, root: string) => Promise<void> | void,
  playbook?: string,
): Promise<void> {
  await withFiles(files, async (root) => {
    const source = `${root}/${Object.keys(files)[0]}`;
    const playbookDirectory = playbook && `${root}/${playbook}`;
    await check(await loadInventory([source], { playbookDirectory }), root);
  });
}

function hostOf(inventory: Inventory, name: string): InventoryHost {
  const host = inventory.host(name);
  assert.ok(host, `no host ${name}`);
  return host;
}

function constants(layers: readonly Layer[]): unknown[] {
  return layers.map((layer) => Object.fromEntries([...layer].map(([name, { constant }]) => [name, constant])));
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
  return "no error";
}

Deno.test("layers stand in Ansible's order of precedence", async () => {
  const files = {
    "inv/hosts.ini": "[all:vars]\nx=1\n[c]\nh x=8\n[p:children]\nc\n[p:vars]\nx=2\n[c:vars]\nx=3\n",
    "inv/group_vars/all.yml": "x: 4\n",
    "play/group_vars/all.yml": "x: 5\n",
    "inv/group_vars/p.yml": "x: 6\n",
    "inv/group_vars/c.yml": "x: 6.5\n",
    "play/group_vars/p.yml": "x: 7\n",
    "inv/host_vars/h.yml": "x: 9\n",
    "play/host_vars/h.yml": "x: 10\n",
  };
  await withInventory(files, (inventory) => {
    const values = constants(hostOf(inventory, "h").layers());
    assert.deepEqual(values, [1, 2, 3, 4, 5, 6, 6.5, 7, 8, 9, 10].map((x) => ({ x })));
  }, "play");
});

Deno.test("hosts of the same groups share their layers", async () => {
  await withInventory({ "i.ini": "[g]\na\nb\nc x=1\n[g:vars]\ny=1\n" }, (inventory) => {
    assert.equal(hostOf(inventory, "a").layers(), hostOf(inventory, "b").layers());
    assert.equal(hostOf(inventory, "a").groups, hostOf(inventory, "c").groups);
    assert.equal(hostOf(inventory, "a").layers()[0], hostOf(inventory, "c").layers()[0]);
  });
});

Deno.test("values are compiled: templates are not constant", async () => {
  await withInventory({ "i.ini": 'h x="{{ y }}" z=3 l="[1, \'{{ y }}\']"\n' }, (inventory) => {
    const [layer] = hostOf(inventory, "h").layers();
    assert.equal(layer.get("x")?.constant, undefined);
    assert.equal(layer.get("z")?.constant, 3);
    const scope = {
      get: (name: string) => name === "y" ? "why" : undefined,
      has: () => true,
      placeOf: () => undefined,
      names: () => ["y"],
    };
    assert.equal(layer.get("x")?.evaluate(scope), "why");
    assert.deepEqual(layer.get("l")?.evaluate(scope), [1, "why"]);
  });
});

Deno.test("the implicit localhost is usable, local and not part of all", async () => {
  const files = { "i.ini": "[g]\na\n", "group_vars/all.yml": "x: 1\n", "host_vars/localhost.yml": "y: 2\n" };
  await withInventory(files, (inventory) => {
    const [host] = inventory.select("localhost");
    assert.equal(host.implicit, true);
    assert.deepEqual(host.groups, []);
    assert.deepEqual(constants(host.layers()), [{ x: 1 }, { ansible_connection: "local" }, { y: 2 }]);
    assert.equal(inventory.host("localhost"), host);
    assert.deepEqual(inventory.select("all").map(({ name }) => name), ["a"]);
    assert.equal(inventory.host("127.0.0.1")?.name, "127.0.0.1");
    assert.deepEqual(inventory.warnings, []);
    assert.equal("localhost" in inventoryToJson(inventory), false);
  });
});

Deno.test("a local name of the inventory stands for the others", async () => {
  await withInventory({ "i.ini": "127.0.0.1 x=1\n" }, (inventory) => {
    assert.equal(inventory.select("localhost")[0], inventory.hosts.get("127.0.0.1"));
  });
});

Deno.test("no sources: only the implicit localhost", async () => {
  const inventory = await loadInventory([]);
  assert.deepEqual(inventory.select("all"), []);
  assert.equal(inventory.select("localhost").length, 1);
  assert.deepEqual(inventory.groupHosts, { all: [], ungrouped: [] });
});

Deno.test("magic variables", async () => {
  await withInventory({ "i.ini": "[b]\nn1.example.com\n[a:children]\nb\n[c]\n10.0.0.1\n" }, (inventory, root) => {
    const host = hostOf(inventory, "n1.example.com");
    assert.deepEqual(host.groups, ["a", "b"]);
    assert.equal(host.shortName, "n1");
    assert.equal(hostOf(inventory, "10.0.0.1").shortName, "10.0.0.1");
    assert.deepEqual([host.file, host.directory], [`${root}/i.ini`, root]);
    assert.deepEqual(inventory.groupHosts, {
      all: ["10.0.0.1", "n1.example.com"],
      ungrouped: [],
      b: ["n1.example.com"],
      a: ["n1.example.com"],
      c: ["10.0.0.1"],
    });
  });
});

Deno.test("a play adds hosts and groups", async () => {
  const files = { "i.ini": "[g]\na\nb\n", "group_vars/os_debian.yml": "pkg: apt\n" };
  await withInventory(files, async (inventory) => {
    assert.equal(await inventory.addHost("a", ["os_debian"]), true);
    assert.equal(await inventory.addHost("a", ["os_debian"]), false);
    assert.equal(await inventory.addHost("new", ["os_debian", "g"]), true);
    assert.deepEqual(inventory.select("os_debian").map(({ name }) => name), ["a", "new"]);
    assert.deepEqual(constants(hostOf(inventory, "new").layers()), [{ pkg: "apt" }]);
    assert.deepEqual(hostOf(inventory, "new").groups, ["g", "os_debian"]);
    assert.deepEqual(inventory.select("g").map(({ name }) => name), ["a", "b", "new"]);
  });
});

Deno.test("an unknown name in a pattern is pointed at", async () => {
  await withInventory({ "i.ini": "[gpu]\nnode[01:03]\n[empty]\n" }, (inventory) => {
    assert.equal(
      messageOf(() => inventory.select("gpu:!nod01")),
      "hosts:1:6: error: there is no host and no group 'nod01' in the inventory\n" +
        "    1 | gpu:!nod01\n      |      ^^^^^\n  help: did you mean 'node01'?",
    );
    assert.equal(
      messageOf(() => inventory.select("gpu", "gpuu")),
      "--limit:1:1: error: there is no host and no group 'gpuu' in the inventory\n" +
        "    1 | gpuu\n      | ^^^^\n  help: did you mean 'gpu'?",
    );
    assert.equal(
      messageOf(() => inventory.select("rack*")),
      "hosts:1:1: error: no host and no group matches 'rack*'\n    1 | rack*\n      | ^^^^^",
    );
    assert.equal(
      messageOf(() => inventory.select("gpu[3]")),
      "hosts:1:1: error: 'gpu[3]' is beyond the end: 'gpu' has 3 hosts\n    1 | gpu[3]\n      | ^^^^^^",
    );
    assert.equal(
      messageOf(() => inventory.select("~(a")),
      "hosts:1:1: error: '~(a' is no regular expression: Unterminated group\n    1 | ~(a\n      | ^^^",
    );
    assert.deepEqual(inventory.select("empty"), []);
    assert.deepEqual(inventory.select("node01", "node02"), []);
  });
});

Deno.test("an empty pattern or limit does not mean all hosts", async () => {
  await withInventory({ "i.ini": "[gpu]\nnode1\n" }, (inventory) => {
    const empty = "error: --limit is empty and would leave no host\n  help: leave --limit out for all hosts";
    assert.equal(messageOf(() => inventory.select(" ")), "error: the pattern is empty\n  help: write 'all'");
    assert.equal(messageOf(() => inventory.select("all", ",")), empty);
    assert.equal(messageOf(() => inventory.select("all", "@x", { readFile: () => "\n" })), empty);
  });
});

Deno.test("a pattern in a playbook is pointed at there, a limit file at its line", async () => {
  await withInventory({ "i.ini": "[gpu]\nnode1\n" }, (inventory) => {
    const source = { path: "site.yml", text: '- hosts: "gpu:nope"\n' };
    const span = { source, start: 9, end: 19 };
    assert.match(
      messageOf(() => inventory.select("gpu:nope", undefined, { span })),
      /^site\.yml:1:15: error: there is/,
    );
    const readFile = () => "node1\nnode2\n";
    assert.match(messageOf(() => inventory.select("gpu", "@l.txt", { readFile })), /^l\.txt:2:1: error: .*'node2'/);
    assert.match(
      messageOf(() => inventory.select("gpu", "@/no/file")),
      /^--limit:1:1: error: the limit file '\/no\/file'/,
    );
  });
});

Deno.test("10,000 hosts load, are selected and give their layers in well under a second", async () => {
  const files = {
    "i.ini": "[gpu]\nnode[00001:10000] a=1 b=two\n[rack]\nnode[00001:05000]\n[gpu:vars]\nx=1\n",
    "group_vars/all.yml": "y: 2\n",
  };
  await withInventory(files, (_inventory, root) => load(root));
  async function load(root: string) {
    const start = performance.now();
    const inventory = await loadInventory([`${root}/i.ini`]);
    assert.equal(inventory.select("gpu:&rack:!node00007").length, 4_999);
    for (const host of inventory.hosts.values()) assert.equal(host.layers().length, 3);
    assert.equal(inventory.groupHosts.all.length, 10_000);
    assert.ok(performance.now() - start < 1_000, `took ${performance.now() - start} ms`);
  }
});
