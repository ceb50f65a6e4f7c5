/**
 * Hosts over SSH, by ssh2: the connection, its retries, and the jump hosts on the way.
 *
 * @module
 */

import { ShellPool } from "./connection.ts";
import { JumpPool } from "./jump_pool.ts";
import { logins } from "./pace.ts";
import { retrying } from "./retry.ts";
import { type Become, type ByteStream, type Connection, type Shell, UnreachableError } from "./session.ts";
import { byteStream } from "./ssh_channel.ts";
import { SshClient } from "./ssh_client.ts";
import type { SshOptions } from "./ssh_options.ts";

const sharedJumps = new JumpPool();

/**
 * Connects to a host over SSH and logs in.
 *
 * @throws {UnreachableError} when the host cannot be reached after all attempts, or does not let us in
 */
export async function openSsh(options: SshOptions, jumps: JumpPool = sharedJumps): Promise<Connection> {
  return await retrying(() => connectOnce(options, jumps), {
    attempts: options.attempts,
    signal: options.signal,
    retryable: (error) => error instanceof UnreachableError && !error.authentication,
  });
}

async function connectOnce(options: SshOptions, jumps: JumpPool): Promise<Connection> {
  const chain = options.jumps ?? [];
  if (chain.length === 0) {
    const open = () => SshClient.open(options, "", options);
    const client = await logins.run(`${options.host}:${options.port}`, open, options.signal);
    return new SshConnection(client, options, () => Promise.resolve());
  }
  const lease = await jumps.lease(chain, options);
  try {
    const open = async () => {
      const stream = await lease.stream(options.host, options.port);
      return await SshClient.open(options, lease.way, options, stream);
    };
    const client = await logins.run(`${options.host}:${options.port}${lease.way}`, open, options.signal);
    return new SshConnection(client, options, lease.release);
  } catch (error) {
    await lease.release();
    throw error;
  }
}

class SshConnection implements Connection {
  readonly target: string;
  readonly user: string;
  readonly #pool: ShellPool;
  #bulk?: Promise<Connection | undefined>;

  constructor(
    private readonly client: SshClient,
    options: SshOptions,
    private readonly release: () => Promise<void>,
  ) {
    this.user = options.user;
    const via = options.jumps?.map((hop) => `${hop.user}@${hop.host}:${hop.port}`).join(",");
    this.target = `ssh:${options.user}@${options.host}:${options.port}${via ? ` via ${via}` : ""}`;
    this.#pool = new ShellPool(
      {
        where: options.host,
        user: options.user,
        launch: (command) => client.exec(command),
        // What cannot be opened is not asked for again: this connection does it, if not as fast.
        bulk: () => this.#bulk ??= options.openBulk?.().catch(() => undefined) ?? Promise.resolve(undefined),
      },
      options,
    );
  }

  shell(become?: Become, session?: string): Promise<Shell> {
    return this.#pool.shell(become, session);
  }

  async connect(address: string, port: number): Promise<ByteStream> {
    return byteStream(await this.client.forward(address, port));
  }

  async close(): Promise<void> {
    this.#pool.close();
    await (await this.#bulk)?.close();
    await this.client.close();
    await this.release();
  }
}
