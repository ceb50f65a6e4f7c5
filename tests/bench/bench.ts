/**
 * Measures cases and gathers their figures.
 * @module
 */

import { type Command, measure, type Measured, median, peakMemory } from "./measure.ts";
import type { Options } from "./options.ts";
import type { Row } from "./report.ts";
import type { Wire } from "./wire.ts";

/** A case, before it is measured. */
export interface Case {
  readonly title: string;
  readonly command: Command;
  /** Done before each measurement, and not measured. */
  readonly before?: () => Promise<unknown>;
  /** Holds that the output is as it should be. @throws {Error} */
  readonly holds?: (output: string) => void;
  /** Fewer rounds than asked for, for what takes minutes. */
  readonly most?: number;
}

/** Which cases belong together. */
export interface Setting {
  readonly part: string;
  readonly hosts: number;
  readonly rtt: number;
  readonly run: Row["run"];
  /** Counts round trips and bytes. */
  readonly wire?: Wire;
  /** Whether to measure memory too, in a run of its own. */
  readonly memory?: boolean;
}

/** Collects rows. */
export class Bench {
  readonly rows: Row[] = [];
  readonly leftOut: string[] = [];

  constructor(readonly options: Options, readonly say: (line: string) => void) {}

  /**
   * Measures cases in turns, so that what else goes on on the machine meets all of them: a round is each case once. One
   * run ahead, which is not measured, warms caches for a second run.
   */
  async measure(setting: Setting, cases: readonly Case[]): Promise<Row[]> {
    const runs = new Map<Case, Measured[]>(cases.map((each) => [each, []]));
    const wires = new Map<Case, { roundTrips: number; kilobytes: number }>();
    for (let round = 0; round < this.options.rounds; round++) {
      for (const each of cases) {
        if (round >= (each.most ?? Infinity)) continue;
        this.say(`${setting.part}: ${each.title}, ${setting.run || "run"} ${round + 1}`);
        await each.before?.();
        const once = async () => {
          const measured = await measure(each.command);
          each.holds?.(measured.stdout);
          runs.get(each)!.push(measured);
        };
        if (setting.wire) wires.set(each, await setting.wire.count(once));
        else await once();
      }
    }
    const rows: Row[] = [];
    for (const each of cases) rows.push(await this.#row(setting, each, runs.get(each)!, wires.get(each)));
    this.rows.push(...rows);
    return rows;
  }

  async #row(
    { part, hosts, rtt, run, memory }: Setting,
    each: Case,
    runs: readonly Measured[],
    wire: { roundTrips: number; kilobytes: number } | undefined,
  ): Promise<Row> {
    let peak: number | undefined;
    if (memory) {
      this.say(`${part}: ${each.title}, memory`);
      await each.before?.();
      peak = await peakMemory(each.command);
    }
    return {
      part,
      title: each.title,
      hosts,
      rtt,
      run,
      wall: median(runs.map((figures) => figures.wall)),
      cpu: median(runs.map((figures) => figures.cpu)),
      ...peak !== undefined && { memory: peak },
      ...wire,
      rounds: runs.length,
    };
  }
}
