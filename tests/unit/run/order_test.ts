/** The order of what a play runs: sections, roles, handlers. */
import assert from "node:assert/strict";
import { outline, play } from "./harness.ts";

const touch = (name: string) =>
  `{ name: ${name}, debug: { msg: x }, changed_when: true, notify: [all of it, ${name}] }`;

Deno.test("a play runs pre_tasks, roles, tasks and post_tasks, and the handlers after pre_tasks, tasks and post_tasks", async () => {
  const played = await play(
    `
- hosts: all
  post_tasks: [ ${touch("post")} ]
  tasks: [ ${touch("task")} ]
  roles: [ r ]
  pre_tasks: [ ${touch("pre")} ]
  handlers:
    - { name: common, debug: { msg: x }, listen: all of it }
    - { name: pre, debug: { msg: x } }
    - { name: task, debug: { msg: x } }
    - { name: post, debug: { msg: x } }
`,
    {
      files: {
        "roles/r/tasks/main.yml": "- { name: role, debug: { msg: x }, changed_when: true, notify: all of it }\n",
      },
    },
  );
  assert.deepEqual(outline(played), [
    ...["pre: changed", "common: ok", "pre: ok"],
    ...["r : role: changed", "task: changed", "common: ok", "task: ok"],
    ...["post: changed", "common: ok", "post: ok"],
  ]);
});

Deno.test("handlers run once, in the order they are defined, those of roles first", async () => {
  const played = await play(
    `
- hosts: all
  roles: [ r ]
  tasks:
    - { name: b first, debug: { msg: x }, changed_when: true, notify: [b, a] }
    - { name: again, debug: { msg: x }, changed_when: true, notify: [a, of the role] }
    - { name: unchanged, debug: { msg: x }, notify: c }
  handlers:
    - { name: a, debug: { msg: x } }
    - { name: b, debug: { msg: x } }
    - { name: c, debug: { msg: x } }
`,
    {
      files: {
        "roles/r/tasks/main.yml": "- { name: t, debug: { msg: x }, changed_when: true, notify: b }\n",
        "roles/r/handlers/main.yml": "- { name: of the role, debug: { msg: x } }\n",
      },
    },
  );
  assert.deepEqual(outline(played).slice(-3), ["r : of the role: ok", "a: ok", "b: ok"]);
});

Deno.test("a handler of a role is notified with the role's name before it, too", async () => {
  const played = await play(
    "- { hosts: all, roles: [ r ], tasks: [ { name: t, debug: { msg: x }, changed_when: true, notify: 'r : h' } ] }",
    { files: { "roles/r/handlers/main.yml": "- { name: h, debug: { msg: x } }\n" } },
  );
  assert.deepEqual(outline(played), ["t: changed", "r : h: ok"]);
});

Deno.test("a handler that notifies a later one has it run in the same flush, an earlier one too", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { name: t, debug: { msg: x }, changed_when: true, notify: middle }
  handlers:
    - { name: first, debug: { msg: x } }
    - { name: middle, debug: { msg: x }, changed_when: true, notify: [first, last] }
    - { name: last, debug: { msg: x } }
`);
  assert.deepEqual(outline(played), ["t: changed", "middle: changed", "first: ok", "last: ok"]);
});

Deno.test("handlers are told apart in the events", async () => {
  const { tasks } = await play(`
- hosts: all
  tasks: [ { name: t, debug: { msg: x }, changed_when: true, notify: h } ]
  handlers: [ { name: h, debug: { msg: x } } ]
`);
  assert.deepEqual(tasks.map((task) => task.handler), [undefined, true]);
});

Deno.test("a loop of which one item changes notifies", async () => {
  const played = await play(`
- hosts: all
  tasks: [ { name: t, debug: { msg: x }, loop: [1, 2], changed_when: item == 2, notify: h } ]
  handlers: [ { name: h, debug: { msg: x } } ]
`);
  assert.deepEqual(outline(played), ["t: changed", "h: ok"]);
});

Deno.test("meta flush_handlers runs the handlers at once", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { name: t, debug: { msg: x }, changed_when: true, notify: h }
    - { name: flush, meta: flush_handlers }
    - { name: after, debug: { msg: x } }
  handlers: [ { name: h, debug: { msg: x } } ]
`);
  assert.deepEqual(outline(played).filter((line) => !line.startsWith("flush")), ["t: changed", "h: ok", "after: ok"]);
});

Deno.test("handlers do not run on a host that failed", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - { name: t, debug: { msg: x }, changed_when: true, notify: h }
    - { name: breaks, fail: { msg: x }, when: inventory_hostname == 'a' }
  handlers: [ { name: h, debug: { msg: x } } ]
`,
    { inventory: "a ansible_connection=local\nb ansible_connection=local\n" },
  );
  assert.deepEqual(outline(played).filter((line) => line.includes("h:")), ["b: h: ok"]);
  assert.equal(played.exit, 2);
});

Deno.test("a handler that fails takes the host out", async () => {
  const played = await play(`
- hosts: all
  tasks: [ { name: t, debug: { msg: x }, changed_when: true, notify: [h, i] } ]
  post_tasks: [ { name: post, debug: { msg: x } } ]
  handlers: [ { name: h, fail: { msg: x } }, { name: i, debug: { msg: x } } ]
`);
  assert.deepEqual(outline(played), ["t: changed", "h: failed"]);
});

Deno.test("what a handler of one play is due does not reach the next play", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { name: t, debug: { msg: x }, changed_when: true, notify: h }
    - { name: end, meta: end_host }
  handlers: [ { name: h, debug: { msg: x } } ]
- hosts: all
  tasks: [ { name: second, debug: { msg: x } } ]
  handlers: [ { name: h, debug: { msg: x } } ]
`);
  assert.deepEqual(outline(played).filter((line) => line !== "end: ok"), ["t: changed", "second: ok"]);
});

Deno.test("a host that failed stays out of the plays after", async () => {
  const played = await play(
    `
- hosts: all
  tasks: [ { name: breaks, fail: { msg: x }, when: inventory_hostname == 'a' } ]
- hosts: all
  tasks: [ { name: second, debug: { msg: x } } ]
`,
    { inventory: "a ansible_connection=local\nb ansible_connection=local\n" },
  );
  assert.deepEqual(outline(played).filter((line) => line.includes("second")), ["b: second: ok"]);
});

Deno.test("meta end_play ends it for every host, and the next play runs", async () => {
  const played = await play(`
- hosts: all
  tasks: [ { name: end, meta: end_play }, { name: after, debug: { msg: x } } ]
- hosts: all
  tasks: [ { name: second, debug: { msg: x } } ]
`);
  assert.deepEqual(outline(played).filter((line) => !line.startsWith("end")), ["second: ok"]);
});
