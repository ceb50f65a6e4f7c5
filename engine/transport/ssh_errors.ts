/**
 * What went wrong on the way to a host, in an operator's words.
 *
 * @module
 */

import type { SshError } from "../support/ssh2.ts";
import { NoCommonAlgorithmError, UnreachableError } from "./session.ts";
import type { Login } from "./ssh_auth.ts";

/** What is known when a connection fails. */
export interface ConnectState {
  /** `user@host:port`, with the way there. */
  readonly where: string;
  /** The limit in seconds. */
  readonly timeout: number;
  /** How far it came. */
  readonly stage: "socket" | "handshake" | "authentication" | "ready";
  /** What was tried to log in. */
  readonly login: Login;
  /** Why the host's key was refused. */
  readonly refusedKey?: string;
}

const SOCKET_CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "connection refused: nothing listens on that port, or a firewall rejects it"],
  [/EHOSTUNREACH/, "no route to the host"],
  [/ENETUNREACH/, "the network is unreachable"],
  [/ETIMEDOUT/, "no answer (timed out)"],
  [/ENOTFOUND|EAI_|getaddrinfo|failed to lookup/, "the name cannot be resolved"],
  [/ECONNRESET|EPIPE/, "the connection was reset"],
];

const SETTINGS: Readonly<Record<string, string>> = {
  "key exchange algorithm": "KexAlgorithms",
  "host key format": "HostKeyAlgorithms",
  "C->S cipher": "Ciphers",
  "S->C cipher": "Ciphers",
  "C->S MAC": "MACs",
  "S->C MAC": "MACs",
};

/** The error for a connection that failed with `error`, or without one. */
export function connectFailure(state: ConnectState, error?: SshError): UnreachableError {
  const { where, stage, login } = state;
  if (state.refusedKey) return new UnreachableError(`${where}: ${state.refusedKey}`, true);
  if (login.failure) return new UnreachableError(`${where}: ${login.failure.message}`, login.failure.authentication);
  const text = `${error?.code ?? ""} ${error?.message ?? ""}`;
  if (stage === "authentication" && isRefusal(error, text)) return refused(state);
  const algorithm = /no matching (.*)$/.exec(text)?.[1];
  if (algorithm !== undefined) {
    const setting = SETTINGS[algorithm] ?? "algorithms";
    return new NoCommonAlgorithmError(
      `${where}: no common ${algorithm}: what the host offers is too old or too new for the ssh transport; see ` +
        `${setting} in its sshd_config, or use the system's ssh (ansible_connection: openssh)`,
      algorithm,
    );
  }
  const cause = SOCKET_CAUSES.find(([pattern]) => pattern.test(text))?.[1];
  if (stage === "socket") return new UnreachableError(`${where}: ${cause ?? error?.message ?? "connection failed"}`);
  if (stage === "ready") return new UnreachableError(`${where}: the connection was lost${lossReason(text, cause)}`);
  return new UnreachableError(`${where}: ${cause ?? closedEarly(stage, error)}`);
}

/** The error for a host that did not let us in, in time. */
export function timeoutFailure(state: ConnectState): UnreachableError {
  const phase = {
    socket: "no answer",
    handshake: "connected, but no SSH server answered",
    authentication: "the SSH server did not decide on the login",
    ready: "no answer",
  }[state.stage];
  return new UnreachableError(`${state.where}: ${phase} within ${state.timeout} s`);
}

function isRefusal(error: SshError | undefined, text: string): boolean {
  return error?.level === "client-authentication" || /too many authentication failures/i.test(text);
}

function refused({ where, login }: ConnectState): UnreachableError {
  const tried = login.tried.length > 0
    ? `tried ${login.tried.join(", ")}`
    : "there was no key, agent or password to try";
  const takes = login.accepted.length > 0 ? `; the host takes ${login.accepted.join(", ")}` : "";
  return new UnreachableError(`${where}: the login was refused: ${tried}${takes}`, true);
}

function lossReason(text: string, cause: string | undefined): string {
  if (/keepalive/i.test(text)) return ": the host no longer answers";
  return cause ? `: ${cause}` : "";
}

function closedEarly(stage: ConnectState["stage"], error: SshError | undefined): string {
  const during = stage === "handshake" ? "before the SSH handshake was done" : "during the login";
  const detail = error && !/^Connection lost before handshake$/.test(error.message) ? ` (${error.message})` : "";
  return `the host closed the connection ${during}${detail}; too many unauthenticated connections (MaxStartups) look like this`;
}
