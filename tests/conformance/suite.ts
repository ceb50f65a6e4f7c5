/**
 * The whole suite: recordings, lanes of hosts, and what comes of comparing.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { Case } from "./case.ts";
import { Lane } from "./hosts.ts";
import { differences, judge, type Outcome, type Verdict } from "./outcome.ts";
import { tryCase } from "./trial.ts";

/** What is kept of a case. */
export interface Recording extends Outcome {
  /** The version of ansible-core. */
  readonly ansible: string;
}

const FOLDER = fileURLToPath(new URL("recorded", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/coming-from-ansible.md", import.meta.url));

/** The recording of a case. */
export async function recordingOf({ name }: Case): Promise<Recording> {
  return JSON.parse(await Deno.readTextFile(`${FOLDER}/${name}.json`));
}

/** Keeps a recording. */
export async function keepRecording({ name }: Case, recording: Recording): Promise<void> {
  await Deno.writeTextFile(`${FOLDER}/${name}.json`, `${JSON.stringify(recording, null, 1)}\n`);
}

/** Boots lanes, hands them to `body`, and takes them down. */
export async function withLanes<T>(count: number, body: (lanes: readonly Lane[]) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const lanes = await Promise.all(Array.from({ length: count }, () => Lane.up()));
  for (const lane of lanes) stack.use(lane);
  return await body(lanes);
}

/** Hands each item to the first of some workers that is free. */
export async function share<T, W>(
  items: readonly T[],
  workers: readonly W[],
  work: (item: T, worker: W) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(workers.map(async (worker) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item, worker);
  }));
}

/** What came of all cases. */
export interface Report {
  /** By case. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** A line for each difference that is meant. */
  readonly lines: readonly string[];
  /** Such as `120 same, 5 deliberate, 0 unexplained`. */
  readonly summary: string;
}

/** Runs cases by aami and compares with the recordings. */
export async function compare(cases: readonly Case[], lanes: readonly Lane[]): Promise<Report> {
  const anchors = await headings();
  const verdicts = new Map<string, Verdict>();
  await share(cases, lanes, async (each, lane) => {
    const found = differences(await recordingOf(each), await tryCase(each, lane, "aami"));
    verdicts.set(each.name, judge(found, each, anchors));
  });
  const all = [...verdicts];
  const unexplained = all.filter(([, verdict]) => verdict.unexplained.length > 0).length;
  const deliberate = all.filter(([, { deliberate, unexplained }]) => deliberate.length > 0 && unexplained.length === 0);
  return {
    verdicts,
    lines: deliberate.flatMap(([name, verdict]) => verdict.deliberate.map((line) => `${name}: ${line}`)),
    summary: `${
      all.length - unexplained - deliberate.length
    } same, ${deliberate.length} deliberate, ${unexplained} unexplained`,
  };
}

/** The headings of the page on differences, as anchors. */
async function headings(): Promise<Set<string>> {
  const titles = (await Deno.readTextFile(PAGE)).matchAll(/^#+ (.+)$/gm);
  return new Set([...titles].map(([, title]) => title.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")));
}
