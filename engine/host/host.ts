/**
 * The host as modules see it: read-only while a task is inspected and planned, writable once its plan is accepted.
 * Check mode is held by these types: a module that was not given a {@linkcode Host} cannot write.
 *
 * @module
 */

import type { ByteStream } from "../transport/session.ts";
import type { Action } from "./action.ts";
import type { Facts } from "./facts.ts";

/** What `stat` knows of a path. Times are seconds since 1970. */
export interface FileStat {
  /** What lies there; `block` and `char` are devices. */
  readonly type: "file" | "directory" | "link" | "fifo" | "socket" | "block" | "char";
  /** Permission bits, e.g. 0o644, setuid, setgid and sticky included. */
  readonly mode: number;
  /** The owner's number. */
  readonly uid: number;
  /** The group's number. */
  readonly gid: number;
  /** The owner's name, or its number as text where it has none. */
  readonly owner: string;
  /** The group's name, or its number as text where it has none. */
  readonly group: string;
  /** Bytes. */
  readonly size: number;
  /** When the content last changed. */
  readonly mtime: number;
  /** When it was last read, as far as the file system keeps it. */
  readonly atime: number;
  /** When the inode last changed: content, owner, mode or links. */
  readonly ctime: number;
  /** The inode's number, unique within the device. */
  readonly inode: number;
  /** The number of the device that holds it. */
  readonly device: number;
  /** How many hard links it has. */
  readonly links: number;
  /** Where a symbolic link points, as written. */
  readonly target?: string;
  /** The digest of a regular file's content in hex, where it was asked for. */
  readonly sha256?: string;
  /** With `follow`: the path that this really is, every link resolved. Write there to keep the link. */
  readonly realPath?: string;
}

/** What a read command printed. Text is UTF-8. */
export interface CommandResult {
  /** The exit status. */
  readonly code: number;
  /** The whole standard output, line break at the end included. */
  readonly stdout: string;
  /** The whole standard error, line break at the end included. */
  readonly stderr: string;
}

/** A package as the host's package manager knows it. */
export interface PackageState {
  /** Whether any version is installed. */
  readonly installed: boolean;
  /** The installed version, or undefined. */
  readonly version?: string;
  /** The version an install would bring, or undefined where none is known. */
  readonly candidate?: string;
}

/** What of a package is wanted. */
export interface PackageOptions {
  /** Whether to look up the version that an install would bring; default true. */
  readonly candidate?: boolean;
}

/** A systemd unit, from `systemctl show`. */
export interface UnitState {
  /** `loaded`, `not-found`, `masked`, … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  /** `enabled`, `disabled`, `static`, `masked`, …; empty for none. */
  readonly enabled: string;
  /** Whether a file of the unit changed since systemd read it. */
  readonly needsReload: boolean;
  /** The main process; 0 where none runs. */
  readonly mainPid: number;
  /** Where the unit's file lies; empty for none. */
  readonly path: string;
}

/** A user of the host's account database. */
export interface UserState {
  /** The login name. */
  readonly name: string;
  /** The user's number. */
  readonly uid: number;
  /** The number of the primary group. */
  readonly gid: number;
  /** The full name or purpose (GECOS); empty for none. */
  readonly comment: string;
  /** The path of the home directory, whether or not it exists. */
  readonly home: string;
  /** The login shell's path; empty means /bin/sh. */
  readonly shell: string;
  /** The name of the primary group. */
  readonly group: string;
  /** The names of the supplementary groups, sorted. */
  readonly groups: readonly string[];
  /** Whether the password is locked; undefined where the reader may not know. */
  readonly locked?: boolean;
}

/** A group of the host's account database. */
export interface GroupState {
  /** The group's name. */
  readonly name: string;
  /** The group's number. */
  readonly gid: number;
  /** The names of those who have it as a supplementary group, in the database's order. */
  readonly members: readonly string[];
}

/** How a read looks at a path. */
export interface StatOptions {
  /** Of a regular file, read the digest of its content too, in the same round trip; default false. */
  readonly sha256?: boolean;
  /**
   * Only the type matters to the asker; default false. Then a change below a directory leaves the answer fresh, which
   * looking at the directory's times would not.
   */
  readonly typeOnly?: boolean;
  /** Look at what a symbolic link points to; default false. */
  readonly follow?: boolean;
}

/**
 * Reads of one host as one user. Every read is recorded, so that the engine knows what a later change makes stale. In
 * check mode a read that meets an earlier planned change answers from the planned state, or throws
 * {@linkcode UnknownUntilApplied}.
 */
