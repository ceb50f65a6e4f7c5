/**
 * Whether a command will run whatever the host says.
 *
 * @module
 */

import type { Value } from "../../engine/module/module.ts";
import { freeForm } from "./commands.ts";

const GUARDS = ["creates", "removes", "unless"] as const;

/**
 * Whether no guard stands in the arguments as they were written, nor in the free form. A command with `stdin` does not
 * count: it cannot be sent ahead as one of a chain, and must wait for those before it.
 */
export function isUnguarded(args: { readonly [key: string]: Value }): boolean {
  if (args.stdin !== undefined && args.stdin !== null) return false;
  if (GUARDS.some((name) => args[name] !== undefined && args[name] !== null)) return false;
  if (typeof args.cmd !== "string") return true;
  const { options } = freeForm(args.cmd);
  return !GUARDS.some((name) => options[name] !== undefined);
}
