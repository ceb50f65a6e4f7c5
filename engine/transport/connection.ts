/**
 * What all transports share: shells by user that come back after a script had to be killed, streamed scripts beside
 * them, and the order between the two. A transport only has to start programs.
 *
 * @module
 */

import { becomeFailure, becomePlan, passPrompt } from "./become.ts";
import type { Channel, ChannelEnd } from "./channel.ts";
import { INLINE_STDIN_LIMIT } from "./frame.ts";
import { FramedShell, NotStartedError, type ShellProcess } from "./framed_shell.ts";
import { runStream, streamProgram, streamToken } from "./stream_exec.ts";
import {
  type Become,
  type Connection,
  type ExecOptions,
  type ExecResult,
  type Shell,
  UnreachableError,
} from "./session.ts";

/** What a transport gives to {@linkcode ShellPool}. */
export interface Launcher {
  /** The host's name in messages. */
  readonly where: string;
  /** The connecting user. */
  readonly user: string;
  /** Starts a command line in the user's login shell. */
  launch(command: string): Promise<Channel>;
  /** A connection to the same host and user that moves large streams faster; undefined if there is none to be had. */
  readonly bulk?: () => Promise<Connection | undefined>;
}

/** Limits that hold for each script of a connection. */
export interface CommandLimits {
  /** Seconds a script may run; 300 if not given. */
  readonly commandTimeout?: number;
  /** Bytes of output kept in memory for one script; 64 MiB if not given. */
  readonly outputLimit?: number;
}

/** sshd allows ten channels a connection; two are left for shells that are being replaced or kill others. */
const STREAMS_AT_ONCE = 6;
/** A stream of so many bytes is worth a connection of its own. */
const BULK_SIZE = 64 * 1024 * 1024;
const START_TIMEOUT = 30;
const KILL_TIMEOUT = 3;

/** The shells of one connection, one a user. */
export class ShellPool {
  /** Seconds a script may run. */
  readonly timeout: number;
  /** Bytes of output kept in memory for one script. */
  readonly outputLimit: number;
  readonly #shells = new Map<string, UserShell>();
  #streams = 0;
  readonly #waiting: (() => void)[] = [];

  /** Shells of the programs that `launcher` starts. */
  constructor(readonly launcher: Launcher, limits: CommandLimits = {}) {
    this.timeout = limits.commandTimeout ?? 300;
    this.outputLimit = limits.outputLimit ?? 64 * 1024 * 1024;
  }

