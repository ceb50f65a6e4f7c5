import { deepStrictEqual, match, strictEqual } from "node:assert";
import script from "../../../modules/script/mod.ts";
import { testModule, verify } from "./harness.ts";
import { fileOf, largeFile, perform } from "./sources.ts";

const NOTHING_LEFT =
  'test -z "$(find / -xdev -name \'*.aami-test\' 2>/dev/null)"; test -z "$(ls -d /tmp/tmp.* 2>/dev/null)"';

testModule("script", [], async (bench, t) => {
  const { machine } = bench;
  const run = (content: string | Uint8Array, more: object = {}) =>
    perform(bench, script, { cmd: fileOf(content, "/site/files/it's.aami-test"), ...more });

  await t.step("it runs with its arguments, in its directory, and is gone", async () => {
    const text = '#!/bin/sh\nprintf "%s|" "$@"; pwd; echo err >&2; [ -x "$0" ] && basename "$0"; cat';
    const { plan, result } = await run(text, { args: ["a b", "$HOME", "it's"], chdir: "/srv" });
    deepStrictEqual(plan.changes.length, 1);
    deepStrictEqual(result.stdout_lines, ["a b|$HOME|it's|/srv", "it's.aami-test"]);
    deepStrictEqual([result.stderr, result.rc], ["err", 0]);
    await verify(machine, NOTHING_LEFT);
  });
  await t.step("its own umask and files are the user's", async () => {
    await run("#!/bin/sh\n: > /root/made-by-script");
    await verify(machine, "test $(stat -c %a /root/made-by-script) = 644");
  });
  await t.step("another program runs it", async () => {
    const { result } = await run("echo $0 $1; set -o | grep errexit", {
      executable: "/bin/bash -e",
      args: "one 'two three'",
    });
    match(String(result.stdout), /it's\.aami-test one\nerrexit\s+on$/);
  });
  await t.step("a failing script fails the task, and is gone", async () => {
    const failed = await run("#!/bin/sh\necho out; exit 3").catch((error) => error);
    deepStrictEqual([failed.message, failed.options.result.rc, failed.options.result.stdout], [
      "non-zero return code",
      3,
      "out",
    ]);
    await verify(machine, NOTHING_LEFT);
  });
  await t.step("a script that ends by a signal is gone too", async () => {
    const failed = await run("#!/bin/sh\nkill -TERM $PPID; sleep 0.2; kill -KILL $$").catch((error) => error);
    match(failed.message, /non-zero return code/);
    await verify(machine, NOTHING_LEFT);
  });
  await t.step("creates makes it run once", async () => {
    const args = { creates: "/root/done" };
    const first = await run("#!/bin/sh\ntouch /root/done", args);
    strictEqual(first.plan.changes.length, 1);
    const second = await run("#!/bin/sh\ntouch /root/done", args);
    deepStrictEqual([second.plan.changes, second.plan.skipped], [[], "skipped, since /root/done exists"]);
  });
  await t.step("a program of three megabytes", async () => {
    const path = await Deno.makeTempFile();
    const filler = `\n: <<'END'\n${"x".repeat(79).concat("\n").repeat(40_000)}END\n`;
    await Deno.writeTextFile(path, `#!/bin/sh\n${filler}echo at the end`);
    const { result } = await perform(bench, script, { cmd: await largeFile(path) });
    strictEqual(result.stdout, "at the end");
    await verify(machine, NOTHING_LEFT);
    await Deno.remove(path);
  });
});
