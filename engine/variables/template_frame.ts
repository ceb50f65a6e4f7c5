/**
 * What a compiled template runs in.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { SYSTEM_CONTROLLER } from "./controller.ts";
import type { ValueMap } from "./values.ts";
import type { Controller, Scope } from "./variable.ts";

/** Where `#each` stands. */
export interface LoopState {
  /** The item's number, from 0. */
  readonly index: number;
  /** The key in a mapping; in a list the index again. */
  readonly key: Value;
  /** Whether it is the first item. */
  readonly first: boolean;
  /** Whether it is the last item. */
  readonly last: boolean;
}

/** The root, or one level of `#each` or `#with` within it. */
export class TemplateFrame {
  /** The root where `parent` is left out; `loop` is there within `#each` only. */
  constructor(
    readonly scope: Scope,
    readonly extra: Readonly<ValueMap>,
    readonly context: Value = null,
    readonly parent?: TemplateFrame,
    readonly loop?: LoopState,
  ) {}

  /** The frame of a block within this one. */
  enter(context: Value, loop?: LoopState): TemplateFrame {
    return new TemplateFrame(this.scope, this.extra, context, this, loop);
  }

  /** The frame so many levels outside of this one. */
  outer(levels: number): TemplateFrame {
    // deno-lint-ignore no-this-alias -- walks up a chain that begins here
    let frame: TemplateFrame = this;
    for (let left = levels; left > 0; left--) frame = frame.parent!;
    return frame;
  }

  /** A variable of the root; undefined where it is not defined. */
  root(name: string): Value | undefined {
    return Object.hasOwn(this.extra, name) ? this.extra[name] : this.scope.get(name);
  }

  /** The names of the root, for suggestions. */
  rootNames(): string[] {
    return [...Object.keys(this.extra), ...this.scope.names()];
  }

  /** What `env` and `file` read. */
  get controller(): Controller {
    return this.scope.controller ?? SYSTEM_CONTROLLER;
  }
}

/** A compiled expression of a template. */
export type TemplateRun = (frame: TemplateFrame) => Value;

/** The same, where undefined is an answer. */
export type SoftTemplateRun = (frame: TemplateFrame) => Value | undefined;
