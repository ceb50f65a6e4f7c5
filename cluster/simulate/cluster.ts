/**
 * A fake cluster: nodes with GPUs, jobs that come and go, and faults by script. It knows no clock: it is told the second,
 * and the same seed gives the same values at it.
 *
 * @module
 */

import { inputError } from "../../engine/support/diagnostic.ts";
import { amdMetrics } from "./amd.ts";
import { dcgmMetrics } from "./dcgm.ts";
import { exposition } from "./exposition.ts";
import type { FaultSpec } from "./faults.ts";
import { FakeGpu } from "./gpu.ts";
import { hostMetrics } from "./host.ts";
import { type FakeExporter, isNvidia } from "./models.ts";
import { type Random, randomOf } from "./random.ts";
import { slurmMetrics } from "./slurm.ts";

/** What is faked. */
export interface FakeClusterOptions {
  /** How many nodes: `fake1`, `fake2`… */
  readonly nodes: number;
  /** GPUs of each. */
  readonly gpus: number;
  /** The nodes have these exporters in turn. */
  readonly exporters: readonly FakeExporter[];
  /** What the values come from. */
  readonly seed: number;
  /** The time at the start, in seconds since 1970. */
  readonly start: number;
}

/** A fault that is asked for, is there, or was. */
export interface Fault {
  /** Its number, from 1. */
  readonly id: number;
  /** What was asked for. */
  readonly spec: FaultSpec;
  /** Whether it is still to come, is there, or is over. */
  state: "planned" | "active" | "ended";
  /** The second it begins. */
  readonly from: number;
  /** The second it ends; Infinity for when somebody says so. */
  until: number;
}

/** A fake node. */
export class FakeNode {
  /** Its GPUs. */
  readonly gpus: readonly FakeGpu[];
  /** Whether its exporters answer. */
  answers = true;
  /** The share of its GPUs that its job uses; 0 where it has none. */
  load = 0;
  /** Seconds that its processors have been busy. */
  busySeconds = 0;
  readonly #random: Random;
  #jobEnds = 0;

  /** Made without a job; the first begins in the first second. */
  constructor(readonly name: string, readonly exporter: FakeExporter, gpus: number, seed: number) {
    this.#random = randomOf(seed, name);
    this.gpus = Array.from(
      { length: gpus },
      (_, index) => new FakeGpu(index, exporter, randomOf(seed, `${name}/gpu${index}`)),
    );
  }

  /** The share of its processors that is busy. */
  get busy(): number {
    return this.load === 0 ? 0.02 : 0.35;
  }

  /** One second. Jobs take between 4 and 20 minutes, pauses a quarter of that. */
  step(second: number): void {
    if (second >= this.#jobEnds) {
      const begins = this.load === 0;
      this.load = begins ? 0.8 + 0.2 * this.#random() : 0;
      this.#jobEnds = second + (240 + 960 * this.#random()) * (begins ? 1 : 0.25);
      for (const gpu of this.gpus) gpu.assign(this.load);
    }
    this.busySeconds += this.busy;
    for (const gpu of this.gpus) gpu.step(this.load);
  }
}

/** A fake cluster. */
export class FakeCluster {
  /** The nodes. */
  readonly nodes: readonly FakeNode[];
  /** All faults, the ended too. */
  readonly faults: Fault[] = [];
  readonly #options: FakeClusterOptions;
  #second = 0;

  /** Made at second 0. */
  constructor(options: FakeClusterOptions) {
    this.#options = options;
    const { nodes, gpus, exporters, seed } = options;
    this.nodes = Array.from(
      { length: nodes },
      (_, index) => new FakeNode(`fake${index + 1}`, exporters[index % exporters.length], gpus, seed),
    );
  }

  /** Seconds since the start. */
  get second(): number {
    return this.#second;
  }

