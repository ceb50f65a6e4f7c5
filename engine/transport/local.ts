/**
 * The controller itself as a host: programs are child processes, connections are plain TCP.
 *
 * @module
 */

import { userInfo } from "node:os";
import { type Channel, type ChannelSink, Outlet } from "./channel.ts";
import { type CommandLimits, type Launcher, ShellPool } from "./connection.ts";
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
  readonly #running = new Set<LocalChannel>();

  constructor(options: LocalOptions) {
    const launcher: Launcher = {
      where: "localhost",
      user: this.user,
      launch: (command) => Promise.resolve(this.#launch(command)),
    };
    this.#pool = new ShellPool(launcher, options);
  }

  shell(become?: Become): Promise<Shell> {
    return this.#pool.shell(become);
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
    const channel = new LocalChannel(command);
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

class LocalChannel implements Channel {
  readonly ended: Promise<void>;
  readonly #outlet = new Outlet();
  readonly #child: Deno.ChildProcess;
  readonly #readers: readonly [Reader, Reader];
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  constructor(command: string) {
    // A session of its own: Ctrl-C on the terminal reaches aami, which decides, and not the shells first.
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", command],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#readers = [this.#child.stdout.getReader(), this.#child.stderr.getReader()];
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdin.closed.catch(() => {});
    this.ended = this.#follow();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#stdin.write(bytes).catch(() => {});
  }

  end(): void {
    this.#stdin.close().catch(() => {});
  }

  attach(sink: ChannelSink): void {
    this.#outlet.attach(sink);
  }

  detach(chunk: Uint8Array): void {
    this.#outlet.detach(chunk);
  }

  close(): void {
    this.end();
    // Only the shell: what a script left running in the background, such as a daemon, is not ours to end.
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    this.#letGo();
  }

  /** Lets the shell end by itself for a moment, then ends it. */
  async finish(): Promise<void> {
    this.end();
    const timer = setTimeout(() => this.close(), 1000);
    await this.#child.status;
    this.#letGo();
    await this.ended;
    clearTimeout(timer);
  }

  /** A child in the background may keep the pipes open for ever: after the shell's end nothing is waited for. */
  #letGo(): void {
    this.#child.status.then(() => {
      for (const reader of this.#readers) reader.cancel().catch(() => {});
    });
  }

  async #follow(): Promise<void> {
    const [stdout, stderr] = this.#readers;
    await Promise.all([
      pump(stdout, (chunk) => this.#outlet.stdout(chunk)),
      pump(stderr, (chunk) => this.#outlet.stderr(chunk)),
    ]);
    const { code } = await this.#child.status;
    await this.#stdin.abort().catch(() => {});
    this.#outlet.closed({ code });
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function pump(reader: Reader, give: (chunk: Uint8Array) => void | Promise<void>): Promise<void> {
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const wait = give(next.value);
      if (wait) await wait;
    }
  } catch {
    // The pipe broke with the process; its status says the rest.
  }
}

function closeQuietly(stream: Deno.Conn): void {
  try {
    stream.close();
  } catch {
    // Reading and writing to the end has closed it.
  }
}
