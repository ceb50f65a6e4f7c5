/**
 * Connections to hosts. ssh2 and the ssh config parser are loaded only when they are used.
 *
 * @module
 */

export * from "./session.ts";
export { type LocalOptions, openLocal } from "./local.ts";
export { retrying, type RetryOptions } from "./retry.ts";
export type { SshHop, SshOptions } from "./ssh_options.ts";
export type { HostKeyChecking } from "./known_hosts.ts";
export type { CommandLimits } from "./connection.ts";

import type { Connection } from "./session.ts";
import type { SshOptions } from "./ssh_options.ts";

/**
 * Connects to a host over SSH and logs in.
 *
 * @throws {UnreachableError} when the host cannot be reached after all attempts, or does not let us in
 */
export async function openSsh(options: SshOptions): Promise<Connection> {
  const transport = await import("./ssh.ts");
  return await transport.openSsh(options);
}
