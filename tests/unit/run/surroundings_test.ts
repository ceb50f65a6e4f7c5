/** What a run meets: other users, an interrupt, hosts that are not there. */
import assert from "node:assert/strict";
import { outline, play, said, Site } from "./harness.ts";

const isRoot = Deno.uid() === 0;

async function has(program: string): Promise<boolean> {
  const { code } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).output();
  return code === 0;
}

for (const method of ["su", "sudo"]) {
  Deno.test({
    name: `a task becomes another user by ${method}, a block and a variable of the host too`,
    ignore: !isRoot || !await has(method),
    fn: async () => {
      const played = await play(
        `
- hosts: all
  tasks:
    - { command: id -un, register: r, become: true, become_user: nobody }
    - { debug: { msg: "{{ r.stdout }}" } }
    - become: true
      become_user: "{{ who }}"
      block: [ { command: id -un, register: r } ]
    - { debug: { msg: "{{ r.stdout }}" } }
    - { command: id -un, register: r }
    - { debug: { msg: "{{ r.stdout }}" } }
`,
        { inventory: `h ansible_connection=local ansible_become_method=${method} who=nobody\n` },
      );
      assert.deepEqual(said(played), ["nobody", "nobody", "root"]);
    },
  });
}

Deno.test({
  name: "a user that there is none of fails the task, not the run",
  ignore: !isRoot,
  fn: async () => {
    const played = await play(
      `
- hosts: all
  tasks:
    - { name: t, ping: , become: true, become_user: nobody-of-that-name, become_method: su, ignore_errors: true }
    - { name: u, debug: { msg: x } }
`,
    );
    assert.deepEqual(outline(played), ["t: ignored", "u: ok"]);
  },
});

Deno.test("an interrupt ends the run with 130, after what is under way, and the recap is told", async () => {
  const controller = new AbortController();
  await Site.with(
    {
      "site.yml": `
- hosts: all
  tasks:
    - { name: before, debug: { msg: x } }
    - { name: under way, command: sh -c 'sleep 0.3; touch DIR/done' }
    - { name: after, copy: { content: x, dest: DIR/after } }
`,
    },
    async (site) => {
      const played = await site.play({
        signal: controller.signal,
        watch: (event) => event.type === "task" && event.name === "before" && setTimeout(() => controller.abort(), 100),
      });
      assert.equal(played.exit, 130);
      assert.equal(played.events.at(-1)?.type, "recap");
      assert.equal(await site.read("after"), undefined);
      assert.ok(!outline(played).some((line) => line.startsWith("after")));
      assert.equal(played.hosts.h.failed, 0);
    },
  );
});

Deno.test("a pattern that --limit leaves nobody of is skipped", async () => {
  const played = await play(
    "[ { hosts: a, tasks: [ { name: one, ping: } ] }, { hosts: b, tasks: [ { name: two, ping: } ] } ]",
    { inventory: "a ansible_connection=local\nb ansible_connection=local\n", limit: "b" },
  );
  assert.deepEqual(outline(played), ["two: ok"]);
  assert.deepEqual(played.events.filter((event) => event.type === "play").map((event) => event.hosts), [[], ["b"]]);
});

Deno.test("forks bounds how many hosts are at work", async () => {
  const inventory = Array.from({ length: 6 }, (_each, index) => `h${index} ansible_connection=local\n`).join("");
  await Site.with(
    { "site.yml": "- { hosts: all, tasks: [ { shell: 'echo x >> DIR/n; sleep 0.1; wc -l < DIR/n', register: r } ] }" },
    async (site) => {
      const { tasks } = await site.play({ inventory, forks: 2 });
      const counts = tasks.map((task) => Number(task.result.stdout));
      assert.ok(Math.max(...counts.slice(0, 2)) <= 3, String(counts));
      assert.equal(tasks.length, 6);
    },
  );
});

Deno.test("every event has what the design promises", async () => {
  const { events, tasks } = await play("- { hosts: all, tasks: [ { notice: look here }, { command: 'true' } ] }");
  assert.deepEqual(events.map((event) => event.type), ["run", "play", "notice", "task", "task", "recap"]);
  for (const task of tasks) {
    for (const key of ["id", "play", "name", "module", "host", "status", "changes", "result", "seconds", "at"]) {
      assert.ok(key in task, key);
    }
    assert.match(task.at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
});
