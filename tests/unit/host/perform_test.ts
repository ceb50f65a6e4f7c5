import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import type { Action } from "../../../engine/host/action.ts";
import { HostError } from "../../../engine/host/host.ts";
import { digestOf } from "../../../engine/host/perform.ts";
import { RemoteHost } from "../../../engine/host/remote_host.ts";
import { busyboxShell, bytes, mayMount, onThisMachine, type Place } from "./local_host.ts";

const HOSTILE = [
  "it's",
  'a "b"',
  "$(touch pwned)",
  "`x`",
  "-rf",
  "--",
  "new\nline",
  "übung ☃",
  "*",
  "a b",
  ".x",
  "x".repeat(255),
];

/** Runs a test with the tools of this machine, then with nothing but busybox. */
function everywhere(name: string, test: (place: Place) => Promise<void>): void {
  Deno.test(name, () => onThisMachine(test));
  Deno.test(`${name} (busybox)`, () =>
    onThisMachine(async (place) => {
      const shell = await busyboxShell();
      if (typeof shell === "string") return console.log(`left out: ${shell}`);
      const { connection } = place;
      await test({ ...place, host: new RemoteHost({ name: "box", user: "root", connection, shell }) });
    }));
}

/** The names in a directory, to see that nothing is left behind. */
async function names(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory), (entry) => entry.name)).sort();
}

function refuses(host: RemoteHost, action: Action, message: RegExp): Promise<void> {
  return rejects(host.perform(action), (error: Error) => {
    ok(error instanceof HostError, String(error));
    match(error.message, message);
    return true;
  });
}

everywhere("write puts hostile content under hostile names", async ({ host, directory }) => {
  const contents = ["", "plain\n", "it's $(x) `y` \\n %s\r\n", "\0\x01\xff", "é".repeat(4096), "no newline"];
  for (const [index, name] of HOSTILE.entries()) {
    const path = `${directory}/${name}`;
    const content = index % 2 ? contents[index % 6] : bytes(contents[index % 6]);
    await host.perform({ do: "write", path, content });
    const expected = typeof content === "string" ? bytes(content) : content;
    deepStrictEqual(await host.read(path), expected);
    strictEqual(await host.hash(path), await digestOf(expected));
    const stat = await host.stat(path);
    deepStrictEqual([stat?.type, stat?.mode, stat?.size], ["file", 0o644, expected.length]);
  }
  deepStrictEqual(await names(directory), [...HOSTILE].sort());
  deepStrictEqual(await host.list(directory), [...HOSTILE].sort());
  deepStrictEqual([...(await host.tree(directory))!.keys()], [...HOSTILE].sort());
  for (const name of HOSTILE) await host.perform({ do: "remove", path: `${directory}/${name}` });
  deepStrictEqual(await names(directory), []);
});

everywhere("write sets owner and mode, and keeps them where they are not given", async ({ host, directory }) => {
  const path = `${directory}/file`;
  await host.perform({ do: "write", path, content: "one", mode: 0o4750, owner: "1", group: "2" });
  const first = (await host.stat(path))!;
  deepStrictEqual([first.mode, first.uid, first.gid], [0o4750, 1, 2]);
  await host.perform({ do: "write", path, content: "two" });
  const second = (await host.stat(path))!;
  deepStrictEqual([second.mode, second.uid, second.gid], [0o4750, 1, 2]);
  ok(second.inode !== first.inode, "the file was replaced");
  await host.perform({ do: "write", path, content: "three", mode: 0o600, group: "0" });
  const third = (await host.stat(path))!;
  deepStrictEqual([third.mode, third.uid, third.gid], [0o600, 1, 0]);
  await host.perform({ do: "write", path, content: "four", mode: 0o640 });
  const fourth = (await host.stat(path))!;
  deepStrictEqual([fourth.mode, fourth.uid, fourth.gid], [0o640, 1, 0]);
  await host.perform({ do: "write", path: `${directory}/new`, content: "x", owner: "3" });
  const made = (await host.stat(`${directory}/new`))!;
  deepStrictEqual([made.mode, made.uid, made.gid], [0o644, 3, 0]);
});

everywhere("write replaces a link and leaves what it points to", async ({ host, directory }) => {
  await host.perform({ do: "write", path: `${directory}/real`, content: "real" });
  await host.perform({ do: "mkdir", path: `${directory}/dir` });
  for (const target of ["real", "dir", "nothing"]) {
    const path = `${directory}/link`;
    await host.perform({ do: "link", path, target });
    strictEqual((await host.stat(path))?.target, target);
    await host.perform({ do: "write", path, content: "new" });
    strictEqual((await host.stat(path))?.type, "file");
    await host.perform({ do: "remove", path });
  }
  strictEqual(new TextDecoder().decode(await host.read(`${directory}/real`)), "real");
  deepStrictEqual(await names(directory), ["dir", "real"]);
  deepStrictEqual(await names(`${directory}/dir`), []);
});

