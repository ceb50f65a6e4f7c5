/**
 * What a compiled expression runs in: the scope, and the variables that `map`, `filter`, … bind.
 *
 * @module
 */

import type { Operand } from "./values.ts";
import type { Controller, Scope } from "./variable.ts";
import { SYSTEM_CONTROLLER } from "./controller.ts";

/** One level of bound variables; the outermost binds none. */
export class Frame {
  /** A frame that binds `value`, within `parent`; without a parent it is the outermost one. */
  constructor(readonly scope: Scope, readonly value: Operand = null, readonly parent?: Frame) {}

  /** What `env()` and `file()` read. */
  get controller(): Controller {
    return this.scope.controller ?? SYSTEM_CONTROLLER;
  }
}

/** A compiled part of an expression. */
export type Run = (frame: Frame) => Operand;

/** A compiled path such as `a.b`: undefined where a part of it is undefined. */
export type SoftRun = (frame: Frame) => Operand | undefined;
