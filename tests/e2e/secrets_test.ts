/**
 * Secrets on a real host: each is planted at a place of its own and does its work there, and none is in any output, in a
 * file that aami keeps, or in what other users see of the processes of the controller and the host.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { encryptBytes } from "../../engine/support/vault_format.ts";
import { Fleet } from "../fleet/fleet.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { accounts } from "../fleet/recipe.ts";
import { aami, type Run, temporaryFolder } from "./aami.ts";

const obstacle = await fleetObstacle();
if (obstacle) console.log(`left out: secrets on real hosts: ${obstacle.reason} ${obstacle.aptLine ?? ""}`);

const PASSWORD = "the vault's own p4ssword";

/** A secret for each place, so that one that gets out says where. */
const PLACES = [
  ...["play_vars", "vars_files", "nested", "group_vars", "host_vars", "inventory", "extra_vars", "role_defaults"],
  ...["role_vars", "loop_item", "environment", "encoded", "template", "encrypted_template", "copied", "encrypted_file"],
  ...["line", "no_log", "header", "basic_auth", "body", "stdin", "stderr", "error_text", "validation", "task_name"],
  ...["fact", "argument", "long_label"],
];
const SECRETS = new Map(PLACES.map((place, index) => [place, `Ok4pi!${place}"${index}'\\x zürich`]));
const secret = (place: string) => SECRETS.get(place)!;
/** What sudo asks for is encrypted too. */
SECRETS.set("become", accounts.opspwPassword);
SECRETS.set(
  "pem",
  ["-----BEGIN KEY-----", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5", "cXV1eHF1dXh6eg==", "-----END KEY-----"].join("\n"),
);

const encrypted = (text: string) => encryptBytes(new TextEncoder().encode(text), new TextEncoder().encode(PASSWORD));
const inline = (indent: number, text: string) =>
  `!vault |\n${encrypted(text).replace(/^/gm, " ".repeat(indent)).trimEnd()}`;
const variables = (...places: string[]) =>
  encrypted(places.map((place) => `${place}: ${JSON.stringify(SECRETS.get(place))}\n`).join(""));

/** Reports are files too. */
const REPORTS = ["--html", "reports/run.html", "--junit", "reports/run.xml"];

/** The operator's folder. */
function files(address: string, privateKey: string, server: string): Record<string, string> {
  return {
    password: `${PASSWORD}\n`,
    "hosts.yml": `all:
  hosts:
    node1:
      ansible_host: ${address}
      ansible_user: opspw
      ansible_ssh_private_key_file: ${privateKey}
      ansible_become_password: "{{ become }}"
      inventory: ${inline(8, secret("inventory"))}
`,
    "group_vars/all/vault.yml": variables("group_vars", "become", "loop_item", "environment", "encoded", "template"),
    "host_vars/node1.yml": variables("host_vars", "copied", "line", "no_log", "header", "basic_auth", "body", "stdin"),
    "vars.yml": encrypted(
      `vars_files: ${JSON.stringify(secret("vars_files"))}\nmany: [ { deep: ${JSON.stringify(secret("nested"))} } ]\n`,
    ),
    "extra.yml": variables("extra_vars", "stderr", "error_text", "validation", "task_name", "fact", "argument"),
    "roles/r/defaults/main.yml": `role_defaults: ${inline(2, secret("role_defaults"))}\n`,
    "roles/r/vars/main.yml": variables("role_vars"),
    "roles/r/tasks/main.yml": '- debug: { msg: "{{ role_defaults }} {{ role_vars }}" }\n',
    "files/key.conf": encrypted(`token = ${secret("encrypted_file")}\n`),
    "templates/plain.hbs": "password={{template}}\n",
    "templates/secret.hbs": encrypted(`literal ${secret("encrypted_template")} {{inventory_hostname}}\n`),
    "site.yml": `- name: Secrets
  hosts: all
  become: true
  gather_facts: false
  vars_files: [ vars.yml ]
  vars:
    play_vars: ${inline(6, secret("play_vars"))}
    long_label: ${inline(6, secret("long_label"))}
    pem: ${inline(6, SECRETS.get("pem")!)}
  roles: [ r ]
  tasks:
    - debug: { msg: "{{ play_vars }} and {{ inventory }}" }
    - debug: { var: many }
    - debug: { msg: "{{ vars_files }}" }
    - debug: { msg: "{{ group_vars }} {{ host_vars }} {{ extra_vars }}" }
    - debug: { msg: "{{ pem }}" }
    - debug: { msg: "{{ item.a }}" }
      loop: [ { a: "{{ loop_item }}", b: [ "{{ loop_item }}" ] } ]
    - debug: { msg: hello }
      loop: [ { pad: "0123456789012345678901234567890123456789012345678901234567890123456789", long: "{{ long_label }}" } ]
    - name: "The task {{ task_name }}"
      debug: { msg: hello }
    - set_fact: { made: "<{{ fact }}>" }
    - debug: { var: made }
    - shell: 'sleep 0.5; echo "$T"'
      environment: { T: "{{ environment }}" }
    - shell: 'printf %s "user:$T" | base64 -w0; echo; printf %s "$T" >/root/encoded'
      environment: { T: "{{ encoded }}" }
    - template: { src: plain.hbs, dest: /root/template, mode: "0644" }
    - template: { src: secret.hbs, dest: /root/secret_template, mode: "0644" }
    - copy: { content: "a {{ copied }}\\n", dest: /root/copied, mode: "0644" }
    - copy: { src: key.conf, dest: /root/key.conf, mode: "0644" }
    - lineinfile: { path: /root/copied, line: "more {{ line }}" }
    - shell: 'echo "$T"'
      environment: { T: "{{ no_log }}" }
      no_log: true
    - uri: { url: "${server}/echo", headers: { X-Token: "{{ header }}" }, return_content: true }
    - uri: { url: "${server}/echo", url_username: u, url_password: "{{ basic_auth }}", force_basic_auth: true, return_content: true }
    - uri: { url: "${server}/echo", method: POST, body_format: json, body: { t: "{{ body }}" }, return_content: true }
    - command: { cmd: cat, stdin: "{{ stdin }}" }
    - shell: 'echo "it failed: $T" >&2; exit 3'
      environment: { T: "{{ stderr }}" }
      ignore_errors: true
    - fail: { msg: "no good: {{ error_text }}" }
      ignore_errors: true
    - copy: { content: "{{ validation }}", dest: /root/never, validate: "sh -c 'cat %s >&2; false'" }
      ignore_errors: true
    - command: { argv: [ echo, "{{ argument }}" ] }
      ignore_errors: true
`,
  };
}

/** What a user without rights reads of all processes, again and again until it is stopped. */
function watchProcesses(): { stop(): Promise<string> } {
  const process = new Deno.Command("sh", {
    args: ["-c", "while :; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; done"],
    cwd: "/",
    uid: 65534,
    gid: 65534,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const seen = new Response(process.stdout).text();
  return {
    async stop() {
      process.kill("SIGTERM");
      await process.status;
      return await seen;
    },
  };
}

/** Every form that a reader could take a secret from. */
function formsOf(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const inBase64 = [0, 1, 2].map((before) =>
    new Uint8Array([...new Uint8Array(before), ...bytes]).toBase64().slice(4, -4)
  );
  const lines = text.split("\n");
  return [...lines, ...lines.map((line) => JSON.stringify(line).slice(1, -1)), encodeURIComponent(text), ...inBase64];
}

function assertHolds(what: string, text: string): void {
  const found = [...SECRETS].filter(([, value]) => formsOf(value).some((form) => text.includes(form)));
  deepStrictEqual(found.map(([place]) => place), [], `secrets in ${what}`);
}

async function textBelow(folder: string): Promise<string> {
  let text = "";
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      text += entry.isDirectory ? await textBelow(path) : await Deno.readTextFile(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return text;
}

Deno.test({
  name: "a secret planted at each place is in no output, no kept file and no process list",
  ignore: obstacle !== undefined,
  async fn() {
    await using fleet = await Fleet.up({ hosts: 1 });
    await using folder = await temporaryFolder();
    const [host] = fleet.hosts;
    const asked: string[] = [];
    await using server = Deno.serve({ hostname: fleet.gateway, port: 0, onListen() {} }, async (request) => {
      const said = [...request.headers.values(), await request.text()].join("\n");
      asked.push(said);
      return new Response(said);
    });
    const { path } = folder;
    const planted = files(host.address, fleet.privateKey, `http://${fleet.gateway}:${server.addr.port}`);
    for (const [name, text] of Object.entries(planted)) {
      await Deno.mkdir(`${path}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${path}/${name}`, text);
    }
    // What aami keeps (known hosts, the journals of runs) lies below these.
    const env = { HOME: `${path}/home`, XDG_STATE_HOME: `${path}/state`, XDG_CACHE_HOME: `${path}/cache` };
    await Deno.mkdir(env.HOME);
    await Deno.mkdir(`${path}/reports`);
    const cache = Deno.env.get("DENO_DIR") ??
      `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
    const play = (...flags: string[]): Promise<Run> =>
      aami(
        [
          "play",
          "site.yml",
          "-i",
          "hosts.yml",
          "--vault-password-file",
          "password",
          "-e",
          "@extra.yml",
          "-D",
          ...flags,
        ],
        { cwd: path, env: { ...env, DENO_DIR: cache } },
      );
    const watch = watchProcesses();
    const runs: [string, Run][] = [];
    for (
      const flags of [["--check", "-vvv"], ["-vvv"], ["-vvv", "-o", "jsonl"], ["-vvv", "-o", "json"], [
        "-c",
        "openssh",
        ...REPORTS,
      ]]
    ) {
      runs.push([flags.join(" "), await play(...flags)]);
    }
    const processes = await watch.stop();

    for (const [what, { code, stdout, stderr }] of runs) {
      strictEqual(code, 0, `${what}\n${stdout}${stderr}`);
      assertHolds(`the output of ${what}`, stdout + stderr);
      match(stdout, /the command would show the secret of extra\.yml:7:11 in the host's process list/);
    }
    assertHolds("the process list", processes);
    ok(processes.includes("sleep\u00000.5"), "the watcher saw what ran");
    const journals = await textBelow(env.XDG_STATE_HOME);
    assertHolds("what aami keeps", await textBelow(env.HOME) + journals);
    // One for each run, the results of tasks among what they keep.
    deepStrictEqual([journals.split('{"line":"run"').length - 1, journals.includes('"stdout":')], [runs.length, true]);
    const reports = await textBelow(`${path}/reports`);
    assertHolds("the reports", reports);
    deepStrictEqual([reports.includes("<testsuite "), reports.includes("<h2>Hosts</h2>")], [true, true]);

    // They did their work.
    strictEqual(await host.read("/root/encoded"), secret("encoded"));
    strictEqual(await host.read("/root/template"), `password=${secret("template")}\n`);
    strictEqual(await host.read("/root/secret_template"), `literal ${secret("encrypted_template")} node1\n`);
    strictEqual(await host.read("/root/copied"), `a ${secret("copied")}\nmore ${secret("line")}\n`);
    strictEqual(await host.read("/root/key.conf"), `token = ${secret("encrypted_file")}\n`);
    ok(asked.some((said) => said.includes(secret("body").slice(0, 10))), "the server was asked");
  },
});
