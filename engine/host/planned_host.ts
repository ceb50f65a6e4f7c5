/**
 * Check mode's view of a host: reads answer as if the plans so far had been carried out.
 *
 * @module
 */

import type { ByteStream } from "../transport/session.ts";
import type { Facts } from "./facts.ts";
import {
  type CommandResult,
  type FileStat,
  type GroupState,
  type PackageOptions,
  type PackageState,
  type ProbeOptions,
  type ReadOnlyHost,
  type StatOptions,
  type TouchKey,
  type UnitState,
  UnknownUntilApplied,
  type UserState,
} from "./host.ts";
import { digestOf, isLocalFile } from "./perform.ts";
import { mergedTree } from "./planned_changes.ts";
import type { Place, PlannedFile } from "./planned_files.ts";
import type { NumberedTouch, PlannedState } from "./planned_state.ts";
import { unitAfterFiles } from "./planned_units.ts";
import { netKeyOf } from "./recorder.ts";
import { absolutePath, childOf, nameOf } from "./script.ts";
import { isLoopback, netKey, pathKey, PROGRAM_DIRECTORIES } from "./touch_keys.ts";

const ACCOUNT_PATHS = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"];

/**
 * A read-only host that answers from the planned state where that says something, else from the real host. Paths are
 * told apart by where they really lead. What cannot be answered before it is applied throws
 * {@linkcode UnknownUntilApplied}.
 */
export class PlannedHost implements ReadOnlyHost {
  readonly #leadsTo = new Map<string, string>();
  readonly name: string;
  readonly user: string;
  #predicted = false;
  #uncertain = false;

  /** Made by {@linkcode PlannedState.wrap}. */
  constructor(private readonly real: ReadOnlyHost, private readonly state: PlannedState) {
    this.name = real.name;
    this.user = real.user;
  }

  /** Whether an answer so far came from planned state. */
  get predicted(): boolean {
    return this.#predicted;
  }

  /**
   * Whether an answer so far may be another at apply, since a plan that touches anything (`*`) comes before it: nothing
   * that rests on it is sure, a failure neither. Facts are never uncertain.
   */
  get uncertain(): boolean {
    return this.#uncertain;
  }

  async stat(path: string, options: StatOptions = {}): Promise<FileStat | undefined> {
    const follow = options.follow ?? false;
    const place = await this.#place(path, follow);
    if (!place) return await this.real.stat(path, options);
    const { planned } = place;
    if (!planned) return await this.real.stat(place.path, options);
    if (!planned.stat) return undefined;
    const sha256 = options.sha256 && planned.stat.type === "file" ? await this.hash(place.path) : undefined;
    return { ...planned.stat, ...(sha256 ? { sha256 } : {}), ...(follow ? { realPath: place.path } : {}) };
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const place = await this.#place(path, true);
    const content = place?.planned && contentOf(path, place.planned);
    if (!place?.planned) return await this.real.read(place?.path ?? path);
    if (content === undefined) return undefined;
    if (typeof content === "string") return new TextEncoder().encode(content);
    if (content instanceof Uint8Array) return content;
    return "from" in content ? await this.real.read(content.from) : await Deno.readFile(content.local);
  }

  async hash(path: string): Promise<string | undefined> {
    const place = await this.#place(path, true);
    const content = place?.planned && contentOf(path, place.planned);
    if (!place?.planned) return await this.real.hash(place?.path ?? path);
    if (content === undefined) return undefined;
    if (typeof content === "string") return await digestOf(new TextEncoder().encode(content));
    if (content instanceof Uint8Array) return await digestOf(content);
    return isLocalFile(content) ? content.sha256 : await this.real.hash(content.from);
  }

  async list(path: string): Promise<string[] | undefined> {
    const place = await this.#place(path, true);
    if (!place) return await this.real.list(path);
    const { planned } = place;
    if (planned && planned.stat?.type !== "directory") return undefined;
    const real = planned?.fresh ? [] : await this.real.list(place.path);
    if (!real) return undefined;
    const names = new Set(real);
    for (const below of this.state.files.below(place.path)) {
      const name = nameOf(below);
      if (childOf(place.path, name) !== below) continue;
      const entry = this.state.files.entries.get(below)!;
      if (!entry.unknown && names.has(name) === (entry.stat !== undefined)) continue;
      this.#rests(below, entry);
      if (entry.stat) names.add(name);
      else names.delete(name);
    }
    return [...names].sort();
  }

  async tree(path: string): Promise<Map<string, FileStat> | undefined> {
    const place = await this.#place(path, true);
    if (!place) return await this.real.tree(path);
    const { planned } = place;
    if (planned && planned.stat?.type !== "directory") return undefined;
    const real = planned?.fresh ? new Map<string, FileStat>() : await this.real.tree(place.path);
    if (!real) return undefined;
    for (const below of this.state.files.below(place.path)) this.#rests(below, this.state.files.entries.get(below)!);
    return mergedTree(this.state.files, place.path, real);
  }

  async package(name: string, options?: PackageOptions): Promise<PackageState> {
    const touch = this.#planned(`package:${name}`);
    if (touch) return touch.after as PackageState;
    this.#real();
    return await this.real.package(name, options);
  }

