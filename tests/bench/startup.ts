/**
 * How long it takes until something is said.
 * @module
 */

import type { Bench, Case } from "./bench.ts";
import { Cases, MAIN } from "./cases.ts";
import { lintFolder } from "./lint_folder.ts";
import { Targets } from "./targets.ts";

/** The titles of the cases. */
export const STARTUP = {
  empty: "deno run of an empty file",
  help: "aami --help",
  version: "aami --version",
  check: "aami play install-stack --check, nothing to change",
  lint: "aami lint, 1,000 playbooks",
} as const;

/** Measures start-up. */
export async function startup(bench: Bench): Promise<void> {
  await using targets = await Targets.start({ count: 1 }, bench.options.keep);
  const cases = await Cases.of(targets);
  const empty = `${targets.folder}/empty.ts`;
  await Deno.writeTextFile(empty, "");
  const measured: Case[] = [
    { title: STARTUP.empty, command: cases.deno(empty) },
    { title: STARTUP.help, command: cases.deno(MAIN, "--help") },
    { title: STARTUP.version, command: cases.deno(MAIN, "--version") },
    { title: STARTUP.lint, command: cases.deno(MAIN, "lint", await lintFolder(`${targets.folder}/lint`, 1000)) },
  ];
  const check = cases.deno(MAIN, "play", "install-stack", "--check", "--detailed-exitcode");
  if (await succeeds(check.argv, check.env)) measured.push({ title: STARTUP.check, command: check });
  else bench.leftOut.push("install-stack --check on localhost: the stack is not installed here, or has drifted");
  await bench.measure({ part: "startup", hosts: 0, rtt: 0, run: "" }, measured);
}

async function succeeds(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<boolean> {
  const options = { args: argv.slice(1), env, stdout: "null", stderr: "null", stdin: "null" } as const;
  return (await new Deno.Command(argv[0], options).output()).success;
}
