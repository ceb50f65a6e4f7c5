/**
 * Opens the connections of a run, from Ansible's connection variables, the play's keywords, the command line and the
 * user's ssh config, in that order.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import type { HostKeyChecking } from "../transport/known_hosts.ts";
import { descriptorShortage } from "../transport/descriptors.ts";
import { retrying } from "../transport/retry.ts";
import { type Become, type Connection, UnreachableError } from "../transport/session.ts";
import type { Settings } from "../playbook/playbook.ts";
import { isTrue } from "../variables/values.ts";
import type { Scope, Variable } from "../variables/variable.ts";
import { type SshArguments, sshArguments } from "./ssh_arguments.ts";

/** What the command line says about connections. */
export interface ConnectionOptions {
  /** The user to log in as; undefined for the ssh config's or, without one, the operator's own name. */
  readonly user?: string;
  /** The path of a private key's file on the controller; undefined for the usual keys. */
  readonly privateKey?: string;
  /** `ssh`, `openssh`, `local` or a word of Ansible's for them; undefined for `ssh`. */
  readonly connection?: string;
  /** Which unknown host keys are taken. */
  readonly hostKeyChecking: HostKeyChecking;
  /** Seconds; default 10. */
  readonly connectTimeout?: number;
  /** Seconds; default 300. */
  readonly commandTimeout?: number;
  /** Whether tasks become another user unless something nearer says otherwise. */
  readonly become: boolean;
  /** Whom tasks become; undefined for `root`. */
  readonly becomeUser?: string;
  /** `sudo` or `su`; undefined for `sudo`. */
  readonly becomeMethod?: string;
  /** The password that sudo or su asks for; undefined where none is needed. */
  readonly becomePassword?: string;
  /** The password to log in with; undefined to use keys alone. */
  readonly password?: string;
  /** Asks for a key's passphrase. */
  readonly passphrase?: (file: string) => Promise<string | undefined>;
}

/** Where a task connects to. */
export interface Target {
  /** How commands get there: the built-in client, the system's `ssh`, or the controller itself. */
  readonly transport: "ssh" | "openssh" | "local";
  /** The name or IP address, still to be looked up in the ssh config. */
  readonly address: string;
  /** 1 to 65535; undefined for the ssh config's, or 22. */
  readonly port?: number;
  /** The user to log in as; undefined for the ssh config's or, without one, the operator's own name. */
  readonly user?: string;
  /** The path of a private key's file on the controller; undefined for the usual keys. */
  readonly privateKey?: string;
  /** The password to log in with; undefined to use keys alone. */
  readonly password?: string;
  /** What `ansible_ssh_common_args` and `ansible_ssh_extra_args` say. */
  readonly ssh: SshArguments;
}

const TRANSPORTS: Readonly<Record<string, Target["transport"]>> = {
  ssh: "ssh",
  smart: "ssh",
  paramiko: "ssh",
  paramiko_ssh: "ssh",
  openssh: "openssh",
  local: "local",
};

/** Where a host is reached, as its variables and the keywords of the task say. */
export function targetOf(
  name: string,
  scope: Scope,
  settings: Settings | undefined,
  options: ConnectionOptions,
): Target {
  const variable = (...names: string[]) => firstOf(scope, names);
  const keyword = (value: Variable | undefined) => value?.evaluate(scope);
  const word = String(
    variable("ansible_connection") ?? keyword(settings?.connection) ?? options.connection ?? "ssh",
  ).replace(/^ansible\.(builtin|netcommon)\./, "");
  const transport = TRANSPORTS[word];
  if (!transport) {
    const span = placeOfVariable(scope, "ansible_connection") ?? settings?.connection?.span;
    const help = didYouMean(word, Object.keys(TRANSPORTS)) ?? "use ssh, openssh or local";
    throw inputError("connection", `there is no connection '${word}'`, span, help);
  }
  const port = variable("ansible_port", "ansible_ssh_port") ?? keyword(settings?.port);
  const user = variable("ansible_user", "ansible_ssh_user") ?? keyword(settings?.remoteUser) ?? options.user;
  const password = variable("ansible_password", "ansible_ssh_pass", "ansible_ssh_password") ?? options.password;
  const key = variable("ansible_ssh_private_key_file", "ansible_private_key_file") ?? options.privateKey;
  return {
    transport,
    address: String(variable("ansible_host", "ansible_ssh_host") ?? name),
    port: port === undefined ? undefined : portOf(port, () => {
      return placeOfVariable(scope, "ansible_port", "ansible_ssh_port") ?? settings?.port?.span;
    }),
    user: user === undefined ? undefined : String(user),
    privateKey: key === undefined ? undefined : String(key),
    password: password === undefined ? undefined : String(password),
    ssh: argumentsOf(scope),
  };
}

