/** The command line as a person meets it: help, completion, output formats, an interrupt. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drive } from "./bad_input/drive.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

async function inFolder<T>(files: Readonly<Record<string, string>>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "aami-cli-" });
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(folder, name), text);
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs command lines in one folder. */
async function say(lines: readonly string[], files: Readonly<Record<string, string>> = {}) {
  return await inFolder(files, (directory) => drive(lines.map((line) => ({ directory, args: line.split(" ") }))));
}

async function shell(program: string, script: string): Promise<string> {
  const { stdout, stderr, code } = await new Deno.Command(program, { args: ["-c", script], env: { NO_COLOR: "1" } })
    .output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function has(program: string): Promise<boolean> {
  const { code } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).output();
  return code === 0;
}

const HELLO = "- hosts: all\n  tasks:\n    - name: say hello\n      debug: { msg: hello }\n";
const LOCAL = "-i localhost, -c local";

Deno.test("every command has a help with an example", async () => {
  const commands = [
    ...["play", "run", "facts", "playbooks", "module", "inventory", "lint", "schema", "new"],
    ...["completion", "version", "help"],
  ];
  const said = await say([
    ...commands.map((name) => `${name} --help`),
    ...commands.map((name) => `help ${name}`),
    "--help",
    "help",
  ]);
  for (const [index, { exit, out, talk }] of said.entries()) {
    assert.equal(exit, 0);
    assert.equal(talk, "");
    assert.match(out, /^Usage: aami/);
    assert.match(out, /Examples?:\n {2}aami/, commands[index % commands.length]);
  }
  for (const name of commands) assert.match(said.at(-1)!.out, new RegExp(`^  ${name} `, "m"));
});

Deno.test("no command at all shows the help and ends with 1", async () => {
  const [{ exit, out, talk }] = await inFolder({}, (directory) => drive([{ directory, args: [] }]));
  assert.match(out + talk, /Usage: aami/);
  assert.equal(exit, 1);
});

