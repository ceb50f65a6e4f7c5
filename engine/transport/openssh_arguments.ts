/**
 * The command lines of the system's `ssh`.
 *
 * @module
 */

import { shellCommand } from "../support/shell_quote.ts";
import type { HostKeyChecking } from "./known_hosts.ts";
import type { SshDial } from "./ssh_options.ts";

/** One machine that `ssh` logs in to. */
export interface OpensshHop {
  /** What is given to `ssh`: a name of its configuration, or an address. */
  readonly alias: string;
  /** Instead of the configuration's. */
  readonly port?: number;
  /** Instead of the configuration's. */
  readonly user?: string;
  /** Private key files, ahead of the configuration's. */
  readonly identities?: readonly string[];
  /** The password, if keys are not taken. */
  readonly password?: string;
  /** How host keys are checked; as the configuration says if not given. */
  readonly hostKeyChecking?: HostKeyChecking;
  /** Files with host keys, instead of the configuration's. */
  readonly knownHosts?: readonly string[];
}

/** How the system's `ssh` is called. */
export interface OpensshDial extends SshDial {
  /** The program; `ssh` of the PATH if not given. */
  readonly program?: string;
  /** Its configuration file (`-F`), instead of the user's and the system's. */
  readonly configFile?: string;
  /** Takes what a person must know or do, such as to touch a hardware key. */
  readonly onNotice?: (message: string) => void;
}

const CHECKING: Readonly<Record<HostKeyChecking, readonly string[]>> = {
  "strict": ["StrictHostKeyChecking=yes"],
  "accept-new": ["StrictHostKeyChecking=accept-new"],
  // A key that changed would turn password logins off, unless none is known.
  "off": ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null"],
};

/** The arguments that name a hop, for `ssh` and `ssh -G`. */
export function hopArguments(hop: OpensshHop, dial: OpensshDial): string[] {
  return [
    ...(dial.configFile === undefined ? [] : ["-F", dial.configFile]),
    ...(hop.port === undefined ? [] : ["-p", String(hop.port)]),
    ...(hop.user === undefined ? [] : ["-l", hop.user]),
    ...(hop.identities ?? []).flatMap((file) => ["-i", file]),
    "--",
    hop.alias,
  ];
}

/** A further `ssh` over a connection that is there. It must not connect by itself if that is gone. */
export function clientCommand(dial: OpensshDial, control: string, rest: readonly string[]): string[] {
  const { program = "ssh" } = dial;
  return [program, "-F", "none", "-S", control, "-o", "ProxyCommand=false", "-o", "LogLevel=ERROR", ...rest];
}

/**
 * The `ssh` that connects and stays: prints a line once it takes further ones, and ends with its standard input.
 *
 * @param via the control socket of the jump host to go through
 */
export function masterCommand(hop: OpensshHop, dial: OpensshDial, folder: string, via?: string): string[] {
  const seconds = Math.max(1, Math.ceil(dial.connectTimeout ?? 10));
  const asks = hop.password !== undefined || dial.passphrase !== undefined;
  // Its end once aami is gone, however that came: the standard input ends.
  const watch = `exec 3<&0; p=$PPID; { cat <&3; kill $p; rm -rf ${folder}; } >/dev/null 2>&1 & echo ready`;
  const options = [
    "ControlPersist=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=yes",
    `LocalCommand=${watch}`,
    "RemoteCommand=none",
    "RequestTTY=no",
    "ConnectionAttempts=1",
    `ConnectTimeout=${seconds}`,
    `ServerAliveInterval=${Math.max(1, Math.round(dial.keepalive ?? 3))}`,
    "ServerAliveCountMax=3",
    `BatchMode=${asks ? "no" : "yes"}`,
    "NumberOfPasswordPrompts=1",
    // Nobody is there to say yes.
    ...(hop.hostKeyChecking ? CHECKING[hop.hostKeyChecking] : CHECKING["accept-new"]),
    ...(hop.knownHosts && hop.hostKeyChecking !== "off"
      ? [`UserKnownHostsFile=${hop.knownHosts.map(configWord).join(" ")}`]
      : []),
    ...(via === undefined ? [] : [`ProxyCommand=${shellCommand(clientCommand(dial, via, ["-W"]))} '[%h]:%p' aami`]),
  ];
  const flags = ["-M", "-N", "-T", "-S", controlPath(folder), ...options.flatMap((one) => ["-o", one])];
  return [dial.program ?? "ssh", ...flags, ...hopArguments(hop, dial)];
}

/** A path as a word of ssh_config(5). */
function configWord(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}

/** The control socket in a connection's folder. */
export function controlPath(folder: string): string {
  return `${folder}/s`;
}

/** A folder whose sockets have short names: a control path has at most 104 characters on some systems. */
export async function shortFolder(): Promise<string> {
  const named = Deno.env.get("TMPDIR");
  if (named === undefined || named.length > 50 || !/^\/[\w./-]+$/.test(named)) return "/tmp";
  return await Deno.stat(named).then((info) => info.isDirectory ? named : "/tmp", () => "/tmp");
}
