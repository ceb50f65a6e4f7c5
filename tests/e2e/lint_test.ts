/** `aami lint`: everything in one go, and nothing of what is right. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drive } from "./bad_input/drive.ts";
import { temporaryFolder } from "./aami.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

const SITE = `- hosts: gpu
  tasks:
    - copy: { contents: a, dest: /etc/a }
      notify: restart
    - name: Ask
      command: nvidia-smi -L | wc -l
      register: gpus
      changed_when: false
    - debug: { msg: "eight" }
      when: gpus.rc == '0' && gpus.stdout == 8
  handlers:
    - name: restart
      systemd: { name: a, state: restarted }
`;

const FILES: Readonly<Record<string, string>> = {
  "site.yml": SITE,
  "unused.yml": "- hosts: gpu\n  tasks: [ ping: ]\n  handlers:\n    - name: never\n      ping:\n",
  "tasks/more.yml": "- file: { path: relative }\n",
  "hosts.ini": "[gpu\nnode1\n",
  "cluster.yml": "all:\n  hosts:\n    node1:\n  childs:\n",
  "group_vars/gpu.yml": 'a: "{{ b. }}"\n',
  "roles/base/tasks/main.yml": "- import: x\n- notify: of the play\n  ping:\n",
  "roles/base/tasks/other.yml": "- sevice: { name: a }\n",
  "roles/base/templates/a.yml": "not: [ours\n",
  "roles/base/defaults/main.yml": "1st: x\n",
  "other.yml": "a: [b, c]\n",
};

async function inFolder<T>(files: Readonly<Record<string, string>>, use: (folder: string) => Promise<T>): Promise<T> {
  await using folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder.path, name)), { recursive: true });
    await Deno.writeTextFile(join(folder.path, name), text);
  }
  return await use(folder.path);
}

function lines(files: Readonly<Record<string, string>>, ...commands: string[]) {
  return inFolder(files, (directory) => drive(commands.map((line) => ({ directory, args: line.split(" ") }))));
}

Deno.test("all findings of all files come in one go", async () => {
  const [{ out, talk, exit }] = await lines(FILES, "lint");
  const told = out.split("\n").filter((line) => /^\S+:\d+:\d+: /.test(line));
  assert.deepEqual(told, [
    "cluster.yml:4:3: error: unknown key 'childs' in group 'all'",
    "group_vars/gpu.yml:1:9: error: the expression ends too early",
    "hosts.ini:1:1: error: the range is not closed: ']' is missing",
    "roles/base/defaults/main.yml:1:1: error: '1st' cannot be the name of a variable",
    "roles/base/tasks/main.yml:1:3: error: there is no module 'import'",
    "roles/base/tasks/other.yml:1:3: error: there is no module 'sevice'",
    "site.yml:3:15: error: 'copy' has no argument 'contents'",
    "site.yml:3:34: error: copy: 'dest': 'src' or 'content' must say what to copy",
    "site.yml:6:16: warning: 'command' runs no shell: the program gets '|' as a word",
    "site.yml:10:13: warning: a number is compared with a string: they are never equal",
    "site.yml:10:31: warning: a string is compared with a number: they are never equal",
    "tasks/more.yml:1:17: error: file: 'path': expected an absolute path, got 'relative'",
    "unused.yml:4:7: warning: nothing notifies the handler 'never'",
  ]);
  assert.match(talk, /^\d+ files, 9 errors, 4 warnings$/);
  assert.equal(exit, 1);
});

Deno.test("-o json gives ranges, --strict ends with 3 where there are warnings", async () => {
  const files = { "unused.yml": FILES["unused.yml"] };
  const [json, lax, strict] = await lines(files, "lint -o json", "lint", "lint --strict unused.yml");
  const report = JSON.parse(json.out);
  assert.deepEqual(report, {
    schema: 1,
    files: 1,
    errors: 0,
    warnings: 1,
    diagnostics: [{
      severity: "warning",
      code: "unused-handler",
      message: "nothing notifies the handler 'never'",
      file: "unused.yml",
      range: { start: { line: 4, column: 7 }, end: { line: 4, column: 11 } },
      snippet: "    - name: never",
      help: "name it in a task's 'notify', or take it away",
    }],
    exit: 0,
  });
  assert.deepEqual([json.exit, lax.exit, strict.exit], [0, 0, 3]);
  assert.equal(lax.talk, "1 file, 0 errors, 1 warning");
});

Deno.test("a constructed inventory and what is encrypted have no findings", async () => {
  const files = {
    "inv/1.yml": "all:\n  hosts:\n    node1: { rack: r1 }\n",
    "inv/2.yml": "plugin: constructed\nkeyed_groups:\n  - { key: rack, prefix: rack }\n",
    "group_vars/all.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
  };
  const [{ out, talk, exit }] = await lines(files, "lint --strict");
  assert.deepEqual([out, talk, exit], ["", "3 files, 0 errors, 0 warnings", 0]);
});

Deno.test("what ships has no findings", async () => {
  const [{ out, exit }] = await drive([{
    directory: REPOSITORY,
    args: ["lint", "playbooks", "inventory", "--strict"],
  }]);
  assert.equal(out, "");
  assert.equal(exit, 0);
});

Deno.test("a program that is an inventory is not run", async () => {
  await inFolder({}, async (directory) => {
    await Deno.writeTextFile(join(directory, "hosts"), "#!/bin/sh\ntouch ran\n", { mode: 0o755 });
    const [{ out, exit }] = await drive([{ directory, args: ["lint"] }]);
    assert.deepEqual([out, exit], ["", 0]);
    await assert.rejects(Deno.stat(join(directory, "ran")), Deno.errors.NotFound);
  });
});
