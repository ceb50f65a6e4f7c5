/**
 * One long-lived `sh`, many scripts: requests are framed, pipelined and coalesced, answers are cut out of the two output
 * streams at random markers.
 *
 * @module
 */

import type { Channel, ChannelEnd } from "./channel.ts";
import { handshake, markerBytes, NOT_RUN, randomToken, requestFrame } from "./frame.ts";
import { MarkerCutter } from "./marker_cutter.ts";
import {
  CommandTimeoutError,
  type ExecOptions,
  type ExecResult,
  NotRunError,
  OutputLimitError,
  ShellLostError,
} from "./session.ts";

/** What is known of a shell's process once it has answered. */
export interface ShellProcess {
  /** Its process id. */
  readonly pid: number;
  /** The process group that the shell and all its children are in; absent on hosts without /proc. */
  readonly group?: number;
}

/** How a {@linkcode FramedShell} works. */
export interface FramedShellOptions {
  /** Where the shell runs, for messages, e.g. `web1`. */
  readonly where: string;
  /** Seconds a script may run. */
  readonly timeout: number;
  /** Seconds until the shell must have said that it is there. */
  readonly startTimeout: number;
  /** Bytes of output that one script may print. */
  readonly outputLimit: number;
  /** Kills the shell's process and its children from outside; resolves to whether that is certain. */
  readonly kill: (process: ShellProcess | undefined) => Promise<boolean>;
  /** The error for a shell that ended before it answered, from what it printed. */
  readonly startFailure: (printed: string, end: ChannelEnd) => Error;
}

/** The request never began, so it may safely be sent to another shell. */
export class NotStartedError extends Error {
  /** Tells it from other errors. */
  override readonly name = "NotStartedError";
}

interface Pending {
  readonly serial: number;
  readonly timeout: number;
  readonly resolve: (result: ExecResult) => void;
  readonly reject: (error: unknown) => void;
  readonly release: () => void;
  /** Set when nobody waits any more; the script is killed when its turn comes. */
  aborted?: unknown;
}

type Half = { readonly body: Uint8Array; readonly fields: string[] };

/** A shell over a {@linkcode Channel}. It is usable at once: what is sent before it has answered simply waits. */
export class FramedShell {
  /** Settles when the shell has answered for the first time; a failed start rejects every request with its error. */
  readonly ready: Promise<ShellProcess>;
  readonly #settleReady = Promise.withResolvers<ShellProcess>();
  readonly #cutOut: MarkerCutter;
  readonly #cutErr: MarkerCutter;
  readonly #outs: Half[] = [];
  readonly #errs: Half[] = [];
  readonly #encoder = new TextEncoder();
  #process?: ShellProcess;
  #queue: Pending[] = [];
  #head = 0;
  #serial = 0;
  #outbox: string[] = [];
  #timer?: ReturnType<typeof setTimeout>;
  #timerAt = 0;
  #deadline: number;
  #giveUp?: { readonly serial: number; readonly error: unknown };
  #killing: Promise<unknown> = Promise.resolve();
  #ended = false;

  /** A shell over a channel on which `sh` runs; says hello at once. */
  constructor(private readonly channel: Channel, private readonly options: FramedShellOptions) {
    const token = randomToken();
    this.ready = this.#settleReady.promise;
    this.ready.catch(() => {}); // Each request carries the same error; nobody need wait for `ready`.
    this.#cutOut = new MarkerCutter(markerBytes(token), (body, fields) => this.#half(this.#outs, { body, fields }));
    this.#cutErr = new MarkerCutter(markerBytes(token), (body, fields) => this.#half(this.#errs, { body, fields }));
    this.#deadline = performance.now() + options.startTimeout * 1000;
    this.#outbox.push(handshake(token));
    this.#scheduleFlush();
    this.#watch();
    channel.attach({
      stdout: (chunk) => this.#take(this.#cutOut, chunk),
      stderr: (chunk) => this.#take(this.#cutErr, chunk),
      closed: (end) => void this.#closed(end),
    });
  }

  /** Whether new requests may be sent here; false once the shell is given up or gone. */
  get usable(): boolean {
    return !this.#ended && !this.#giveUp;
  }

