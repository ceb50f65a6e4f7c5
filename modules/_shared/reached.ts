/**
 * Coming back to a host that may be away.
 *
 * @module
 */

import type { Host } from "../../engine/host/host.ts";
import { BecomeError, CommandTimeoutError, ShellLostError, UnreachableError } from "../../engine/transport/session.ts";
import { sleep } from "./sleep.ts";

/** Whether an error is what a host that goes away or is not back yet looks like. */
export function isAway(error: unknown): error is Error {
  return [UnreachableError, ShellLostError, CommandTimeoutError, BecomeError].some((kind) => error instanceof kind);
}

/** How {@linkcode comeBack} tries. Times are seconds. */
export interface ComeBackOptions {
  /** For how long. */
  readonly timeout: number;
  /** How long one connection may take. */
  readonly connectTimeout: number;
  /** The pause between two tries. */
  readonly pause: number;
  /** Ends the pauses. */
  readonly signal: AbortSignal;
}

/**
 * Connects again until `arrived` is content.
 *
 * @param arrived looks at the host; says in words what is still missing, or nothing
 * @returns why the last try failed, or undefined where the host is back
 */
export async function comeBack(
  host: Host,
  options: ComeBackOptions,
  arrived: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const { timeout, connectTimeout, pause, signal } = options;
  const end = Date.now() + timeout * 1000;
  while (true) {
    const left = (end - Date.now()) / 1000;
    const missing = await tryOnce(host, Math.max(1, Math.min(connectTimeout, left)), arrived);
    if (missing === undefined) return undefined;
    if (Date.now() + pause * 1000 >= end) return missing;
    await sleep(pause * 1000, signal);
  }
}

async function tryOnce(
  host: Host,
  deadline: number,
  arrived: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    await host.reconnect({ deadline });
    return await arrived();
  } catch (error) {
    if (isAway(error)) return error.message;
    throw error;
  }
}
