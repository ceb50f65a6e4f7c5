/**
 * What the benchmark is asked to do.
 * @module
 */

/** The parts of the benchmark. */
export const PARTS = ["compare", "matrix", "language", "simulate", "startup", "bulk"] as const;

/** One part. */
export type Part = typeof PARTS[number];

/** How the benchmark runs. */
export interface Options {
  readonly parts: readonly Part[];
  /** Hosts of the comparison. */
  readonly hosts: number;
  /** Hosts of the larger table of `--full`. */
  readonly manyHosts: number;
  /** How often each case is measured; the median counts. */
  readonly rounds: number;
  /** Hosts of the simulated fleet. */
  readonly simulate: number;
  /** Leave out ansible-playbook. */
  readonly withoutAnsible: boolean;
  /** Megabytes of the one large file. */
  readonly megabytes: number;
  /** Where the figures go. */
  readonly json: string;
  /** Keep the working folder. */
  readonly keep: boolean;
}

/** Printed for `--help`. */
export const USAGE = `Usage: deno task bench [options]

Without options: aami against ansible-playbook, raw ssh and the bare session on 5 loopback hosts.

  --full              everything below, medians of 5
  --parts a,b         of ${PARTS.join(", ")}
  --hosts N           hosts of the comparison (5)
  --many N            hosts of the larger table (50)
  --rounds N          measurements a case, the median counts (3; 5 with --full)
  --simulate N        a fleet of N names on few sshd, 50 in flight: the controller's CPU and memory
  --megabytes N       size of the one large file of 'bulk' (1024)
  --without-ansible   leave out ansible-playbook, which takes most of the time
  --json FILE         where the figures go (dist/bench/bench.json)
  --keep              keep the working folder, and say where it is`;

/** A mistake of the caller's. */
export class UsageError extends Error {}

/** Reads the arguments. @throws {UsageError} */
export function readOptions(args: readonly string[]): Options | undefined {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (["--full", "--without-ansible", "--keep", "--help", "-h"].includes(word)) flags.add(word);
    else if (["--parts", "--hosts", "--many", "--rounds", "--simulate", "--megabytes", "--json"].includes(word)) {
      const value = words.shift();
      if (value === undefined) throw new UsageError(`${word} needs a value\n${USAGE}`);
      values.set(word, value);
    } else throw new UsageError(`there is no option '${word}'\n${USAGE}`);
  }
  if (flags.has("--help") || flags.has("-h")) return undefined;
  const number = (flag: string, otherwise: number) => {
    const value = Number(values.get(flag) ?? otherwise);
    if (!Number.isInteger(value) || value < 1) throw new UsageError(`${flag} needs a whole number of at least 1`);
    return value;
  };
  const full = flags.has("--full");
  return {
    parts: partsOf(values.get("--parts"), full, values.has("--simulate")),
    hosts: number("--hosts", full ? 10 : 5),
    manyHosts: number("--many", 50),
    rounds: number("--rounds", full ? 5 : 3),
    simulate: number("--simulate", 1000),
    withoutAnsible: flags.has("--without-ansible"),
    megabytes: number("--megabytes", 1024),
    json: values.get("--json") ?? "dist/bench/bench.json",
    keep: flags.has("--keep"),
  };
}

function partsOf(named: string | undefined, full: boolean, simulate: boolean): readonly Part[] {
  if (named === undefined) return full ? PARTS : simulate ? ["simulate"] : ["compare"];
  return named.split(",").map((word) => {
    const part = PARTS.find((each) => each === word.trim());
    if (!part) throw new UsageError(`there is no part '${word}': ${PARTS.join(", ")}`);
    return part;
  });
}
