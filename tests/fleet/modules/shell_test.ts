import { testModule } from "./harness.ts";

testModule("shell", [
  {
    name: "pipes, variables and globs work",
    args: `cmd: cd /etc && ls host?ame | tr a-z A-Z; echo "$((6*7))"`,
    always: true,
    result: { stdout: "HOSTNAME\n42", stdout_lines: ["HOSTNAME", "42"], rc: 0 },
  },
  {
    name: "a script of several lines with a here-document",
    args: "cmd: |\n  cat > /root/it.txt <<'END'\n  it's here\n  END\ncreates: /root/it.txt",
    verify: `test "$(cat /root/it.txt)" = "it's here"`,
    drift: [{ name: "it was removed", by: "rm /root/it.txt" }],
  },
  {
    name: "chdir and creates in the free form",
    args: "echo done > flag chdir=/srv creates=/srv/flag",
    verify: 'test "$(cat /srv/flag)" = done',
    drift: [{ name: "it was removed", by: "rm /srv/flag" }],
  },
  {
    name: "executable chooses the shell",
    args: "cmd: 'echo ${BASH_VERSION:+bash}'\nexecutable: /bin/bash",
    always: true,
    result: { stdout: "bash" },
  },
  {
    name: "a process left in the background does not hold the task",
    args: "cmd: sleep 30 >/dev/null 2>&1 & echo started",
    always: true,
    result: { stdout: "started" },
  },
  {
    name: "both streams and the exit status come back",
    args: "cmd: printf 'a\\n\\n'; echo warn >&2\nstrip_empty_ends: true",
    always: true,
    result: { stdout: "a", stderr: "warn", stderr_lines: ["warn"] },
  },
  {
    name: "removes decides",
    prepare: "mkdir -p /srv/old; touch /srv/old/a /srv/old/b",
    args: "cmd: rm /srv/old/*\nremoves: /srv/old/[ab]",
    verify: "! ls -A /srv/old | grep -q .",
    drift: [{ name: "something is there again", by: "touch /srv/old/b" }],
  },
  { name: "a failing script fails", args: "cmd: 'true; exit 7'", fails: /^non-zero return code$/ },
], async ({ host }, t) => {
  const { default: shell } = await import("../../../modules/shell/mod.ts");
  const { ModuleError } = await import("../../../engine/module/module.ts");
  const { apply, parseArgs } = await import("./harness.ts");
  const { rejects } = await import("node:assert");
  await t.step("a failure carries the whole result", async () => {
    const args = parseArgs(shell, "cmd: echo out; echo err >&2; exit 5");
    await rejects(apply(shell, host, args), (error) => {
      const result = error instanceof ModuleError ? error.options.result : undefined;
      return result?.rc === 5 && result.stdout === "out" && result.stderr === "err" &&
        /^0:00:0\d\.\d{6}$/.test(String(result.delta)) && result.msg === "non-zero return code";
    });
  });
});
