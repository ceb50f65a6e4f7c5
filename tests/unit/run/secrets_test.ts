/** What is secret is in no event and on no screen. */
import assert from "node:assert/strict";
import { makeRenderer } from "../../../cli/render/renderer.ts";
import { keepingTerminal } from "../../e2e/bad_input/driver.ts";
import { play, type Played } from "./harness.ts";

const SECRET = "hunter2-kazoo";

/** Every way that a run's events are printed, most verbose. */
function printed({ events }: Played): string {
  const all = (["jsonl", "json", "text"] as const).map((format) => {
    const terminal = keepingTerminal();
    const renderer = makeRenderer(format, terminal, { diff: true, check: false, verbosity: 3 });
    for (const event of events) renderer.take(event);
    renderer.end();
    return [...terminal.outs, ...terminal.talks].join("\n");
  });
  return all.join("\n");
}

Deno.test("no_log hides arguments, results, changes, items and failures", async () => {
  const played = await play(`
- hosts: all
  vars: { secret: ${SECRET} }
  tasks:
    - { command: "echo {{ secret }}", no_log: true, register: r }
    - { copy: { content: "{{ secret }}", dest: DIR/f }, no_log: true }
    - { debug: { msg: "{{ item }}" }, loop: [ "{{ secret }}" ], no_log: true }
    - { fail: { msg: "{{ secret }}" }, no_log: true, ignore_errors: true }
    - { fail: { msg: "{{ item }}" }, loop: [ "{{ secret }}" ], no_log: true, ignore_errors: true }
    - { command: "sh -c 'echo {{ secret }} >&2; exit 3'", no_log: true, ignore_errors: true }
    - { debug: { msg: "{{ r.stdout == secret }}" } }
    - block: [ { fail: { msg: "{{ secret }}" }, no_log: true } ]
      rescue: [ { debug: { msg: "{{ ansible_failed_task.name }}" } } ]
    - { set_fact: { copy: "{{ secret }}" }, no_log: true }
    - { assert: { that: copy == 'other', fail_msg: "{{ secret }}" }, no_log: true }
`);
  assert.equal(played.exit, 2);
  const text = printed(played);
  assert.doesNotMatch(text, new RegExp(SECRET));
  assert.match(text, /the output is hidden because 'no_log: true' is set/);
});

Deno.test("no_log of a play holds for its tasks, handlers and roles", async () => {
  const played = await play(
    `
- hosts: all
  no_log: true
  roles: [ r ]
  tasks: [ { debug: { msg: ${SECRET} }, changed_when: true, notify: h } ]
  handlers: [ { name: h, debug: { msg: ${SECRET} } } ]
`,
    { files: { "roles/r/tasks/main.yml": `- { debug: { msg: ${SECRET} } }\n` } },
  );
  assert.equal(played.tasks.length, 3);
  assert.doesNotMatch(printed(played), new RegExp(SECRET));
});

Deno.test("the passwords of connections are in no event, whatever a task says", async () => {
  const played = await play(
    "- { hosts: all, tasks: [ { debug: { msg: '{{ ansible_become_password }}' } }, { ping: } ] }",
    {
      inventory: `h ansible_connection=local ansible_become_password=${SECRET}\n`,
      connection: { becomePassword: `other-${SECRET}` },
    },
  );
  assert.equal(played.exit, 0);
  assert.doesNotMatch(printed(played), new RegExp(SECRET));
});

Deno.test("the content of a file that others may not read is not in the diff", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { copy: { content: ${SECRET}, dest: DIR/f, mode: "0600" } }
    - { lineinfile: { path: DIR/f, line: more-${SECRET} } }
`);
  assert.equal(played.hosts.h.changed, 2);
  assert.doesNotMatch(printed(played), new RegExp(SECRET));
});
