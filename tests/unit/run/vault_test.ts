/** What is encrypted is opened where it is needed, and what it held is in no event and no argv. */
import assert from "node:assert/strict";
import { Redactor } from "../../../engine/support/redact.ts";
import { encryptBytes } from "../../../engine/support/vault_format.ts";
import { Vault } from "../../../engine/variables/vault.ts";
import { play, type Played, type PlayOptions } from "./harness.ts";

const SECRET = "hunter2-kazoo";
const bytes = (text: string) => new TextEncoder().encode(text);
const encrypted = (text: string, label?: string) => encryptBytes(bytes(text), bytes("right"), label);
const inline = (indent: number, text = SECRET) =>
  `!vault |\n${encrypted(text).replace(/^(?=.)/gm, " ".repeat(indent)).trimEnd()}`;

/** A vault that counts how often its password is asked for. */
function vault(label = "default", password = "right"): { vault: Vault; asked: () => number } {
  let asked = 0;
  const read = () => {
    asked++;
    return Promise.resolve(bytes(password));
  };
  return { vault: new Vault([{ label, read }], new Redactor()), asked: () => asked };
}

function run(text: string, files: Record<string, string> = {}, options: PlayOptions = {}): Promise<Played> {
  return play(text, { vault: vault().vault, ...options, files });
}

function assertSilent(played: Played): void {
  assert.doesNotMatch(JSON.stringify(played.events), new RegExp(SECRET));
}

Deno.test("the password is read once, and only where something encrypted is met", async () => {
  const plain = vault();
  await play("- { hosts: all, tasks: [ { debug: { msg: a } } ] }", { vault: plain.vault });
  assert.equal(plain.asked(), 0);
  const used = vault();
  const played = await play(
    `- hosts: all\n  vars_files: [ v.yml, w.yml ]\n  tasks: [ { debug: { msg: "{{ x }} {{ y }}" } } ]\n`,
    { vault: used.vault, files: { "v.yml": encrypted(`x: ${SECRET}\n`), "w.yml": `y: ${inline(2)}\n` } },
  );
  assert.equal(used.asked(), 1);
  assert.equal(played.tasks[0].result.msg, "******** ********");
});

Deno.test("an encrypted value is text as it is: its braces are no expression", async () => {
  const played = await run(
    "- hosts: all\n  vars:\n    other: 1\n    token: " + inline(6, `{{ other }} ${SECRET}`) +
      "\n  tasks: [ { debug: { msg: '{{ token.size() }}' } } ]\n",
  );
  assert.equal(played.tasks[0].result.msg, "{{ other }} hunter2-kazoo".length);
});

Deno.test("variables of a group that no password opens are an error only for its hosts", async () => {
  const files = { "group_vars/prod.yml": encrypted(`x: ${SECRET}\n`, "prod"), "group_vars/dev.yml": "x: plain\n" };
  const inventory = "[prod]\np ansible_connection=local\n[dev]\nd ansible_connection=local\n";
  const dev = () => vault("dev", "another").vault;
  const text = (hosts: string) => `- { hosts: ${hosts}, tasks: [ { debug: { msg: "{{ x }}" } } ] }`;
  const played = await run(text("dev"), files, { inventory, vault: dev() });
  assert.equal(played.tasks[0].result.msg, "plain");
  await assert.rejects(
    () => run(text("all"), files, { inventory, vault: dev() }),
    /prod\.yml:1:1: error: the vault password does not fit[^]*it was encrypted with the vault id 'prod'/,
  );
});

Deno.test("encrypted inventories and encrypted task files are read", async () => {
  const role = { "roles/r/tasks/main.yml": encrypted("- command: echo visible\n") };
  const played = await run("- { hosts: all, roles: [ r ], tasks: [ { debug: { msg: '{{ pw }}' } } ] }", role, {
    inventory: encrypted(`h ansible_connection=local pw=${SECRET}\n`),
  });
  assert.equal(played.exit, 0);
  // A task is no secret because its file is encrypted: it runs, and is shown.
  assert.equal(played.tasks[0].result.stdout, "visible");
  assert.equal(played.tasks[1].result.msg, "********");
});