everywhere("a failed validation keeps the old file and says what the command said", async ({ host, directory }) => {
  const path = `${directory}/it's`;
  await host.perform({ do: "write", path, content: "good\n", validate: "grep -q good %s" });
  const validate = "grep -q good '%s' || { echo bad line 1 >&2; exit 3; }";
  await refuses(host, { do: "write", path, content: "other", validate }, /is unchanged.*failed[\s\S]*bad line 1/);
  await refuses(host, { do: "write", path, content: "x", validate: "true" }, /does not say where the file goes/);
  strictEqual(new TextDecoder().decode(await host.read(path)), "good\n");
  deepStrictEqual(await names(directory), ["it's"]);
});

everywhere("backup keeps the old file and names it", async ({ host, directory }) => {
  const path = `${directory}/f`;
  strictEqual((await host.perform({ do: "write", path, content: "one", backup: true })).stdout, "");
  const { stdout } = await host.perform({ do: "write", path, content: "two", backup: true });
  match(stdout, /\/f\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/);
  strictEqual(await Deno.readTextFile(stdout), "one");
});

everywhere("a large file of the controller arrives whole, or not at all", async ({ host, directory }) => {
  const local = `${directory}/source`;
  const content = crypto.getRandomValues(new Uint8Array(65_536));
  const large = new Uint8Array(content.length * 20);
  for (let at = 0; at < large.length; at += content.length) large.set(content, at);
  await Deno.writeFile(local, large);
  const sha256 = await digestOf(large);
  const path = `${directory}/large`;
  await host.perform({ do: "write", path, content: { local, size: large.length, sha256 } });
  strictEqual(await host.hash(path), sha256);
  await host.perform({ do: "write", path: `${directory}/bytes`, content: large });
  strictEqual(await host.hash(`${directory}/bytes`), sha256);
  const wrong = { local, size: large.length, sha256: "0".repeat(64) };
  await refuses(host, { do: "write", path, content: wrong }, /not what was sent/);
  deepStrictEqual(await names(directory), ["bytes", "large", "source"]);
});

everywhere("what stands in the way of a write is said, and nothing is left", async ({ host, directory }) => {
  await host.perform({ do: "mkdir", path: `${directory}/d` });
  await host.perform({ do: "write", path: `${directory}/f`, content: "" });
  const write = (name: string, rest = {}) => ({
    do: "write" as const,
    path: `${directory}/${name}`,
    content: "x",
    ...rest,
  });
  await refuses(host, write("d"), /a directory lies there/);
  await refuses(host, write("no/f"), /the directory .*\/no does not exist/);
  await refuses(host, write("f/g"), /Not a directory/);
  await refuses(host, write("f", { owner: "no-such-user" }), /set owner and mode of .*no-such-user/);
  await refuses(host, { do: "write", path: "relative", content: "" }, /not absolute/);
  deepStrictEqual(await names(directory), ["d", "f"]);
});

everywhere("directories, links, ownership, times, removal", async ({ host, directory }) => {
  const dir = `${directory}/d`;
  await host.perform({ do: "mkdir", path: dir, mode: 0o2750, owner: "1", group: "2" });
  const made = (await host.stat(dir))!;
  deepStrictEqual([made.type, made.mode, made.uid, made.gid], ["directory", 0o2750, 1, 2]);
  await host.perform({ do: "ownership", path: dir, mode: 0o755 });
  strictEqual((await host.stat(dir))?.mode, 0o755);
  await refuses(host, { do: "mkdir", path: dir }, /cannot make the directory .*File exists/);
  const file = `${dir}/f`;
  await host.perform({ do: "times", path: file, mtime: 1000, atime: 2000 });
  const timed = (await host.stat(file))!;
  deepStrictEqual([timed.size, timed.mtime, timed.atime], [0, 1000, 2000]);
  for (const target of [dir, file, "nothing"]) await host.perform({ do: "link", path: `${directory}/l`, target });
  strictEqual((await host.stat(`${directory}/l`))?.target, "nothing");
  strictEqual(await host.stat(`${directory}/l`, { follow: true }), undefined);
  await refuses(host, { do: "link", path: dir, target: "x" }, /a directory lies there/);
  await host.perform({ do: "link", path: `${directory}/h`, target: file, hard: true });
  strictEqual((await host.stat(`${directory}/h`))?.links, 2);
  await host.perform({ do: "link", path: `${directory}/out`, target: dir });
  await host.perform({ do: "ownership", path: `${directory}/out`, owner: "3", mode: 0o700 });
  deepStrictEqual([(await host.stat(`${directory}/out`))?.uid, (await host.stat(dir))?.mode], [3, 0o755]);
  await host.perform({ do: "ownership", path: dir, owner: "4", recursive: true });
  strictEqual((await host.stat(file))?.uid, 4);
  await host.perform({ do: "remove", path: dir });
  deepStrictEqual(await names(directory), ["h", "l", "out"]);
});

