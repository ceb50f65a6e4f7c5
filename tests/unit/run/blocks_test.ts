/** Blocks with rescue and always: against a small interpreter, and against what ansible-playbook did. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import recorded from "./recorded/blocks.json" with { type: "json" };
import { interpret, type Node, programs, toYaml } from "./recorded/block_programs.ts";
import { outline, play, said } from "./harness.ts";

const RUNS = Number(Deno.env.get("AAMI_FUZZ_RUNS") ?? 150);

/** What ran, with a rescued failure as a failure; as the interpreter writes it. */
async function ran(program: readonly Node[]) {
  const played = await play(`- hosts: all\n  tasks:\n${toYaml(program)}`);
  const lines = outline(played).map((line) => line.replace(": ", " ").replace("rescued", "failed"));
  return { lines, counts: played.hosts.h, exit: played.exit };
}

Deno.test("nested blocks run as the interpreter says", async () => {
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const { lines, exit } = await ran(program);
      const expected = interpret(program);
      assert.deepEqual(lines, expected.ran);
      assert.equal(exit, expected.failed ? 2 : 0);
    }),
    { numRuns: RUNS },
  );
});

Deno.test(`nested blocks run and count as in ${recorded.version}`, async () => {
  const differences: unknown[] = [];
  for (const { program, ran: expected, counts: wanted } of recorded.cases) {
    const { lines, counts } = await ran(program as Node[]);
    const { ok, failed, rescued, ignored } = counts;
    const mine = { ran: lines, counts: { ok, failed, rescued, ignored } };
    if (JSON.stringify(mine) !== JSON.stringify({ ran: expected, counts: wanted })) {
      differences.push({
        program: JSON.stringify(program),
        ansible: { ran: expected.join(", "), ...wanted },
        aami: { ...mine.counts, ran: lines.join(", ") },
      });
    }
  }
  assert.deepEqual(differences, []);
});

Deno.test("a rescue sees the task that failed and its result; what it clears does not fail the run", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - block:
        - { name: breaks, fail: { msg: no disk } }
      rescue:
        - debug: { msg: "{{ ansible_failed_task.name }}: {{ ansible_failed_result.msg }}" }
    - { debug: { msg: after } }
`);
  assert.deepEqual(said(played), ["breaks: no disk", "after"]);
  assert.deepEqual([played.exit, played.hosts.h.failed, played.hosts.h.rescued], [0, 0, 1]);
});

Deno.test("a block hands down its condition, vars, become and tags", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - when: false
      block: [ { name: a, debug: { msg: x } } ]
      always: [ { name: b, debug: { msg: x } } ]
    - vars: { v: outer }
      tags: t
      block:
        - { debug: { msg: "{{ v }}" } }
        - { debug: { msg: "{{ v }}" }, vars: { v: inner } }
`,
  );
  assert.deepEqual(outline(played).slice(0, 2), ["a: skipped", "b: skipped"]);
  assert.deepEqual(said(played), ["outer", "inner"]);
});

Deno.test("an unreachable host is not rescued", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - block: [ { name: a, ping: } ]
      rescue: [ { name: b, debug: { msg: x } } ]
      always: [ { name: c, debug: { msg: x } } ]
`,
    { inventory: "h ansible_host=127.0.0.1 ansible_port=1\n", connection: { connectTimeout: 1 } },
  );
  assert.deepEqual(outline(played), ["a: unreachable"]);
  assert.equal(played.exit, 4);
});

Deno.test("handlers that a block's tasks notified before the rescue still run", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - block:
        - { name: a, debug: { msg: x }, changed_when: true, notify: h }
        - { name: b, fail: { msg: x } }
      rescue: [ { name: c, debug: { msg: x } } ]
  handlers: [ { name: h, debug: { msg: x } } ]
`);
  assert.deepEqual(outline(played), ["a: changed", "b: rescued", "c: ok", "h: ok"]);
});
