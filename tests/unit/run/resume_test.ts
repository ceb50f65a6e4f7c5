/** What a run that goes on does again, and what it takes over from the journal. */
import assert from "node:assert/strict";
import type { TaskEvent } from "../../../engine/run/event.ts";
import type { JournalLine } from "../../../engine/run/journal.ts";
import { Journal } from "../../../engine/run/journal.ts";
import { Replay } from "../../../engine/run/replay.ts";
import { Redactor } from "../../../engine/support/redact.ts";
import { Vault } from "../../../engine/variables/vault.ts";
import { type Played, type PlayOptions, Site } from "./harness.ts";

/** Runs a folder's playbook with a journal; `until` cuts what is kept, as if the controller had been killed there. */
class Runs {
  lines: JournalLine[] = [];

  constructor(readonly site: Site) {}

  async first(options: PlayOptions = {}): Promise<Played> {
    this.lines = [];
    return await this.site.play({ ...options, journal: this.#journal() });
  }

  /** Forgets all from the line on that fits. */
  killedAt(fits: (line: JournalLine) => boolean): void {
    const at = this.lines.findIndex(fits);
    assert.notEqual(at, -1, "there is such a line");
    this.lines.length = at;
  }

  async again(options: PlayOptions = {}): Promise<Played> {
    const replay = new Replay(this.lines);
    this.lines.push({ line: "resumed", at: "" });
    return await this.site.play({ ...options, replay, journal: this.#journal() });
  }

  get text(): string {
    return JSON.stringify(this.lines);
  }

  #journal(): Journal {
    const take = (text: string) => this.lines.push(...text.trim().split("\n").map((line) => JSON.parse(line)));
    return new Journal("00000000-0000-4000-8000-000000000000", take, (error) => assert.fail(String(error)));
  }
}

function withRuns(files: Record<string, string>, use: (runs: Runs) => Promise<void>): Promise<void> {
  return Site.with(files, (site) => use(new Runs(site)));
}

const ofTask = (name: string, host = "h") => (line: JournalLine) =>
  line.line === "event" && line.event.type === "task" && line.event.name === name && line.event.host === host;
const begun = (position: string) => (line: JournalLine) =>
  line.line === "begun" && line.position.join(".") === position;
const fresh = ({ tasks }: Played) => tasks.filter(({ replayed }) => !replayed).map(brief);
const taken = ({ tasks }: Played) => tasks.filter(({ replayed }) => replayed).map(brief);
const brief = ({ name, status, host }: TaskEvent) => `${name} ${status}${host === "h" ? "" : ` ${host}`}`;

Deno.test("what was done is not done again, and what it set is there", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: count, shell: echo x >> DIR/log; wc -l < DIR/log, register: count }
    - { name: fact, set_fact: { stamp: "{{ count.stdout }}" } }
    - { name: next, debug: { msg: "{{ stamp }} {{ count.changed }}" } }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    await runs.first();
    runs.killedAt(ofTask("next"));
    const again = await runs.again();
    assert.deepEqual(taken(again), ["count changed", "fact ok"]);
    assert.deepEqual(again.tasks.at(-1)?.result.msg, "1 true");
    assert.deepEqual(again.hosts.h, { ...again.hosts.h, ok: 3, changed: 1 });
    assert.deepEqual(runs.lines.filter(ofTask("count")).length, 1);
    assert.equal(await runs.site.read("log"), "x\n");
  });
});

Deno.test("a task that was under way counts as changed though it finds its work done, so its handler runs", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: write, copy: { dest: DIR/file, content: x }, notify: restart, register: written }
    - { name: because, debug: { msg: it }, when: written.changed }
  handlers:
    - { name: restart, shell: echo restarted >> DIR/log }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    await runs.first();
    runs.killedAt(ofTask("write"));
    assert.deepEqual(fresh(await runs.again()), ["write changed", "because ok", "restart changed"]);
    // Not begun: nothing tells that the run itself wrote the file.
    runs.killedAt(begun("1"));
    assert.deepEqual(fresh(await runs.again()), ["write ok", "because skipped"]);
  });
});

Deno.test("handlers that were notified run once, also where the first of them had run", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: write, copy: { dest: DIR/file, content: x }, notify: [one, two] }
  handlers:
    - { name: one, shell: echo one >> DIR/log }
    - { name: two, shell: echo two >> DIR/log }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    await runs.first();
    runs.killedAt((line) => line.line === "begun" && line.position.length === 2 && line.position[1] === 1);
    await runs.site.write("log", "one\n");
    assert.deepEqual(fresh(await runs.again()), ["two changed"]);
    assert.equal(await runs.site.read("log"), "one\ntwo\n");
  });
});

Deno.test("a host that failed goes on with what it failed with, the others do nothing again", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: before, shell: "echo {{ inventory_hostname }} >> DIR/log" }
    - block:
        - { name: gate, command: test -e DIR/gate, when: inventory_hostname == 'b' }
      always:
        - { name: always, command: "true" }
    - { name: after, command: "true" }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    const inventory = "[all]\na ansible_connection=local\nb ansible_connection=local\n";
    assert.equal((await runs.first({ inventory })).exit, 2);
    await runs.site.write("gate", "");
    const again = await runs.again({ inventory });
    assert.deepEqual(fresh(again), ["gate changed b", "always changed b", "after changed b"]);
    assert.equal(again.exit, 0);
    assert.equal((await runs.site.read("log"))?.split("\n").length, 3);
  });
});

