/** `when`, `loop`, `until`, `changed_when`, `failed_when`, `ignore_errors`. */
import assert from "node:assert/strict";
import { failure, outline, play, said } from "./harness.ts";

Deno.test("a loop asks its condition for each item", async () => {
  const { tasks, hosts } = await play(`
- hosts: all
  tasks:
    - { debug: { msg: "{{ item }}" }, loop: [1, 2, 3], when: item != 2, register: r }
    - { debug: { msg: "{{ r.results.map(x, x.skipped) }}" }, when: "'skipped' in r.results[0]" }
    - { debug: { msg: "{{ r.results.filter(x, 'skipped' in x).map(x, x.item) }}" } }
`);
  assert.deepEqual(tasks[0].items?.map((item) => item.status), ["ok", "skipped", "ok"]);
  assert.deepEqual(tasks[2].result.msg, [2]);
  assert.equal(hosts.h.skipped, 1);
});

Deno.test("a loop of which every item is skipped is skipped; one without items too", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { name: a, debug: { msg: x }, loop: [1, 2], when: item > 2 }
    - { name: b, debug: { msg: x }, loop: [] }
`);
  assert.deepEqual(outline(played), ["a: skipped", "b: skipped"]);
});

Deno.test("loop_var, index_var and label are the operator's", async () => {
  const { tasks } = await play(`
- hosts: all
  tasks:
    - debug: { msg: "{{ position }}={{ user.name }}" }
      loop: [ { name: a, secret: s }, { name: b, secret: s } ]
      loop_control: { loop_var: user, index_var: position, label: "{{ user.name }}" }
      register: r
    - debug: { msg: "{{ r.results.map(x, x.msg) }}" }
`);
  assert.deepEqual(tasks[0].items?.map((item) => item.label), ["a", "b"]);
  assert.deepEqual(tasks[1].result.msg, ["0=a", "1=b"]);
});

Deno.test("one item that fails does not keep the others from running; the task fails", async () => {
  const played = await play(`
- hosts: all
  tasks: [ { fail: { msg: "{{ item }}" }, loop: [1, 2, 3], when: item != 2 } ]
`);
  assert.match(failure(played), /^2 of 3 items failed/);
  assert.deepEqual(played.tasks[0].items?.map((item) => item.status), ["failed", "skipped", "failed"]);
});

Deno.test("a condition that is a list needs all, and stops at the first that does not hold", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { name: a, debug: { msg: x }, when: [ true, 1 == 1 ] }
    - { name: b, debug: { msg: x }, when: [ false, missing ] }
`);
  assert.deepEqual(outline(played), ["a: ok", "b: skipped"]);
});

Deno.test("until tries again until it holds, and counts the attempts", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - shell: echo x >> DIR/tries; wc -l < DIR/tries
      register: r
      until: int(r.stdout) >= 3
      retries: 5
      delay: 0
    - debug: { msg: "{{ r.attempts }}" }
`);
  assert.deepEqual(said(played), [3]);
});

Deno.test("retries says how often to try again; without it until tries three times", async () => {
  for (const [retries, tries] of [["retries: 1", 2], ["retries: 0", 1], ["", 3]] as const) {
    const played = await play(`
- hosts: all
  tasks:
    - shell: echo x >> DIR/tries; wc -l < DIR/tries
      register: r
      until: false
      ${retries}
      delay: 0
      ignore_errors: true
    - { debug: { msg: "{{ [int(r.stdout), r.attempts, r.failed] }}" } }
`);
    assert.deepEqual(said(played), [[tries, tries - 1, true]]);
  }
});

Deno.test("changed_when and failed_when have the last word, with the result in sight", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { name: not changed, command: "true", changed_when: false }
    - { name: changed, debug: { msg: x }, changed_when: true }
    - { name: by result, command: echo made, register: r, changed_when: r.stdout.contains('made') }
    - { name: rc 3 is fine, command: sh -c 'exit 3', register: r, failed_when: r.rc > 3 }
    - { name: fails, command: "true", register: r, failed_when: r.rc == 0, ignore_errors: true }
    - { name: all of a list, command: "true", register: r, failed_when: [ r.rc == 0, false ] }
`);
  assert.deepEqual(outline(played), [
    ...["not changed: ok", "changed: changed", "by result: changed", "rc 3 is fine: changed", "fails: ignored"],
    "all of a list: changed",
  ]);
});

Deno.test("ignore_errors counts as ok and as ignored, and the result says that it failed", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { fail: { msg: x }, ignore_errors: true, register: r }
    - { debug: { msg: "{{ r.failed }}" } }
`);
  assert.deepEqual(said(played), [true]);
  assert.deepEqual({ ...played.hosts.h }, {
    ...{ ok: 2, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 1, unknown: 0 },
  });
  assert.equal(played.exit, 0);
});

Deno.test("a task that was skipped registers that it was", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { command: "true", when: false, register: r }
    - { debug: { msg: "{{ [r.skipped, r.changed, r.failed] }}" } }
`);
  assert.deepEqual(said(played), [[true, false, false]]);
});

Deno.test("the environment adds up from play to task", async () => {
  const played = await play(`
- hosts: all
  environment: { A: play, B: play }
  tasks:
    - block:
        - { command: sh -c 'echo $A $B $C', environment: { C: "{{ inventory_hostname }}" }, register: r }
      environment: { B: block }
    - { debug: { msg: "{{ r.stdout }}" } }
`);
  assert.deepEqual(said(played), ["play block h"]);
});

Deno.test("two hosts, one fails: the other goes on, exit 2", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - { name: t, command: "sh -c 'test {{ inventory_hostname }} = b'" }
    - { name: u, debug: { msg: x } }
`,
    { inventory: "a ansible_connection=local\nb ansible_connection=local\n" },
  );
  assert.deepEqual(outline(played).sort(), ["a: t: failed", "b: t: changed", "b: u: ok"]);
  assert.equal(played.exit, 2);
});

Deno.test("a host that cannot be reached ends with 4, and the others are done", async () => {
  const played = await play(
    "- { hosts: all, tasks: [ { name: t, command: 'true' }, { name: u, fail: { msg: x }, when: inventory_hostname == 'c' } ] }",
    {
      inventory: "a ansible_host=127.0.0.1 ansible_port=1\nb ansible_connection=local\nc ansible_connection=local\n",
      connection: { connectTimeout: 1 },
    },
  );
  assert.deepEqual(
    played.tasks.filter((task) => task.name === "t").map((task) => `${task.host} ${task.status}`).sort(),
    [
      ...["a unreachable", "b changed", "c changed"],
    ],
  );
  assert.equal(played.exit, 4);
  assert.equal(played.hosts.a.unreachable, 1);
});
