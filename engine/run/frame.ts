/**
 * A program on its way on one host: the play's own, or what a task included, with what is read and sent ahead for it.
 *
 * @module
 */

import type { Block, Step } from "../playbook/playbook.ts";
import type { Chains } from "./chain.ts";
import type { Lookahead } from "./lookahead.ts";
import type { Position } from "./pacing.ts";
import type { IncludeScope } from "./scopes.ts";

/** One program on its way. */
export class Frame {
  /** Blocks whose `always` part runs while a failure waits. */
  readonly #failing = new Set<Block>();
  /** Blocks whose `rescue` part has begun. */
  readonly #rescuing = new Set<Block>();

  /**
   * Made where a program begins.
   *
   * @param position the steps that led here; empty for the play's own program
   * @param loops the items of loops that led here, as the ids of its tasks tell them apart, e.g. `#1`; empty without
   * @param rescuable whether a block around it rescues what fails in it
   */
  constructor(
    readonly steps: readonly Step[],
    readonly position: Position,
    readonly loops: string,
    readonly included: IncludeScope,
    readonly rescuable: boolean,
    readonly lookahead: Lookahead,
    readonly chains: Chains,
  ) {}

  /** The step behind a block's end, or where the failure that waited goes on; undefined where nothing takes it. */
  afterBlock(block: Block, at: number): number | undefined {
    return this.#failing.delete(block) ? this.recover(block.parent, at) : at + 1;
  }

  /** Where the program goes on after a failure at a step inside a block; undefined where nothing takes it. */
  recover(block: Block | undefined, at: number): number | undefined {
    let position = at;
    for (let inner = block; inner; inner = inner.parent) {
      const main = inner.rescue ?? inner.always;
      if (position < main && inner.rescue !== undefined) {
        this.#rescuing.add(inner);
        return inner.rescue;
      }
      if (position < inner.always) {
        this.#failing.add(inner);
        return inner.always;
      }
      position = inner.start;
    }
    return undefined;
  }

  /** Whether a rescue takes a failure at a step inside a block. */
  willRescue(block: Block | undefined, at: number): boolean {
    let position = at;
    for (let inner = block; inner; inner = inner.parent) {
      if (inner.rescue !== undefined && position < inner.rescue) return true;
      position = inner.start;
    }
    return this.rescuable;
  }

  /** Whether a step is in a part that runs whatever failed: a `rescue` under way, or `always` while a failure waits. */
  isRecovering(block: Block | undefined): boolean {
    for (let inner = block; inner; inner = inner.parent) {
      if (this.#failing.has(inner) || this.#rescuing.has(inner)) return true;
    }
    return false;
  }
}
