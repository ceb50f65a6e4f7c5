/** `aami secret` side by side with `ansible-vault`: what one makes, the other opens. */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { ansiblePackages, missingPackages } from "../fleet/prerequisites.ts";
import { aami, temporaryFolder } from "./aami.ts";

const missing = await missingPackages([...ansiblePackages, "bsdutils"]);
if (missing.length > 0) console.log(`left out: aami secret beside ansible-vault: needs ${missing.join(", ")}`);

const TEXT = 'db_password: Grüße, "Zebra" {{ 7 }}\nport: 8080\n';

/** A folder with two passwords and a file of variables, and what runs in it. */
async function inFolder(body: (site: Site) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  const site = new Site(folder.path);
  await site.write("one", "first p4ss wörd\n");
  await site.write("two", "another one\n");
  await site.write("vars.yml", TEXT);
  await body(site);
}

class Site {
  constructor(readonly path: string) {}

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.path}/${name}`, text);
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(`${this.path}/${name}`);
  }

  /** What `aami secret ARGS` printed; it must succeed. */
  async secret(args: string, env: Record<string, string> = {}): Promise<string> {
    const { code, stdout, stderr } = await aami(["secret", ...args.split(" ")], { cwd: this.path, env });
    strictEqual(code, 0, stderr);
    return stdout;
  }

  /** What a program printed; it must succeed. */
  async run(program: string, args: readonly string[], stdin = ""): Promise<string> {
    const process = new Deno.Command(program, {
      args: [...args],
      cwd: this.path,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
    const { success, stdout, stderr } = await process.output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    strictEqual(success, true, decode(stdout) + decode(stderr));
    return decode(stdout);
  }

  ansible(args: string): Promise<string> {
    return this.run("ansible-vault", args.split(" "));
  }

  async mode(name: string): Promise<string> {
    const { mode } = await Deno.stat(`${this.path}/${name}`);
    return ((mode ?? 0) & 0o7777).toString(8);
  }
}

function beside(name: string, body: (site: Site) => Promise<void>): void {
  Deno.test({ name, ignore: missing.length > 0, fn: () => inFolder(body) });
}

beside("files go both ways, with and without a vault id, and keep their mode", async (site) => {
  for (const password of ["--vault-password-file one", "--vault-id prod@one"]) {
    await Deno.chmod(`${site.path}/vars.yml`, 0o640);
    await site.secret(`encrypt vars.yml ${password}`);
    strictEqual(await site.mode("vars.yml"), "640");
    strictEqual(await site.ansible(`view vars.yml ${password}`), TEXT);
    strictEqual(await site.secret(`view vars.yml ${password}`), TEXT);
    await site.ansible(`decrypt vars.yml ${password}`);
    await site.ansible(`encrypt vars.yml ${password}`);
    match(
      await site.read("vars.yml"),
      password.includes("prod") ? /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/ : /;1\.1;AES256\n/,
    );
    strictEqual(await site.secret(`view vars.yml ${password}`), TEXT);
    await site.secret(`decrypt vars.yml ${password}`);
    strictEqual(await site.read("vars.yml"), TEXT);
  }
});

beside("rekey gives another password, and keeps the vault id unless there is a new one", async (site) => {
  await site.ansible("encrypt vars.yml --vault-id prod@one");
  await site.secret("rekey vars.yml --vault-id prod@one --new-vault-password-file two");
  match(await site.read("vars.yml"), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
  strictEqual(await site.ansible("view vars.yml --vault-id prod@two"), TEXT);
  await site.secret("rekey vars.yml --vault-id prod@two --new-vault-id stage@one");
  strictEqual(await site.ansible("view vars.yml --vault-id stage@one"), TEXT);
});

beside("of several files none is changed where one cannot be opened", async (site) => {
  await site.secret("encrypt vars.yml --vault-password-file one");
  const before = await site.read("vars.yml");
  await site.write("plain.yml", "a: 1\n");
  for (const command of ["decrypt", "rekey --new-vault-password-file two"]) {
    const args = `secret ${command} vars.yml plain.yml --vault-password-file one`;
    strictEqual((await aami(args.split(" "), { cwd: site.path })).code, 1);
    strictEqual(await site.read("vars.yml"), before);
  }
});

beside("a value goes into a file of variables that both read", async (site) => {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const args = [
    "run",
    "-A",
    "--no-check",
    main,
    "secret",
    "encrypt",
    "--string",
    "token",
    "--vault-password-file",
    "one",
  ];
  const block = await site.run(Deno.execPath(), args, "To{{ken}} 'x'\n");
  match(block, /^token: !vault \|\n {2}\$ANSIBLE_VAULT;1\.1;AES256\n( {2}[0-9a-f]{1,80}\n)+$/);
  await site.write("token.yml", block);
  await site.write(
    "site.yml",
    `- hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [ token.yml ]
  tasks: [ { copy: { content: "<{{ token }}>", dest: "{{ playbook_dir }}/out" } } ]
