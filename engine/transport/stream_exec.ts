/**
 * One script on a channel of its own, for input or output that streams. The script itself travels as the first line of
 * standard input, so it shows in no process list and has no length limit; what follows is the script's input.
 *
 * @module
 */

import { ByteSource } from "./byte_source.ts";
import { type Channel, type ChannelEnd, concat } from "./channel.ts";
import { markerBytes, randomToken, READ_GROUP, scriptLine, SETUP } from "./frame.ts";
import type { FramedShellOptions, ShellProcess } from "./framed_shell.ts";
import { MarkerCutter } from "./marker_cutter.ts";
import { CommandTimeoutError, type ExecOptions, type ExecResult, OutputLimitError } from "./session.ts";

/** How a streamed script runs; its timeout counts the seconds in which no byte moves. */
export type StreamOptions = Omit<FramedShellOptions, "startTimeout">;

/** What is read and written at once. */
const CHUNK = 256 * 1024;

/** The program that takes a script as its first line; `token` marks where its own output begins. */
export function streamProgram(token: string): string[] {
  const hello = `printf "\\001${token}:%s:%s\\n" $$ "$__g"; printf "\\001${token}:\\n" >&2`;
  // No single quotes in here: the text passes through the login shell's quoting, once or twice.
  const take = `IFS= read -r __s; eval "unset __a __g __s; $(printf %b "$__s")"`;
  return ["sh", "-c", `{ ${SETUP}; ${READ_GROUP}; } 2>/dev/null; ${hello}; ${take}`];
}

/** A fresh token for {@linkcode streamProgram}. */
export const streamToken: () => string = randomToken;

/** Runs one script on a channel that runs {@linkcode streamProgram}. */
export async function runStream(
  channel: Channel,
  token: string,
  script: string,
  exec: ExecOptions,
  options: StreamOptions,
): Promise<ExecResult> {
  if (script.includes("\0")) throw new TypeError("a script cannot hold a NUL character");
  const run = new StreamRun(channel, token, exec, options);
  return await run.run(script);
}

class StreamRun {
  readonly #done = Promise.withResolvers<ChannelEnd>();
  readonly #out: Uint8Array[] = [];
  readonly #err: Uint8Array[] = [];
  readonly #hello: MarkerCutter;
  readonly #helloErr: MarkerCutter;
  #greeted = false;
  #process?: ShellProcess;
  #size = 0;
  #writer?: WritableStreamDefaultWriter<Uint8Array>;
  #moved = performance.now();
  #error?: unknown;

  constructor(
    private readonly channel: Channel,
    token: string,
    private readonly exec: ExecOptions,
    private readonly options: StreamOptions,
  ) {
    this.#writer = exec.stdout?.getWriter();
    this.#hello = new MarkerCutter(markerBytes(token), (_banner, fields) => {
      this.#process = { pid: Number(fields[0]), group: Number(fields[1]) || undefined };
    });
    this.#helloErr = new MarkerCutter(markerBytes(token), () => this.#greeted = true);
  }

  async run(script: string): Promise<ExecResult> {
    const { signal } = this.exec;
    const onAbort = () => this.#giveUp(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const timer = this.#watch();
    this.channel.attach({
      stdout: (chunk) => this.#stdout(chunk),
      stderr: (chunk) => this.#stderr(chunk),
      closed: (end) => this.#done.resolve(end),
    });
    try {
      const feeding = this.#feed(script).catch((error) => this.#giveUp(error));
      const end = await this.#done.promise;
      await this.#stopFeeding(feeding);
      return await this.#result(end);
    } finally {
      clearInterval(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#writer?.releaseLock();
    }
  }

  async #result(end: ChannelEnd): Promise<ExecResult> {
    const error = this.#error ?? end.error ?? (this.#process ? undefined : this.#startFailure(end));
    if (error !== undefined) {
      await this.#writer?.abort(error).catch(() => {});
      throw error;
    }
    await this.#writer?.close();
    return { code: end.code ?? 255, stdout: concat(this.#out), stderr: concat(this.#err) };
  }

  #startFailure(end: ChannelEnd): Error {
    const decoder = new TextDecoder();
    return this.options.startFailure(decoder.decode(this.#helloErr.rest()) + decoder.decode(this.#hello.rest()), end);
  }

  #stdout(chunk: Uint8Array): void | Promise<void> {
    if (!this.#process) {
      this.#hello.push(chunk);
      if (!this.#process) return;
      chunk = this.#hello.rest();
      if (chunk.length === 0) return;
    }
    if (!this.#writer) return this.#keep(this.#out, chunk);
    this.#moved = performance.now();
    this.#writer.write(chunk).then(() => void (this.#moved = performance.now()), (error) => this.#giveUp(error));
    // The next piece may come while this one is taken, as far as the stream says.
    return (this.#writer.desiredSize ?? 1) > 0 ? undefined : this.#writer.ready.catch(() => {});
  }

  #stderr(chunk: Uint8Array): void {
    if (!this.#greeted) {
      this.#helloErr.push(chunk);
      if (!this.#greeted) return;
      chunk = this.#helloErr.rest();
    }
    this.#keep(this.#err, chunk);
  }

  #keep(list: Uint8Array[], chunk: Uint8Array): void {
    this.#moved = performance.now();
    this.#size += chunk.length;
    if (this.#size <= this.options.outputLimit) return void list.push(chunk);
    const limit = `${Math.round(this.options.outputLimit / 1024 / 1024)} MiB`;
    this.#giveUp(new OutputLimitError(`the command printed more than ${limit} on ${this.options.where}`));
  }

  #source?: ByteSource;

  async #feed(script: string): Promise<void> {
    await this.channel.write(new TextEncoder().encode(scriptLine(script)));
    const { stdin } = this.exec;
    if (stdin instanceof Uint8Array) {
      for (let at = 0; at < stdin.length && !this.#error; at += CHUNK) await this.#send(stdin.subarray(at, at + CHUNK));
    } else if (stdin) {
      this.#source = new ByteSource(stdin, CHUNK);
      // The next piece is read while this one is on its way.
      for (let reading = this.#source.next();;) {
        const chunk = await reading;
        if (!chunk) break;
        reading = this.#source.next();
        reading.catch(() => {}); // Told when it is awaited.
        await this.#send(chunk);
      }
    }
    this.channel.end();
  }

  async #send(chunk: Uint8Array): Promise<void> {
    await this.channel.write(chunk);
    this.#moved = performance.now();
  }

  /** A script may end without having read all its input: the rest is not wanted. */
  async #stopFeeding(feeding: Promise<void>): Promise<void> {
    await this.#source?.cancel();
    await feeding;
    this.#source?.release();
  }

  #watch(): ReturnType<typeof setInterval> {
    const timeout = this.exec.timeout ?? this.options.timeout;
    const expired = () =>
      new CommandTimeoutError(`the command on ${this.options.where} did not end within ${timeout} s and was killed`);
    return setInterval(() => {
      if (performance.now() - this.#moved >= timeout * 1000) this.#giveUp(expired());
    }, Math.min(1000, timeout * 250));
  }

  #giveUp(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = error ?? new DOMException("aborted", "AbortError");
    this.options.kill(this.#process).catch(() => {}).finally(() => this.channel.close());
  }
}
