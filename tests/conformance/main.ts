/**
 * The conformance suite by hand; names choose some plays.
 *
 *     deno run -A tests/conformance/main.ts record [NAME…]    what ansible-playbook makes of them, into recorded/
 *     deno run -A tests/conformance/main.ts compare [NAME…]   how aami differs from that
 *     deno run -A tests/conformance/main.ts precedence        which variables win in ansible-core
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { Ansible, ansibleVersion } from "./ansible.ts";
import { type Case, loadCases } from "./case.ts";
import type { Outcome } from "./outcome.ts";
import { winnersBy } from "./precedence.ts";
import { compare, keepRecording, share, withLanes } from "./suite.ts";
import { tryCase } from "./trial.ts";

/** What makes an outcome unfit as a recording. */
function flaws({ changesAgain }: Case, { runs: [first, again] }: Outcome): string[] {
  const changed = Object.values(again.hosts).some(({ recap }) => /\bchanged=/.test(recap));
  return [
    ...changed && !changesAgain ? ["a second run changes something: 'again: changes' is missing"] : [],
    ...!changed && changesAgain ? ["a second run changes nothing: 'again: changes' is wrong"] : [],
    ...first.refused === undefined ? [] : [`ansible refuses: ${first.refused}`],
  ];
}

async function version(): Promise<string> {
  const ansible = await ansibleVersion();
  if (ansible === undefined) throw new Error("there is no ansible-playbook here: apt-get install ansible-core");
  return ansible;
}

async function recordPrecedence(): Promise<void> {
  const ansible = await version();
  const winners = await winnersBy(async (args, folder) => {
    const { hosts, refused } = await (await Ansible.in(`${folder}/home`, "none")).play(folder, args);
    return hosts.h?.tasks ?? [refused ?? "nothing"];
  });
  const path = fileURLToPath(new URL("recorded_precedence.json", import.meta.url));
  await Deno.writeTextFile(path, `${JSON.stringify({ ansible, winners }, null, 2)}\n`);
}

async function record(cases: readonly Case[]): Promise<void> {
  const ansible = await version();
  await withLanes(2, (lanes) =>
    share(cases, lanes, async (each, lane) => {
      const outcome = await tryCase(each, lane, "ansible");
      await keepRecording(each, { ansible, ...outcome });
      console.log(each.name, ...flaws(each, outcome));
    }));
}

async function tell(cases: readonly Case[]): Promise<void> {
  const { verdicts, lines, summary } = await withLanes(2, (lanes) => compare(cases, lanes));
  for (const line of lines) console.log(line);
  for (const [name, { unexplained }] of verdicts) {
    if (unexplained.length > 0) console.log([`\n${name}`, ...unexplained].join("\n  "));
  }
  console.log(`\n${summary}`);
}

if (import.meta.main) {
  const [command, ...names] = Deno.args;
  if (command === "record") await record(await loadCases(names));
  else if (command === "compare") await tell(await loadCases(names));
  else if (command === "precedence") await recordPrecedence();
  else throw new Error("say 'record', 'compare' or 'precedence'");
}
