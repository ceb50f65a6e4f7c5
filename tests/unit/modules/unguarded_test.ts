import { strictEqual } from "node:assert/strict";
import command from "../../../modules/command/mod.ts";
import script from "../../../modules/script/mod.ts";
import shell from "../../../modules/shell/mod.ts";
import type { Module, Value } from "../../../engine/module/module.ts";

type Raw = { [key: string]: Value };

function alwaysActs(module: Pick<Module, "alwaysActs">, args: Raw): boolean | undefined {
  return module.alwaysActs?.(args);
}

Deno.test("command always acts without a guard", () => {
  strictEqual(alwaysActs(command, { cmd: "uptime" }), true);
  strictEqual(alwaysActs(command, { argv: ["uptime", "creates=/x"] }), true);
  strictEqual(alwaysActs(command, { cmd: "uptime", creates: null }), true);
});

Deno.test("command may not act with a guard, in an argument or in the free form", () => {
  strictEqual(alwaysActs(command, { cmd: "touch /x", creates: "/x" }), false);
  strictEqual(alwaysActs(command, { cmd: "rm /x", removes: "/x" }), false);
  strictEqual(alwaysActs(command, { cmd: "cp /a /b", unless: "cmp /a /b" }), false);
  strictEqual(alwaysActs(command, { cmd: "touch /x creates=/x" }), false);
});

Deno.test("shell always acts without a guard", () => {
  strictEqual(alwaysActs(shell, { cmd: "dmesg | grep -c NVRM" }), true);
  strictEqual(alwaysActs(shell, { cmd: "echo 'creates=/x'" }), true);
  strictEqual(alwaysActs(shell, { cmd: "date chdir=/tmp" }), true);
});

Deno.test("shell may not act with a guard, in an argument or in the free form", () => {
  strictEqual(alwaysActs(shell, { cmd: "date > /x", creates: "/x" }), false);
  strictEqual(alwaysActs(shell, { cmd: "rm /x removes=/x" }), false);
});

Deno.test("a command with stdin waits for those before it: it cannot be one of a chain", () => {
  strictEqual(alwaysActs(command, { cmd: "cat", stdin: "x" }), false);
  strictEqual(alwaysActs(shell, { cmd: "cat > /x", stdin: "x" }), false);
});

Deno.test("script, whose text travels as stdin, never says that it always acts", () => {
  strictEqual(script.alwaysActs, undefined);
});