  /**
   * Asks for a fault.
   *
   * @throws {DiagnosticError} where the cluster has no such node or GPU, or the GPU no such fault
   */
  addFault(spec: FaultSpec, place: string): Fault {
    this.#check(spec, place);
    const from = spec.at ?? this.#second;
    const fault: Fault = {
      ...{ id: this.faults.length + 1, spec, from, state: "planned" },
      until: from + (spec.seconds ?? Infinity),
    };
    this.faults.push(fault);
    if (from <= this.#second) this.#begin(fault);
    return fault;
  }

  /** Ends a fault now; undefined where there is none of that number. */
  endFault(id: number): Fault | undefined {
    const fault = this.faults.find((each) => each.id === id);
    if (fault && fault.state !== "ended") this.#end(fault);
    return fault;
  }

  /** Goes on to a second; what lies between happens. Going back does nothing. */
  advance(second: number): void {
    while (this.#second < second) {
      this.#second++;
      for (const fault of this.faults) {
        if (fault.state === "planned" && fault.from <= this.#second) this.#begin(fault);
        if (fault.state === "active" && fault.until <= this.#second) this.#end(fault);
      }
      for (const node of this.nodes) node.step(this.#second);
    }
  }

  /** What the GPU exporter of a node says. */
  gpuMetrics({ gpus, name, exporter }: FakeNode): string {
    return exposition(
      isNvidia(exporter)
        ? dcgmMetrics(gpus, name, exporter === "dcgm-4.9", this.#second)
        : amdMetrics(gpus, name, exporter === "amd-mi3xx"),
    );
  }

  /** What the node exporter of a node says. */
  hostMetrics({ busy, busySeconds, name }: FakeNode): string {
    const seconds = this.#second;
    const uptime = 86_400 * (3 + 40 * randomOf(this.#options.seed, `${name} uptime`)());
    const now = this.#options.start + seconds;
    return exposition(hostMetrics({ busy, busySeconds, seconds, now, uptime: Math.round(uptime) }));
  }

  /** What slurmctld says. */
  slurmMetrics(): string {
    const up = this.nodes.filter(({ answers }) => answers);
    const busy = up.filter(({ load }) => load > 0).length;
    return exposition(slurmMetrics({ busy, idle: up.length - busy, down: this.nodes.length - up.length }));
  }

  #check({ text, kind, node: name, gpu }: FaultSpec, place: string): void {
    const refuse = (message: string, part: string, help: string) => {
      const start = text.lastIndexOf(part);
      return inputError("usage", message, { source: { path: place, text }, start, end: start + part.length }, help);
    };
    const node = this.nodes.find((each) => each.name === name);
    if (!node) {
      throw refuse(`there is no fake node '${name}'`, name, `there are fake1 to fake${this.nodes.length}`);
    }
    if (gpu !== undefined && !node.gpus[gpu]) {
      throw refuse(`${name} has no gpu${gpu}`, `gpu${gpu}`, `its fake GPUs are gpu0 to gpu${node.gpus.length - 1}`);
    }
    const maker = isNvidia(node.exporter) ? "NVIDIA" : "AMD";
    const other = { xid: "NVIDIA", nvlink: "NVIDIA", afid: "AMD" }[kind as string];
    if (other !== undefined && other !== maker) {
      throw refuse(`'${kind}' is of ${other}'s GPUs, and ${name} has ${maker}'s`, kind, `take a node with ${other}'s`);
    }
  }

  #begin(fault: Fault): void {
    fault.state = "active";
    this.#happen(fault, (gpu) => gpu.begin(fault.spec.kind, fault.spec.code, this.#second), false);
  }

  #end(fault: Fault): void {
    if (fault.state === "active") this.#happen(fault, (gpu) => gpu.end(fault.spec.kind), true);
    fault.state = "ended";
    fault.until = Math.min(fault.until, this.#second);
  }

  #happen({ spec }: Fault, toGpu: (gpu: FakeGpu) => void, answers: boolean): void {
    const node = this.nodes.find(({ name }) => name === spec.node)!;
    if (spec.gpu === undefined) node.answers = answers;
    else toGpu(node.gpus[spec.gpu]);
  }
}
