/**
 * What a program made of a play, in a form that is the same for both, and how two such outcomes differ.
 *
 * @module
 */

import type { Case } from "./case.ts";

/** What one host came to. */
export interface HostOutcome {
  /** What is counted and not 0, such as `ok=3 changed=1`. */
  readonly recap: string;
  /** The tasks in their order: `NAME: STATUS`, with the items of a loop, the attempts, and what debug and fail said. */
  readonly tasks: readonly string[];
}

/** One run. */
export interface RunOutcome {
  /** The exit status. */
  readonly exit: number;
  /** By inventory name; those with a result. */
  readonly hosts: Readonly<Record<string, HostOutcome>>;
  /** What a program said that would not run the play at all. */
  readonly refused?: string;
}

/** Two runs, one after the other, and what is there then. */
export interface Outcome {
  /** The first, and the same again. */
  readonly runs: readonly RunOutcome[];
  /** By machine (`controller` too): path → type, mode, owner and content. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By machine: what differs from before in packages, units and /etc. */
  readonly system: Readonly<Record<string, readonly string[]>>;
}

/** One result of a task, from either program. */
export interface TaskResult {
  readonly name: string;
  readonly handler: boolean;
  readonly status: string;
  /** The status of each item of a loop. */
  readonly items?: readonly string[];
  /** How often it was tried. */
  readonly attempts?: unknown;
  /** What debug and fail said: a value, or one for each item. */
  readonly said?: unknown;
}

/** The counts of a recap. */
export type Counts = Readonly<Record<typeof COUNTED[number], number>>;

const COUNTED = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"] as const;

/** The counts as text. */
export function recapText(counts: Counts): string {
  return COUNTED.filter((name) => counts[name] > 0).map((name) => `${name}=${counts[name]}`).join(" ");
}

/** A result as a line. */
export function taskLine({ name, handler, status, items, attempts, said }: TaskResult): string {
  const loop = items ? ` [${items.join(" ")}]` : "";
  const tried = typeof attempts === "number" && attempts > 1 ? ` ×${attempts}` : "";
  return `${handler ? "handler " : ""}${name}: ${status}${loop}${tried}${said === undefined ? "" : ` ${text(said)}`}`;
}

/**
 * A value as JSON with sorted keys. Numbers and booleans as text: that an expression keeps their type in aami and not
 * always in Ansible is one known difference, and not one of each play.
 */
function text(value: unknown): string {
  const plain = (_key: string, each: unknown) => {
    if (typeof each === "number" || typeof each === "boolean") return String(each);
    if (typeof each === "string") return each.replace(/\b(True|False)\b/g, (word) => word.toLowerCase());
    if (each === null || typeof each !== "object" || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([one], [other]) => one < other ? -1 : 1));
  };
  return JSON.stringify(value, plain);
}

/** The differences between what Ansible did and what aami did, a line each. */
export function differences(ansible: Outcome, aami: Outcome): string[] {
  const refused = aami.runs[0].refused;
  if (refused !== undefined) return [`aami refuses: ${refused}`];
  return [
    ...ansible.runs.flatMap((run, index) => runDifferences(`run ${index + 1}`, run, aami.runs[index])),
    ...byKey(
      ansible.files,
      aami.files,
      (machine, one = {}, other = {}) =>
        byKey(one, other, (path, was, is) => was === is ? [] : [`${machine}: ${path}: ${was} ≠ ${is}`]),
    ),
    ...byKey(ansible.system, aami.system, (machine, one = [], other = []) => [
      ...one.filter((line) => !other.includes(line)).map((line) => `${machine}: only ansible: ${line}`),
      ...other.filter((line) => !one.includes(line)).map((line) => `${machine}: only aami: ${line}`),
    ]),
  ];
}

function runDifferences(which: string, ansible: RunOutcome, aami: RunOutcome): string[] {
  const exit = ansible.exit === aami.exit ? [] : [`${which}: exit ${ansible.exit} ≠ ${aami.exit}`];
  const hosts = byKey(ansible.hosts, aami.hosts, (host, one, other) => {
    const [was, is] = [one?.recap ?? "no result", other?.recap ?? "no result"];
    return [
      ...was === is ? [] : [`${which}: ${host}: ${was} ≠ ${is}`],
      ...taskDifferences(one?.tasks ?? [], other?.tasks ?? []).map((line) => `${which}: ${host}: ${line}`),
    ];
  });
  return [...exit, ...hosts];
}

/** The first task in which two orders part, and how they go on. */
function taskDifferences(ansible: readonly string[], aami: readonly string[]): string[] {
  const end = Math.max(ansible.length, aami.length);
  for (let index = 0; index < end; index++) {
    if (ansible[index] === aami[index]) continue;
    const rest = (tasks: readonly string[]) => tasks.slice(index, index + 3).join(" | ") || "nothing";
    return [`task ${index + 1}: ${rest(ansible)} ≠ ${rest(aami)}`];
  }
  return [];
}

function byKey<T>(
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
  compare: (key: string, one: T | undefined, other: T | undefined) => string[],
): string[] {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys.flatMap((key) => compare(key, one[key], other[key]));
}

/** What to make of the differences of a case. */
export interface Verdict {
  /** Those that no entry explains, and the entries that explain none. */
  readonly unexplained: readonly string[];
  /** Those that are meant, each with its entry. */
  readonly deliberate: readonly string[];
}

/**
 * Tells the differences that are meant from the others.
 *
 * @param anchors the headings of docs/coming-from-ansible.md as anchors
 */
export function judge(found: readonly string[], { deliberate }: Case, anchors: ReadonlySet<string>): Verdict {
  const unexplained: string[] = [];
  const meant: string[] = [];
  for (const line of found) {
    const reason = deliberate.find(({ pattern }) => pattern.test(line));
    if (reason) meant.push(`${line} (${reason.entry})`);
    else unexplained.push(line);
  }
  for (const { entry, pattern } of deliberate) {
    if (!anchors.has(entry)) unexplained.push(`docs/coming-from-ansible.md has no heading '${entry}'`);
    if (!found.some((line) => pattern.test(line))) unexplained.push(`nothing differs as '${pattern.source}' any more`);
  }
  return { unexplained, deliberate: meant };
}
