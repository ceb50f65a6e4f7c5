/**
 * From a name to everything a connection needs: the operator's explicit settings, then `~/.ssh/config`, then
 * `/etc/ssh/ssh_config`, then OpenSSH's defaults.
 *
 * @module
 */

import { homedir, userInfo } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { inputError } from "../support/diagnostic.ts";
import { type ParsedSshConfig, parseSshConfig } from "../support/ssh_config.ts";
import type { HostKeyChecking } from "./known_hosts.ts";
import type { SshHop } from "./ssh_options.ts";

/** What the operator set for this host outside of ssh's own configuration; each wins over it. */
export interface SshOverrides {
  /** The port. */
  readonly port?: number;
  /** The user to log in as. */
  readonly user?: string;
  /** Private key files; `~` is the home directory. */
  readonly identities?: readonly string[];
  /** The password to log in with, if keys are not taken. */
  readonly password?: string;
  /** How host keys are checked, here and on the way. */
  readonly hostKeyChecking?: HostKeyChecking;
  /** Files with host keys, here and on the way. */
  readonly knownHosts?: readonly string[];
  /** Jump hosts as `ProxyJump` writes them, e.g. `ops@bastion:2222`; an empty list means none. */
  readonly jumps?: readonly string[];
}

/** Where the configuration is read from. */
export interface SshConfigPlace {
  /** The home directory. */
  readonly home: string;
  /** The local user's name. */
  readonly user: string;
  /** The user's configuration. */
  readonly userFile: string;
  /** The system's configuration. */
  readonly systemFile: string;
  /** The agent's socket. */
  readonly agent?: string;
}

/** A host with the jump hosts on the way to it. */
export interface SshTarget extends SshHop {
  /** The jump hosts on the way, nearest first. */
  readonly jumps: readonly SshHop[];
}

type Values = Readonly<Record<string, string | string[]>>;

const DEFAULT_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];
const MODES: Readonly<Record<string, HostKeyChecking>> = {
  "yes": "strict",
  "accept-new": "accept-new",
  "no": "off",
  "off": "off",
};

/** Where this user's configuration is. */
export function defaultPlace(): SshConfigPlace {
  const home = homedir();
  return {
    home,
    user: userInfo().username,
    userFile: join(home, ".ssh/config"),
    systemFile: "/etc/ssh/ssh_config",
    agent: Deno.env.get("SSH_AUTH_SOCK"),
  };
}

/**
 * Everything needed to connect to a name: what `ssh NAME` would do, with the operator's own settings on top.
 *
 * @param alias what would be given to `ssh`: `ansible_host`, or the inventory name without one
 */
export async function resolveSshTarget(
  alias: string,
  overrides: SshOverrides = {},
  place: SshConfigPlace = defaultPlace(),
): Promise<SshTarget> {
  const config = await loadConfig(place);
  return resolve(alias, overrides, place, config, []);
}

function resolve(
  alias: string,
  overrides: SshOverrides,
  place: SshConfigPlace,
  config: ParsedSshConfig,
  from: readonly string[],
): SshTarget {
  if (from.includes(alias)) {
    throw inputError("ssh-jump-loop", `jump hosts lead in a circle: ${[...from, alias].join(" → ")}`);
  }
  const values = config.valuesFor(alias);
  const host = one(values, "hostname")?.replaceAll("%h", alias).replaceAll("%%", "%") ?? alias;
  const port = overrides.port ?? Number(one(values, "port") ?? 22);
  const user = overrides.user ?? one(values, "user") ?? place.user;
  const path = (text: string) => expand(text, { alias, host, port, user }, place);
  const named = overrides.identities ?? all(values, "identityfile").filter((file) => file !== "none");
  const identities = named.length > 0 ? named : DEFAULT_KEYS.map((name) => `~/.ssh/${name}`);
  const hop: SshHop = {
    host,
    port,
    user,
    identities: identities.map(path),
    explicitIdentities: named.length > 0,
    identitiesOnly: one(values, "identitiesonly") === "yes",
    agent: agentOf(values, place, path),
    password: overrides.password,
    knownHosts: (overrides.knownHosts ?? knownHosts(values)).map(path),
    hostKeyChecking: overrides.hostKeyChecking ?? MODES[one(values, "stricthostkeychecking") ?? ""] ?? "accept-new",
    hostKeyAlias: one(values, "hostkeyalias"),
  };
  const chain = overrides.jumps ?? jumpsOf(alias, values);
  // A jump host has settings of its own; of the operator's, only how keys are checked holds on the way too.
  const { hostKeyChecking, knownHosts: files } = overrides;
  const jumps = chain.flatMap((text, index) => {
    const { name, ...where } = parseJump(text);
    // Only the first has a way of its own; each other is reached from the one before it.
    const way = index === 0 ? undefined : [];
    const { jumps: before, ...jump } = resolve(
      name,
      { ...where, hostKeyChecking, knownHosts: files, jumps: way },
      place,
      config,
      [...from, alias],
    );
    return [...before, jump];
  });
  return { ...hop, jumps };
}

function knownHosts(values: Values): string[] {
  const user = all(values, "userknownhostsfile");
  const global = all(values, "globalknownhostsfile");
  return [
    ...(user.length > 0 ? user.filter((file) => file !== "none") : ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]),
    ...(global.length > 0 ? global : ["/etc/ssh/ssh_known_hosts"]),
  ];
}