Deno.test("version, playbooks and module tell what there is", async () => {
  const [version, flag, playbooks, modules, copy, debug] = await say([
    ...["version", "--version", "playbooks", "module", "module copy", "module debug"],
  ]);
  assert.match(version.out, /^AAMI v\d+\.\d+\.\d+/);
  assert.equal(flag.out, version.out);
  assert.match(playbooks.out, /^install-stack +\S/m);
  assert.match(modules.out, /^copy +\S/m);
  assert.match(modules.out, /^set_fact +\S/m);
  assert.match(copy.out, /^# copy\n[^]*\| `dest` \| path on the host \| required \|[^]*```yaml\n- name: /);
  assert.match(debug.out, /^# debug\n/);
});

Deno.test("-o jsonl: each line is an event of the schema, and nothing else is on stdout", async () => {
  const [{ out, exit }] = await say([`play site.yml ${LOCAL} -o jsonl`], { "site.yml": HELLO });
  const events = out.split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(events.map((event) => event.type), ["run", "play", "task", "recap"]);
  assert.ok(events.every((event) => event.schema === 1));
  assert.equal(events[0].playbook, "site.yml");
  assert.deepEqual(events[1].hosts, ["localhost"]);
  assert.deepEqual(
    { ...events[2], seconds: 0, at: "" },
    {
      ...{ schema: 1, type: "task", id: "1.1", play: "all", name: "say hello", module: "debug", host: "localhost" },
      ...{ status: "ok", changes: [], result: { msg: "hello" }, seconds: 0, at: "" },
    },
  );
  assert.deepEqual(events[3].exit, exit);
  const counts = { ok: 1, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, unknown: 0 };
  assert.deepEqual(events[3].hosts, { localhost: counts });
});

Deno.test("the exit status says how it went", async () => {
  const files = {
    "fine.yml": HELLO,
    "fails.yml": "- { hosts: all, tasks: [ { fail: { msg: x } } ] }",
    "changes.yml": "- { hosts: all, tasks: [ { file: { path: /tmp/aami-never/made, state: touch } } ] }",
    "unknown.yml":
      "- { hosts: all, tasks: [ { command: 'true', register: r }, { debug: { msg: '{{ r.stdout }}' } } ] }",
  };
  const said = await say([
    ...[`play fine.yml ${LOCAL}`, `play fails.yml ${LOCAL}`, `play fails.yml fine.yml ${LOCAL}`],
    ...[`play fine.yml ${LOCAL} --check --detailed-exitcode`, `play unknown.yml ${LOCAL} --check --detailed-exitcode`],
    ...[`play fails.yml ${LOCAL} --check --detailed-exitcode`, `play unknown.yml ${LOCAL} --check`, "play fine.yml -x"],
  ], files);
  assert.deepEqual(said.map(({ exit }) => exit), [0, 2, 2, 0, 5, 2, 0, 1]);
});

Deno.test("bash completes commands, flags and playbooks", async () => {
  await inFolder({ "play.local.yml": "" }, async (folder) => {
    const aami = join(folder, "aami");
    await Deno.writeTextFile(aami, `#!/bin/sh\nexec ${Deno.execPath()} run -A --quiet ${MAIN} "$@"\n`, { mode: 0o755 });
    const [{ out }] = await drive([{ directory: folder, args: ["completion", "bash"] }]);
    await Deno.writeTextFile(join(folder, "aami.bash"), out);
    await shell("bash", `bash -n ${folder}/aami.bash`);
    const complete = async (...words: string[]) =>
      (await shell(
        "bash",
        `PATH=${folder}:$PATH; cd ${folder}; . ./aami.bash
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_aami; printf '%s\\n' "\${COMPREPLY[@]}"`,
      )).trim().split("\n").sort();
    assert.deepEqual(await complete("aami", "pl"), ["play", "playbooks"]);
    assert.deepEqual(await complete("aami", "play", "--inv"), ["--inventory"]);
    assert.deepEqual(await complete("aami", "play", "ins"), ["install-stack"]);
    assert.deepEqual(await complete("aami", "play", "play."), ["play.local.yml"]);
    assert.deepEqual(await complete("aami", "module", "prometheus_t"), ["prometheus_targets"]);
    assert.deepEqual(await complete("aami", "completion", "z"), ["zsh"]);
    assert.deepEqual(await complete("aami", "new", "r"), ["role"]);
    assert.deepEqual(await complete("aami", "schema", "in"), ["inventory"]);
    assert.deepEqual(await complete("aami", "lint", "play."), ["play.local.yml"]);
    assert.deepEqual(await complete("aami", "inventory", "--gr"), ["--graph"]);
  });
});

for (const [program, check] of [["zsh", "zsh -n"], ["fish", "fish --no-execute"]]) {
  Deno.test({
    name: `the completion of ${program} is a script that it reads`,
    ignore: !await has(program),
    fn: async () => {
      const [{ out }] = await say([`completion ${program}`]);
      await inFolder({ script: out }, (folder) => shell("sh", `${check} ${folder}/script`));
    },
  });
}

Deno.test("an interrupt ends the run cleanly with 130 and the recap", async () => {
  const playbook =
    "- { hosts: all, tasks: [ { name: first, debug: { msg: x } }, { command: sleep 30 }, { name: last, ping: } ] }";
  await inFolder({ "site.yml": playbook }, async (folder) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", MAIN, "play", "site.yml", ...LOCAL.split(" ")],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const decoder = new TextDecoder();
    let out = "";
    for await (const chunk of child.stdout) {
      const seen = out.includes("TASK [first]");
      out += decoder.decode(chunk, { stream: true });
      if (!seen && out.includes("TASK [first]")) child.kill("SIGINT");
    }
    const talk = await new Response(child.stderr).text();
    const { code } = await child.status;
    assert.equal(code, 130);
    assert.match(talk, /Interrupted: stopping/);
    assert.match(out, /PLAY RECAP/);
    assert.doesNotMatch(out, /last/);
    assert.doesNotMatch(out + talk, /file:\/\//);
  });
});

Deno.test("colours are for a terminal: not in a pipe, not with NO_COLOR", async () => {
  await inFolder({ "site.yml": HELLO }, async (folder) => {
    const run = async (env: Record<string, string>) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", MAIN, "play", "site.yml", ...LOCAL.split(" ")],
        cwd: folder,
        env,
      }).output();
      return new TextDecoder().decode(stdout).includes("\x1b[");
    };
    assert.deepEqual([
      await run({ FORCE_COLOR: "1", NO_COLOR: "" }),
      await run({ NO_COLOR: "1" }),
      await run({ NO_COLOR: "" }),
    ], [
      ...[true, false, false],
    ]);
  });
});
