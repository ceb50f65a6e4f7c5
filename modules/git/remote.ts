/**
 * How git reaches a remote: credentials that stay out of its arguments and files, ssh that never asks, and what its
 * answers mean.
 *
 * @module
 */

import { shellCommand } from "../../engine/support/shell_quote.ts";
import { withoutSecrets } from "../_shared/http.ts";
import type { GitArgs } from "./mod.ts";

/** A URL as git stores it: that of http without user and password. ssh needs its user. */
export function storedUrl(repo: string): string {
  return /^https?:/i.test(repo) ? withoutSecrets(repo) : repo;
}

/**
 * The variables for git. A look (`reading`) writes no file: no index is refreshed and no host key remembered.
 */
export function environment(args: GitArgs, { reading }: { reading: boolean }): Record<string, string> {
  const ssh = ["ssh", "-o", "BatchMode=yes"];
  if (args.key_file !== undefined) ssh.push("-i", args.key_file, "-o", "IdentitiesOnly=yes");
  if (args.accept_hostkey) ssh.push("-o", "StrictHostKeyChecking=accept-new");
  // ssh writes new keys into the first of these files, and reads all.
  if (reading) ssh.push("-o", "UserKnownHostsFile=/dev/null ~/.ssh/known_hosts", "-o", "UpdateHostKeys=no");
  return {
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: reading ? "0" : "1",
    GIT_SSH_COMMAND: shellCommand(ssh),
    ...credentials(args.repo),
  };
}

/** User and password as a header for this host alone, not for those of submodules. */
function credentials(repo: string): Record<string, string> {
  const url = /^https?:/i.test(repo) ? URL.parse(repo) : null;
  if (url === null || (url.username === "" && url.password === "")) return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${url.origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${new TextEncoder().encode(pair).toBase64()}`,
  };
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ssh: 22, git: 9418 };

/** The touch key of what a repository's refs are read from. */
export function remoteKey(repo: string): string {
  const local = /^(?:file:\/\/)?(\/.*)$/.exec(repo)?.[1];
  if (local !== undefined) return `path:${local}`;
  const url = /^([a-z+]+):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?/i.exec(repo);
  if (url === null) return `net:${/^(?:[^@]*@)?([^:]+):/.exec(repo)?.[1] ?? repo}:22`;
  return `net:${url[2]}:${url[3] ?? PORTS[url[1].toLowerCase()] ?? 22}`;
}

/** What git says of a failure: its last line that is not advice. */
export function lastLine(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const told = lines.findLast((line) => /^(fatal|error|ssh|Host key|.*Permission denied)/i.test(line));
  return (told ?? lines.at(-1) ?? "it failed and says nothing").replace(/^(fatal|error): /, "");
}

/** Whether a failure of git is one of the network, which may pass. */
export function mayPass(stderr: string): boolean {
  return /could not resolve|timed out|connection (refused|reset|closed)|early eof|remote end hung up|error: 5\d\d/i
    .test(stderr);
}
