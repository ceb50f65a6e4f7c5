/** `--list-hosts`, `--list-tasks` and `--list-tags` say what ansible-playbook 2.14 says of the same playbook. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { temporaryFolder } from "./aami.ts";
import { drive } from "./bad_input/drive.ts";

const FILES: Readonly<Record<string, string>> = {
  "h.ini": "lone\n[web]\nweb[01:02]\n[db]\ndb1\n[empty]\n",
  "roles/r/tasks/main.yml": "- { name: in role, debug: { msg: x }, tags: [rt] }\n- debug: { msg: x }\n",
  "site.yml": `- hosts: web
  name: First
  tags: [p1]
  pre_tasks:
    - { name: pre, debug: { msg: p } }
  roles:
    - { role: r, tags: [rr] }
  tasks:
    - { name: a, debug: { msg: a }, tags: [t1, t2], notify: h }
    - block:
        - { name: b1, debug: { msg: b } }
        - command: "true"
      tags: blk
    - { name: nev, debug: { msg: r }, tags: never }
    - meta: flush_handlers
  handlers:
    - { name: h, debug: { msg: h } }
- hosts: db:lone
  tasks:
    - { name: "x {{ inventory_hostname }}", debug: { msg: x } }
- hosts: empty
  tasks: []
`,
};

const HOSTS = `
playbook: site.yml

  play #1 (web): First\tTAGS: [p1]
    pattern: ['web']
    hosts (2):
      web01
      web02

  play #2 (db:lone): db:lone\tTAGS: []
    pattern: ['db:lone']
    hosts (2):
      db1
      lone

  play #3 (empty): empty\tTAGS: []
    pattern: ['empty']
    hosts (0):`;

const TASKS = `
playbook: site.yml

  play #1 (web): First\tTAGS: [p1]
    tasks:
      pre\tTAGS: [p1]
      r : in role\tTAGS: [p1, rr, rt]
      debug\tTAGS: [p1, rr]
      a\tTAGS: [p1, t1, t2]
      b1\tTAGS: [blk, p1]
      command\tTAGS: [blk, p1]
      meta\tTAGS: [p1]

  play #2 (db:lone): db:lone\tTAGS: []
    tasks:
      x {{ inventory_hostname }}\tTAGS: []

  play #3 (empty): empty\tTAGS: []
    tasks:`;

const TAGS = `
playbook: site.yml

  play #1 (web): First\tTAGS: [p1]
      TASK TAGS: [blk, p1]

  play #2 (db:lone): db:lone\tTAGS: []
      TASK TAGS: []

  play #3 (empty): empty\tTAGS: []
      TASK TAGS: []`;

Deno.test("the lists are those of ansible-playbook, and nothing is run", async () => {
  await using folder = await temporaryFolder();
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.mkdir(dirname(join(folder.path, name)), { recursive: true });
    await Deno.writeTextFile(join(folder.path, name), text);
  }
  const line = (flags: string) => ({ directory: folder.path, args: `play site.yml ${flags}`.split(" ") });
  const said = await drive([
    line("-i h.ini --list-hosts"),
    line("-i h.ini --list-tasks"),
    line("-i h.ini --list-tags -t blk"),
    line("-i h.ini --list-hosts -l db"),
    line("--list-tasks"),
    line("-i h.ini --list-tasks -o json"),
  ]);
  const [hosts, tasks, tags, limited, without, data] = said;
  assert.equal(hosts.out, HOSTS);
  assert.equal(tasks.out, TASKS);
  assert.equal(tags.out, TAGS);
  assert.match(limited.out, /hosts \(0\):\n\n.*\n.*\n {4}hosts \(1\):\n {6}db1\n/);
  assert.equal(without.out, TASKS, "tasks need no inventory");
  assert.deepEqual(said.map(({ exit }) => exit), [0, 0, 0, 0, 0, 1]);
  assert.match(data.talk, /--list-tasks prints text/);
});