  /** Sends a script; see {@linkcode Shell.exec}. Standard input must be bytes small enough to travel inside. */
  exec(script: string, options: ExecOptions & { readonly stdin?: Uint8Array } = {}): Promise<ExecResult> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#ended) return Promise.reject(new NotStartedError("the shell has ended"));
    const serial = this.#serial + 1;
    let frame: string;
    try {
      frame = requestFrame(serial, script, options.stdin, options.chain);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#serial = serial;
    const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
    const onAbort = () => this.#abort(pending, signal?.reason);
    const release = () => signal?.removeEventListener("abort", onAbort);
    const pending: Pending = { serial, timeout: options.timeout ?? this.options.timeout, resolve, reject, release };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#queue.push(pending);
    if (this.#process && this.#queue.length - this.#head === 1) this.#started(pending);
    // After a give-up the request only waits for the end, to be sent elsewhere in its order.
    if (!this.#giveUp) {
      this.#outbox.push(frame);
      this.#scheduleFlush();
    }
    return promise;
  }

  /** Ends the shell. A script that still runs is killed; what scripts left running in the background stays. */
  close(): void {
    if (this.#head < this.#queue.length) this.#abandon(new ShellLostError("the connection was closed"));
    this.channel.end();
  }

  #scheduleFlush(): void {
    if (this.#outbox.length !== 1) return;
    queueMicrotask(() => {
      const text = this.#outbox.join("");
      this.#outbox = [];
      if (!this.#ended) void this.channel.write(this.#encoder.encode(text));
    });
  }

  #take(cutter: MarkerCutter, chunk: Uint8Array): void {
    cutter.push(chunk);
    if (cutter.size <= this.options.outputLimit || this.#giveUp) return;
    const limit = `${Math.round(this.options.outputLimit / 1024 / 1024)} MiB`;
    this.#abandon(new OutputLimitError(`the command printed more than ${limit} on ${this.options.where}`));
  }

  #half(list: Half[], half: Half): void {
    list.push(half);
    while (this.#outs.length > 0 && this.#errs.length > 0) this.#answer(this.#outs.shift()!, this.#errs.shift()!);
  }

  #answer(out: Half, err: Half): void {
    if (!this.#process) {
      this.#process = { pid: Number(out.fields[1]), group: Number(out.fields[2]) || undefined };
      this.#settleReady.resolve(this.#process);
    } else {
      const pending = this.#queue[this.#head];
      if (!pending || out.fields[0] !== String(pending.serial) || err.fields[0] !== out.fields[0]) {
        this.#abandon(new ShellLostError(`the shell on ${this.options.where} answered out of order`));
        return;
      }
      this.#advance();
      pending.release();
      const code = Number(out.fields[1]);
      if (code === NOT_RUN) pending.reject(new NotRunError("the script before it did not succeed"));
      else pending.resolve({ code, stdout: out.body, stderr: err.body });
    }
    const next = this.#queue[this.#head];
    if (next) this.#started(next);
    else this.#stopWatch();
  }

  #advance(): void {
    this.#head++;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
  }

  /** The script's turn has come on the host: its clock starts. */
  #started(pending: Pending): void {
    if (pending.aborted !== undefined) return this.#abandon(pending.aborted);
    this.#deadline = performance.now() + pending.timeout * 1000;
    this.#watch();
  }

  /** Keeps one timer for the running script; it is moved forward only when it fires, which is cheap for many scripts. */
  #watch(): void {
    if (this.#timer !== undefined) {
      if (this.#timerAt <= this.#deadline) return;
      clearTimeout(this.#timer);
    }
    this.#timerAt = this.#deadline;
    const wait = Math.min(this.#deadline - performance.now(), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (performance.now() < this.#deadline - 1) this.#watch();
      else this.#expired();
    }, wait);
  }

  #stopWatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expired(): void {
    const { where, startTimeout } = this.options;
    if (!this.#process) {
      this.#abandon(new ShellLostError(`the shell on ${where} did not answer within ${startTimeout} s`));
    } else {
      const { timeout } = this.#queue[this.#head];
      this.#abandon(new CommandTimeoutError(`the command on ${where} did not end within ${timeout} s and was killed`));
    }
  }

  #abort(pending: Pending, reason: unknown): void {
    const running = this.#process && this.#queue[this.#head] === pending;
    if (running) return this.#abandon(reason);
    // It is on the wire already and what runs now is not to blame: it is killed when its turn comes.
    pending.aborted = reason ?? new DOMException("aborted", "AbortError");
    pending.reject(pending.aborted);
  }

  /** Gives up the running script, and with it the shell: kills it, then reads on to the end to learn what had run. */
  #abandon(error: unknown): void {
    if (this.#giveUp || this.#ended) return;
    const serial = this.#queue[this.#head]?.serial ?? 0;
    this.#giveUp = { serial, error };
    this.#stopWatch();
    this.#killing = this.options.kill(this.#process).catch(() => false).then((killed) => {
      // A killed shell ends by itself, and the answers on their way still count; else the channel is cut.
      if (!killed) this.channel.close();
      else if (!this.#ended) this.#timer = setTimeout(() => this.channel.close(), 1000);
    });
  }

  async #closed(end: ChannelEnd): Promise<void> {
    // What is asked for meanwhile joins the queue, so that its order holds on the next shell.
    await this.#killing;
    if (this.#ended) return;
    this.#ended = true;
    this.#stopWatch();
    const rest = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = 0;
    const failure = this.#startFailure(end);
    if (failure) this.#settleReady.reject(failure);
    rest.forEach((pending, index) => {
      pending.release();
      pending.reject(failure ?? this.#verdict(pending, index, end));
    });
  }

  #startFailure(end: ChannelEnd): unknown {
    if (this.#process) return undefined;
    if (end.error) return end.error;
    if (this.#giveUp) return this.#giveUp.error;
    const decoder = new TextDecoder();
    return this.options.startFailure(decoder.decode(this.#cutErr.rest()) + decoder.decode(this.#cutOut.rest()), end);
  }

  /** What a request gets that had not been answered when the shell ended. */
  #verdict(pending: Pending, index: number, end: ChannelEnd): unknown {
    if (end.error) return end.error;
    if (this.#giveUp && pending.serial === this.#giveUp.serial) return this.#giveUp.error;
    // Only an exit code proves that the process is gone; a channel that was cut may leave it reading on.
    if (index > 0 && end.code !== undefined) return new NotStartedError("the shell ended before the script began");
    const how = end.code === undefined ? "" : ` (exit code ${end.code})`;
    return new ShellLostError(
      `the shell on ${this.options.where} ended under the command${how}; what it did is not known`,
    );
  }
}
