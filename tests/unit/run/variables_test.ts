/** Which variable wins, and when it is evaluated. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { failure, outline, play, said, Site } from "./harness.ts";

const RUNS = Number(Deno.env.get("AAMI_FUZZ_RUNS") ?? 100);
const TWO = "a ansible_connection=local\nb ansible_connection=local\n";

/** The levels from the lowest to the highest, as Ansible documents them. */
const LEVELS = [
  ...["role defaults", "inventory file group", "inventory group_vars/all", "playbook group_vars/all"],
  ...["inventory group_vars/g", "playbook group_vars/g", "inventory file host", "inventory host_vars"],
  ...["playbook host_vars", "play vars", "vars_files", "role vars", "block vars", "task vars", "set_fact"],
  ...["role params", "extra vars"],
] as const;

type Level = typeof LEVELS[number];

const FILES: Partial<Record<Level, string>> = {
  "role defaults": "roles/r/defaults/main.yml",
  "inventory group_vars/all": "inv/group_vars/all.yml",
  "playbook group_vars/all": "group_vars/all.yml",
  "inventory group_vars/g": "inv/group_vars/g.yml",
  "playbook group_vars/g": "group_vars/g.yml",
  "inventory host_vars": "inv/host_vars/h.yml",
  "playbook host_vars": "host_vars/h.yml",
  "vars_files": "vars.yml",
  "role vars": "roles/r/vars/main.yml",
};

async function winner(levels: readonly Level[]): Promise<unknown> {
  const at = (level: Level, text: string) => levels.includes(level) ? text : "";
  const files: Record<string, string> = {
    "roles/r/tasks/main.yml": `
- ${at("block vars", "vars: { v: block vars }")}
  block:
    - debug: { msg: "{{ v }}" }
      ${at("task vars", "vars: { v: task vars }")}
`,
    "site.yml": `
- hosts: g
  ${at("play vars", "vars: { v: play vars }")}
  ${at("vars_files", "vars_files: [ vars.yml ]")}
  pre_tasks: [ ${at("set_fact", "{ set_fact: { v: set_fact } }")} ]
  roles: [ { role: r${at("role params", ", v: role params")} } ]
`,
  };
  for (const level of levels) if (FILES[level]) files[FILES[level]] = `v: ${level}\n`;
  const inventory = `[g]\nh ansible_connection=local ${at("inventory file host", "v='inventory file host'")}\n` +
    at("inventory file group", "[g:vars]\nv=inventory file group\n");
  const extraVars: Record<string, string> = levels.includes("extra vars") ? { v: "extra vars" } : {};
  const played = await Site.with(
    files,
    (site) => site.play({ inventory, inventoryFile: "inv/hosts.ini", extraVars }),
  );
  return said(played).at(-1);
}

Deno.test("each level of precedence wins over the one below it", async () => {
  for (const [index, level] of LEVELS.entries()) {
    assert.equal(await winner(LEVELS.slice(Math.max(0, index - 1), index + 1)), level);
  }
});

Deno.test("of any levels that set a variable, the highest wins", async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray([...LEVELS], { minLength: 1 }), async (levels) => {
      assert.equal(await winner(levels), levels.at(-1));
    }),
    { numRuns: RUNS },
  );
});

Deno.test("a variable may rest on others, whatever level they have, and is evaluated when it is looked at", async () => {
  const played = await play(
    `
- hosts: all
  vars: { url: "http://{{ name }}:{{ port }}", port: 80 }
  tasks:
    - { debug: { msg: "{{ url }}" } }
    - { set_fact: { port: 90 } }
    - { debug: { msg: "{{ url }}" } }
    - { debug: { msg: "{{ url }}" }, vars: { name: inner } }
`,
    { extraVars: {}, inventory: "h ansible_connection=local name=outer\n" },
  );
  assert.deepEqual(said(played), ["http://outer:80", "http://outer:90", "http://inner:90"]);
});

Deno.test("a role's defaults and vars are seen by the play's tasks after it, its params only inside", async () => {
  const played = await play(
    `
- hosts: all
  roles: [ { role: r, p: param } ]
  tasks:
    - { debug: { msg: "{{ d }} {{ v }} {{ default(p, 'none') }}" } }
`,
    {
      files: {
        "roles/r/defaults/main.yml": "d: default\n",
        "roles/r/vars/main.yml": "v: var\n",
        "roles/r/tasks/main.yml": "- { debug: { msg: '{{ d }} {{ v }} {{ p }}' } }\n",
      },
    },
  );
  assert.deepEqual(said(played), ["default var param", "default var none"]);
});

