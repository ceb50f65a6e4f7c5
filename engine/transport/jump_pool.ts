/**
 * Jump hosts: one connection to each, shared by all hosts behind it, closed when the last has left.
 *
 * @module
 */

import type { SshChannel } from "../support/ssh2.ts";
import { ConnectError, UnreachableError } from "./session.ts";
import { type DialOptions, SshClient } from "./ssh_client.ts";
import type { SshHop } from "./ssh_options.ts";

interface Jump {
  readonly client: Promise<SshClient>;
  /** Lets go of the jump host before this one. */
  readonly release: () => Promise<void>;
  users: number;
}

/** A use of the last jump host of a chain. */
export interface JumpLease {
  /** ` via user@host:port,…`, for messages. */
  readonly way: string;
  /** A TCP stream from the last jump host. */
  stream(address: string, port: number): Promise<SshChannel>;
  /** Ends the use; the second call does nothing. */
  readonly release: () => Promise<void>;
}

/** The jump hosts in use. */
export class JumpPool {
  readonly #jumps = new Map<string, Jump>();

  /** Takes the connection to the last host of a chain, which is made if nobody has it yet. */
  async lease(chain: readonly SshHop[], options: DialOptions): Promise<JumpLease> {
    const key = chain.map((hop) => JSON.stringify(hop)).join();
    let jump = this.#jumps.get(key);
    if (!jump) this.#jumps.set(key, jump = this.#open(key, chain, options));
    jump.users++;
    const held = jump;
    let over = false;
    const release = async () => {
      if (over) return;
      over = true;
      if (--held.users > 0) return;
      if (this.#jumps.get(key) === held) this.#jumps.delete(key);
      await (await held.client.catch(() => undefined))?.close();
      await held.release();
    };
    try {
      const client = await held.client;
      const way = ` via ${chain.map((hop) => `${hop.user}@${hop.host}:${hop.port}`).join(",")}`;
      return { way, release, stream: (address, port) => streamFrom(client, address, port, way) };
    } catch (error) {
      await release();
      throw error;
    }
  }

  #open(key: string, chain: readonly SshHop[], options: DialOptions): Jump {
    const before = chain.slice(0, -1);
    const hop = chain[chain.length - 1];
    // One host's giving up must not take the connection from the others.
    const shared: DialOptions = { ...options, signal: undefined };
    let release = () => Promise.resolve();
    const open = async () => {
      if (before.length === 0) return await SshClient.open(hop, "", shared);
      const lease = await this.lease(before, shared);
      release = lease.release;
      return await SshClient.open(hop, lease.way, shared, await lease.stream(hop.host, hop.port));
    };
    const client = open().then((opened) => {
      // A lost jump host is forgotten, so that the next attempt makes a new connection.
      opened.onLost(() => this.#jumps.get(key) === jump && this.#jumps.delete(key));
      return opened;
    });
    client.catch(() => this.#jumps.get(key) === jump && this.#jumps.delete(key));
    const jump: Jump = { client, users: 0, release: () => release() };
    return jump;
  }
}

async function streamFrom(client: SshClient, address: string, port: number, way: string): Promise<SshChannel> {
  try {
    return await client.forward(address, port);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    throw new UnreachableError(`${address}:${port}${way}: ${error.message}`);
  }
}
