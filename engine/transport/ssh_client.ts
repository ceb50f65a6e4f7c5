/**
 * One SSH connection by ssh2: connects, logs in, starts programs, opens TCP streams, notices its end.
 *
 * @module
 */

import { Socket } from "node:net";
import { type Client, type ClientConfig, createClient, type SshChannel, type SshError } from "../support/ssh2.ts";
import { judgeHostKey, type KnownKey, knownKeys, preferKnownTypes } from "./known_hosts.ts";
import { ConnectError, UnreachableError } from "./session.ts";
import { Login } from "./ssh_auth.ts";
import { SshProgram } from "./ssh_channel.ts";
import { connectFailure, type ConnectState, timeoutFailure } from "./ssh_errors.ts";
import type { SshDial, SshHop } from "./ssh_options.ts";

/** The settings of a connection that are not a hop's own. */
export type DialOptions = Omit<SshDial, "attempts">;

const KEX = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group-exchange-sha256",
  "diffie-hellman-group14-sha256",
  "diffie-hellman-group16-sha512",
];
/**
 * By the first a small packet takes half the CPU: ssh2 without its native part makes three ciphers for each packet of
 * ChaCha20. That in turn moves streams twice as fast, but large ones go by the system's ssh.
 */
const CIPHERS = [
  "aes128-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
];
const HOST_KEYS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];
const MACS = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
  "hmac-sha1",
];

/** An authenticated SSH connection. */
export class SshClient {
  /** Set once the connection is lost or closed. */
  lost?: UnreachableError;
  readonly #programs = new Set<SshProgram>();
  readonly #closed = Promise.withResolvers<void>();

  private constructor(private readonly client: Client, private readonly state: ConnectState) {}

  /**
   * Connects and logs in; through `stream`, a channel of a jump host, if one is given.
   *
   * @throws {UnreachableError} when that does not succeed, saying why
   */
  static async open(hop: SshHop, way: string, options: DialOptions, stream?: SshChannel): Promise<SshClient> {
    const known = hop.hostKeyChecking === "off"
      ? []
      : knownKeys(hop.knownHosts, hop.hostKeyAlias ?? hop.host, hop.port);
    const socket = stream ?? new Socket();
    const client = createClient();
    const login = new Login(hop, options.passphrase);
    const state: Writable<ConnectState> = {
      where: `${hop.user}@${hop.host}:${hop.port}${way}`,
      timeout: options.connectTimeout ?? 10,
      stage: stream ? "handshake" : "socket",
      login,
    };
    const self = new SshClient(client, state);
    const ready = self.#ready(state, options.signal);
    if (socket instanceof Socket) {
      socket.on("connect", () => {
        socket.setNoDelay(true);
        state.stage = "handshake";
      });
      // Before ssh2 sees it: a socket that is not connecting is taken for a connected one.
      socket.connect(hop.port, hop.host);
    }
    coalesceWrites(socket);
    client.connect(clientConfig(socket, hop, options, known, state));
    await ready;
    return self;
  }

  /** Calls `listener` when the connection is lost or closed. */
  onLost(listener: () => void): void {
    this.#closed.promise.then(listener);
  }

