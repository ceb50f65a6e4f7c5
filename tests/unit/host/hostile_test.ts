/**
 * Whatever a name or a value holds: what arrives on a host is the very bytes, and nothing of it runs. A program on the
 * host's PATH that the texts try to run proves the second.
 *
 * @module
 */

import assert from "node:assert/strict";
import { openLocal } from "../../../engine/transport/local.ts";
import { openSsh } from "../../../engine/transport/ssh.ts";
import type { Connection } from "../../../engine/transport/session.ts";
import { RemoteHost } from "../../../engine/host/remote_host.ts";
import { failure, Site } from "../run/harness.ts";
import { sshdPath, startSshd } from "../transport/sshd.ts";
import { canary, hostileNames, hostileTexts } from "./hostile_values.ts";

const SEED = Number(Deno.env.get("AAMI_FUZZ_SEED") ?? 20_260_101);
const bytes = (text: string) => new TextEncoder().encode(text);

/** A host whose PATH begins with programs that write down how they were called. */
class Stand {
  private constructor(
    readonly directory: string,
    readonly connection: Connection,
    readonly host: RemoteHost,
  ) {}

  /** Runs the body with a host; nothing that it was told may have run. */
  static async with(
    connect: (programs: string) => Promise<Connection>,
    body: (stand: Stand) => Promise<void>,
  ): Promise<void> {
    const directory = await Deno.makeTempDir({ prefix: "aami-hostile-" });
    const programs = `${directory}/programs`;
    await Deno.mkdir(programs);
    await Deno.mkdir(`${directory}/files`);
    const { name, script } = canary(`${directory}/trace`);
    await Deno.writeTextFile(`${programs}/${name}`, script, { mode: 0o755 });
    for (const program of ["getent", "dpkg-query", "apt-cache"]) {
      const recorder = `#!/bin/sh\nprintf '%s\\0' "$@" >> ${directory}/${program}.calls\nexit 2\n`;
      await Deno.writeTextFile(`${programs}/${program}`, recorder, { mode: 0o755 });
    }
    const connection = await connect(`${programs}:${Deno.env.get("PATH")}`);
    try {
      const host = new RemoteHost({ name: "here", user: "root", connection, shell: await connection.shell() });
      // The canary does run, and leaves its trace, where something runs it.
      await host.run([name]);
      assert.equal(await Deno.readTextFile(`${directory}/trace`), "ran\n");
      await Deno.remove(`${directory}/trace`);
      await body(new Stand(directory, connection, host));
      await assert.rejects(Deno.stat(`${directory}/trace`), Deno.errors.NotFound, "a text was run");
    } finally {
      await connection.close();
      await Deno.remove(directory, { recursive: true });
    }
  }

  /** The arguments that a program was called with, all calls in a row. */
  async calls(program: string): Promise<string[]> {
    return (await Deno.readTextFile(`${this.directory}/${program}.calls`)).split("\0").slice(0, -1);
  }
}

/** This machine, through the long-lived shell of the local transport. */
async function local(path: string): Promise<Connection> {
  const before = Deno.env.get("PATH")!;
  Deno.env.set("PATH", path);
  try {
    const connection = openLocal({ commandTimeout: 60 });
    // The shell takes the environment that it begins in.
    await connection.shell();
    return connection;
  } finally {
    Deno.env.set("PATH", before);
  }
}

/** Does a thing for each value, some at a time. */
async function each<T>(values: readonly T[], size: number, act: (value: T, index: number) => Promise<void>) {
  for (let from = 0; from < values.length; from += size) {
    await Promise.all(values.slice(from, from + size).map((value, index) => act(value, from + index)));
  }
}

function parts<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}

async function checkArguments({ host }: Stand, count: number): Promise<void> {
  for (const some of parts(hostileTexts(count, SEED), 100)) {
    const { stdout } = await host.run(["printf", "%s\\0", ...some]);
    assert.deepEqual(stdout.split("\0").slice(0, -1), some);
  }
}

async function checkFiles({ host, directory }: Stand, count: number): Promise<void> {
  const names = hostileNames(count, SEED);
  const texts = hostileTexts(count, SEED + 1);
  const folder = `${directory}/files`;
  await each(names, 50, async (name, index) => {
    await host.perform({ do: "write", path: `${folder}/${name}`, content: texts[index] });
  });
  const found = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name);
  assert.deepEqual(found.sort(), [...names].sort());
  await each(names, 50, async (name, index) => {
    const path = `${folder}/${name}`;
    assert.deepEqual(await Deno.readFile(path), bytes(texts[index]));
    const [stat, content] = await Promise.all([host.stat(path), host.read(path)]);
    assert.equal(stat?.size, bytes(texts[index]).length);
    assert.deepEqual(content, bytes(texts[index]));
  });
  assert.deepEqual(await host.list(folder), [...names].sort());
  await host.perform({ do: "remove", path: folder });
  await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
}

