/**
 * What a connection over SSH is made with. Types only, so that naming them loads nothing.
 *
 * @module
 */

import type { CommandLimits } from "./connection.ts";
import type { HostKeyChecking } from "./known_hosts.ts";
import type { Connection } from "./session.ts";

/** One machine to log in to: a target, or a jump host on the way. */
export interface SshHop {
  /** A name or an address. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** The user to log in as. */
  readonly user: string;
  /** Private key files to try, in order. */
  readonly identities: readonly string[];
  /** Whether `identities` were named by the operator, who then wants to know when one cannot be used. */
  readonly explicitIdentities?: boolean;
  /** Only the keys of `identities`, even if the agent has others. */
  readonly identitiesOnly?: boolean;
  /** The agent's socket; none if not given. */
  readonly agent?: string;
  /** Tried after the keys. */
  readonly password?: string;
  /** Files to look host keys up in; new keys go to the first. */
  readonly knownHosts: readonly string[];
  /** How its key is checked. */
  readonly hostKeyChecking: HostKeyChecking;
  /** The name to look the host key up by, if not the host's. */
  readonly hostKeyAlias?: string;
}

/** How a connection over SSH is made, whatever makes it. Times are seconds. */
export interface SshDial {
  /** Until a host must have let us in; 10 if not given. */
  readonly connectTimeout?: number;
  /** How often to try; 3 if not given. */
  readonly attempts?: number;
  /** Between signs of life; 3 if not given. After three without an answer the host counts as lost: within 12 s. */
  readonly keepalive?: number;
  /** Asks for the passphrase of a key file; undefined if there is none to be had. Asked once for each file. */
  readonly passphrase?: (file: string) => Promise<string | undefined>;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
}

/** How {@linkcode openSsh} works. */
export interface SshOptions extends SshHop, SshDial, CommandLimits {
  /** The jump hosts on the way, nearest first. */
  readonly jumps?: readonly SshHop[];
  /** Opens another connection to the host, for streams that are large; rejects where that cannot be. */
  readonly openBulk?: () => Promise<Connection>;
}
