/**
 * The one place that imports ssh2, which brings no types: the narrow surface that the transports use.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import ssh2 from "ssh2";

/** A key as ssh2 holds it once parsed; parsed again it is itself. */
export interface ParsedKey {
  readonly type: string;
  readonly comment: string;
  isPrivateKey(): boolean;
  /** The public half in SSH wire format. */
  getPublicSSH(): Buffer;
  sign(data: Uint8Array, algorithm?: string): Buffer | Error;
}

type Callback<T> = (error: Error | null | undefined, value: T) => void;

/** An SSH agent: lists its keys and signs with them. */
export interface Agent {
  getIdentities(callback: Callback<(ParsedKey | Buffer)[]>): void;
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
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "end" | "close" | "error", listener: (error?: Error) => void): this;
  pause(): this;
  resume(): this;
}

/** A channel of an SSH connection. */
export interface SshChannel extends Omit<NodeReadable, "on"> {
  readonly stderr: NodeReadable;
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "exit", listener: (code: number | null, signal?: string) => void): this;
  on(event: "end" | "close" | "drain" | "error", listener: (error?: Error) => void): this;
  once(event: "drain" | "close", listener: () => void): this;
  write(bytes: Uint8Array, callback?: (error?: Error | null) => void): boolean;
  end(): void;
  close(): void;
  destroy(): void;
}

/** What a connection is made with. */
export interface ClientConfig {
  readonly sock: unknown;
  readonly username: string;
  readonly readyTimeout: number;
  readonly keepaliveInterval: number;
  readonly keepaliveCountMax: number;
  readonly authHandler: AuthHandler;
  readonly hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => void;
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
  on(event: "ready" | "handshake" | "end" | "close", listener: () => void): this;
  on(event: "banner", listener: (text: string) => void): this;
  on(event: "error", listener: (error: SshError) => void): this;
  connect(config: ClientConfig): this;
  exec(command: string, callback: Callback<SshChannel>): this;
  forwardOut(
    fromAddress: string,
    fromPort: number,
    address: string,
    port: number,
    callback: Callback<SshChannel>,
  ): this;
  end(): this;
  destroy(): this;
}

/** An error of ssh2: `level` says in which phase. */
export interface SshError extends Error {
  readonly level?: string;
  readonly code?: string | number;
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
