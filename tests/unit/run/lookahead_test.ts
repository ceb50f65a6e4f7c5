/** Reading ahead changes how fast a run is, and nothing else. */
import assert from "node:assert/strict";
import type { TaskEvent } from "../../../engine/run/event.ts";
import { play, type Played, said, Site } from "./harness.ts";
import { COMMAND_TRAPS, type Trap, TRAPS } from "./traps.ts";

/** What must be the same: everything but when. */
function lasting({ tasks }: Played, site: Site): unknown[] {
  const text = JSON.stringify(tasks.map(({ seconds: _seconds, at: _at, ...rest }: TaskEvent) => rest), (key, value) =>
    // Moments, and what names a file system's places.
    /time$|^(inode|dev|device|start|end|delta|pid|ctime|mtime|atime)$/.test(key) ? undefined : value);
  return JSON.parse(text.replaceAll(site.directory, "DIR"));
}

/** Runs a trap; tells what it said and what it left. */
async function run({ playbook, files }: Trap, options: { lookahead: boolean; check: boolean }) {
  return await Site.with({ "out/.keep": "", ...files, "site.yml": playbook }, async (site) => {
    const played = await site.play(options);
    return { events: lasting(played, site), said: said(played), tree: await site.tree("out"), exit: played.exit };
  });
}

for (const trap of [...TRAPS, ...COMMAND_TRAPS]) {
  Deno.test(`lookahead makes no difference: ${trap.name}`, async () => {
    for (const check of trap.writes ? [false] : [false, true]) {
      const [ahead, behind] = [
        await run(trap, { lookahead: true, check }),
        await run(trap, { lookahead: false, check }),
      ];
      assert.deepEqual(ahead, behind);
      assert.equal(ahead.exit, 0);
      if (trap.says && !check) assert.deepEqual(ahead.said, trap.says);
    }
  });
}

Deno.test("a second run changes nothing, read ahead or not", async () => {
  const playbook = `
- hosts: all
  tasks:
    - { file: { path: DIR/out/d, state: directory, mode: "0750" } }
    - { copy: { content: "one\\n", dest: DIR/out/d/f, mode: "0640" } }
    - { copy: { content: "two\\n", dest: DIR/out/d/g } }
    - { lineinfile: { path: DIR/out/d/g, line: two } }
    - { file: { src: f, dest: DIR/out/d/l, state: link } }
    - { command: touch DIR/out/made, args: { creates: DIR/out/made } }
`;
  await Site.with({ "out/.keep": "", "site.yml": playbook }, async (site) => {
    assert.equal((await site.play()).hosts.h.failed, 0);
    for (const lookahead of [true, false]) {
      const { hosts } = await site.play({ lookahead });
      assert.deepEqual([hosts.h.changed, hosts.h.failed], [0, 0]);
    }
  });
});

Deno.test("the environment of a task is the one its inspection runs in", async () => {
  const played = await play(`
- hosts: all
  tasks:
    - { set_fact: { v: one } }
    - { shell: echo $V, environment: { V: "{{ v }}" }, register: r }
    - { set_fact: { v: two } }
    - { shell: echo $V, environment: { V: "{{ v }}" }, register: q }
    - { debug: { msg: "{{ [r.stdout, q.stdout] }}" } }
`);
  assert.deepEqual(said(played), [["one", "two"]]);
});

Deno.test("with -vv a play ends by saying what was read ahead, used and thrown away", async () => {
  const playbook = `
- hosts: all
  tasks:
    - { name: directory, file: { path: DIR/out/d, state: directory } }
    - { name: look, stat: { path: DIR/out/d } }
    - { name: elsewhere, stat: { path: DIR/site.yml } }
`;
  await Site.with({ "out/.keep": "", "site.yml": playbook }, async (site) => {
    const told = async (verbosity: number) => {
      const { events } = await site.play({ verbosity });
      return events.filter((event) => event.type === "lookahead");
    };
    assert.deepEqual(await told(2), [
      { type: "lookahead", play: "all", host: "h", ahead: 4, used: 3, thrown: [{ task: "look", times: 1 }] },
    ]);
    assert.deepEqual(await told(2), [{ type: "lookahead", play: "all", host: "h", ahead: 3, used: 3, thrown: [] }]);
    assert.deepEqual(await told(1), []);
  });
});