Deno.test("ports and words like true are no secrets in an encrypted file, long numbers are", async () => {
  const played = await run(
    `- { hosts: all, vars_files: [ v.yml ], tasks: [ { debug: { msg: "{{ port }} {{ on }} {{ pin }}" } }, { debug: { var: pin } } ] }`,
    { "v.yml": encrypted("port: 8080\non: true\npin: 12345678\n") },
  );
  assert.equal(played.tasks[0].result.msg, "8080 true ********");
  assert.equal(played.tasks[1].result.pin ?? played.tasks[1].result.msg, "********");
});

for (const check of [false, true]) {
  Deno.test(`a secret among the words of a command is refused${check ? " in check mode too" : ""}`, async () => {
    const played = await run(
      `
- hosts: all
  vars_files: [ v.yml ]
  tasks:
    - { command: { cmd: echo ok, unless: "test -n '{{ token }}'" }, ignore_errors: true }
    - command: echo before
    - { command: "echo {{ token }}", ignore_errors: true }
    - { shell: "echo x{{ token }}y | cat", ignore_errors: true }
    - { command: { cmd: cat, stdin: "{{ token }}" } }
    - { shell: 'echo "$T"', environment: { T: "{{ token }}" } }
    - command: echo after
`,
      { "v.yml": encrypted(`token: ${SECRET}\n`) },
      { check },
    );
    const refused = /^the command would show the secret of \S*v\.yml:1:8 in the host's process list; hand it over by/;
    const statuses = played.tasks.map((task) => task.status);
    const refusals = ["ignored", "ignored"];
    assert.deepEqual(statuses, ["ignored", "changed", ...refusals, "changed", "changed", "changed"]);
    for (const index of [0, 2, 3]) assert.match(String(played.tasks[index].result.msg), refused);
    if (!check) assert.equal(played.tasks[4].result.stdout, "********");
    assertSilent(played);
  });
}

Deno.test("a change in which a secret stands is not shown, before and after", async () => {
  const played = await run(
    `
- hosts: all
  vars_files: [ v.yml ]
  tasks:
    - { copy: { content: "old-secret\\n", dest: DIR/f, mode: "0644" } }
    - { copy: { content: "{{ token }}\\n", dest: DIR/f } }
`,
    { "v.yml": encrypted(`token: ${SECRET}\n`) },
  );
  const change = played.tasks[1].changes.find(({ what }) => what === "content");
  assert.deepEqual([change?.before, change?.after, change?.sensitive], ["", "", true]);
});

Deno.test("what programs read events by stays, whatever the secrets are", async () => {
  const played = await run(
    "- { hosts: all, vars_files: [ v.yml ], tasks: [ { debug: { msg: '{{ a }}' } } ] }",
    { "v.yml": encrypted("a: task\nb: debug\nc: 'node7'\n") },
    { inventory: "node7 ansible_connection=local\n" },
  );
  const [task] = played.tasks;
  assert.deepEqual([task.type, task.module, task.host, task.result.msg], ["task", "debug", "node7", "********"]);
});

Deno.test("what a function makes of a secret is one too, a value taken out of a map beside it is none", async () => {
  const played = await run(
    `
- hosts: all
  vars_files: [ v.yml ]
  vars: { map: { token: "{{ token }}", port: "plain" } }
  tasks:
    - debug: { msg: "{{ upper(token) }} {{ token.split('-')[1] }} {{ b64encode('u:' + token) }} {{ default(map.port, 'none') }}" }
    - { command: "echo {{ upper(token) }}", ignore_errors: true }
    - { template: { src: t.hbs, dest: DIR/t, mode: "0644" } }
    - { command: cat DIR/t }
`,
    {
      "v.yml": encrypted(`token: ${SECRET}\n`),
      "templates/t.hbs": "{{lower (upper token)}} {{replace token 'h' 'H'}}\n",
    },
  );
  assert.match(String(played.tasks[0].result.msg), /^\*{8} \*{8} \*{8} plain$/);
  assert.match(String(played.tasks[1].result.msg), /would show the secret/);
  assert.equal(played.tasks[3].result.stdout, "******** ********");
  assert.doesNotMatch(JSON.stringify(played.events), /hunter2|kazoo/i);
});
