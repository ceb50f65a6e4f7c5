/**
 * The test command: installs what the tests need where it may, runs everything, and ends by telling what it left out.
 *
 * Arguments are handed to `deno test`, e.g. `deno task test tests/unit --filter plan`.
 *
 * @module
 */

import { ensurePackages, fleetPackages } from "./fleet/prerequisites.ts";

/** What the tests use of Debian's beside what boots the fleet. */
const TEST_PACKAGES = [...fleetPackages, "openssh-server", "sudo"];

/** Test files run side by side. Each file with a fleet boots its own. */
const JOBS = "3";

const prerequisites = await ensurePackages(TEST_PACKAGES);
if (prerequisites.missing.length > 0) {
  console.log(`${prerequisites.reason}. What needs these packages is left out; to have it, run:`);
  console.log(`  ${prerequisites.aptLine}`);
}

const paths = Deno.args.length > 0 ? Deno.args : ["tests/"];
// The journals of the tests' runs would drive out those of who runs them.
const state = await Deno.makeTempDir({ prefix: "aami-state-" });
const child = new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--parallel", ...paths],
  env: { DENO_JOBS: JOBS, NO_COLOR: "1", XDG_STATE_HOME: state },
  stdout: "piped",
  stderr: "inherit",
}).spawn();

const leftOut = new Set<string>();
let closing = "";
let rest = "";
for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
  await Deno.stdout.write(new TextEncoder().encode(text));
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    if (/left out:/i.test(line)) leftOut.add(line.trim());
    if (/^(ok|FAILED) \| \d+ passed/.test(line)) closing = line;
  }
}
const { code } = await child.status;
await Deno.remove(state, { recursive: true });

if (leftOut.size > 0) {
  console.log("\nLeft out:");
  for (const line of leftOut) console.log(`  ${line}`);
}
const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(closing)?.[1] ?? 0);
console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("ignored")} skipped`);
Deno.exit(code);
