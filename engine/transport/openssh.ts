/**
 * Hosts over the system's `ssh`: what it can do is at hand (its whole configuration, certificates, hardware keys, GSSAPI,
 * post-quantum key exchange), for more processes than the built-in client needs.
 *
 * @module
 */

import { type CommandLimits, ShellPool } from "./connection.ts";
import { hopArguments, type OpensshDial, type OpensshHop } from "./openssh_arguments.ts";
import { OpensshMaster } from "./openssh_master.ts";
import { logins } from "./pace.ts";
import { retrying } from "./retry.ts";
import { type Become, type ByteStream, type Connection, type Shell, UnreachableError } from "./session.ts";
import { parseJump, type SshOverrides } from "./ssh_config.ts";

/** How {@linkcode openOpenssh} works. */
export interface OpensshOptions extends OpensshDial, SshOverrides, CommandLimits {
  /** What is given to `ssh`: a name of its configuration, or an address. */
  readonly alias: string;
}

/** What `ssh -G` says of a name. */
interface Resolved {
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly jumps: readonly string[];
}

interface Shared {
  readonly master: Promise<OpensshMaster>;
  readonly release: () => Promise<void>;
  users: number;
}

/** The jump hosts in use: one connection to each, whatever number of hosts is behind it. */
const shared = new Map<string, Shared>();

const MOST_JUMPS = 8;

/**
 * Connects to a host by the system's `ssh`.
 *
 * @throws {UnreachableError} when the host cannot be reached after all attempts, or does not let us in
 */
export async function openOpenssh(options: OpensshOptions): Promise<Connection> {
  return await retrying(() => connectOnce(options), {
    attempts: options.attempts,
    signal: options.signal,
    retryable: (error) => error instanceof UnreachableError && !error.authentication,
  });
}

async function connectOnce(options: OpensshOptions): Promise<Connection> {
  const resolved = await resolve(options, options);
  const chain = await wayOf(options.jumps ?? resolved.jumps, options);
  const name = `${resolved.user}@${resolved.host}:${resolved.port}`;
  const way = chain.length > 0 ? ` via ${chain.map(nameOf).join(",")}` : "";
  const jump = chain.length > 0 ? await lease(chain, options) : undefined;
  try {
    const via = await jump?.master;
    const open = () => OpensshMaster.open(options, `${name}${way}`, options, via);
    const master = await logins.run(`${resolved.host}:${resolved.port}${way}`, open, options.signal);
    return new OpensshConnection(master, resolved.user, `ssh:${name}${way}`, options, () => jump?.release());
  } catch (error) {
    await jump?.release();
    throw error;
  }
}

class OpensshConnection implements Connection {
  readonly #pool: ShellPool;

  constructor(
    private readonly master: OpensshMaster,
    readonly user: string,
    readonly target: string,
    options: OpensshOptions,
    private readonly release: () => Promise<void> | undefined,
  ) {
    const launch = (command: string) =>
      master.lost ? Promise.reject(master.lost) : Promise.resolve(master.launch(command));
    this.#pool = new ShellPool({ where: options.alias, user, launch }, options);
  }

  shell(become?: Become, session?: string): Promise<Shell> {
    return this.#pool.shell(become, session);
  }

  connect(address: string, port: number): Promise<ByteStream> {
    return this.master.forward(address, port);
  }

  async close(): Promise<void> {
    this.#pool.close();
    await this.master.close();
    await this.release();
  }
}

/** What `ssh` makes of a name by its configuration, without connecting. */
async function resolve(hop: OpensshHop, dial: OpensshDial): Promise<Resolved> {
  const args = ["-G", ...hopArguments(hop, dial)];
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(dial.program ?? "ssh", { args, stdin: "null" }).output();
  } catch {
    const text = `${hop.alias}: there is no '${dial.program ?? "ssh"}' on this machine to connect with`;
    throw new UnreachableError(text, true);
  }
  const decoder = new TextDecoder();
  const said = decoder.decode(output.stderr).trim().split("\n")[0];
  if (!output.success) throw new UnreachableError(`${hop.alias}: the configuration of ssh is wrong: ${said}`, true);
  const text = decoder.decode(output.stdout);
  const value = (key: string) => new RegExp(`^${key} (.*)$`, "m").exec(text)?.[1];
  const jump = value("proxyjump");
  return {
    user: value("user") ?? "",
    host: value("hostname") ?? hop.alias,
    port: value("port") ?? "22",
    jumps: jump === undefined || jump === "none" ? [] : jump.split(",").map((one) => one.trim()),
  };
}

/** All jump hosts, nearest first: the first may itself be behind others, each other is reached from the one before it. */
async function wayOf(jumps: readonly string[], options: OpensshOptions): Promise<OpensshHop[]> {
  const chain: OpensshHop[] = [];
  for (let names = [...jumps]; names.length > 0;) {
    if (chain.length + names.length > MOST_JUMPS) {
      throw new UnreachableError(`${options.alias}: more than ${MOST_JUMPS} jump hosts, or a circle of them`, true);
    }
    // A jump host has settings of its own; of the operator's, only how keys are checked holds on the way too.
    const { hostKeyChecking, knownHosts } = options;
    const hops = names.map((text) => {
      const { name, user, port } = parseJump(text);
      return { alias: name, user, port, hostKeyChecking, knownHosts };
    });
    chain.unshift(...hops);
    names = [...(await resolve(hops[0], options)).jumps];
  }
  return chain;
}

function nameOf({ alias, user, port }: OpensshHop): string {
  return `${user === undefined ? "" : `${user}@`}${alias}${port === undefined ? "" : `:${port}`}`;
}

interface Lease {
  readonly master: Promise<OpensshMaster>;
  readonly release: () => Promise<void>;
}

/** Takes the connection to the last host of a chain, which is made if nobody has it yet. */
async function lease(chain: readonly OpensshHop[], options: OpensshOptions): Promise<Lease> {
  const key = JSON.stringify([options.program, options.configFile, chain]);
  let entry = shared.get(key);
  if (!entry) shared.set(key, entry = open(key, chain, options));
  entry.users++;
  const held = entry;
  let over = false;
  const release = async () => {
    if (over) return;
    over = true;
    if (--held.users > 0) return;
    if (shared.get(key) === held) shared.delete(key);
    await (await held.master.catch(() => undefined))?.close();
    await held.release();
  };
  try {
    await held.master;
    return { master: held.master, release };
  } catch (error) {
    await release();
    throw error;
  }
}

function open(key: string, chain: readonly OpensshHop[], options: OpensshOptions): Shared {
  const hop = chain[chain.length - 1];
  const before = chain.slice(0, -1);
  // One host's giving up must not take the connection from the others.
  const dial = { ...options, signal: undefined };
  let jump: Lease | undefined;
  const forget = () => void (shared.get(key) === entry && shared.delete(key));
  const master = (async () => {
    if (before.length > 0) jump = await lease(before, options);
    const way = before.length > 0 ? ` via ${before.map(nameOf).join(",")}` : "";
    const opened = await OpensshMaster.open(hop, `${nameOf(hop)}${way}`, dial, await jump?.master);
    // A lost jump host is forgotten, so that the next attempt makes a new connection.
    opened.onLost(forget);
    return opened;
  })();
  master.catch(forget);
  const entry: Shared = { master, users: 0, release: () => jump?.release() ?? Promise.resolve() };
  return entry;
}