  async unit(name: string): Promise<UnitState> {
    await this.state.settle(this.real);
    const touch = this.#planned(`unit:${name}`);
    if (!touch) this.#real();
    const state = touch ? touch.after as UnitState : await this.real.unit(name);
    const reloaded = this.state.touch("unit:*")?.generation ?? 0;
    const since = touch?.generation ?? 0;
    const files = this.state.files.entries;
    const changed = unitAfterFiles(name, state, files, since);
    if (!changed) return state;
    this.#rest(changed.generation);
    const unread = unitAfterFiles(name, state, files, Math.max(since, reloaded)) !== undefined;
    return { ...changed.state, needsReload: unread };
  }

  async account(name: string): Promise<UserState | undefined> {
    const touch = this.#planned(`user:${name}`);
    if (touch) return touch.after as UserState | undefined;
    await this.#refuseEditedAccounts();
    this.#real();
    return await this.real.account(name);
  }

  async group(name: string): Promise<GroupState | undefined> {
    const touch = this.#planned(`group:${name}`);
    if (touch) return touch.after as GroupState | undefined;
    await this.#refuseEditedAccounts();
    this.#real();
    const real = await this.real.group(name);
    // Making a user makes the group of its name.
    const user = this.state.touch(`user:${name}`);
    const made = user?.after as UserState | undefined;
    if (real || made?.group !== name) return real;
    this.#rest(user!.generation);
    return { name, gid: made.gid, members: [] };
  }

  async facts(): Promise<Facts> {
    await this.#refuse(["facts"]);
    return await this.real.facts();
  }

  async which(program: string): Promise<string | undefined> {
    const touch = this.#planned(`program:${program}`);
    if (touch) return touch.after as string | undefined;
    await this.state.settle(this.real);
    const touched = this.state.meeting([`program:${program}`]);
    const real = await this.real.which(program);
    if (!touched) {
      this.#real();
      return real;
    }
    const directories = program.startsWith("/") ? [""] : PROGRAM_DIRECTORIES;
    for (const directory of directories) {
      const path = `${directory}${directory && "/"}${program}`;
      const stat = await this.stat(path, { follow: true });
      if (stat?.type === "file" && stat.mode & 0o111) return path;
      if (path === real && stat) return real;
    }
    // A directory that the host's own PATH names beside the usual ones.
    return real !== undefined && await this.stat(real, { follow: true }) ? real : undefined;
  }

  async probe(argv: readonly string[], options: ProbeOptions = {}): Promise<CommandResult> {
    await this.#refuse(options.reads ?? ["*"]);
    this.#real();
    return await this.real.probe(argv, options);
  }

  async fetch(url: string, init?: RequestInit): Promise<Response> {
    await this.#reach(netKeyOf(url), URL.parse(url)?.hostname ?? "");
    return await this.real.fetch(url, init);
  }

  async connect(address: string, port: number): Promise<ByteStream> {
    await this.#reach(netKey(address, port), address);
    return await this.real.connect(address, port);
  }

  /** Also where a link that is only planned, or one before a planned file, leads. */
  realPathOf(path: string): string | undefined {
    return this.#leadsTo.get(path) ?? this.real.realPathOf?.(path);
  }

  /** Where a path leads; undefined while no plan changes any file, so that the path can be taken as it is. */
  async #place(path: string, follow: boolean): Promise<Place | undefined> {
    await this.state.settle(this.real);
    if (this.state.files.entries.size === 0) {
      this.#real();
      return undefined;
    }
    const place = await this.state.files.resolve(this.real, absolutePath(path), follow);
    if (place.path !== path) this.#leadsTo.set(path, place.path);
    if (place.through !== undefined) this.#rest(place.through);
    if (place.planned) this.#rests(path, place.planned);
    else this.#real();
    return place;
  }

  #rests(path: string, planned: PlannedFile): void {
    if (planned.unknown) throw new UnknownUntilApplied(pathKey(path));
    this.#rest(planned.generation);
  }

  /** An answer rests on a plan; one that touches anything may have come after it. */
  #rest(generation: number): void {
    this.#predicted = true;
    if (this.state.anything > generation) this.#uncertain = true;
  }

  /** An answer comes from the real host. */
  #real(): void {
    if (this.state.anything > 0) this.#uncertain = true;
  }

  /** What a plan says of a thing, or undefined where none does. */
  #planned(key: TouchKey): NumberedTouch | undefined {
    const touch = this.state.touch(key);
    if (!touch) return undefined;
    if (!("after" in touch)) throw new UnknownUntilApplied(touch.key);
    this.#rest(touch.generation);
    return touch;
  }

  async #refuse(reads: readonly TouchKey[]): Promise<void> {
    await this.state.settle(this.real);
    const touch = this.state.meeting(reads);
    if (touch) throw new UnknownUntilApplied(touch.key);
  }

  /** Nobody knows who is who once the account files are written by hand. */
  async #refuseEditedAccounts(): Promise<void> {
    await this.state.settle(this.real);
    const edited = ACCOUNT_PATHS.find((path) => this.state.files.planned(path)?.rewritten);
    if (edited) throw new UnknownUntilApplied(pathKey(edited));
  }

  /** What listens on the host itself after a plan that touches anything is not known; the rest of the network is. */
  async #reach(key: TouchKey, address: string): Promise<void> {
    await this.#refuse([key]);
    if (this.state.anything > 0 && isLoopback(address.replace(/^\[(.*)\]$/, "$1"))) throw new UnknownUntilApplied("*");
    this.#real();
  }
}

function contentOf(path: string, planned: PlannedFile): PlannedFile["content"] {
  if (planned.unread) throw new UnknownUntilApplied(pathKey(path));
  return planned.stat?.type === "file" ? planned.content : undefined;
}