Deno.test("a task that one host ran for all is taken over by all, whoever comes first", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: once, shell: echo x >> DIR/log; echo token, run_once: true, register: token }
    - { name: use, debug: { msg: "{{ token.stdout }}" } }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    const inventory = "[all]\na ansible_connection=local\nb ansible_connection=local\n";
    await runs.first({ inventory });
    runs.killedAt((line) => ofTask("use", "a")(line) || ofTask("use", "b")(line));
    const again = await runs.again({ inventory, limit: "b" });
    assert.deepEqual(fresh(again), ["use ok b"]);
    assert.equal(again.tasks.at(-1)?.result.msg, "token");
    assert.equal(await runs.site.read("log"), "x\n");
  });
});

Deno.test("no secret and nothing of no_log is kept: the task that set it is run again, its handler stays notified", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - name: secret
      shell: 'test -e DIR/made || { : > DIR/made; echo changed; }; echo "$T" >&2'
      environment: { T: "{{ token }}" }
      register: secret
      changed_when: secret.stdout == 'changed'
      notify: restart
    - { name: hidden, shell: echo hush-hush, register: hidden, no_log: true }
    - { name: plain, shell: echo x >> DIR/log }
    - { name: use, copy: { dest: DIR/out, content: "{{ secret.stderr }} {{ hidden.stdout }}" } }
  handlers:
    - { name: restart, shell: echo restarted >> DIR/log }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    const vault = () => {
      const redactor = new Redactor();
      redactor.add("s3cr3t-t0ken");
      return new Vault([], redactor);
    };
    const options = () => ({ vault: vault(), extraVars: { token: "s3cr3t-t0ken" } });
    await runs.first(options());
    assert.ok(!runs.text.includes("s3cr3t-t0ken") && !runs.text.includes("hush-hush"));
    runs.killedAt(ofTask("use"));
    await runs.site.write("log", "x\n");
    const again = await runs.again(options());
    assert.deepEqual(fresh(again), ["secret ok", "hidden changed", "use changed", "restart changed"]);
    assert.equal(await runs.site.read("log"), "x\nrestarted\n");
  });
});

Deno.test("from the first task that was changed in the playbook on all is run again, handlers stay notified", async () => {
  const tasks = (content: string) => `
- hosts: all
  gather_facts: false
  tasks:
    - { name: one, copy: { dest: DIR/one, content: x } }
    - { name: two, copy: { dest: DIR/two, content: "${content}" } }
    - { name: three, copy: { dest: DIR/three, content: x }, notify: restart }
    - { name: gate, command: test -e DIR/gate, changed_when: false }
  handlers:
    - { name: restart, shell: echo restarted >> DIR/log }
`;
  await withRuns({ "site.yml": tasks("x") }, async (runs) => {
    await runs.first();
    await runs.site.write("gate", "");
    await runs.site.write("site.yml", tasks("y"));
    const again = await runs.again();
    assert.deepEqual(taken(again), ["one changed"]);
    assert.deepEqual(fresh(again), ["two changed", "three ok", "gate ok", "restart changed"]);
  });
});

Deno.test("includes, groups and included variables are there again; what they were told before is not told again", async () => {
  const files = {
    "site.yml": `
- hosts: all
  gather_facts: false
  tasks:
    - { name: group, group_by: { key: made } }
    - { name: vars, include_vars: vars.yml }
    - { name: more, include_tasks: more.yml, loop: [a, b] }
- hosts: made
  gather_facts: false
  tasks:
    - { name: end, debug: { msg: "{{ word }}" } }
`,
    "vars.yml": "word: hello\n",
    "more.yml": "- { name: 'in {{ item }}', shell: 'echo {{ item }} >> DIR/log' }\n",
  };
  await withRuns(files, async (runs) => {
    const first = await runs.first();
    runs.killedAt(ofTask("in b"));
    await runs.site.write("log", "a\n");
    const again = await runs.again();
    assert.deepEqual(fresh(again), ["in b changed", "end ok"]);
    assert.deepEqual(again.hosts, first.hosts);
    assert.equal(await runs.site.read("log"), "a\nb\n");
  });
});

Deno.test("a rescue that was under way goes on with what it may look at", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - { name: fails, shell: echo x >> DIR/log; exit 4 }
      rescue:
        - { name: look, debug: { msg: "{{ ansible_failed_task.name }} {{ ansible_failed_result.rc }}" } }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    await runs.first();
    runs.killedAt(ofTask("look"));
    const again = await runs.again();
    assert.deepEqual([...taken(again), ...fresh(again)], ["fails rescued", "look ok"]);
    assert.equal(again.tasks.at(-1)?.result.msg, "fails 4");
    assert.equal(again.hosts.h.rescued, 1);
    assert.equal(await runs.site.read("log"), "x\n");
  });
});

Deno.test("commands that follow one another are not sent ahead where they are done", async () => {
  const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - { name: one, shell: echo one >> DIR/log }
    - { name: two, shell: echo two >> DIR/log }
    - { name: three, shell: echo three >> DIR/log }
`;
  await withRuns({ "site.yml": playbook }, async (runs) => {
    await runs.first();
    runs.killedAt(ofTask("three"));
    await runs.site.write("log", "one\ntwo\n");
    assert.deepEqual(fresh(await runs.again()), ["three changed"]);
    assert.equal(await runs.site.read("log"), "one\ntwo\nthree\n");
  });
});