  /** The shell of a user, opened at the first call; `session` names one beside the shared one. */
  async shell(become?: Become, session?: string): Promise<Shell> {
    const other = become && become.user !== this.launcher.user ? become : undefined;
    const key = JSON.stringify([other?.method, other?.user, other?.password, session]);
    let shell = this.#shells.get(key);
    if (!shell) this.#shells.set(key, shell = new UserShell(this, other));
    try {
      await shell.open();
    } catch (error) {
      // A refusal is not kept: the next caller may have another password.
      if (this.#shells.get(key) === shell) this.#shells.delete(key);
      throw error;
    }
    return shell;
  }

  /** Ends all shells. */
  close(): void {
    for (const shell of this.#shells.values()) shell.close();
    this.#shells.clear();
  }

  /** Starts a program as a user, past the password prompt. */
  async start(program: readonly string[], become?: Become): Promise<Channel> {
    const plan = becomePlan(program, become);
    const channel = await this.launcher.launch(plan.command);
    await passPrompt(channel, plan, become, this.launcher.where, START_TIMEOUT);
    return channel;
  }

  /** The error for a program that ended before it said anything. */
  startFailure(become: Become | undefined, printed: string, end: ChannelEnd): Error {
    const { where, user } = this.launcher;
    if (become) return becomeFailure(become, printed, end, where);
    const said = printed.trim().split("\n").at(-1) ?? "";
    const how = said || `exit code ${end.code ?? "unknown"}`;
    return new UnreachableError(`${where}: the login shell of ${user} did not run sh: ${how}`);
  }

  /** Kills a shell and all that runs in its process group; resolves to whether that was confirmed. */
  async kill(process: ShellProcess | undefined, become?: Become): Promise<boolean> {
    if (!process) return false;
    const group = process.group === undefined ? "" : `kill -KILL -${process.group}; `;
    // The shell by itself once more: its group may have been another's to kill (sudo's own process is root's).
    const text = `${group}kill -KILL ${process.pid} 2>/dev/null; kill -0 ${process.pid} 2>/dev/null || echo gone`;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let channel: Channel | undefined;
    const gone = (async () => {
      channel = await this.start(["sh", "-c", text], become);
      return await printedBy(channel);
    })();
    const late = new Promise<string>((resolve) => timer = setTimeout(resolve, KILL_TIMEOUT * 1000, ""));
    try {
      return (await Promise.race([gone, late])).includes("gone");
    } finally {
      clearTimeout(timer);
      gone.catch(() => {}).finally(() => channel?.close());
    }
  }

  /** Runs a streamed script; a few at a time. */
  async stream(script: string, exec: ExecOptions, become?: Become): Promise<ExecResult> {
    while (this.#streams >= STREAMS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#streams++;
    try {
      const bulk = (exec.streamSize ?? 0) >= BULK_SIZE ? await this.launcher.bulk?.() : undefined;
      if (bulk) return await (await bulk.shell(become)).exec(script, exec);
      const token = streamToken();
      const channel = await this.start(streamProgram(token), become);
      return await runStream(channel, token, script, exec, {
        where: this.launcher.where,
        timeout: this.timeout,
        outputLimit: this.outputLimit,
        kill: (process) => this.kill(process, become),
        startFailure: (printed, end) => this.startFailure(become, printed, end),
      });
    } finally {
      this.#streams--;
      this.#waiting.shift()?.();
    }
  }
}

/** One user's shell, whatever number of `sh` processes it takes. */
class UserShell implements Shell {
  #live?: FramedShell;
  #opening?: Promise<FramedShell>;
  #closed = false;
  /** Set while a streamed script runs: what is sent meanwhile waits for it, to keep the order. */
  #gate?: Promise<unknown>;
  #busy = 0;
  readonly #idle: (() => void)[] = [];

  constructor(private readonly pool: ShellPool, private readonly become?: Become) {}

  open(): Promise<FramedShell> {
    if (this.#live?.usable) return Promise.resolve(this.#live);
    return this.#opening ??= this.#start().finally(() => this.#opening = undefined);
  }

  exec(script: string, options: ExecOptions = {}): Promise<ExecResult> {
    const { stdin, stdout } = options;
    const streams = stdout !== undefined ||
      (stdin !== undefined && (!(stdin instanceof Uint8Array) || stdin.length > INLINE_STDIN_LIMIT));
    if (streams) return this.#streamInTurn(script, options);
    return this.#gate ? this.#gate.then(() => this.#framed(script, options)) : this.#framed(script, options);
  }

  close(): void {
    this.#closed = true;
    this.#live?.close();
  }

  #framed(script: string, options: ExecOptions): Promise<ExecResult> {
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    const inline = options as ExecOptions & { readonly stdin?: Uint8Array };
    const sent = this.#live?.usable
      ? this.#live.exec(script, inline)
      : this.open().then((shell) => shell.exec(script, inline));
    this.#busy++;
    return sent.then((result) => {
      this.#settled();
      return result;
    }, (error) => {
      const again = error instanceof NotStartedError ? this.#framed(script, options) : Promise.reject(error);
      this.#settled();
      return again;
    });
  }

  #settled(): void {
    if (--this.#busy > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #streamInTurn(script: string, options: ExecOptions): Promise<ExecResult> {
    const run = (this.#gate ?? Promise.resolve())
      .then(() => this.#busy > 0 ? new Promise<void>((resolve) => this.#idle.push(resolve)) : undefined)
      .then(() => this.pool.stream(script, options, this.become));
    const gate = run.then(() => {}, () => {}).then(() => {
      if (this.#gate === gate) this.#gate = undefined;
    });
    this.#gate = gate;
    return run;
  }

  async #start(): Promise<FramedShell> {
    const { pool, become } = this;
    if (this.#closed) throw new UnreachableError(`${pool.launcher.where}: the connection was closed`);
    const channel = await pool.start(["sh"], become);
    return this.#live = new FramedShell(channel, {
      where: pool.launcher.where,
      timeout: pool.timeout,
      startTimeout: START_TIMEOUT,
      outputLimit: pool.outputLimit,
      kill: (process) => pool.kill(process, become),
      startFailure: (printed, end) => pool.startFailure(become, printed, end),
    });
  }
}

function printedBy(channel: Channel): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const decoder = new TextDecoder();
  let text = "";
  channel.attach({
    stdout: (chunk) => void (text += decoder.decode(chunk, { stream: true })),
    stderr: () => {},
    closed: () => resolve(text),
  });
  return promise;
}