export interface ReadOnlyHost {
  /** The inventory name. */
  readonly name: string;
  /** The user commands run as. */
  readonly user: string;
  /** Undefined where nothing lies at the path. @throws {HostError} when the path may not be read */
  stat(path: string, options?: StatOptions): Promise<FileStat | undefined>;
  /** The content, or undefined where no file lies there. Follows links. @throws {HostError} when it is not readable */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The sha256 of a file's content in hex, or undefined where no file lies there. Follows links. */
  hash(path: string): Promise<string | undefined>;
  /** The names in a directory, sorted, or undefined where there is none. */
  list(path: string): Promise<string[] | undefined>;
  /** Every path below a directory (itself left out), relative to it, with its stat; undefined where there is none. */
  tree(path: string): Promise<Map<string, FileStat> | undefined>;
  /** `candidate: false` leaves out the version that an install would bring, which is slow to find. */
  package(name: string, options?: PackageOptions): Promise<PackageState>;
  /**
   * A name without a suffix is a service.
   *
   * @throws {HostError} where systemd is not running (`facts().service_mgr` says)
   */
  unit(name: string): Promise<UnitState>;
  /** The user of that name, or undefined where there is none. A number is no name. */
  account(name: string): Promise<UserState | undefined>;
  /** The group of that name, or undefined where there is none. A number is no name. */
  group(name: string): Promise<GroupState | undefined>;
  /** What there is to know of the host: system, network, hardware. Gathered anew at each call. */
  facts(): Promise<Facts>;
  /** The real path that earlier reads found behind a path, where they went through a link; asks nothing of the host. */
  realPathOf?(path: string): string | undefined;
  /** Where a program lies on the host's PATH, or undefined. Recorded as a read of `*`-independent `program:NAME`. */
  which(program: string): Promise<string | undefined>;
  /**
   * Runs a command that only reads. `reads` names what it looks at as touch keys (see {@linkcode TouchKey}); without it
   * the answer goes stale at any change.
   */
  probe(argv: readonly string[], options?: ProbeOptions): Promise<CommandResult>;
  /** An HTTP request that leaves from the host. @throws {ConnectError} */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** A TCP connection that leaves from the host. @throws {ConnectError} */
  connect(address: string, port: number): Promise<ByteStream>;
}

/** What a probe looks at. */
export interface ProbeOptions {
  /** The touch keys of what it looks at; undefined for anything, `[]` for nothing that a task changes. */
  readonly reads?: readonly TouchKey[];
  /** Seconds; default the command timeout. */
  readonly timeout?: number;
  /** Variables beside the task's own, which they override. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The working directory, absolute; undefined for where the user's shell begins. */
  readonly directory?: string;
}

/** How a command runs. */
export interface RunOptions {
  /** Bytes or text for the standard input; default none. */
  readonly stdin?: string | Uint8Array;
  /** Variables beside the task's own, which they override. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The working directory. */
  readonly directory?: string;
  /** Seconds; with `stdout`, seconds without a byte. */
  readonly timeout?: number;
  /** Where standard output goes, with back-pressure, instead of into the answer: for what may be large or binary. */
  readonly stdout?: WritableStream<Uint8Array>;
  /** How many bytes that will be, if that is known. */
  readonly streamSize?: number;
}

/** The writable host: what `apply` gets. */
export interface Host extends ReadOnlyHost {
  /** Runs a command. A non-zero exit is an answer, not an error. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /** Does one planned action. @throws {HostError} when the host refuses */
  perform(action: Action): Promise<CommandResult>;
  /** Waits until the host answers on a fresh connection (after a reboot). `deadline` in seconds. */
  reconnect(options: { deadline: number }): Promise<void>;
}

/**
 * Names a thing on a host that a task reads or changes: `path:/etc/x`, `unit:x.service`, `package:x`, `user:x`,
 * `group:x`, `program:x`, `net:host:port`, `facts`, or `*` for anything. `unit:*` stands for a reload of all units. What meets
 * what is said by `touchesOverlap` of touch_keys.ts.
 */
export type TouchKey = string;

/** The host refused something; the message is for the operator. `retryable` says whether trying again can help. */
export class HostError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "HostError";
  /** Made with a message for the operator; trying again is taken to be in vain unless said otherwise. */
  constructor(message: string, readonly retryable = false) {
    super(message);
  }
}

/** In check mode: the answer rests on what an earlier task would only make at apply. */
export class UnknownUntilApplied extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "UnknownUntilApplied";
  /** Made with the key of what the answer rests on. */
  constructor(readonly key: TouchKey) {
    super(`rests on ${key}, which an earlier task would change`);
  }
}
