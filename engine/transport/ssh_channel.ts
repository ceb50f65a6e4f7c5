/**
 * ssh2's channels as the transports see them: programs, and byte streams.
 *
 * @module
 */

import { constants } from "node:os";
import type { NodeReadable, SshChannel } from "../support/ssh2.ts";
import { type Channel, type ChannelSink, Outlet } from "./channel.ts";
import type { ByteStream } from "./session.ts";

/** A program on an SSH host. */
export class SshProgram implements Channel {
  readonly #outlet = new Outlet();
  #code?: number;
  #over = false;
  readonly #blocked: (() => void)[] = [];

  /** The program behind an ssh2 channel. */
  constructor(private readonly channel: SshChannel) {
    flow(channel as NodeReadable, (chunk) => this.#outlet.stdout(chunk));
    flow(channel.stderr, (chunk) => this.#outlet.stderr(chunk));
    channel.on("exit", (code, signal) => this.#code = code ?? signalCode(signal));
    channel.on("error", () => {});
    channel.on("drain", () => this.#unblock());
    channel.on("close", () => {
      this.#over = true;
      this.#unblock();
      this.#outlet.closed({ code: this.#code });
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#over || this.channel.write(bytes)) return Promise.resolve();
    return new Promise((resolve) => this.#blocked.push(resolve));
  }

  end(): void {
    if (!this.#over) this.channel.end();
  }

  attach(sink: ChannelSink): void {
    this.#outlet.attach(sink);
  }

  detach(chunk: Uint8Array): void {
    this.#outlet.detach(chunk);
  }

  close(): void {
    if (!this.#over) this.channel.close();
  }

  /** The connection under the program is gone. */
  broken(error: Error): void {
    this.#over = true;
    this.#unblock();
    this.#outlet.closed({ code: this.#code, error });
  }

  #unblock(): void {
    for (const resolve of this.#blocked.splice(0)) resolve();
  }
}

function flow(stream: NodeReadable, give: (chunk: Uint8Array) => void | Promise<void>): void {
  stream.on("data", (chunk) => {
    // A Buffer is not quite a Uint8Array: its slice() shares, its equality differs.
    const wait = give(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    if (!wait) return;
    stream.pause();
    wait.finally(() => stream.resume());
  });
}

function signalCode(name: string | undefined): number {
  const number = Object.entries(constants.signals).find(([signal]) => signal === name)?.[1];
  return number === undefined ? 255 : 128 + number;
}

/** A forwarded TCP connection as web streams. */
export function byteStream(channel: SshChannel): ByteStream {
  let over = false;
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      const finish = () => {
        if (over) return;
        over = true;
        controller.close();
      };
      channel.on("data", (chunk) => {
        if (over) return;
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 1) <= 0) channel.pause();
      });
      channel.on("end", finish);
      channel.on("close", finish);
      channel.on("error", finish);
    },
    pull: () => void channel.resume(),
    cancel: () => {
      over = true;
      channel.resume();
      channel.close();
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: 1024 * 1024 }));
  let closed = false;
  let unblock = () => {};
  channel.on("drain", () => unblock());
  channel.on("close", () => {
    closed = true;
    unblock();
  });
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => {
      if (closed || channel.write(chunk)) return;
      return new Promise<void>((resolve) => unblock = resolve);
    },
    close: () => channel.end(),
    abort: () => channel.close(),
  });
  return { readable, writable, close: () => channel.close() };
}
