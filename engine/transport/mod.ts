/**
 * Connections to hosts. ssh2 and the ssh config parser are loaded only when they are used.
 *
 * @module
 */

export * from "./session.ts";
export { type LocalOptions, openLocal } from "./local.ts";
export { type FetchInit, fetchThrough } from "./http.ts";
export { retrying, type RetryOptions } from "./retry.ts";
export type { SshHop, SshOptions } from "./ssh_options.ts";
export type { HostKeyChecking } from "./known_hosts.ts";
export type { HostOptions } from "./open.ts";
export type { CommandLimits } from "./connection.ts";

export type { SshConfigPlace, SshOverrides, SshTarget } from "./ssh_config.ts";

import type { Connection } from "./session.ts";
import type { SshOverrides, SshTarget } from "./ssh_config.ts";
import type { HostOptions } from "./open.ts";
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

/**
 * Everything needed to connect to a name, by the user's ssh configuration: what `ssh NAME` would do, with the operator's
 * own settings on top.
 *
 * @param alias what would be given to `ssh`: `ansible_host`, or the inventory name without one
 */
export async function resolveSshTarget(alias: string, overrides?: SshOverrides): Promise<SshTarget> {
  const config = await import("./ssh_config.ts");
  return await config.resolveSshTarget(alias, overrides);
}

/**
 * Connects to a host by name, as `ssh NAME` would: by the built-in client or the system's `ssh`.
 *
 * @param alias what would be given to `ssh`: `ansible_host`, or the inventory name without one
 * @throws {UnreachableError} when the host cannot be reached after all attempts, or does not let us in
 */
export async function openHost(alias: string, options: HostOptions): Promise<Connection> {
  const open = await import("./open.ts");
  return await open.openHost(alias, options);
}
