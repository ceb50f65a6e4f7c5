/** The framed shell, over a real `sh` on this machine. */

import assert from "node:assert/strict";
import { type Connection, openLocal, OutputLimitError } from "../../../engine/transport/mod.ts";
import { MarkerCutter } from "../../../engine/transport/marker_cutter.ts";
import { bytes, text } from "./helpers.ts";

function onShell(name: string, run: (connection: Connection) => Promise<void>): void {
  Deno.test(name, async () => {
    const connection = openLocal({ outputLimit: 4 * 1024 * 1024 });
    try {
      await run(connection);
    } finally {
      await connection.close();
    }
  });
}

onShell("a script gives its exit code and both streams", async (connection) => {
  const shell = await connection.shell();
  const result = await shell.exec("echo out; echo err >&2; exit 3");
  assert.deepEqual(text(result), { code: 3, stdout: "out\n", stderr: "err\n" });
});

onShell("a script that exits, breaks or reads input does not end the session", async (connection) => {
  const shell = await connection.shell();
  const scripts = [
    "exit 7",
    "if then",
    "cat; read x",
    "set -e; false; echo no",
    "kill -9 $(sh -c 'echo $PPID')",
    "echo 'a",
  ];
  const codes = await Promise.all(scripts.map(async (script) => (await shell.exec(script)).code));
  assert.deepEqual(codes, [7, 2, 1, 1, 137, 2]);
  assert.equal(text(await shell.exec("echo still here")).stdout, "still here\n");
});

onShell("a session has one shell and does not keep what a script sets", async (connection) => {
  const shell = await connection.shell();
  await shell.exec("X=1; cd /; umask 077; trap 'echo bye' EXIT; exec 3</dev/null");
  assert.equal(text(await shell.exec('echo "${X-unset} $(pwd)"')).stdout, `unset ${Deno.cwd()}\n`);
  assert.equal(await connection.shell(), shell);
});

onShell("output is not localized", async (connection) => {
  const shell = await connection.shell();
  assert.match(text(await shell.exec('echo "$LC_ALL"')).stdout, /^C(\.UTF-8)?\n$/);
});

onShell("all 256 byte values pass both ways", async (connection) => {
  const shell = await connection.shell();
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const result = await shell.exec("tee /dev/stderr", { stdin: all });
  assert.deepEqual(result.stdout, all);
  assert.deepEqual(result.stderr, all);
});

onShell("standard input keeps quotes, a byte order mark and a missing newline", async (connection) => {
  const shell = await connection.shell();
  for (const input of ['it\'s "so" $HOME `x` \\n %s', "\uFEFFmark", "", "\n\n", "a\nb", "ünïcödé"]) {
    assert.deepEqual((await shell.exec("cat", { stdin: bytes(input) })).stdout, bytes(input));
  }
});

onShell("a script that leaves its input unread is fine", async (connection) => {
  const shell = await connection.shell();
  const stdin = new Uint8Array(60_000).fill(65);
  assert.deepEqual(text(await shell.exec("echo done", { stdin })), { code: 0, stdout: "done\n", stderr: "" });
});

onShell("5 MB of input and output pass unchanged", async (connection) => {
  const shell = await connection.shell();
  const big = Uint8Array.from({ length: 4_000_000 }, (_, index) => index * 7 + (index >> 8));
  assert.deepEqual((await shell.exec("cat", { stdin: big })).stdout, big);
  const stream = ReadableStream.from([big.subarray(0, 1_000_000), big.subarray(1_000_000)]);
  assert.deepEqual((await shell.exec("cat; exit 4", { stdin: stream })).code, 4);
});

onShell("output streams to where it is wanted", async (connection) => {
  const shell = await connection.shell();
  let size = 0;
  const stdout = new WritableStream<Uint8Array>({ write: (chunk) => void (size += chunk.length) });
  const result = await shell.exec("head -c 30000000 /dev/zero; echo e >&2", { stdout });
  assert.deepEqual([result.code, size, result.stdout.length], [0, 30_000_000, 0]);
  assert.equal(text(result).stderr, "e\n");
});

onShell("streamed scripts keep their turn", async (connection) => {
  const shell = await connection.shell();
  const file = await Deno.makeTempFile();
  const big = new Uint8Array(100_000);
  await Promise.all([
    shell.exec(`sleep 0.1; echo 1 >> ${file}`),
    shell.exec(`cat >/dev/null; sleep 0.1; echo 2 >> ${file}`, { stdin: big }),
    shell.exec(`echo 3 >> ${file}`),
    shell.exec(`cat >/dev/null; echo 4 >> ${file}`, { stdin: big }),
    shell.exec(`echo 5 >> ${file}`),
  ]);
  assert.equal(await Deno.readTextFile(file), "1\n2\n3\n4\n5\n");
  await Deno.remove(file);
});

onShell("10,000 pipelined requests answer in order", async (connection) => {
  const shell = await connection.shell();
  const order: number[] = [];
  const start = performance.now();
  const results = await Promise.all(Array.from({ length: 10_000 }, async (_, index) => {
    const result = await shell.exec(`echo ${index}`);
    order.push(index);
    return result;
  }));
  console.log(`10,000 pipelined: ${Math.round(performance.now() - start)} ms`);
  assert.deepEqual(results.map((result) => Number(text(result).stdout)), Array.from({ length: 10_000 }, (_, i) => i));
  assert.deepEqual(order, Array.from({ length: 10_000 }, (_, i) => i));
});