Deno.test("remove refuses the root directory and paths with '..'", async () => {
  await onThisMachine(async ({ host, directory }) => {
    for (const path of ["/", "//", "/.", `${directory}/../..`]) {
      await refuses(host, { do: "remove", path }, /refused to remove/);
    }
    await refuses(host, { do: "remove", path: "" }, /path is empty/);
  });
});

Deno.test("run takes arguments, input, environment and directory as they are", async () => {
  await onThisMachine(async ({ host, directory }) => {
    const argv = ["sh", "-c", 'cat; printf "<%s>" "$X" "$PWD" "$@"', "sh", ...HOSTILE];
    const result = await host.perform({ do: "run", argv, stdin: "in\n", environment: { X: "it's" }, directory });
    strictEqual(result.stdout, "in\n" + ["it's", directory, ...HOSTILE].map((each) => `<${each}>`).join(""));
    await refuses(host, { do: "run", argv: ["sh", "-c", "echo no >&2; exit 4"] }, /failed with exit status 4:\nno/);
    strictEqual((await host.perform({ do: "run", argv: ["sh", "-c", "exit 4"], accept: [4] })).code, 4);
    await refuses(
      host,
      { do: "run", argv: ["true"], directory: "/no such" },
      /cannot run true in \/no such: No such file/,
    );
    await refuses(host, { do: "run", argv: ["no-such-program"] }, /exit status 127/);
    strictEqual((await host.run(["if"])).code, 127);
  }, { environment: { Y: "task" } });
});

Deno.test("a full disk is named and leaves nothing behind", async () => {
  if (!await mayMount()) return console.log("left out: this user may not mount a tmpfs");
  await onThisMachine(async ({ host, directory }) => {
    await host.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory]);
    try {
      const path = `${directory}/f`;
      await host.perform({ do: "write", path, content: "old" });
      await refuses(
        host,
        { do: "write", path, content: "x".repeat(200_000) },
        /cannot write .*\/f: No space left on device$/,
      );
      strictEqual(await Deno.readTextFile(path), "old");
      deepStrictEqual(await names(directory), ["f"]);
      await host.run(["mount", "-o", "remount,ro", directory]);
      await refuses(host, { do: "write", path, content: "x" }, /Read-only file system/);
      await refuses(host, { do: "remove", path }, /cannot remove .*Read-only file system/);
    } finally {
      await host.run(["umount", directory]);
    }
  });
});

Deno.test("a bind-mounted file is named, not broken", async () => {
  if (!await mayMount()) return console.log("left out: this user may not mount");
  await onThisMachine(async ({ host, directory }) => {
    const path = `${directory}/f`;
    for (const name of ["f", "g"]) await host.perform({ do: "write", path: `${directory}/${name}`, content: name });
    await host.run(["mount", "--bind", `${directory}/g`, path]);
    try {
      await refuses(host, { do: "write", path, content: "x" }, /mount point \(bind-mounted\)/);
      await refuses(host, { do: "remove", path }, /mount point/);
      strictEqual(await Deno.readTextFile(path), "g");
      deepStrictEqual(await names(directory), ["f", "g"]);
    } finally {
      await host.run(["umount", path]);
    }
  });
});

Deno.test("a write that is given up leaves no temporary file", async () => {
  const give = new AbortController();
  await onThisMachine(async ({ host, directory }) => {
    const path = `${directory}/f`;
    const writing = host.perform({ do: "write", path, content: "x", validate: "sleep 30 && test -e %s" });
    const seen = async () => (await names(directory)).length > 0;
    while (!await seen()) await new Promise((resolve) => setTimeout(resolve, 20));
    give.abort(new Error("enough"));
    await rejects(writing, /enough/);
    deepStrictEqual(await names(directory), []);
  }, { signal: give.signal });
});

Deno.test("another user is told to become", async () => {
  await onThisMachine(async ({ host: root, directory, connection }) => {
    await root.perform({ do: "mkdir", path: `${directory}/secret`, mode: 0o700 });
    await root.perform({ do: "write", path: `${directory}/file`, content: "x", mode: 0o600 });
    let shell;
    try {
      shell = await connection.shell({ user: "nobody", method: "su" });
    } catch (error) {
      return console.log(`left out: su does not make us nobody: ${error}`);
    }
    const host = new RemoteHost({ name: "here", user: "nobody", connection, shell });
    const hint = /permission denied reading .* as nobody; run the task with become/;
    await rejects(host.stat(`${directory}/secret/x`), hint);
    await rejects(host.read(`${directory}/file`), hint);
    await rejects(host.hash(`${directory}/file`), hint);
    await rejects(host.list(`${directory}/secret`), hint);
    await rejects(host.tree(directory), hint);
    strictEqual((await host.stat(`${directory}/file`))?.mode, 0o600);
    await refuses(
      host,
      { do: "write", path: `${directory}/n`, content: "" },
      /cannot write .*Permission denied; run the task with become/,
    );
    strictEqual((await host.account("root"))?.locked, undefined);
  });
});