function agentOf(values: Values, place: SshConfigPlace, path: (text: string) => string): string | undefined {
  const named = one(values, "identityagent");
  if (named === "none") return undefined;
  if (named === undefined || named === "SSH_AUTH_SOCK") return place.agent || undefined;
  return named.startsWith("$") ? Deno.env.get(named.slice(1).replace(/^{(.*)}$/, "$1")) : path(named);
}

function jumpsOf(alias: string, values: Values): string[] {
  const jump = one(values, "proxyjump");
  if (jump !== undefined) return jump === "none" ? [] : jump.split(",").map((hop) => hop.trim());
  const command = one(values, "proxycommand");
  if (command === undefined || command === "none") return [];
  // The old way to write a jump: `ssh -W %h:%p bastion`.
  const old = /^(?:\S*\/)?ssh\s+(?:-q\s+)*-W\s+\[?%h\]?:%p\s+(?:-q\s+)*(?:-p\s*(\d+)\s+)?([^\s-]\S*)$/.exec(
    command.trim(),
  );
  if (old) return [old[1] ? `${old[2]}:${old[1]}` : old[2]];
  throw inputError(
    "ssh-proxy-command",
    `the ssh configuration reaches '${alias}' by ProxyCommand, which is not supported: ${command}`,
    undefined,
    "use ProxyJump, or the system's ssh, which knows it (ansible_connection: openssh)",
  );
}

/** The parts of a jump host as `ProxyJump` writes it, `[user@]host[:port]`. @throws {DiagnosticError} */
export function parseJump(text: string): { name: string; user?: string; port?: number } {
  const parts = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?\/?$/.exec(text);
  if (!parts) throw inputError("ssh-jump", `'${text}' is not a jump host; it is written [user@]host[:port]`);
  return { name: parts[2] ?? parts[3], user: parts[1], port: parts[4] ? Number(parts[4]) : undefined };
}

function one(values: Values, key: string): string | undefined {
  const value = values[key];
  return Array.isArray(value) ? value.join(" ") : value;
}

function all(values: Values, key: string): string[] {
  const value = values[key];
  return value === undefined ? [] : Array.isArray(value) ? value : value.split(/\s+/);
}

interface Names {
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** Replaces `~`, `${VAR}` and the percent tokens of ssh_config(5). */
function expand(text: string, names: Names, place: SshConfigPlace): string {
  const tokens: Readonly<Record<string, string>> = {
    "%": "%",
    d: place.home,
    h: names.host,
    n: names.alias,
    p: String(names.port),
    r: names.user,
    u: place.user,
  };
  return text
    .replace(/^~(?=\/|$)/, place.home)
    .replace(/\$\{(\w+)\}/g, (_all, name) => Deno.env.get(name) ?? "")
    .replace(/%(.)/g, (whole, letter) => tokens[letter] ?? whole);
}

const loaded = new Map<string, Promise<ParsedSshConfig>>();

/** Both files as one text, read once in a process: the user's first, because the first value counts. */
function loadConfig(place: SshConfigPlace): Promise<ParsedSshConfig> {
  const key = JSON.stringify(place);
  let config = loaded.get(key);
  if (!config) {
    const texts = [readConfig(place.userFile, place, 0), readConfig(place.systemFile, place, 0)];
    // `Host *` ends the last section of a file: what follows holds for all.
    config = Promise.all(texts).then(([user, system]) => parseSshConfig(`${user}\nHost *\n${system}`));
    loaded.set(key, config);
  }
  return config;
}

async function readConfig(path: string, place: SshConfigPlace, depth: number): Promise<string> {
  if (depth > 16) throw inputError("ssh-include", `${path}: Include goes too deep`);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw inputError("ssh-config", `${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const lines: string[] = [];
  let section = "Host *";
  for (const line of text.split(/\r?\n/)) {
    const [, keyword, rest] = /^\s*(\w+)\s*[\s=]\s*(.*)$/.exec(line) ?? [];
    if (/^(host|match)$/i.test(keyword)) section = line;
    if (!/^include$/i.test(keyword)) {
      lines.push(line);
      continue;
    }
    const relativeTo = path === place.systemFile ? dirname(path) : join(place.home, ".ssh");
    for (const file of await includedFiles(rest, relativeTo, place)) {
      // The section that the Include stands in goes on after it.
      lines.push(await readConfig(file, place, depth + 1), section);
    }
  }
  return lines.join("\n");
}

async function includedFiles(patterns: string, relativeTo: string, place: SshConfigPlace): Promise<string[]> {
  const files: string[] = [];
  for (const [, quoted, bare] of patterns.matchAll(/"([^"]*)"|(\S+)/g)) {
    const text = (quoted ?? bare).replace(/^~(?=\/)/, place.home);
    const path = isAbsolute(text) ? text : join(relativeTo, text);
    if (!/[*?]/.test(basename(path))) {
      files.push(path);
      continue;
    }
    const source = basename(path).replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
    const found: string[] = [];
    try {
      for await (const entry of Deno.readDir(dirname(path))) {
        if (!entry.isDirectory && new RegExp(`^${source}$`).test(entry.name)) {
          found.push(join(dirname(path), entry.name));
        }
      }
    } catch {
      // A folder that is not there includes nothing.
    }
    files.push(...found.sort());
  }
  return files;
}
