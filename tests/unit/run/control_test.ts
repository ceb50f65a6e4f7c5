/** Batches, tasks for all hosts and on other hosts, includes, limits of time: what the conformance plays leave open. */
import assert from "node:assert/strict";
import { outline, play, Site } from "./harness.ts";

const HOSTS = "h[1:10] ansible_connection=local\n";
const names = Array.from({ length: 10 }, (_, index) => `h${index + 1}`);

Deno.test("hosts that delegate a line in one file to another host lose none", async () => {
  const playbook = `
- hosts: all
  tasks:
    - { name: line, lineinfile: { path: DIR/all, line: "{{ inventory_hostname }}", create: true }, delegate_to: h1 }
    - { name: read, command: cat DIR/all, changed_when: false, register: read, delegate_to: h3 }
    - { name: all are there, assert: { that: "size(read.stdout_lines) == 10" } }
`;
  await Site.with({ "site.yml": playbook }, async (site) => {
    const first = await site.play({ inventory: HOSTS });
    assert.equal(first.exit, 0);
    assert.deepEqual((await site.read("all"))?.trim().split("\n").sort(), [...names].sort());
    assert.deepEqual(first.tasks[0].delegate, undefined);
    assert.deepEqual(first.tasks.slice(1, 10).map((task) => task.delegate), Array(9).fill("h1"));
    const second = await site.play({ inventory: HOSTS });
    assert.deepEqual(second.tasks.filter((task) => task.status === "changed"), []);
  });
});

Deno.test("check mode sees what another host would write on the host that tasks are delegated to", async () => {
  const played = await play(
    `
- hosts: h1,h2
  tasks:
    - { name: folder, file: { path: DIR/made, state: directory }, delegate_to: h2, run_once: true }
    - { name: file, copy: { dest: "DIR/made/{{ inventory_hostname }}", content: x }, delegate_to: h2 }
`,
    { inventory: HOSTS, check: true },
  );
  assert.deepEqual(outline(played), ["h1: folder: changed", "h1: file: predicted", "h2: file: predicted"]);
});

Deno.test("a task that lasts longer than its timeout is killed with what it started, and fails", async () => {
  const playbook = `
- hosts: all
  tasks:
    - { name: slow, shell: "sleep 30 & echo $! > DIR/pid; wait", timeout: 1, ignore_errors: true }
`;
  await Site.with({ "site.yml": playbook }, async (site) => {
    const played = await site.play();
    assert.deepEqual(outline(played), ["slow: ignored"]);
    assert.equal(played.tasks[0].result.msg, "the task did not end within 1 s and was killed");
    const pid = (await site.read("pid"))!.trim();
    await assert.rejects(Deno.stat(`/proc/${pid}/cwd`), Deno.errors.NotFound);
  });
});

Deno.test("a run ends only when what it left in the background has", async () => {
  const playbook = `
- hosts: all
  tasks:
    - { name: later, shell: "sleep 0.5; echo done > DIR/done", async: 10, poll: 0 }
`;
  await Site.with({ "site.yml": playbook }, async (site) => {
    await site.play();
    assert.equal(await site.read("done"), "done\n");
  });
});

Deno.test("a file may include itself until its condition ends that, and not without end", async () => {
  const files = {
    "count.yml": `
- { name: "count {{ n }}", debug: { msg: x } }
- { name: next, include_tasks: count.yml, vars: { n: "{{ n + 1 }}" }, when: n < most }
`,
  };
  const site = "- hosts: all\n  tasks: [ { name: first, include_tasks: count.yml, vars: { n: 1 } } ]\n";
  const three = await play(site, { files, extraVars: { most: 3 } });
  assert.deepEqual(outline(three).filter((line) => line.startsWith("count")), [1, 2, 3].map((n) => `count ${n}: ok`));
  assert.equal(new Set(three.tasks.map((task) => task.id)).size, three.tasks.length);
  const endless = await play(site, { files, extraVars: { most: 1000 } });
  assert.equal(endless.exit, 2);
  assert.match(String(endless.tasks.at(-1)?.result.msg), /include each other more than 50 levels deep/);
});

