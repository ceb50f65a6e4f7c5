/**
 * One look at a port or a file.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import type { WaitArgs } from "./mod.ts";

/** What a look found. */
export interface Sight {
  /** Whether it is as waited for. */
  readonly met: boolean;
  /** Why not. */
  readonly reason?: string;
  /** What the groups of the regular expression matched. */
  readonly groups?: readonly string[];
  /** What the named groups matched, by name; empty text for one that took no part. */
  readonly named?: Readonly<Record<string, string>>;
}

/** Looks once. `limit` is in milliseconds. */
export async function look(host: ReadOnlyHost, args: WaitArgs, limit: number, signal: AbortSignal): Promise<Sight> {
  const wantsGone = args.state === "stopped" || args.state === "absent";
  const regex = args.search_regex === undefined || wantsGone ? undefined : new RegExp(args.search_regex, "m");
  const there = args.port === undefined
    ? await lookAtFile(host, args.path ?? "/", regex)
    : await lookAtPort(host, args.host, args.port, regex, Math.min(limit, args.connect_timeout * 1000), limit, signal);
  if (!wantsGone) return there;
  return there.met
    ? { met: false, reason: args.port === undefined ? "it is still there" : "it still answers" }
    : { met: true };
}

async function lookAtFile(host: ReadOnlyHost, path: string, regex: RegExp | undefined): Promise<Sight> {
  const stat = await host.stat(path, { follow: true });
  if (stat === undefined) return { met: false, reason: "nothing lies there" };
  if (regex === undefined) return { met: true };
  const content = await host.read(path);
  return match(new TextDecoder().decode(content), regex, "it does not contain what search_regex asks for");
}

function match(text: string, regex: RegExp, reason: string): Sight {
  const found = regex.exec(text);
  if (found === null) return { met: false, reason };
  const named = Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, value ?? ""]));
  return { met: true, groups: found.slice(1).map((group) => group ?? ""), named };
}

async function lookAtPort(
  host: ReadOnlyHost,
  address: string,
  port: number,
  regex: RegExp | undefined,
  connectLimit: number,
  limit: number,
  signal: AbortSignal,
): Promise<Sight> {
  const connecting = host.connect(address, port);
  const late = Symbol("late");
  try {
    const stream = await within(connecting, connectLimit, late, signal);
    if (stream === late) {
      // It may still open: then nobody wants it.
      connecting.then((open) => open.close(), () => {});
      return { met: false, reason: `no connection within ${connectLimit / 1000} s` };
    }
    try {
      return regex === undefined ? { met: true } : await listen(stream.readable, regex, limit, signal);
    } finally {
      stream.close();
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ConnectError") throw error;
    return { met: false, reason: error.message };
  }
}

/** Reads what a port says until it fits, ends, or time is up. */
async function listen(
  readable: ReadableStream<Uint8Array>,
  regex: RegExp,
  limit: number,
  signal: AbortSignal,
): Promise<Sight> {
  const reader = readable.getReader();
  const decoder = new TextDecoder();
  const end = Date.now() + limit;
  let heard = "";
  try {
    while (true) {
      const part = await within(reader.read(), Math.max(0, end - Date.now()), undefined, signal);
      if (part === undefined || part.done) break;
      heard += decoder.decode(part.value, { stream: true });
      const sight = match(heard, regex, "");
      if (sight.met) return sight;
    }
    return {
      met: false,
      reason: `it answers, but what it says does not fit search_regex (${heard.length} characters)`,
    };
  } finally {
    reader.releaseLock();
  }
}

/** The value of a promise, or another one when it takes longer. */
async function within<T, L>(promise: Promise<T>, limit: number, late: L, signal: AbortSignal): Promise<T | L> {
  signal.throwIfAborted();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<L>((resolve) => timer = setTimeout(() => resolve(late), limit));
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
