/**
 * What every transport gives: a connection to one host, and on it long-lived shells that take framed, pipelined
 * requests. The layers above never see ssh.
 *
 * @module
 */

/** What a script left behind. `code` is the exit status, 128 + n for a signal n. */
export interface ExecResult {
  /** The exit status. */
  readonly code: number;
  /** All of standard output. */
  readonly stdout: Uint8Array;
  /** All of standard error. */
  readonly stderr: Uint8Array;
}

/** How one script runs. */
export interface ExecOptions {
  /** Bytes for the script's standard input; without it the script reads /dev/null. */
  readonly stdin?: Uint8Array | ReadableStream<Uint8Array>;
  /** How many bytes will go through `stdin` or `stdout`, if that is known: a large stream may take a faster way. */
  readonly streamSize?: number;
  /** Where standard output goes instead of {@linkcode ExecResult.stdout}, with back-pressure; for what may be large. */
  readonly stdout?: WritableStream<Uint8Array>;
  /**
   * Seconds until the script is given up as {@linkcode CommandTimeoutError}; the transport's command timeout if not
   * given. They count from when the script starts to run; where data streams, from the last byte that moved.
   */
  readonly timeout?: number;
  /** Gives the script up; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Makes the script one of a chain: see {@linkcode ChainPlace}. */
  readonly chain?: ChainPlace;
}

/**
 * The place of a script in a chain of scripts that are sent ahead of each other's answers: each runs only if the one before
 * it ended with exit code 0, so that what a person wrote as a sequence stays one.
 */
export interface ChainPlace {
  /** Letters and digits; the same for all scripts of the chain. */
  readonly id: string;
  /** From 0; the first runs in any case. */
  readonly index: number;
}

/** A script of a chain was not run, as the one before it did not succeed. */
export class NotRunError extends Error {
  /** Tells it from other errors. */
  override readonly name = "NotRunError";
}

/** One long-lived `sh` on the host, as one user. */
export interface Shell {
  /**
   * Runs a POSIX sh script. Requests are pipelined: the next may be sent before the last has answered; they run in the
   * order they were sent. Requests sent in one tick travel together. A script that is given up (timeout, abort) is
   * killed with its children; requests behind it, which have not begun, run on a new shell.
   *
   * @throws {UnreachableError} when the connection dies
   * @throws {CommandTimeoutError} when the script outlasts its timeout
   * @throws {BecomeError} when sudo or su refuses: without a password that is only known at the first answer
   * @throws {ShellLostError} when the shell ends under the script
   * @throws {OutputLimitError} when the script prints more than is kept in memory
   */
  exec(script: string, options?: ExecOptions): Promise<ExecResult>;
}

/** How to become another user. */
export interface Become {
  /** The user to become, e.g. `root`. */
  readonly user: string;
  /** How. */
  readonly method: "sudo" | "su";
  /** The password that sudo or su asks for; never put into an argv. */
  readonly password?: string;
}

/** A byte stream to an address, opened from the host. */
export interface ByteStream {
  /** What the other side sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the other side gets. */
  readonly writable: WritableStream<Uint8Array>;
  /** Ends both directions. */
  close(): void;
}

/** One connection to one host. */
export interface Connection {
  /** The real target, the same for two inventory names of one machine, e.g. `ssh:root@10.0.0.7:22` or `local`. */
  readonly target: string;
  /** The user who logged in. */
  readonly user: string;
  /**
   * The shell of the connecting user, or of the one to become; made at the first call, shared afterwards.
   *
   * @param session names a shell beside the shared one, for scripts that must not wait for those

   * @throws {BecomeError} when sudo or su refuses
   * @throws {UnreachableError} when the connection dies
   */
  shell(become?: Become, session?: string): Promise<Shell>;
  /**
   * Opens a TCP connection from the host (SSH direct-tcpip), so that a bare host needs no tool for it.
   *
   * @throws {ConnectError} when the address does not answer or the host forbids forwarding
   * @throws {UnreachableError} when the connection dies
   */
  connect(address: string, port: number): Promise<ByteStream>;
  /** Ends the shells and the connection; never throws. */
  close(): Promise<void>;
}

/** The host cannot be reached, or was lost. `authentication` marks a refusal that trying again cannot mend. */
export class UnreachableError extends Error {
  /** Tells it from other errors. */
  override readonly name = "UnreachableError";
  /** With what an operator should read. */
  constructor(message: string, readonly authentication = false) {
    super(message);
  }
}

/** The host and the transport have no algorithm in common; another transport may have one. */
export class NoCommonAlgorithmError extends UnreachableError {
  /** With what an operator should read, and the kind of algorithm. */
  constructor(message: string, readonly algorithm: string) {
    super(message, true);
  }
}

/** A script outlasted its timeout. The message names the limit in seconds. */
export class CommandTimeoutError extends Error {
  /** Tells it from other errors. */
  override readonly name = "CommandTimeoutError";
}

/** The shell ended under a script, e.g. it killed its own shell; what the script did by then is not known. */
export class ShellLostError extends Error {
  /** Tells it from other errors. */
  override readonly name = "ShellLostError";
}

/** A script printed more than is kept in memory; it was killed. */
export class OutputLimitError extends Error {
  /** Tells it from other errors. */
  override readonly name = "OutputLimitError";
}

/** sudo or su did not let us become the user. */
export class BecomeError extends Error {
  /** Tells it from other errors. */
  override readonly name = "BecomeError";
}

/** A TCP connection from the host failed; the message says why. */
export class ConnectError extends Error {
  /** Tells it from other errors. */
  override readonly name = "ConnectError";
}