async function checkInput({ host }: Stand, count: number): Promise<void> {
  await each(hostileTexts(count, SEED + 2), 50, async (text) => {
    const { stdout } = await host.run(["sh", "-c", 'printf %s "$TEXT"; cat'], {
      environment: { TEXT: text },
      stdin: text,
    });
    assert.equal(stdout, text + text);
  });
}

async function checkNames(stand: Stand, count: number): Promise<void> {
  const names = hostileTexts(count, SEED + 3);
  for (const name of names) {
    assert.equal(await stand.host.account(name), undefined);
    assert.equal(await stand.host.group(name), undefined);
  }
  // No account has such a name, so it is not asked for.
  // deno-lint-ignore no-control-regex -- these are what is looked for
  const asked = names.filter((name) => !/^$|^-|[:\x00-\x1f]/.test(name));
  assert.ok(asked.length > names.length / 3);
  assert.deepEqual(await stand.calls("getent"), asked.flatMap((name) => ["passwd", name, "group", name]));
}

Deno.test(`10,000 hostile names and values arrive as they are, and none is run (seed ${SEED})`, async (t) => {
  await Stand.with(local, async (stand) => {
    await t.step("8,800 arguments of commands", () => checkArguments(stand, 8800));
    await t.step("300 paths with 300 contents", () => checkFiles(stand, 300));
    await t.step("300 values of variables and of standard input", () => checkInput(stand, 300));
    await t.step("300 names of users and groups", () => checkNames(stand, 300));
  });
});

Deno.test("hostile values go through a playbook as they are: 50 paths with contents, 250 arguments", async () => {
  await Stand.with(local, async ({ directory }) => {
    const texts = hostileTexts(50, SEED + 6);
    const files = hostileNames(50, SEED + 5).map((name, index) => ({
      name,
      text: texts[index],
    }));
    const words = hostileTexts(250, SEED + 7);
    const tasks = `- hosts: all
  tasks:
    - copy: { dest: "${directory}/files/{{ item.name }}", content: "{{ item.text }}" }
      loop: "{{ files }}"
    - command: { argv: "{{ printf + words }}" }
      register: printed
    - copy: { dest: ${directory}/printed, content: "{{ json(printed.stdout) }}" }
`;
    await Site.with({ "site.yml": tasks }, async (site) => {
      const played = await site.play({ extraVars: { files, words, printf: ["printf", "%s\\0"] } });
      assert.equal(played.exit, 0, failure(played));
      const [copied] = played.tasks;
      assert.equal(copied.items?.length, files.length);
    });
    for (const { name, text } of files) {
      assert.deepEqual(await Deno.readFile(`${directory}/files/${name}`), bytes(text));
    }
    const printed: string = JSON.parse(await Deno.readTextFile(`${directory}/printed`));
    assert.deepEqual(printed.split("\0").slice(0, -1), words);
  });
});

Deno.test({
  name: "hostile names and values arrive as they are over ssh too",
  ignore: !sshdPath,
  async fn() {
    let close: () => PromiseLike<void> = () => Promise.resolve();
    const connect = async (path: string) => {
      const sshd = await startSshd({ config: [`SetEnv PATH=${path}`] });
      close = () => sshd[Symbol.asyncDispose]();
      return await openSsh({
        host: "127.0.0.1",
        port: sshd.port,
        user: "root",
        identities: [sshd.keyPath],
        identitiesOnly: true,
        knownHosts: [sshd.knownHosts],
        hostKeyChecking: "strict",
      });
    };
    try {
      await Stand.with(connect, async (stand) => {
        await checkArguments(stand, 1000);
        await checkFiles(stand, 50);
        await checkInput(stand, 50);
        await checkNames(stand, 50);
      });
    } finally {
      await close();
    }
  },
});

Deno.test("a NUL character is refused in arguments, paths and names, and nothing reaches the host", async () => {
  await Stand.with(local, async ({ host, directory }) => {
    await assert.rejects(host.run(["printf", "a\0b"]), /NUL character/);
    assert.deepEqual([await host.account("a\0b"), await host.group("a\0b")], [undefined, undefined]);
    await assert.rejects(host.run(["env"], { environment: { A: "a\0b" } }), /NUL character/);
    await assert.rejects(host.perform({ do: "write", path: `${directory}/a\0b`, content: "x" }), /NUL/);
    await host.perform({ do: "write", path: `${directory}/files/nul`, content: "a\0b" });
    assert.equal(await Deno.readTextFile(`${directory}/files/nul`), "a\0b", "content may hold it");
  });
});
