/**
 * One trial: a case, run twice by one of the two programs on a lane of hosts.
 *
 * @module
 */

import { outcomeOf, play } from "./aami.ts";
import { Ansible } from "./ansible.ts";
import { type Case, copyCase, type Reader } from "./case.ts";
import { controllerFiles, type Lane } from "./hosts.ts";
import type { Outcome, RunOutcome } from "./outcome.ts";

/** Runs a case twice on hosts made ready for it. */
export async function tryCase(each: Case, lane: Lane, program: Reader): Promise<Outcome> {
  const folder = await Deno.makeTempDir({ prefix: `conformance-${each.name}-` });
  try {
    const copy = `${folder}/case`;
    await copyCase(each, copy, program);
    await lane.prepare(each);
    const start = await starter(program, folder, lane);
    const args = [`${copy}/play.yml`, ...argumentsOf(each, copy, lane)];
    const runs = [await start(args), await start(args)];
    return {
      runs,
      files: { ...await lane.files(), controller: await controllerFiles(copy) },
      system: await lane.system(each),
    };
  } finally {
    await lane.restore(each);
    await Deno.remove(folder, { recursive: true });
  }
}

/** The arguments that both programs take. */
export function argumentsOf({ inventory, args }: Case, copy: string, lane: Lane): string[] {
  const own = inventory === undefined ? [] : ["-i", `${copy}/${inventory}`];
  return ["-i", lane.inventory, ...own, ...args.map((word) => word.replaceAll("PLAY", copy))];
}

/** How aami is told which hosts it may trust. */
export const TRUST = ["--host-key-checking", "off"];

async function starter(
  program: Reader,
  folder: string,
  lane: Lane,
): Promise<(args: readonly string[]) => Promise<RunOutcome>> {
  if (program === "aami") return async (args) => outcomeOf(await play([...args, ...TRUST]));
  const ansible = await Ansible.in(`${folder}/home`, lane.fleet.knownHosts);
  return (args) => ansible.play(`${folder}/case`, args);
}
