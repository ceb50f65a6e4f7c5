/**
 * The real host: each read is one script, one round trip; reads that are asked for together travel together.
 *
 * @module
 */

import {
  type ByteStream,
  type ChainPlace,
  type Connection,
  type ExecOptions,
  OutputLimitError,
  type Shell,
} from "../transport/session.ts";
import { askableName, groupScript, parseGroup, parseUser, userScript } from "./account_queries.ts";
import type { Action } from "./action.ts";
import { commandScript, NO_DIRECTORY, whichScript } from "./command_script.ts";
import type { Facts } from "./facts.ts";
import { FACTS_SCRIPT } from "./facts_script.ts";
import { parseFacts } from "./facts_parser.ts";
import {
  cutAnnounced,
  hashScript,
  listScript,
  NOTHING_THERE,
  parseHash,
  parseList,
  parseStat,
  parseTree,
  readScript,
  statScript,
  treeScript,
} from "./file_queries.ts";
import {
  type CommandResult,
  type FileStat,
  type GroupState,
  type Host,
  HostError,
  type PackageOptions,
  type PackageState,
  type ProbeOptions,
  type RunOptions,
  type StatOptions,
  type UnitState,
  type UserState,
} from "./host.ts";
import { fetchThrough } from "../transport/http.ts";
import { packageScript, parsePackage } from "./package_queries.ts";
import { performAction } from "./perform.ts";
import type { Seen } from "./look_script.ts";
import { absolutePath, readRefused, reasonOf, saysAbsent, type ScriptAnswer, shown } from "./script.ts";
import { SharedReads } from "./shared_reads.ts";
import { parseUnit, unitScript } from "./unit_queries.ts";

/** What a {@linkcode RemoteHost} is made of. */
export interface RemoteHostOptions {
  /** The inventory name. */
  readonly name: string;
  /** The user that `shell` runs as. */
  readonly user: string;
  /** What requests and TCP connections leave through. */
  readonly connection: Connection;
  /** The shell of the task's user. */
  readonly shell: Shell;
  /** The task's environment; holds for commands (`run`, `probe`, validation), not for the engine's own reads. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Looks at the words of each command before it runs. @throws {HostError} for what must not be in a process list */
  readonly checkArguments?: (argv: readonly string[]) => void;
  /** Gives up what is under way. */
  readonly signal?: AbortSignal;
  /** Sends `run`'s commands as one of a chain of commands, without waiting for those before it. */
  readonly chain?: ChainPlace;
  /** Opens a fresh connection and the task's shell on it, `deadline` in seconds; without it `reconnect` is refused. */
  readonly reconnect?: (options: { deadline: number }) => Promise<{ connection: Connection; shell: Shell }>;
}

/** What a script about a path printed. */
interface PathAnswer {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
  /** Where it is another path than the one asked for. */
  readonly realPath: string | undefined;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A host behind a connection. Holds nothing but what links were found to lead to: every read asks the host. */
export class RemoteHost implements Host {
  readonly name: string;
  readonly user: string;
  readonly #realPaths = new Map<string, string>();
  #connection: Connection;
  #shell: Shell;

  /** Asks nothing of the host yet. */
  constructor(private readonly options: RemoteHostOptions) {
    this.name = options.name;
    this.user = options.user;
    this.#connection = options.connection;
    this.#shell = options.shell;
  }

  async stat(path: string, options: StatOptions = {}): Promise<FileStat | undefined> {
    const at = absolutePath(path);
    const follow = options.follow ?? false;
    const seen = await this.#reads?.look({ path: at, follow, sha256: options.sha256 ?? false });
    if (seen) return this.#seen(at, follow, seen);
    const { code, stdout, stderr, realPath } = await this.#look(at, statScript(at, follow, options.sha256));
    if (code === 0) return this.#seen(at, follow, { stat: parseStat(utf8.decode(stdout)), realPath });
    if (saysAbsent(stderr)) return undefined;
    throw readRefused(at, stderr, this.user);
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const at = absolutePath(path);
    const { code, stdout, stderr } = await this.#look(at, readScript(at));
    return this.#found(at, code, stderr) ? stdout : undefined;
  }

  async hash(path: string): Promise<string | undefined> {
    const at = absolutePath(path);
    const seen = await this.#reads?.look({ path: at, follow: true, sha256: true });
    if (seen) return this.#seen(at, true, seen)?.sha256;
    const { code, stdout, stderr } = await this.#look(at, hashScript(at));
    return this.#found(at, code, stderr) ? parseHash(utf8.decode(stdout)) : undefined;
  }

  async list(path: string): Promise<string[] | undefined> {
    const at = absolutePath(path);
    const { code, stdout, stderr } = await this.#look(at, listScript(at));
    return this.#found(at, code, stderr) ? parseList(utf8.decode(stdout)) : undefined;
  }

