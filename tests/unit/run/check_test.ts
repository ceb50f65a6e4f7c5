/** The plan is the truth: what check mode says is what apply does. */
import assert from "node:assert/strict";
import { outline, play, type Played, Site } from "./harness.ts";
import { COMMAND_TRAPS, type Trap, TRAPS } from "./traps.ts";

/** The status by event id, of several items of a loop too. */
function statuses({ tasks }: Played): Map<string, { name: string; status: string }> {
  return new Map(tasks.map((task) => [task.id, { name: task.name, status: task.status }]));
}

/** Check, then apply, laid side by side. */
async function sideBySide({ playbook, files }: Trap) {
  return await Site.with({ "out/.keep": "", ...files, "site.yml": playbook }, async (site) => {
    const before = await site.tree();
    const check = await site.play({ check: true });
    const after = await site.tree();
    delete after["inventory.ini"];
    assert.deepEqual(after, before, "check mode wrote something");
    return { check, apply: await site.play() };
  });
}

/** What check mode said that apply did not hold. */
function broken(check: Played, apply: Played): string[] {
  const done = statuses(apply);
  return [...statuses(check)].flatMap(([id, { name, status }]) => {
    const real = done.get(id)?.status ?? "not run";
    const kept = status === "unknown" || status === real || (status === "predicted" && real === "changed");
    return kept ? [] : [`${name}: said ${status}, was ${real}`];
  });
}

for (const trap of TRAPS.filter((each) => !each.writes)) {
  Deno.test(`check mode foretells all: ${trap.name}`, async () => {
    const { check, apply } = await sideBySide(trap);
    assert.deepEqual(broken(check, apply), []);
    assert.deepEqual(outline(check).filter((line) => line.endsWith("unknown")), []);
    assert.deepEqual([...statuses(check).keys()], [...statuses(apply).keys()], "the same tasks");
    assert.equal(check.hosts.h.changed, apply.hosts.h.changed);
  });
}

for (const trap of COMMAND_TRAPS) {
  Deno.test(`check mode says nothing false: ${trap.name}`, async () => {
    const { check, apply } = await sideBySide(trap);
    assert.deepEqual(broken(check, apply), []);
  });
}

Deno.test("what check mode does not know of a result is in no event", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - { name: write, command: "true", register: r }
    - { name: keep, set_fact: { kept: "{{ r }}" } }
    - { name: show, debug: { msg: ["{{ kept }}"] } }
    - { name: each, debug: { msg: "{{ item.changed }}" }, loop: ["{{ r }}"], loop_control: { label: r } }
`,
    { check: true, files: { "out/.keep": "" } },
  );
  assert.deepEqual(outline(played), ["write: changed", "keep: ok", "show: unknown", "each: ok"]);
  const [, keep, show, each] = JSON.parse(JSON.stringify(played.tasks));
  assert.deepEqual(keep.result.ansible_facts.kept, { changed: true, failed: false });
  assert.equal(show.result.msg, "rests on 'r', which task 'write' sets");
  assert.deepEqual(each.items[0].item, { changed: true, failed: false });
});

Deno.test("a task says for itself whether it is checked", async () => {
  await Site.with({ "out/.keep": "" }, async (site) => {
    await site.write(
      "site.yml",
      `
- hosts: all
  tasks:
    - { name: for real, copy: { content: x, dest: DIR/out/real }, check_mode: false }
    - { name: planned, copy: { content: x, dest: DIR/out/planned } }
    - { name: always planned, copy: { content: x, dest: DIR/out/never }, check_mode: true }
`,
    );
    const check = await site.play({ check: true });
    assert.deepEqual(outline(check), ["for real: changed", "planned: changed", "always planned: changed"]);
    assert.deepEqual([await site.read("out/real"), await site.read("out/planned")], ["x", undefined]);
    await site.play();
    assert.deepEqual([await site.read("out/planned"), await site.read("out/never")], ["x", undefined]);
  });
});

Deno.test("what an unknown result feeds is unknown, and false absorbs it", async () => {
  const check = await play(
    `
- hosts: all
  tasks:
    - { name: ask, command: echo one, register: r }
    - { name: uses it, copy: { content: "{{ r.stdout }}", dest: DIR/a } }
    - { name: waits for it, debug: { msg: x }, when: r.stdout == 'one' }
    - { name: false whatever it is, debug: { msg: x }, when: r.stdout == 'one' && false }
    - { name: knows that it changes, debug: { msg: x }, when: r.changed }
    - { name: list, debug: { msg: x }, loop: "{{ r.stdout_lines }}" }
`,
    { check: true },
  );
  assert.deepEqual(outline(check), [
    ...["ask: changed", "uses it: unknown", "waits for it: unknown", "false whatever it is: skipped"],
    ...["knows that it changes: ok", "list: unknown"],
  ]);
  assert.equal(check.exit, 0);
  assert.equal(check.hosts.h.unknown, 3);
});

Deno.test("a handler that a predicted change notifies is told, one of an unknown change as unknown", async () => {
  const check = await play(
    `
- hosts: all
  tasks:
    - { name: certain, copy: { content: x, dest: DIR/a }, notify: one }
    - { name: ask, command: echo one, register: r, changed_when: r.stdout == 'one', notify: two }
  handlers:
    - { name: one, debug: { msg: x } }
    - { name: two, debug: { msg: x } }
`,
    { check: true },
  );
  assert.deepEqual(outline(check), ["certain: changed", "ask: unknown", "one: ok", "two: unknown"]);
});

Deno.test("until does not wait in check mode for what is only planned", async () => {
  const started = performance.now();
  await play(
    "- { hosts: all, tasks: [ { command: 'true', register: r, until: r.stdout == 'x', retries: 50, delay: 30 } ] }",
    { check: true },
  );
  assert.ok(performance.now() - started < 5000);
});

Deno.test("what the plan of a file foretells is known of its result, the rest is not", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - { name: write, copy: { content: one, dest: DIR/out/a, mode: "0600" }, register: r }
    - { name: known, debug: { msg: "{{ r.dest }} {{ r.mode }} {{ r.size }}" } }
    - { name: not known, debug: { msg: "{{ r.backup_file }}" } }
`,
    { check: true, files: { "out/.keep": "" } },
  );
  assert.deepEqual(outline(played), ["write: changed", "known: ok", "not known: unknown"]);
  assert.match(String(played.tasks[1].result.msg), /\/out\/a 0600 3$/);
});

Deno.test("check mode: names of one machine that are done hold up no others", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { dest: "DIR/{{ inventory_hostname }}.conf", content: x }
    - { command: "true", changed_when: false }
    - copy: { dest: "DIR/{{ inventory_hostname }}.bin", content: x }
`;
  for (let times = 0; times < 10; times++) {
    const played = await play(playbook, { check: true, inventory: "node[1:3] ansible_connection=local\n" });
    assert.equal(played.exit, 0);
  }
});
