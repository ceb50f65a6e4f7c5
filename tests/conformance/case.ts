/**
 * The plays of the conformance tests: a folder each below `plays/`, with `play.yml` and what belongs to it.
 *
 * Aami reads the files as they are. Where an expression must differ, the line ends with `# ansible: VALUE`, and VALUE
 * stands in the line's place for ansible-playbook. The comment at the head of `play.yml` says what the play is about and
 * then, a line each:
 *
 * - `args: WORDS`: further arguments of both programs
 * - `again: changes`: a second run changes something too, by nature
 * - `check: acts otherwise`: the play itself asks for check mode, which then foretells something else
 * - `system`: packages, units and accounts are looked at too, and the hosts are made anew afterwards
 * - `deliberate: ENTRY: PATTERN`: differences that match are meant; ENTRY is a heading of docs/coming-from-ansible.md
 *
 * `setup.sh` runs as root on each host beforehand, with the host's name as `$1`. `inventory.yml` or `inventory.ini` adds
 * to the inventory: the hosts one, two (group `web`) and three (group `db`).
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readIfThere, run } from "../fleet/command.ts";

/** A difference that is meant. */
export interface Deliberate {
  /** The heading's anchor in docs/coming-from-ansible.md. */
  readonly entry: string;
  /** What such differences look like. */
  readonly pattern: RegExp;
}

/** One play with what belongs to it. */
export interface Case {
  /** The folder's name. */
  readonly name: string;
  /** What it is about. */
  readonly about: string;
  /** Further arguments of both programs. */
  readonly args: readonly string[];
  /** Whether a second run changes something by nature. */
  readonly changesAgain: boolean;
  /** Whether the play does something else in check mode by nature. */
  readonly checkActsOtherwise: boolean;
  /** Whether it acts on packages, units or accounts. */
  readonly system: boolean;
  /** The differences that are meant. */
  readonly deliberate: readonly Deliberate[];
  /** What prepares a host; run by sh. */
  readonly setup?: string;
  /** The name of its own inventory in the folder. */
  readonly inventory?: string;
}

const PLAYS = fileURLToPath(new URL("plays", import.meta.url));

/**
 * All cases by name, or those named.
 *
 * @throws {Error} for a name that is none, and for a head that cannot be read
 */
export async function loadCases(names?: readonly string[]): Promise<Case[]> {
  const found = names?.length ? [...names] : Array.from(Deno.readDirSync(PLAYS), (entry) => entry.name);
  return await Promise.all(found.sort().map(loadCase));
}

async function loadCase(name: string): Promise<Case> {
  const text = await Deno.readTextFile(join(PLAYS, name, "play.yml"));
  const head = /^(#.*\n)*/.exec(text)![0].split("\n").filter(Boolean).map((line) => line.replace(/^# ?/, ""));
  const values = (key: string) =>
    head.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const about = head.filter((line) => !/^(args|again|check|deliberate): |^system$/.test(line)).join(" ");
  if (about === "") throw new Error(`${name}: the head does not say what the play is about`);
  const files = [...Deno.readDirSync(join(PLAYS, name))].map((entry) => entry.name);
  return {
    name,
    about,
    args: values("args").flatMap((line) => line.split(" ")),
    changesAgain: values("again").includes("changes"),
    checkActsOtherwise: values("check").includes("acts otherwise"),
    system: head.includes("system"),
    deliberate: values("deliberate").map((line) => {
      const [entry, pattern] = [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)];
      return { entry, pattern: new RegExp(pattern) };
    }),
    setup: await readIfThere(join(PLAYS, name, "setup.sh")),
    inventory: files.find((file) => /^inventory\.(yml|ini)$/.test(file)),
  };
}

/** Who reads a copy. */
export type Reader = "aami" | "ansible";

/** Copies a case's folder for one of the two programs. The copy's parents are made. */
export async function copyCase({ name }: Case, to: string, reader: Reader): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  await run(["cp", "-a", join(PLAYS, name), to]);
  // Whatever umask the files were checked out with.
  await run(["chmod", "-R", "u=rwX,go=rX", to]);
  if (reader === "aami") return;
  const texts = (await run(["find", to, "-name", "*.yml"])).stdout.split("\n").filter(Boolean);
  await Promise.all(texts.map(async (path) => {
    await Deno.writeTextFile(path, forAnsible(await Deno.readTextFile(path)));
  }));
}

/** The lines that end with `# ansible: VALUE`: what stands before the value, the value, and Ansible's. */
const MARKED = /^(\s*(?:- )*(?:[\w.]+: +)?)(.*?) +# ansible: (.*)$/gm;

/** The text as ansible-playbook gets it. */
export function forAnsible(text: string): string {
  return text.replace(MARKED, "$1$3");
}
