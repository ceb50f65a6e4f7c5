/**
 * A host by its name, over whichever ssh can reach it.
 *
 * @module
 */

import type { CommandLimits } from "./connection.ts";
import type { OpensshDial } from "./openssh_arguments.ts";
import { type Connection, NoCommonAlgorithmError } from "./session.ts";
import type { SshOverrides, SshTarget } from "./ssh_config.ts";

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
  const target = await resolveSshTarget(alias, options);
  const openBulk = () => bySystem(alias, { ...options, ...sameAs(target) });
  try {
    return await openSsh({ ...target, ...limits, openBulk });
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

/** What has the system's `ssh` log in to the very same host in the same way, asking nobody. */
function sameAs({ user, port, identities, explicitIdentities, knownHosts, hostKeyChecking }: SshTarget) {
  return {
    user,
    port,
    identities: explicitIdentities ? identities : undefined,
    knownHosts,
    // Its key is known by now.
    hostKeyChecking: hostKeyChecking === "off" ? hostKeyChecking : "strict",
    // It would have to be typed once more.
    passphrase: undefined,
    attempts: 1,
  } as const;
}

async function bySystem(alias: string, options: HostOptions): Promise<Connection> {
  const { openOpenssh } = await import("./openssh.ts");
  return await openOpenssh({ ...options, alias });
}
