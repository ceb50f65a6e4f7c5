/**
 * One fake GPU: values that follow its load second by second, counters that only rise, and faults that begin and end.
 *
 * @module
 */

import type { FaultKind } from "./fault_kinds.ts";
import { type FakeExporter, type GpuModel, isNvidia, MODELS } from "./models.ts";
import { hexDigits, type Random } from "./random.ts";

/** Degrees of a GPU without work, at full load and in a thermal runaway. */
const DEGREES = { nvidia: [33, 64, 99], amd: [38, 74, 116] } as const;

/** The part of the way to its goal that a temperature goes in a second. */
const THERMAL_PACE = 0.1;

/** The share of the memory that a leak fills at last, and in a second. */
const LEAK = { share: 0.993, pace: 0.04 };

/** Counters, all from 0 at the start but the energy. */
export interface Counters {
  /** Joules. */
  energy: number;
  /** Bytes over all NVLinks. */
  nvlinkBytes: number;
  /** CRC errors of all NVLinks. */
  nvlinkCrc: number;
  /** Replays of all NVLinks. */
  nvlinkReplay: number;
  /** Recoveries of all NVLinks. */
  nvlinkRecovery: number;
  /** PCIe transfers that were repeated. */
  pcieReplays: number;
  /** Memory errors of one bit. */
  corrected: number;
  /** Memory errors of two bits. */
  uncorrected: number;
  /** Rows of memory that were replaced, which a reset keeps. */
  remapped: number;
  /** Nanoseconds slowed down for heat. */
  thermalViolation: number;
}

/** A fake GPU. */
export class FakeGpu {
  /** What it is. */
  readonly model: GpuModel;
  /** As NVIDIA's exporter names it. */
  readonly uuid: string;
  /** As AMD's exporter names it. */
  readonly serial: string;
  /** Its address on the PCIe bus. */
  readonly busId: string;
  /** 0 to 1. */
  utilization = 0;
  /** °C. */
  temperature: number;
  /** Watts. */
  power: number;
  /** MHz. */
  clock: number;
  /** In the unit of the model's memory. */
  memoryUsed = 4;
  /** What only rises. */
  readonly counters: Counters;
  /** Xid errors since the last reset: the code and the second. */
  xids: { readonly code: number; readonly at: number }[] = [];
  /** The last AMD hardware error since the last reset. */
  afid?: number;
  readonly #random: Random;
  readonly #active = new Set<FaultKind>();
  readonly #degrees: readonly [number, number, number];
  readonly #offset: number;
  #memoryGoal = 4;

  /** Made idle and cool. */
  constructor(readonly index: number, readonly exporter: FakeExporter, random: Random) {
    this.model = MODELS[exporter];
    this.#degrees = isNvidia(exporter) ? DEGREES.nvidia : DEGREES.amd;
    this.#random = random;
    this.#offset = 4 * random() - 2;
    this.uuid = `GPU-fake${hexDigits(random, 4)}-${hexDigits(random, 4)}-${hexDigits(random, 4)}-0000-${
      hexDigits(random, 12)
    }`;
    this.serial = `fake${hexDigits(random, 8)}`;
    this.busId = `00000000:${(0x1b + index * 0x11).toString(16).toUpperCase()}:00.0`;
    this.temperature = this.#degrees[0] + this.#offset;
    [this.power] = this.model.power;
    [this.clock] = this.model.clock;
    const none = { nvlinkBytes: 0, nvlinkCrc: 0, nvlinkReplay: 0, nvlinkRecovery: 0, pcieReplays: 0 };
    const errors = { corrected: 0, uncorrected: 0, remapped: 0, thermalViolation: 0 };
    this.counters = { ...none, ...errors, energy: Math.floor(random() * 1e9) };
  }

  /** Whether it has fallen off the bus: its exporter tells nothing but the error. */
  get lost(): boolean {
    return this.xids.at(-1)?.code === 79;
  }

  /** Whether AMD's exporter calls it healthy. */
  get healthy(): boolean {
    return this.counters.uncorrected === 0;
  }

  /** What is neither used nor kept by the driver. */
  get memoryFree(): number {
    return Math.max(0, this.model.memory - this.model.reserved - this.memoryUsed);
  }

  /** A job takes it (load from 0 to 1) or leaves it (0). */
  assign(load: number): void {
    this.#memoryGoal = load === 0 ? 4 : this.model.memory * (0.55 + 0.3 * this.#random());
  }

  /** One second with a load from 0 to 1. */
  step(load: number): void {
    const leaking = this.#active.has("memory-leak");
    const goal = leaking || this.lost ? 0 : load;
    const noise = goal === 0 ? 0 : 0.06 * (this.#random() - 0.5);
    this.utilization = clamp(this.utilization + 0.4 * (goal - this.utilization) + noise);
    if (goal === 0 && this.utilization < 0.02) this.utilization = 0;
    this.#heat();
    this.#fill(leaking);
    this.#count();
  }

  #heat(): void {
    const [idle, busy, runaway] = this.#degrees;
    const hot = this.#active.has("thermal");
    const goal = hot ? runaway : idle + (busy - idle) * this.utilization + this.#offset;
    this.temperature += THERMAL_PACE * (goal - this.temperature);
    const slowed = hot && this.temperature > this.#degrees[2] - 12;
    const [least, most] = this.model.power;
    this.power = least + (most - least) * this.utilization * (slowed ? 0.5 : 1) + 3 * this.#random();
    const [low, high] = this.model.clock;
    this.clock = Math.round((low + (high - low) * Math.min(1, 3 * this.utilization) * (slowed ? 0.4 : 1)) / 15) * 15;
    if (slowed) this.counters.thermalViolation += 1e9;
  }

  #fill(leaking: boolean): void {
    const goal = leaking ? LEAK.share * (this.model.memory - this.model.reserved) : this.#memoryGoal;
    const step = LEAK.pace * this.model.memory;
    this.memoryUsed = Math.round(this.memoryUsed + Math.max(-step, Math.min(step, goal - this.memoryUsed)));
  }

  #count(): void {
    const { counters } = this;
    const down = this.#active.has("nvlink");
    counters.energy += this.power;
    if (!down) counters.nvlinkBytes += Math.round(this.utilization * 2.1e11);
    if (down) {
      counters.nvlinkCrc += 6;
      counters.nvlinkReplay += 4;
    }
    if (this.#random() < 1 / 4000) counters.pcieReplays++;
    if (this.#random() < 1 / 9000) counters.corrected++;
  }

  /** A fault begins. */
  begin(kind: FaultKind, code: number | undefined, at: number): void {
    this.#active.add(kind);
    const nvidia = isNvidia(this.exporter);
    if (kind === "xid") this.xids.push({ code: code!, at });
    else if (kind === "afid") this.afid = code;
    else if (kind === "dbe") {
      this.counters.uncorrected++;
      if (nvidia) this.counters.remapped++;
      if (nvidia) this.xids.push({ code: 48, at });
      else this.afid = 20;
    } else if (kind === "nvlink") {
      this.counters.nvlinkRecovery++;
      this.xids.push({ code: 74, at });
    }
  }

  /** A fault ends. After an error the GPU has been reset: what is not kept over a reset is 0 again. */
  end(kind: FaultKind): void {
    this.#active.delete(kind);
    if (!["xid", "afid", "dbe", "nvlink"].includes(kind)) return;
    this.xids = [];
    this.afid = undefined;
    Object.assign(this.counters, { uncorrected: 0, nvlinkCrc: 0, nvlinkReplay: 0, nvlinkRecovery: 0 });
  }
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