Deno.test("variables of an include are those of the place where it stands, whatever loops inside", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - { name: outer, include_tasks: inner.yml, vars: { which: "{{ item }}" }, loop: [a, b] }
`,
    { files: { "inner.yml": `- { name: inner, debug: { msg: "{{ which }}{{ item }}" }, loop: [1, 2] }\n` } },
  );
  const inner = played.tasks.filter((task) => task.name === "inner");
  assert.deepEqual(inner.map((task) => (task.result.results as { msg: string }[]).map(({ msg }) => msg)), [
    ["a1", "a2"],
    ["b1", "b2"],
  ]);
  assert.deepEqual(inner.map((task) => task.id), ["1.1.1#0", "1.1.1#1"]);
});

Deno.test("throttle and serial hold exactly", async () => {
  const at = { most: 0, now: 0 };
  const playbook = `
- hosts: all
  serial: 5
  tasks:
    - { name: few, shell: "echo + >> DIR/log; sleep 0.1; echo - >> DIR/log", throttle: 2 }
`;
  await Site.with({ "site.yml": playbook }, async (site) => {
    await site.play({ inventory: HOSTS });
    for (const sign of (await site.read("log"))!.trim().split("\n")) {
      at.now += sign === "+" ? 1 : -1;
      at.most = Math.max(at.most, at.now);
    }
  });
  assert.deepEqual(at, { most: 2, now: 0 });
});

Deno.test("any_errors_fatal ends the run for all hosts; what rescues or always runs goes on", async () => {
  const played = await play(
    `
- hosts: h1,h2,h3
  any_errors_fatal: true
  tasks:
    - block:
        - { name: fails, fail: { msg: x }, when: inventory_hostname == 'h2' }
        - { name: not reached, debug: { msg: x } }
      always:
        - { name: always, debug: { msg: x } }
- hosts: all
  tasks: [ { name: never, debug: { msg: x } } ]
`,
    { inventory: HOSTS },
  );
  assert.equal(played.exit, 2);
  const [first, second, third, ...rest] = outline(played);
  assert.deepEqual([first, second, third].sort(), ["h1: fails: skipped", "h2: fails: failed", "h3: fails: skipped"]);
  assert.deepEqual(rest, ["h2: always: ok"]);
});

Deno.test("a group that a task makes is there for the play that follows, and one that none made has no hosts", async () => {
  const played = await play(
    `
- hosts: h1,h2
  tasks:
    - { name: by name, group_by: { key: "is_{{ inventory_hostname }}" } }
    - { name: another, add_host: { name: new, groups: [fresh], ansible_connection: local, colour: red } }
- hosts: is_h2,fresh
  tasks: [ { name: which, debug: { msg: "{{ inventory_hostname }} {{ default(colour, 'none') }}" } } ]
- hosts: is_h9
  tasks: [ { name: never, debug: { msg: x } } ]
`,
    { inventory: HOSTS },
  );
  assert.equal(played.exit, 0);
  const which = played.tasks.filter((task) => task.name === "which").map((task) => task.result.msg);
  assert.deepEqual(which.sort(), ["h2 none", "new red"]);
  const notices = played.events.filter((event) => event.type === "notice").map(({ message }) => message);
  assert.match(notices[0], /there is no host and no group 'is_h9'/);
});

Deno.test("defaults of modules are those of the innermost place, below what the task says", async () => {
  const playbook = `
- hosts: all
  module_defaults: { copy: { mode: "0600", content: outer } }
  tasks:
    - { name: outer, copy: { dest: DIR/outer } }
    - name: inner
      copy: { dest: DIR/inner, mode: "0640" }
      module_defaults: { ansible.builtin.copy: { content: inner } }
`;
  await Site.with({ "site.yml": playbook }, async (site) => {
    await site.play();
    const tree = await site.tree();
    assert.deepEqual([tree.outer, tree.inner], ["600 outer", "640 inner"]);
  });
});

Deno.test("a task whose condition is false is skipped, whatever its loop says", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { name: looped, debug: { msg: x }, loop: "{{ nothing.at_all }}", when: [true, 1 == 2] }
    - { name: wrong, debug: { msg: x }, loop: "{{ nothing.at_all }}", when: 1 == 1 }
`);
  assert.deepEqual(outline(played), ["looped: skipped", "wrong: failed"]);
});
