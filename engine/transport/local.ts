/**
 * The controller itself as a host: programs are child processes, connections are plain TCP.
 *
 * @module
 */

import { userInfo } from "node:os";
import type { Channel } from "./channel.ts";
import { type CommandLimits, type Launcher, ShellPool } from "./connection.ts";
import { ProcessChannel } from "./process_channel.ts";
import { type Become, type ByteStream, ConnectError, type Connection, type Shell } from "./session.ts";

/** How {@linkcode openLocal} works. */
export type LocalOptions = CommandLimits;

/** A connection to the machine that aami runs on. Starts nothing until a shell is asked for. */
export function openLocal(options: LocalOptions = {}): Connection {
  return new LocalConnection(options);
}

class LocalConnection implements Connection {
  readonly target = "local";
  readonly user = userInfo().username;
  readonly #pool: ShellPool;
  readonly #running = new Set<ProcessChannel>();

  constructor(options: LocalOptions) {
    const launcher: Launcher = {
      where: "localhost",
      user: this.user,
      launch: (command) => Promise.resolve(this.#launch(command)),
    };
    this.#pool = new ShellPool(launcher, options);
  }

  shell(become?: Become, session?: string): Promise<Shell> {
    return this.#pool.shell(become, session);
  }

  async connect(address: string, port: number): Promise<ByteStream> {
    try {
      const stream = await Deno.connect({ hostname: address, port });
      return { readable: stream.readable, writable: stream.writable, close: () => closeQuietly(stream) };
    } catch (error) {
      throw new ConnectError(`cannot connect to ${address}:${port}: ${connectReason(error)}`);
    }
  }

  async close(): Promise<void> {
    this.#pool.close();
    await Promise.all(Array.from(this.#running, (channel) => channel.finish()));
  }

  #launch(command: string): Channel {
    const channel = new ProcessChannel(["/bin/sh", "-c", command]);
    this.#running.add(channel);
    channel.ended.then(() => this.#running.delete(channel));
    return channel;
  }
}

/** What stopped a connection, in an operator's words. */
export function connectReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/refused/i.test(text)) return "connection refused";
  if (/timed? ?out/i.test(text)) return "timed out";
  if (/lookup|name or service|resolve|no address/i.test(text)) return "the name cannot be resolved";
  return text.replace(/ \(os error \d+\)/, "");
}

function closeQuietly(stream: Deno.Conn): void {
  try {
    stream.close();
  } catch {
    // Reading and writing to the end has closed it.
  }
}