  /** Starts a command line in the user's login shell. */
  exec(command: string): Promise<SshProgram> {
    return this.#open<SshChannel>((callback) => this.client.exec(command, callback)).then((channel) => {
      const program = new SshProgram(channel);
      this.#programs.add(program);
      channel.on("close", () => this.#programs.delete(program));
      if (this.lost) program.broken(this.lost);
      return program;
    }, (error) => {
      throw this.lost ?? new UnreachableError(`${this.state.where}: the host starts no program: ${error.message}`);
    });
  }

  /** Opens a TCP connection from the host. */
  forward(address: string, port: number): Promise<SshChannel> {
    const open = this.#open<SshChannel>((callback) => this.client.forwardOut("127.0.0.1", 0, address, port, callback));
    return open.catch((error) => {
      if (this.lost) throw this.lost;
      throw new ConnectError(`cannot connect to ${address}:${port} from ${this.state.where}: ${forwardReason(error)}`);
    });
  }

  /** Ends the connection: gracefully within a second, else at once. Never rejects. */
  async close(): Promise<void> {
    this.lost ??= new UnreachableError(`${this.state.where}: the connection is closed`);
    this.client.end();
    const timer = setTimeout(() => this.client.destroy(), 1000);
    await this.#closed.promise;
    clearTimeout(timer);
  }

  #open<T>(request: (callback: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
    if (this.lost) return Promise.reject(this.lost);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    try {
      request((error, value) => error ? reject(error) : resolve(value));
    } catch (error) {
      reject(error);
    }
    return promise;
  }

  #ready(state: Writable<ConnectState>, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let first: SshError | undefined;
    const fail = (error: unknown) => {
      reject(error);
      this.client.end();
      this.client.destroy();
    };
    const onAbort = () => fail(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const onTimeout = () => {
      // An operator who types a passphrase is not the host's delay.
      if (state.login.waiting > 0) timer = setTimeout(onTimeout, state.timeout * 1000);
      else fail(timeoutFailure(state));
    };
    let timer = setTimeout(onTimeout, state.timeout * 1000);
    this.client.on("handshake", () => {
      if (state.stage === "handshake") state.stage = "authentication";
    });
    this.client.on("ready", () => {
      state.stage = "ready";
      resolve();
    });
    this.client.on("error", (error) => {
      // An agent that fails to sign is not the end: ssh2 goes on with the next attempt.
      if (error.level === "agent") return;
      first ??= error;
      if (state.stage !== "ready") fail(connectFailure(state, error));
      else this.#lose(connectFailure(state, error));
    });
    this.client.on("close", () => {
      if (state.stage !== "ready") reject(connectFailure(state, first));
      this.#lose(connectFailure(state, first));
      this.#closed.resolve();
    });
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    });
  }

  #lose(error: UnreachableError): void {
    this.lost ??= error;
    for (const program of this.#programs) program.broken(this.lost);
    this.#programs.clear();
  }
}

function clientConfig(
  sock: unknown,
  hop: SshHop,
  options: DialOptions,
  known: readonly KnownKey[],
  state: Writable<ConnectState>,
): ClientConfig {
  const name = hop.hostKeyAlias ?? hop.host;
  return {
    sock,
    username: hop.user,
    readyTimeout: 0, // #ready keeps the time, and knows the stage.
    keepaliveInterval: (options.keepalive ?? 3) * 1000,
    keepaliveCountMax: 3,
    authHandler: state.login.handler,
    // Answered at once: ssh2 loses the handshake when packets come while it waits for the answer. A new key is written
    // down afterwards, but before anything is said that a host could misuse.
    hostVerifier: (key, verify) => {
      const verdict = judgeHostKey(name, hop.port, new Uint8Array(key), hop, known);
      state.refusedKey = verdict.refused;
      if (verdict.learn) {
        state.login.gate = verdict.learn().then((refused) => {
          state.refusedKey = refused;
          return refused === undefined;
        });
      }
      verify(verdict.refused === undefined);
    },
    algorithms: {
      kex: KEX,
      cipher: CIPHERS,
      serverHostKey: preferKnownTypes(HOST_KEYS, known),
      hmac: MACS,
      compress: ["none"], // ssh2's zlib throws.
    },
  };
}

/**
 * Sends what is written in one tick together: ssh2 writes a packet in three pieces. It also keeps one connection's
 * encryption from running in the middle of another's, with which it shares buffers, where one goes through the other.
 */
function coalesceWrites(stream: Writes): void {
  const write = stream.write.bind(stream);
  let corked = false;
  stream.write = (...args) => {
    if (!corked) {
      corked = true;
      stream.cork();
      queueMicrotask(() => {
        corked = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}

/** The writing half of a socket or a channel. */
interface Writes {
  write(...args: never[]): boolean;
  cork(): void;
  uncork(): void;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function forwardReason(error: SshError): string {
  if (/administratively prohibited|prohibited/i.test(error.message) || error.reason === 1) {
    return "the SSH server forbids it (AllowTcpForwarding in its sshd_config)";
  }
  return error.message.replace(/^\(SSH\) Channel open failure: /, "").toLowerCase();
}
