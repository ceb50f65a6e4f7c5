/**
 * A process of the controller as a channel: a local shell, or the system's `ssh`.
 *
 * @module
 */

import { type Channel, type ChannelEnd, type ChannelSink, Outlet } from "./channel.ts";

/** How a {@linkcode ProcessChannel} starts its process. */
export interface ProcessOptions {
  /** Beside aami's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Says more of the end than the exit code does, e.g. that the connection under it was lost. */
  readonly explain?: (end: ChannelEnd) => Promise<ChannelEnd>;
}

/** A child process. */
export class ProcessChannel implements Channel {
  /** Settles after the last byte and the end. */
  readonly ended: Promise<void>;
  readonly #outlet = new Outlet();
  readonly #child: Deno.ChildProcess;
  readonly #readers: readonly [Reader, Reader];
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  /** Starts a program. */
  constructor(argv: readonly string[], private readonly options: ProcessOptions = {}) {
    // A session of its own: Ctrl-C on the terminal reaches aami, which decides, and not the shells first.
    this.#child = new Deno.Command(argv[0], {
      args: argv.slice(1),
      env: options.env,
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

  /** See {@linkcode Channel.write}. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#stdin.write(bytes).catch(() => {});
  }

  /** See {@linkcode Channel.end}. */
  end(): void {
    this.#stdin.close().catch(() => {});
  }

  /** See {@linkcode Channel.attach}. */
  attach(sink: ChannelSink): void {
    this.#outlet.attach(sink);
  }

  /** See {@linkcode Channel.detach}. */
  detach(chunk: Uint8Array): void {
    this.#outlet.detach(chunk);
  }

  /** Kills the process. */
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
    this.#outlet.closed(await this.options.explain?.({ code }) ?? { code });
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