function argumentsOf(scope: Scope): SshArguments {
  const names = ["ansible_ssh_common_args", "ansible_ssh_extra_args"];
  const texts = names.map((name) => [name, String(scope.get(name) ?? "")] as const).filter(([, text]) => text !== "");
  return Object.assign({}, ...texts.map(([name, text]) => sshArguments(name, text, placeOfVariable(scope, name))));
}

/** The value of the first name that has one. */
function firstOf(scope: Scope, names: readonly string[]): Value | undefined {
  for (const name of names) {
    const value = scope.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Where the first of the variables that is set was written. */
function placeOfVariable(scope: Scope, ...names: string[]): Span | undefined {
  const name = names.find((each) => scope.get(each) !== undefined);
  return name === undefined ? undefined : scope.placeOf(name);
}

function portOf(value: Value, place: () => Span | undefined): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw inputError("connection", `the port must be a number from 1 to 65535, got '${String(value)}'`, place());
}

/** Whom a task becomes, or undefined to stay the connecting user. */
export function becomeOf(scope: Scope, settings: Settings, options: ConnectionOptions): Become | undefined {
  const variable = (...names: string[]) => firstOf(scope, names);
  const wanted = variable("ansible_become") ?? settings.become?.evaluate(scope) ?? options.become;
  if (!isTrue(wanted)) return undefined;
  const user = variable("ansible_become_user") ?? settings.becomeUser?.evaluate(scope) ?? options.becomeUser ?? "root";
  const method = String(
    variable("ansible_become_method") ?? settings.becomeMethod?.evaluate(scope) ?? options.becomeMethod ?? "sudo",
  );
  if (method !== "sudo" && method !== "su") {
    const span = placeOfVariable(scope, "ansible_become_method") ?? settings.becomeMethod?.span;
    throw inputError("become", `there is no become method '${method}'`, span, "use sudo or su");
  }
  const password = variable("ansible_become_password", "ansible_become_pass") ?? options.becomePassword;
  return { user: String(user), method, password: password === undefined ? undefined : String(password) };
}

/** A connection and the hosts whose tasks use it, by their inventory names. */
interface Shared {
  opening: Promise<Connection>;
  readonly users: Set<string>;
}

/** The connections of a run; one for each target, shared by whoever needs it. */
export class Connections {
  readonly #open = new Map<string, Shared>();
  readonly #replaced = new WeakSet<Connection>();
  readonly #closing = new Set<Promise<void>>();

  /** What was said once and counts for all hosts. */
  readonly #said = new Set<string>();

  /** Opens nothing yet; `signal` gives up what is being opened, `onNotice` takes what a person must know. */
  constructor(
    readonly options: ConnectionOptions,
    readonly signal: AbortSignal,
    readonly onNotice: (message: string) => void = () => {},
  ) {}

  /**
   * Makes sure that so many hosts can be connected to at once.
   *
   * @throws {DiagnosticError} saying what to set
   */
  expect(hosts: number): void {
    const shortage = descriptorShortage(hosts, this.options.connection === "openssh");
    if (shortage) throw inputError("open-files", shortage.message, undefined, shortage.help);
  }

  /**
   * The connection to a target, opened at the first call. A failure is kept: the host counts as unreachable.
   *
   * @param user the inventory name of the host whose task asks; the connection stays until all who asked have left
   */
  get(target: Target, user: string): Promise<Connection> {
    const key = JSON.stringify(target);
    let shared = this.#open.get(key);
    if (!shared) {
      shared = { opening: this.#connect(target), users: new Set() };
      shared.opening.catch(() => {});
      this.#open.set(key, shared);
    }
    shared.users.add(user);
    return shared.opening;
  }

  /** A host has no more tasks: connections that nobody else uses are closed. They open again where they are asked for. */
  leave(user: string): void {
    for (const [key, { opening, users }] of this.#open) {
      if (!users.delete(user) || users.size > 0) continue;
      this.#open.delete(key);
      const closed = closeOpened(opening).then(() => void this.#closing.delete(closed));
      this.#closing.add(closed);
    }
  }

  /**
   * A fresh connection to a target in place of the one that is there; who asks meanwhile waits for it.
   *
   * @param deadline seconds for which it is tried
   * @throws {UnreachableError} with why the last attempt failed
   */
  async renew(target: Target, deadline: number): Promise<Connection> {
    const key = JSON.stringify(target);
    const shared = this.#open.get(key);
    const end = Date.now() + deadline * 1000;
    const left = () => Math.max(1, (end - Date.now()) / 1000);
    const fresh = retrying(() => this.#connect(target, { attempts: 1, connectTimeout: left() }), {
      attempts: Infinity,
      delay: 0.5,
      maxDelay: 5,
      // A host that is going down or coming up may refuse a login that it will take in a moment.
      retryable: (error) => error instanceof UnreachableError && Date.now() < end,
      signal: this.signal,
    });
    fresh.catch(() => {});
    const old = shared?.opening;
    if (shared) shared.opening = fresh;
    else this.#open.set(key, { opening: fresh, users: new Set() });
    old?.then((connection) => {
      this.#replaced.add(connection);
      return connection.close();
    }, () => {});
    return await fresh;
  }

  /** Closes the connection to a target; the next task opens a fresh one. */
  async reset(target: Target): Promise<void> {
    const key = JSON.stringify(target);
    const shared = this.#open.get(key);
    this.#open.delete(key);
    const connection = await shared?.opening.catch(() => undefined);
    if (connection) this.#replaced.add(connection);
    await connection?.close();
  }

  /** Targets that could not be reached are tried again. */
  async forgetFailures(): Promise<void> {
    for (const [key, { opening }] of this.#open) {
      const reached = await opening.then(() => true, () => false);
      if (!reached) this.#open.delete(key);
    }
  }

  /** Whether there is a fresh connection in place of this one. */
  isReplaced(connection: Connection): boolean {
    return this.#replaced.has(connection);
  }

  async #connect(target: Target, limits: { attempts?: number; connectTimeout?: number } = {}): Promise<Connection> {
    const { commandTimeout, hostKeyChecking, passphrase } = this.options;
    const connectTimeout = Math.min(this.options.connectTimeout ?? 10, limits.connectTimeout ?? Infinity);
    if (target.transport === "local") {
      const { openLocal } = await import("../transport/local.ts");
      return await openLocal({ commandTimeout });
    }
    const { openHost } = await import("../transport/mod.ts");
    return await openHost(target.address, {
      transport: target.transport,
      port: target.port,
      user: target.user,
      identities: target.privateKey ? [target.privateKey] : undefined,
      password: target.password,
      hostKeyChecking: target.ssh.hostKeyChecking ?? hostKeyChecking,
      jumps: target.ssh.jumps,
      knownHosts: target.ssh.knownHosts,
      attempts: limits.attempts,
      commandTimeout,
      connectTimeout,
      passphrase,
      signal: this.signal,
      onNotice: (message) => this.#notice(`${target.address}: ${message}`, message),
    });
  }

  /** Says it for the first host only: the others of a fleet are like it. */
  #notice(text: string, kind: string): void {
    if (this.#said.has(kind)) return;
    this.#said.add(kind);
    this.onNotice(text);
  }

  /** Closes all. */
  async close(): Promise<void> {
    await Promise.all([...this.#closing, ...[...this.#open.values()].map(({ opening }) => closeOpened(opening))]);
    this.#open.clear();
  }
}

async function closeOpened(opening: Promise<Connection>): Promise<void> {
  try {
    await (await opening).close();
  } catch {
    // A connection that never came to be needs no closing.
  }
}

/** Stands for a connection that could not be opened, so that a task which waits for it can begin; refuses everything. */
export function missingConnection(target: Target, error: UnreachableError): Connection {
  const refuse = () => Promise.reject(error);
  return {
    target: `unreached:${target.address}`,
    user: target.user ?? "",
    shell: () => Promise.resolve({ exec: refuse }),
    connect: refuse,
    close: () => Promise.resolve(),
  };
}
