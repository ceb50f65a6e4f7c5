/**
 * Records what an inspection reads, so that the engine knows which later change makes it stale.
 *
 * @module
 */

import type { ByteStream } from "../transport/session.ts";
import type { Facts } from "./facts.ts";
import type {
  CommandResult,
  FileStat,
  GroupState,
  PackageOptions,
  PackageState,
  ProbeOptions,
  ReadOnlyHost,
  StatOptions,
  TouchKey,
  UnitState,
  UserState,
} from "./host.ts";
import { netKey, pathKey, typeKey } from "./touch_keys.ts";
import { unitName } from "./unit_queries.ts";

/**
 * A host that remembers what was asked of it. One is made for each inspection. A read counts from the moment it is
 * asked, so that one that fails counts too.
 */
export class Recorder implements ReadOnlyHost {
  /** What has been read so far. Paths stand for themselves and, where links lead elsewhere, for the real path too. */
  readonly reads: Set<TouchKey> = new Set();
  /** What is counted among the reads only if it turns out to be absent: paths whose type is being asked for. */
  readonly underWay: Set<TouchKey> = new Set();
  readonly name: string;
  readonly user: string;

  /** Made with the host that answers; it may be a planned one. */
  constructor(private readonly host: ReadOnlyHost) {
    this.name = host.name;
    this.user = host.user;
  }

  async stat(path: string, options?: StatOptions): Promise<FileStat | undefined> {
    if (options?.typeOnly) return await this.#type(path, options);
    const stat = await this.#path(path, this.host.stat(path, options));
    if (stat?.realPath !== undefined) this.reads.add(pathKey(stat.realPath));
    return stat;
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return this.#path(path, this.host.read(path));
  }

  hash(path: string): Promise<string | undefined> {
    return this.#path(path, this.host.hash(path));
  }

  list(path: string): Promise<string[] | undefined> {
    return this.#path(path, this.host.list(path));
  }

  tree(path: string): Promise<Map<string, FileStat> | undefined> {
    return this.#path(path, this.host.tree(path));
  }

  package(name: string, options?: PackageOptions): Promise<PackageState> {
    this.reads.add(`package:${name}`);
    return this.host.package(name, options);
  }

  unit(name: string): Promise<UnitState> {
    this.reads.add(`unit:${unitName(name)}`);
    return this.host.unit(name);
  }

  account(name: string): Promise<UserState | undefined> {
    this.reads.add(`user:${name}`);
    return this.host.account(name);
  }

  group(name: string): Promise<GroupState | undefined> {
    this.reads.add(`group:${name}`);
    return this.host.group(name);
  }

  facts(): Promise<Facts> {
    this.reads.add("facts");
    return this.host.facts();
  }

  which(program: string): Promise<string | undefined> {
    this.reads.add(`program:${program}`);
    return this.host.which(program);
  }

  probe(argv: readonly string[], options?: ProbeOptions): Promise<CommandResult> {
    for (const key of options?.reads ?? ["*"]) this.reads.add(key);
    return this.host.probe(argv, options);
  }

  fetch(url: string, init?: RequestInit): Promise<Response> {
    this.reads.add(netKeyOf(url));
    return this.host.fetch(url, init);
  }

  connect(address: string, port: number): Promise<ByteStream> {
    this.reads.add(netKey(address, port));
    return this.host.connect(address, port);
  }

  realPathOf(path: string): string | undefined {
    return this.host.realPathOf?.(path);
  }

  /** Of what is absent, or does not answer, a change below may make it: that is a read of the whole path. */
  async #type(path: string, options: StatOptions): Promise<FileStat | undefined> {
    this.reads.add(typeKey(path));
    this.underWay.add(pathKey(path));
    let stat: FileStat | undefined;
    try {
      stat = await this.host.stat(path, options);
    } finally {
      this.underWay.delete(pathKey(path));
      const real = stat?.realPath ?? this.host.realPathOf?.(path);
      for (const place of [path, real ?? path]) this.reads.add(stat ? typeKey(place) : pathKey(place));
    }
    return stat;
  }

  async #path<T>(path: string, reading: Promise<T>): Promise<T> {
    this.reads.add(pathKey(path));
    try {
      return await reading;
    } finally {
      const real = this.host.realPathOf?.(path);
      if (real !== undefined) this.reads.add(pathKey(real));
    }
  }
}

/** The key of what a URL connects to; `*` for a text that is no URL, which the request itself refuses. */
export function netKeyOf(url: string): TouchKey {
  const parsed = URL.parse(url);
  if (!parsed) return "*";
  const port = Number(parsed.port || (parsed.protocol === "https:" ? 443 : 80));
  return netKey(parsed.hostname.replace(/^\[(.*)\]$/, "$1"), port);
}
