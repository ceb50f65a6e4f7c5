/**
 * What the system's `ssh` prints when it fails, as the errors of the other transports.
 *
 * @module
 */

import type { OpensshHop } from "./openssh_arguments.ts";
import { NoCommonAlgorithmError, UnreachableError } from "./session.ts";

const SETTINGS: Readonly<Record<string, string>> = {
  "key exchange method": "KexAlgorithms",
  "host key type": "HostKeyAlgorithms",
  "cipher": "Ciphers",
  "MAC": "MACs",
};

/** What trying again may mend, in an operator's words. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [/Connection refused/, "connection refused: nothing listens on that port, or a firewall rejects it"],
  [/No route to host/, "no route to the host"],
  [/Network is unreachable/, "the network is unreachable"],
  [/Connection timed out during banner exchange/, "connected, but no SSH server answered"],
  [/timed out/, "no answer (timed out)"],
  [/Could not resolve hostname/, "the name cannot be resolved"],
  [/Connection reset|Broken pipe/, "the connection was reset"],
];

/** The error for a login that failed. */
export function opensshFailure(where: string, hop: OpensshHop, said: string): UnreachableError {
  const lines = said.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  const refused = (why: string) => new UnreachableError(`${where}: ${why}`, true);
  const algorithm = /no matching (key exchange method|host key type|cipher|MAC) found\. Their offer: (\S+)/.exec(said);
  if (algorithm) return oldAlgorithms(where, hop, algorithm[1], algorithm[2].replace(/,?kex-strict-\S*/, ""));
  const key = hostKeyRefusal(said, lines);
  if (key !== undefined) return refused(key);
  const denied = lines.find((line) => /Permission denied|Too many authentication failures/.test(line));
  if (denied !== undefined) return refused(`the login was refused: ${denied}${keyHint(said)}`);
  const bad = lines.find((line) => /Bad configuration option|terminating, \d+ bad configuration/.test(line));
  if (bad !== undefined) return refused(`the configuration of ssh is wrong: ${bad}`);
  const cause = PASSING.find(([pattern]) => pattern.test(said))?.[1];
  return new UnreachableError(`${where}: ${cause ?? ownWords(lines)}`);
}

/** The error for a connection that ended after the login. */
export function opensshLoss(where: string, said: string): UnreachableError {
  const why = /not responding/.test(said)
    ? ": the host no longer answers"
    : PASSING.find(([pattern]) => pattern.test(said.slice(-500)))?.[1];
  return new UnreachableError(
    `${where}: the connection was lost${why === undefined ? "" : why.replace(/^(?!:)/, ": ")}`,
  );
}

function oldAlgorithms(where: string, hop: OpensshHop, what: string, offer: string): UnreachableError {
  const setting = SETTINGS[what];
  return new NoCommonAlgorithmError(
    `${where}: no common ${what}: the host offers only ${offer}, which ssh refuses as too old. Update its sshd; to ` +
      `connect all the same, put into ~/.ssh/config: Host ${hop.alias}, ${setting} +${offer}`,
    what,
  );
}

function hostKeyRefusal(said: string, lines: readonly string[]): string | undefined {
  if (/HOST IDENTIFICATION HAS CHANGED/.test(said)) {
    const offered = /fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?\s/.exec(said);
    const known = /Offending (?:\S+ )?key in (\S+)/.exec(said)?.[1];
    const remove = lines.find((line) => /^ssh-keygen -f /.test(line)) ?? "remove the old key from that file";
    return `the host key has changed: offered is ${offered?.[1]} ${
      offered?.[2]
    }, another is known (${known}). Either ` +
      `the host was set up anew or someone is in between. If the new key is right: ${remove}`;
  }
  if (/REVOKED HOST KEY/.test(said)) return "the host key is revoked";
  const unknown = lines.find((line) => /host key is known for .* strict checking/.test(line));
  if (unknown !== undefined) {
    return `the host key is not known (${unknown}); to accept it: run with --host-key-checking accept-new`;
  }
  return /Host key verification failed/.test(said) ? "the host key could not be verified" : undefined;
}

/** A key that ssh passed over says why. */
function keyHint(said: string): string {
  const hint = /^(?:no such identity|Load key|Identity file) .*$/m.exec(said)?.[0].trim();
  return hint === undefined ? "" : ` (${hint})`;
}

/** ssh's last words that tell something. */
function ownWords(lines: readonly string[]): string {
  const last = lines.findLast((line) => !/^(Warning: Permanently added|Connection closed by UNKNOWN)/.test(line));
  return last === undefined ? "ssh ended without saying why" : `ssh says: ${last}`;
}