onShell("a script that outlasts its timeout is killed, and those behind it still run once", async (connection) => {
  const shell = await connection.shell();
  const file = await Deno.makeTempFile();
  const slow = shell.exec(`sleep 5; echo late >> ${file}`, { timeout: 0.3 });
  const behind = [1, 2, 3].map((number) => shell.exec(`echo ${number} >> ${file}`));
  await assert.rejects(slow, { name: "CommandTimeoutError", message: /did not end within 0.3 s/ });
  await Promise.all(behind);
  assert.equal(await Deno.readTextFile(file), "1\n2\n3\n");
  await Deno.remove(file);
});

onShell("the timeout counts from when a script starts, not from when it was sent", async (connection) => {
  const shell = await connection.shell();
  const results = await Promise.all([1, 2, 3].map(() => shell.exec("sleep 0.3", { timeout: 0.6 })));
  assert.deepEqual(results.map((result) => result.code), [0, 0, 0]);
});

onShell("an aborted script is killed; one that waits never runs to its end", async (connection) => {
  const shell = await connection.shell();
  const running = new AbortController();
  const waiting = new AbortController();
  const file = await Deno.makeTempFile();
  const first = shell.exec("sleep 5", { signal: running.signal });
  const second = shell.exec(`sleep 0.5; echo ran >> ${file}`, { signal: waiting.signal });
  const third = shell.exec("echo third");
  waiting.abort(new Error("not wanted"));
  await assert.rejects(second, /not wanted/);
  setTimeout(() => running.abort(new Error("stop")), 100);
  await assert.rejects(first, /stop/);
  assert.equal(text(await third).stdout, "third\n");
  assert.equal(await Deno.readTextFile(file), "");
  await assert.rejects(shell.exec("echo", { signal: AbortSignal.abort(new Error("before")) }), /before/);
  await Deno.remove(file);
});

onShell("a script that kills its shell fails alone", async (connection) => {
  const shell = await connection.shell();
  const killer = shell.exec("kill -9 $$; sleep 1");
  const behind = shell.exec("echo behind");
  await assert.rejects(killer, { name: "ShellLostError", message: /ended under the command \(exit code 137\)/ });
  assert.equal(text(await behind).stdout, "behind\n");
});

onShell("endless output is an error, not memory", async (connection) => {
  const shell = await connection.shell();
  await assert.rejects(shell.exec("yes"), OutputLimitError);
  await assert.rejects(shell.exec("yes >&2"), { message: /more than 4 MiB/ });
  await assert.rejects(shell.exec("yes", { stdin: new Uint8Array(100_000) }), OutputLimitError);
  assert.equal((await shell.exec("true")).code, 0);
});

onShell("a streamed script can time out and be aborted", async (connection) => {
  const shell = await connection.shell();
  const stdin = new Uint8Array(100_000);
  await assert.rejects(shell.exec("sleep 9", { stdin, timeout: 0.3 }), { name: "CommandTimeoutError" });
  const signal = AbortSignal.timeout(200);
  await assert.rejects(shell.exec("sleep 9", { stdin, signal }), { name: "TimeoutError" });
  assert.equal((await shell.exec("true")).code, 0);
});

onShell("a daemon that a script leaves behind outlives the connection", async (connection) => {
  const shell = await connection.shell();
  const file = await Deno.makeTempFile();
  await shell.exec(`(sleep 0.4; echo alive > ${file}) & echo`);
  await connection.close();
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(await Deno.readTextFile(file), "alive\n");
  await Deno.remove(file);
});

onShell("a NUL character in a script is refused", async (connection) => {
  const shell = await connection.shell();
  await assert.rejects(shell.exec("echo \0"), TypeError);
  assert.equal((await shell.exec("true")).code, 0);
});

onShell("1,000 requests, one after the other (timing is information)", async (connection) => {
  const shell = await connection.shell();
  const start = performance.now();
  for (let index = 0; index < 1000; index++) await shell.exec(":");
  console.log(`1,000 in sequence: ${((performance.now() - start) / 1000).toFixed(2)} ms each`);
});

Deno.test("the cutter finds markers wherever chunks break", () => {
  const marker = bytes("\x01MARK");
  const body = bytes(
    "a\x01b\x01MAR\x01MARKx no newline here for a long while, so this is not a marker at all, it is text\n\x01",
  );
  const stream = bytes("\x01MARK:1:0\n");
  const all = new Uint8Array([...body, ...stream, ...bytes("tail"), ...bytes("\x01MARK:2:137\n"), ...bytes("rest")]);
  for (let size = 1; size < 40; size++) {
    const frames: unknown[] = [];
    const cutter = new MarkerCutter(marker, (frame, fields) => frames.push([new TextDecoder().decode(frame), fields]));
    for (let at = 0; at < all.length; at += size) cutter.push(all.slice(at, at + size));
    assert.deepEqual(
      frames,
      [[new TextDecoder().decode(body), ["1", "0"]], ["tail", ["2", "137"]]],
      `chunks of ${size}`,
    );
    assert.equal(new TextDecoder().decode(cutter.rest()), "rest");
  }
});