  async tree(path: string): Promise<Map<string, FileStat> | undefined> {
    const at = absolutePath(path);
    for (let attempt = 0; attempt < 3; attempt++) {
      const { code, stdout, stderr } = await this.#look(at, treeScript(at));
      if (code !== 0 && code !== NOTHING_THERE && saysAbsent(stderr)) continue;
      if (!this.#found(at, code, stderr)) return undefined;
      const tree = parseTree(utf8.decode(stdout));
      if (tree) return new Map([...tree].sort(([one], [other]) => one < other ? -1 : 1));
    }
    throw new HostError(`cannot read ${shown(at)}: files in it come and go while it is being read`, true);
  }

  async package(name: string, options: PackageOptions = {}): Promise<PackageState> {
    const candidate = options.candidate ?? true;
    const answer = candidate || !this.#reads
      ? await this.#ask(packageScript(name, candidate))
      : await this.#reads.package(name);
    return parsePackage(answer.code, answer.stdout);
  }

  async unit(name: string): Promise<UnitState> {
    return parseUnit(name, await (this.#reads?.unit(name) ?? this.#ask(unitScript([name]))));
  }

  async account(name: string): Promise<UserState | undefined> {
    if (!askableName(name)) return undefined;
    return parseUser(name, (await this.#ask(userScript(name))).stdout);
  }

  async group(name: string): Promise<GroupState | undefined> {
    if (!askableName(name)) return undefined;
    return parseGroup(name, (await this.#ask(groupScript(name))).stdout);
  }

  async facts(): Promise<Facts> {
    return parseFacts((await this.#ask(FACTS_SCRIPT)).stdout);
  }

  async which(program: string): Promise<string | undefined> {
    const { environment } = this.options;
    const found = this.#reads && environment?.PATH === undefined
      ? await this.#reads.which(program)
      : (await this.#ask(whichScript([program], environment))).stdout.split("\0")[0];
    return found || undefined;
  }

  probe(argv: readonly string[], options: ProbeOptions = {}): Promise<CommandResult> {
    return this.#command(argv, options);
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    this.#reads?.flush();
    return this.#command(argv, options, this.options.chain);
  }

  perform(action: Action): Promise<CommandResult> {
    this.#reads?.flush();
    return performAction({
      user: this.user,
      environment: this.options.environment ?? {},
      script: (text, stdin, streamSize) => this.#ask(text, stdin === undefined ? {} : { stdin, streamSize }),
      clean: (text) => this.#clean(text),
      command: (argv, options) => this.#command(argv, options),
    }, action);
  }

  fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const signals = [init.signal, this.options.signal].filter((each) => each instanceof AbortSignal);
    return fetchThrough(this.#connection, url, { ...init, signal: AbortSignal.any(signals) });
  }

  connect(address: string, port: number): Promise<ByteStream> {
    return this.#connection.connect(address, port);
  }

  async reconnect(options: { deadline: number }): Promise<void> {
    if (!this.options.reconnect) throw new HostError(`${this.name}: this connection cannot be opened again`);
    const fresh = await this.options.reconnect(options);
    this.#connection = fresh.connection;
    this.#shell = fresh.shell;
  }

  realPathOf(path: string): string | undefined {
    return this.#realPaths.get(path);
  }

  /** The reads that are shared with others on the shell; one who may give up reads alone. */
  get #reads(): SharedReads | undefined {
    return this.options.signal ? undefined : SharedReads.of(this.#shell);
  }

  #seen(path: string, follow: boolean, { stat, realPath }: Seen): FileStat | undefined {
    if (realPath !== undefined) this.#realPaths.set(path, realPath);
    return stat && follow ? { ...stat, realPath: realPath ?? path } : stat;
  }

  /** Runs a script of file_queries.ts and keeps the real path that it found. */
  async #look(path: string, script: string): Promise<PathAnswer> {
    try {
      const reading = this.#reads?.script(script) ?? this.#shell.exec(script, this.#exec());
      const { code, stdout, stderr } = await reading;
      const { realPath, rest } = cutAnnounced(stdout);
      if (realPath !== undefined) this.#realPaths.set(path, realPath);
      return { code, stdout: rest, stderr: utf8.decode(stderr), realPath };
    } catch (error) {
      if (error instanceof OutputLimitError) throw new HostError(`cannot read ${shown(path)}: ${error.message}`);
      throw error;
    }
  }

  /** Whether a read found its file; what else stopped it is thrown. */
  #found(path: string, code: number, stderr: string): boolean {
    if (code === 0) return true;
    if (code === NOTHING_THERE && (stderr === "" || saysAbsent(stderr))) return false;
    throw readRefused(path, stderr, this.user);
  }

  async #command(argv: readonly string[], options: RunOptions, chain?: ChainPlace): Promise<CommandResult> {
    this.options.checkArguments?.(argv);
    const environment = { ...this.options.environment, ...options.environment };
    const script = commandScript(argv, { environment, directory: options.directory });
    const { timeout, stdin, stdout, streamSize } = options;
    const answer = await this.#ask(script, {
      ...(timeout !== undefined && { timeout }),
      ...(stdout !== undefined && { stdout, streamSize }),
      ...(chain !== undefined && stdin === undefined && stdout === undefined && { chain }),
      ...(stdin !== undefined && { stdin: typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin }),
    });
    if (answer.code === 127 && answer.stderr.startsWith(NO_DIRECTORY)) {
      const directory = shown(options.directory ?? "");
      throw new HostError(`cannot run ${argv[0]} in ${directory}: ${reasonOf(answer.stderr)}`);
    }
    return answer;
  }

  async #ask(script: string, options: ExecOptions = {}): Promise<ScriptAnswer> {
    const { code, stdout, stderr } = await this.#shell.exec(script, this.#exec(options));
    return { code, stdout: utf8.decode(stdout), stderr: utf8.decode(stderr) };
  }

  #exec(options: ExecOptions = {}): ExecOptions {
    return this.options.signal ? { ...options, signal: this.options.signal } : options;
  }

  /** Runs a script whatever has been given up, and lets its failure be: there is nobody left to tell. */
  async #clean(script: string): Promise<void> {
    await this.#shell.exec(script, { timeout: 10 }).catch(() => {});
  }
}
