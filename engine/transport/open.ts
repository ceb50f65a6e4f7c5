/**
 * A host by its name, over whichever ssh can reach it.
 *
 * @module
 */

import type { CommandLimits } from "./connection.ts";
import type { OpensshDial } from "./openssh_arguments.ts";
import { type Connection, NoCommonAlgorithmError } from "./session.ts";
import type { SshOverrides } from "./ssh_config.ts";

/** How {@linkcode openHost} works. */
export interface HostOptions extends OpensshDial, SshOverrides, CommandLimits {
  /** The built-in client, or the system's `ssh`. */
  readonly transport: "ssh" | "openssh";
}

/**
 * Connects to a host by name, as `ssh NAME` would. The built-in client gives way to the system's `ssh` where it has no
 * algorithm in common with the host; `onNotice` is told so.
 *
 * @throws {UnreachableError} when the host cannot be reached after all attempts, or does not let us in
 */
export async function openHost(alias: string, options: HostOptions): Promise<Connection> {
  if (options.transport === "openssh") return await bySystem(alias, options);
  const { resolveSshTarget } = await import("./ssh_config.ts");
  const { openSsh } = await import("./ssh.ts");
  const { commandTimeout, outputLimit, connectTimeout, attempts, keepalive, passphrase, signal } = options;
  const limits = { commandTimeout, outputLimit, connectTimeout, attempts, keepalive, passphrase, signal };
  try {
    return await openSsh({ ...await resolveSshTarget(alias, options), ...limits });
  } catch (error) {
    if (!(error instanceof NoCommonAlgorithmError)) throw error;
    const connection = await bySystem(alias, options);
    options.onNotice?.(
      `the built-in ssh client has no ${error.algorithm} in common with the host: the system's ssh is used ` +
        "(ansible_connection: openssh says so from the start)",
    );
    return connection;
  }
}

async function bySystem(alias: string, options: HostOptions): Promise<Connection> {
  const { openOpenssh } = await import("./openssh.ts");
  return await openOpenssh({ ...options, alias });
}
