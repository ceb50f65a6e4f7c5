/**
 * The one place that imports ssh2, which brings no types: the narrow surface that the transports use.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { restoreCiphers } from "./ssh2_ciphers.ts"; // Before ssh2.
import ssh2 from "ssh2";

restoreCiphers();

/** A key as ssh2 holds it once parsed; parsed again it is itself. */
export interface ParsedKey {
  /** The key's type, e.g. `ssh-ed25519`. */
  readonly type: string;
  /** The comment that the file or the agent keeps with it. */
  readonly comment: string;
  /** Whether it can sign. */
  isPrivateKey(): boolean;
  /** The public half in SSH wire format. */
  getPublicSSH(): Buffer;
  /** Signs data; an error is returned, not thrown. */
  sign(data: Uint8Array, algorithm?: string): Buffer | Error;
}

/** Node's way to answer: an error, or a value. */
export type Callback<T> = (error: Error | null | undefined, value: T) => void;

/** An SSH agent: lists its keys and signs with them. */
export interface Agent {
  /** Lists the keys. */
  getIdentities(callback: Callback<(ParsedKey | Buffer)[]>): void;
  /** Signs with one of them. */
  sign(key: ParsedKey | Buffer, data: Uint8Array, options: { hash?: string }, callback: Callback<Buffer>): void;
}

/** One attempt to log in. */
export type AuthAttempt =
  | { readonly type: "agent"; readonly username: string; readonly agent: Agent }
  | { readonly type: "publickey"; readonly username: string; readonly key: ParsedKey }
  | { readonly type: "password"; readonly username: string; readonly password: string }
  | {
    readonly type: "keyboard-interactive";
    readonly username: string;
    prompt(
      name: string,
      instructions: string,
      language: string,
      prompts: readonly { readonly prompt: string; readonly echo: boolean }[],
      finish: (answers: readonly string[]) => void,
    ): void;
  };

/** Called with the methods that the server still takes (null at first); gives the next attempt, `false` to stop. */
export type AuthHandler = (
  methods: readonly string[] | null,
  partial: boolean | null,
  next: (attempt: AuthAttempt | false) => void,
) => void;

/** The part of Node's streams that is used of a channel or a socket. */
export interface NodeReadable {
  /** Bytes have come. */
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  /** The stream has ended or broken. */
  on(event: "end" | "close" | "error", listener: (error?: Error) => void): this;
  /** Holds the bytes back. */
  pause(): this;
  /** Lets them flow. */
  resume(): this;
}

/** A channel of an SSH connection. */
export interface SshChannel extends Omit<NodeReadable, "on"> {
  /** Standard error of a program. */
  readonly stderr: NodeReadable;
  /** Bytes of standard output, or of a TCP stream. */
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  /** How a program ended; the code is null after a signal. */
  on(event: "exit", listener: (code: number | null, signal?: string) => void): this;
  /** What else may happen to a channel. */
  on(event: "end" | "close" | "drain" | "error", listener: (error?: Error) => void): this;
  /** Writes; false asks to wait for `drain`. */
  write(bytes: Uint8Array, callback?: (error?: Error | null) => void): boolean;
  /** Keeps what is written back. */
  cork(): void;
  /** Lets it go together. */
  uncork(): void;
  /** Ends the writing side. */
  end(): void;
  /** Closes both sides. */
  close(): void;
  /** Ends and closes. */
  destroy(): void;
}

/** What a connection is made with. */
export interface ClientConfig {
  /** A socket that is connecting, or a connected stream. */
  readonly sock: unknown;
  /** The user to log in as. */
  readonly username: string;
  /** Milliseconds for the whole login; 0 is no limit. */
  readonly readyTimeout: number;
  /** Milliseconds between signs of life. */
  readonly keepaliveInterval: number;
  /** How many of them may stay unanswered. */
  readonly keepaliveCountMax: number;
  /** Gives the attempts to log in. */
  readonly authHandler: AuthHandler;
  /** Trusts the host's key or not; must answer before it returns. */
  readonly hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => void;
  /** What to offer, in order of preference. */
  readonly algorithms: {
    readonly kex: readonly string[];
    readonly cipher: readonly string[];
    readonly serverHostKey: readonly string[];
    readonly hmac: readonly string[];
    readonly compress: readonly string[];
  };
}

/** An SSH connection. */
export interface Client {
  /** How far the connection has come. */
  on(event: "ready" | "handshake" | "end" | "close", listener: () => void): this;
  /** The host greets those who log in. */
  on(event: "banner", listener: (text: string) => void): this;
  /** The connection failed; `close` follows. */
  on(event: "error", listener: (error: SshError) => void): this;
  /** Connects and logs in. */
  connect(config: ClientConfig): this;
  /** Starts a command line in the user's login shell. */
  exec(command: string, callback: Callback<SshChannel>): this;
  /** Opens a TCP connection from the host. */
  forwardOut(
    fromAddress: string,
    fromPort: number,
    address: string,
    port: number,
    callback: Callback<SshChannel>,
  ): this;
  /** Ends gracefully. */
  end(): this;
  /** Ends at once. */
  destroy(): this;
}

/** An error of ssh2: `level` says in which phase. */
export interface SshError extends Error {
  /** The phase, e.g. `client-socket` or `client-authentication`. */
  readonly level?: string;
  /** A system's error code, or the reason of a disconnect. */
  readonly code?: string | number;
  /** Why a channel was not opened. */
  readonly reason?: number | string;
}

interface Ssh2 {
  readonly Client: new () => Client;
  readonly BaseAgent: new () => object;
  createAgent(path: string): Agent;
  readonly utils: { parseKey(data: string | Uint8Array, passphrase?: string): ParsedKey | ParsedKey[] | Error };
}

const library = ssh2 as unknown as Ssh2;

/** A new client, not connected yet. */
export function createClient(): Client {
  return new library.Client();
}

/** An agent behind a Unix socket. */
export function createAgent(path: string): Agent {
  return library.createAgent(path);
}

/** Parses a private or public key; an error says what is wrong, also for a missing passphrase. */
export function parseKey(data: string | Uint8Array, passphrase?: string): ParsedKey | Error {
  const parsed = library.utils.parseKey(data, passphrase);
  return Array.isArray(parsed) ? parsed[0] : parsed;
}

/** Whether ssh2 tells with this error that a passphrase is missing. */
export function lacksPassphrase(error: Error): boolean {
  return /no passphrase given/.test(error.message);
}

/** Of an agent, only one key, so that it can be one attempt. ssh2 knows an agent by its class. */
export function oneKeyAgent(agent: Agent, key: ParsedKey | Buffer): Agent {
  return Object.assign(new library.BaseAgent(), {
    getIdentities: (callback: Callback<(ParsedKey | Buffer)[]>) => callback(null, [key]),
    sign: agent.sign.bind(agent),
  });
}