Deno.test("set_fact and register last for the run, play vars for the play", async () => {
  const played = await play(`
- hosts: all
  vars: { p: 1 }
  tasks:
    - { set_fact: { s: "{{ p + 1 }}" } }
    - { command: echo hi, register: r }
- hosts: all
  tasks:
    - { debug: { msg: "{{ [string(s), r.stdout, default(p, 'gone')] }}" } }
`);
  assert.deepEqual(said(played), [["2", "hi", "gone"]]);
});

Deno.test("facts are gathered only where a task looks at them", async () => {
  const gathered = await play(`
- hosts: all
  tasks: [ { debug: { msg: "{{ ansible_facts.os_family == ansible_os_family }}" } } ]
`);
  assert.deepEqual(said(gathered), [true]);
  const without = await play(
    "- { hosts: all, gather_facts: false, tasks: [ { debug: { msg: '{{ ansible_os_family }}' } } ] }",
  );
  assert.match(failure(without), /undefined variable 'ansible_os_family'\n[^]*the play says 'gather_facts: false'/);
  const fallback = await play(
    "- { hosts: all, gather_facts: false, tasks: [ { debug: { msg: \"{{ default(ansible_os_family, 'none') }}\" } } ] }",
  );
  assert.deepEqual(said(fallback), ["none"]);
});

Deno.test("a host sees what another has set in a task before", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - { command: sleep 0.2, when: inventory_hostname == 'a', changed_when: false }
    - { set_fact: { mine: "of {{ inventory_hostname }}" } }
    - { debug: { msg: "{{ hostvars['a'].mine }} {{ hostvars['b'].mine }}" } }
`,
    { inventory: TWO },
  );
  assert.deepEqual(said(played), ["of a of b", "of a of b"]);
});

Deno.test("a host that fails does not hold up those that wait for it", async () => {
  const played = await play(
    `
- hosts: all
  tasks:
    - { set_fact: { mine: "{{ inventory_hostname }}" } }
    - { fail: { msg: x }, when: inventory_hostname == 'a' }
    - { debug: { msg: "{{ hostvars['a'].mine }}" } }
`,
    { inventory: TWO },
  );
  assert.deepEqual(said(played), ["a"]);
});

Deno.test("the magic variables say where the play stands", async () => {
  const played = await play(
    `
- hosts: g
  tasks:
    - debug: { msg: "{{ [inventory_hostname, groups['g'], group_names, ansible_play_hosts, ansible_check_mode] }}" }
      when: inventory_hostname == 'a'
`,
    { inventory: "[g]\na ansible_connection=local\nb ansible_connection=local\n" },
  );
  assert.deepEqual(said(played), [["a", ["a", "b"], ["g"], ["a", "b"], false]]);
});

Deno.test("vars_files: a list in the list is the first that exists, and its name may come from the host", async () => {
  const files = { "vars/a.yml": "v: file of a\n", "default.yml": "v: default\n" };
  const played = await play(
    `
- hosts: all
  vars_files: [ [ "vars/{{ inventory_hostname }}.yml", default.yml ] ]
  tasks: [ { debug: { msg: "{{ inventory_hostname }} {{ v }}" } } ]
`,
    { files, inventory: TWO },
  );
  assert.deepEqual(said(played).sort(), ["a file of a", "b default"]);
});

Deno.test("a value of an expression keeps its type, also through set_fact and loop", async () => {
  const played = await play(`
- hosts: all
  vars: { n: 3, list: [1, 2], map: { a: true } }
  tasks:
    - { set_fact: { copy: "{{ { 'n': n, 'list': list, 'map': map } }}" } }
    - { debug: { msg: "{{ copy }}" } }
    - { debug: { msg: "{{ item }}" }, loop: "{{ copy.list }}", register: r }
    - { debug: { msg: "{{ r.results[0].item == 1 }}" } }
`);
  assert.deepEqual(said(played).filter((each) => typeof each !== "string"), [
    { n: 3, list: [1, 2], map: { a: true } },
    true,
  ]);
});

Deno.test("the expressions of a name are filled in", async () => {
  const played = await play(
    "- { hosts: all, tasks: [ { name: 'install {{ v }}', debug: { msg: x }, vars: { v: it } } ] }",
  );
  assert.deepEqual(outline(played), ["install it: ok"]);
});