`,
  );
  const run = await aami(["play", "site.yml", "--vault-password-file", "one"], { cwd: site.path });
  strictEqual(run.code, 0, run.stdout + run.stderr);
  strictEqual(await site.read("out"), "<To{{ken}} 'x'>");
  await Deno.remove(`${site.path}/out`);
  await site.run("ansible-playbook", ["site.yml", "--vault-password-file", "one"]);
  strictEqual(await site.read("out"), "<To{{ken}} 'x'>");
});

beside("edit: private while it lasts, encrypted again only if it changed, nothing left", async (site) => {
  await site.secret("encrypt vars.yml --vault-id prod@one");
  const before = await site.read("vars.yml");
  await site.write(
    "editor",
    '#!/bin/sh\nstat -c %a "$1" "${1%/*}" > seen; echo "${1%/*}" >> seen; printf %s "$ADD" >> "$1"\n',
  );
  await Deno.chmod(`${site.path}/editor`, 0o755);
  const EDITOR = `${site.path}/editor`;
  await site.secret("edit vars.yml --vault-id prod@one", { EDITOR, ADD: "" });
  strictEqual(await site.read("vars.yml"), before);
  await site.secret("edit vars.yml --vault-id prod@one", { EDITOR, ADD: "more: 1\n" });
  strictEqual(await site.ansible("view vars.yml --vault-id prod@one"), `${TEXT}more: 1\n`);
  const [fileMode, folderMode, folder] = (await site.read("seen")).split("\n");
  deepStrictEqual([fileMode, folderMode], ["600", "700"]);
  strictEqual(await Deno.stat(folder).then(() => true, () => false), false);
  const failed = await aami(["secret", "edit", "vars.yml", "--vault-id", "prod@one"], {
    cwd: site.path,
    env: { EDITOR: "false" },
  });
  strictEqual(failed.code, 1);
  strictEqual(await site.ansible("view vars.yml --vault-id prod@one"), `${TEXT}more: 1\n`);
  await site.secret("edit new.yml --vault-id prod@one", { EDITOR, ADD: "new: 1\n" });
  strictEqual(await site.ansible("view new.yml --vault-id prod@one"), "new: 1\n");
  strictEqual(await site.mode("new.yml"), "600");
});

beside(
  "a program prints the password; one named -client is told the vault id; the environment names one",
  async (site) => {
    await site.write("ask-client", '#!/bin/sh\necho "$@" > asked; cat one\n');
    await Deno.chmod(`${site.path}/ask-client`, 0o755);
    await site.ansible("encrypt vars.yml --vault-id prod@one");
    strictEqual(await site.secret("view vars.yml --vault-id prod@ask-client"), TEXT);
    strictEqual(await site.read("asked"), "--vault-id prod\n");
    for (const name of ["ANSIBLE_VAULT_PASSWORD_FILE", "AAMI_VAULT_PASSWORD_FILE"]) {
      strictEqual(await site.secret("view vars.yml", { [name]: "one" }), TEXT);
    }
  },
);

beside("the password is asked for without echo, and only where something is encrypted", async (site) => {
  await site.ansible("encrypt vars.yml --vault-password-file one");
  const main = new URL("../../main.ts", import.meta.url).pathname;
  await site.write("plain.yml", "- hosts: localhost\n  tasks: [ { debug: { msg: hello } } ]\n");
  await site.write(
    "site.yml",
    "- hosts: localhost\n  vars_files: [ vars.yml ]\n  tasks: [ { debug: { msg: 'port {{ port }}' } } ]\n",
  );
  const play = (name: string) => `${Deno.execPath()} run -A --no-check ${main} play ${name} -J`;
  // The answer is typed when the question is there: echo is off by then.
  const typing = '(until grep -q "password:" typed; do sleep 0.1; done; sleep 0.3; cat one)';
  await site.write("typed", "");
  await site.run("sh", ["-c", `${typing} | timeout 60 script -qefc '${play("site.yml")}' typed`]);
  match(await site.read("typed"), /Vault password: \r?\n[^]*port 8080/);
  strictEqual((await site.read("typed")).includes("first p4ss"), false);
  const { stdout, code } = await aami(["play", "plain.yml", "-J"], { cwd: site.path });
  strictEqual(code, 0);
  match(stdout, /hello/);
});
