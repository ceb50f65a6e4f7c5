/** A thousand hosts: every count is kept, by the events, the recap and the text, and the text stays short. */
import assert from "node:assert/strict";
import { TextRenderer } from "../../../cli/render/text.ts";
import type { HostCounts, TaskEvent } from "../../../engine/run/event.ts";
import { keepingTerminal } from "../../e2e/bad_input/driver.ts";
import { play } from "./harness.ts";

const HOSTS = 1000;

const PLAYBOOK = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: all, debug: { msg: x } }
    - { name: thirds, debug: { msg: x }, when: number % 3 == 0 }
    - { name: sevenths fail and go on, fail: { msg: no }, when: number % 7 == 0, ignore_errors: true }
    - { name: thirteenths fail, fail: { msg: no }, when: number % 13 == 0 }
    - { name: the rest, debug: { msg: x } }
    - block: [ { name: elevenths fail, fail: { msg: no }, when: number % 11 == 0 } ]
      rescue: [ { name: they are rescued, debug: { msg: x } } ]
`;

/** What becomes of host number `n`, by hand. */
function expected(n: number): HostCounts {
  const is = (condition: boolean) => condition ? 1 : 0;
  const [third, seventh, eleventh, out] = [3, 7, 11, 13].map((by) => n % by === 0);
  return {
    ok: 1 + is(third) + is(seventh) + (out ? 0 : 1 + is(eleventh)),
    changed: 0,
    unreachable: 0,
    failed: is(out),
    skipped: is(!third) + is(!seventh) + (out ? 0 : 1 + is(!eleventh)),
    rescued: is(eleventh && !out),
    ignored: is(seventh),
    unknown: 0,
  };
}

Deno.test("with 1,000 hosts the events and the recap keep every count, and the text is short", async () => {
  const name = (n: number) => `gpu${String(n).padStart(4, "0")}`;
  const numbers = Array.from({ length: HOSTS }, (_each, index) => index + 1);
  const inventory = numbers.map((n) => `${name(n)} ansible_connection=local number=${n}\n`).join("");
  const { events, tasks, hosts, exit } = await play(PLAYBOOK, { inventory });

  assert.equal(exit, 2);
  assert.deepEqual(hosts, Object.fromEntries(numbers.map((n) => [name(n), expected(n)])));
  const ends = Map.groupBy(tasks, (task) => task.host);
  for (const n of numbers) assert.deepEqual(tally(ends.get(name(n)) ?? []), expected(n), name(n));

  const terminal = keepingTerminal();
  const renderer = new TextRenderer(terminal, { diff: false, check: false, verbosity: 0 });
  for (const event of events) renderer.take(event);
  const text = terminal.outs.join("\n");
  assert.deepEqual(counted(text, "all"), { ok: HOSTS });
  assert.deepEqual(counted(text, "thirds"), { ok: 333, skipped: 667 });
  assert.deepEqual(counted(text, "thirteenths fail"), { failed: 76, skipped: HOSTS - 76 });
  assert.deepEqual(counted(text, "the rest"), { ok: HOSTS - 76 });
  assert.deepEqual(counted(text, "they are rescued"), { ok: 84 });
  const rows = [...text.matchAll(/^(?:(\d+) hosts|gpu\d+) +: ok=/gm)];
  assert.equal(rows.reduce((sum, [, many]) => sum + Number(many ?? 1), 0), HOSTS);
  assert.ok(terminal.outs.length < 120, `${terminal.outs.length} lines`);
});

function tally(tasks: readonly TaskEvent[]): HostCounts {
  const of = (...statuses: string[]) => tasks.filter(({ status }) => statuses.includes(status)).length;
  return {
    ok: of("ok", "changed", "predicted", "ignored"),
    changed: of("changed", "predicted"),
    unreachable: of("unreachable"),
    failed: of("failed"),
    skipped: of("skipped"),
    rescued: of("rescued"),
    ignored: of("ignored"),
    unknown: of("unknown"),
  };
}

/** How many hosts a task's lines stand for, by status. */
function counted(text: string, task: string): Record<string, number> {
  const [, lines] = text.split(`TASK [${task}]\n`);
  const counts: Record<string, number> = {};
  for (const line of lines.split("\n\n")[0].split("\n")) {
    const found = /^(\w+): .*?\((\d+) hosts\)/.exec(line);
    if (found) counts[found[1]] = Number(found[2]);
  }
  return counts;
}
