/**
 * For modules whose arguments are files of the controller: resolved sources, and a task run to its end with them.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { type Change, type Module, ModuleError, type Plan, type Result } from "../../../engine/module/module.ts";
import type { FileSource } from "../../../engine/module/schema.ts";
import { type Bench, plan, verify } from "./harness.ts";

const signal = new AbortController().signal;

/** A file of the controller with this content. */
export function fileOf(content: string | Uint8Array, path = "/site/files/source", mode = 0o644): FileSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { kind: "file", path, mode, size: bytes.length, sha256, content: bytes };
}

/** A large file of the controller, sent as a stream. */
export async function largeFile(path: string): Promise<FileSource> {
  const { size } = await Deno.stat(path);
  const sha256 = createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  return { kind: "file", path, mode: 0o644, size, sha256, content: { local: path, size, sha256 } };
}

/** What one task came to. */
export interface Outcome {
  readonly plan: Plan;
  readonly result: Result;
}

/** Checks the arguments, plans and applies; nothing is looked at afterwards. */
export async function perform<A, S>({ host }: Bench, module: Module<A, S>, args: unknown): Promise<Outcome> {
  const parsed = module.args.safeParse(args);
  if (!parsed.success) throw new ModuleError(parsed.error.issues.map((issue) => issue.message).join("\n"));
  const planned = await plan(module as Module, host, parsed.data);
  if (planned.changes.length === 0) return { plan: planned, result: planned.result };
  const result = await module.apply(host, planned, parsed.data, signal);
  return { plan: planned, result: { ...planned.result, ...result } };
}

/** A task's end: what must hold on the host, and that a second run has nothing to do. */
export async function settles<A, S>(
  bench: Bench,
  module: Module<A, S>,
  args: unknown,
  script: string,
): Promise<Outcome> {
  const outcome = await perform(bench, module, args);
  await verify(bench.machine, script);
  const again = await plan(module as Module, bench.host, module.args.parse(args));
  deepStrictEqual(again.changes, [], "a second run would change something");
  return outcome;
}

/** The changes as `PATH WHAT`. */
export function briefly({ changes }: { readonly changes: readonly Change[] }): string[] {
  return changes.map(({ path, what }) => `${path} ${what}`);
}

/** The message a task fails with. */
export async function failure<A, S>(bench: Bench, module: Module<A, S>, args: unknown): Promise<string> {
  try {
    await perform(bench, module, args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "(no failure)";
}
