/**
 * What an action would leave behind, derived from what lies there before: the model of `perform` that check mode
 * answers from.
 *
 * @module
 */

import type { Action, LinkAction, MakeDirectoryAction, OwnershipAction, TimesAction, WriteAction } from "./action.ts";
import type { FileStat, ReadOnlyHost } from "./host.ts";
import { isLocalFile } from "./perform.ts";
import type { PlannedAccounts } from "./planned_accounts.ts";
import type { Place, PlannedFile, PlannedFiles } from "./planned_files.ts";
import { absolutePath, childOf, parentOf } from "./script.ts";

/** What a plan says of a path without an action on it: that a command makes it so. */
export interface TouchedPath {
  /** The kind of change: something else than an action makes it. */
  readonly do: "touch";
  /** What is changed, absolute. */
  readonly path: string;
  /** Whether `after` says what will be there (undefined: nothing); else it is not known. */
  readonly known: boolean;
  /** What `stat` will say, where `known`; undefined then means that nothing lies there. */
  readonly after?: FileStat;
}

/** An action on a path, with the plan it belongs to. */
export interface PlannedAction {
  /** What changes the path. */
  readonly action: Exclude<Action, { do: "run" }> | TouchedPath;
  /** The number of the plan it belongs to; later plans have greater numbers. */
  readonly generation: number;
  /** When it was planned, in seconds since 1970. */
  readonly at: number;
}

/** Puts what actions would leave into the overlay, asking the host what is there before. */
export class PlannedChanges {
  readonly #asked = new Map<string, Promise<FileStat | undefined>>();

  /** Made with the overlay to fill, the look-up of owners, and the host as it really is. */
  constructor(
    private readonly files: PlannedFiles,
    private readonly accounts: PlannedAccounts,
    private readonly host: ReadOnlyHost,
  ) {}

  /** Asks ahead for what {@linkcode PlannedChanges.apply} will want to know, without waiting for the answer. */
  prepare({ action }: PlannedAction): void {
    if (!action.path.startsWith("/")) return;
    const path = absolutePath(action.path);
    this.files.learn(this.host, parentOf(path));
    // A refusal is thrown where the answer is used.
    this.#realStat(path).catch(() => {});
  }

  /**
   * Puts what one action leaves into the overlay; actions come in the order of their plans.
   *
   * @throws {HostError} when the host does not let us see what is there
   */
  async apply(planned: PlannedAction): Promise<void> {
    const { action } = planned;
    const follow = action.do === "times";
    const place = await this.files.resolve(this.host, absolutePath(action.path), follow);
    if (action.do === "touch") return this.#touch(action, place, planned);
    // What becomes of something unknown is known only where it is replaced as a whole.
    const kept = action.do === "mkdir" || action.do === "ownership" || action.do === "times";
    if (kept && place.planned?.unknown) return this.#touch({ ...action, do: "touch", known: false }, place, planned);
    const before = await this.#stat(place);
    switch (action.do) {
      case "write":
        return this.#put(place, planned, await this.#written(action, before, place.path, planned.at));
      case "mkdir":
        return await this.#makeDirectory(action, before, place, planned);
      case "link":
        return this.#put(place, planned, await this.#linked(action, place.path, planned.at));
      case "remove":
        return this.#put(place, planned, { stat: undefined, fresh: false });
      case "ownership":
        return await this.#own(action, before, place, planned);
      case "times":
        return this.#put(place, planned, await this.#timed(action, before, place, planned.at));
    }
  }

  #touch(action: TouchedPath, place: Place, planned: PlannedAction): void {
    const unknown = !action.known;
    this.files.put(place.path, {
      stat: action.after,
      fresh: action.after !== undefined,
      rewritten: true,
      generation: planned.generation,
      // Of a file that a command makes, only the stat can be foretold.
      ...(unknown ? { unknown } : action.after?.type === "file" ? { unread: true } : {}),
    });
  }

  #put(
    place: Place,
    planned: PlannedAction,
    file: { stat: FileStat | undefined; content?: PlannedFile["content"]; fresh: boolean; rewritten?: boolean },
  ): void {
    this.files.put(place.path, { rewritten: true, ...file, generation: planned.generation });
  }

  #stat(place: Place): Promise<FileStat | undefined> {
    return place.planned ? Promise.resolve(place.planned.stat) : this.#realStat(place.path);
  }

  #realStat(path: string): Promise<FileStat | undefined> {
    const asked = this.#asked.get(path) ?? this.host.stat(path);
    this.#asked.set(path, asked);
    return asked;
  }

  /** The content that a path has now, by plan or really. */
  #content(place: Place): PlannedFile["content"] {
    return place.planned ? place.planned.content : { from: place.path };
  }

  async #written(action: WriteAction, before: FileStat | undefined, path: string, at: number) {
    const { content } = action;
    const size = isLocalFile(content)
      ? content.size
      : typeof content === "string"
      ? new TextEncoder().encode(content).length
      : content.length;
    const kept = before?.type === "file" ? before : await this.#new(path, "file", 0o666, at);
    const stat = {
      ...kept,
      links: 1,
      size,
      mtime: at,
      atime: at,
      ctime: at,
      ...await this.accounts.owner(this.host, action),
    };
    return { stat: { ...stat, mode: action.mode ?? kept.mode }, content, fresh: true };
  }

  async #makeDirectory(
    action: MakeDirectoryAction,
    before: FileStat | undefined,
    place: Place,
    planned: PlannedAction,
  ): Promise<void> {
    const made = before ?? await this.#new(place.path, "directory", 0o777, planned.at);
    const owner = await this.accounts.owner(this.host, action);
    const stat = { ...made, ...owner, mode: action.mode ?? made.mode };
    this.#put(place, planned, { stat, fresh: before === undefined || (place.planned?.fresh ?? false) });
  }

  async #linked(action: LinkAction, path: string, at: number) {
    if (action.hard) {
      const source = await this.files.resolve(this.host, absolutePath(action.target), false);
      const stat = await this.#stat(source);
      return { stat: stat && { ...stat, links: stat.links + 1 }, content: this.#content(source), fresh: true };
    }
    const made = await this.#new(path, "link", 0o777, at);
    const size = new TextEncoder().encode(action.target).length;
    return { stat: { ...made, mode: 0o777, size, target: action.target }, fresh: true };
  }

  async #own(
    action: OwnershipAction,
    before: FileStat | undefined,
    place: Place,
    planned: PlannedAction,
  ): Promise<void> {
    if (!before) return;
    const owner = await this.accounts.owner(this.host, action);
    const keep = { fresh: place.planned?.fresh ?? false, rewritten: place.planned?.rewritten ?? false };
    const own = before.type === "link" ? undefined : action.mode;
    const stat = { ...before, ...owner, mode: own ?? modeAfterOwner(before, owner) };
    this.#put(place, planned, { stat, content: this.#content(place), ...keep });
    if (!action.recursive || before.type !== "directory") return;
    for (const [name, each] of await this.#tree(place)) {
      const path = childOf(place.path, name);
      const below = { path, planned: this.files.planned(path), through: undefined };
      const changed = { ...each, ...owner, mode: modeAfterOwner(each, owner) };
      const kept = { fresh: below.planned?.fresh ?? false, rewritten: below.planned?.rewritten ?? false };
      this.#put(below, planned, { stat: changed, content: this.#content(below), ...kept });
    }
  }

  async #tree(place: Place): Promise<Map<string, FileStat>> {
    const real = place.planned?.fresh ? undefined : await this.host.tree(place.path);
    return mergedTree(this.files, place.path, real ?? new Map());
  }

  async #timed(action: TimesAction, before: FileStat | undefined, place: Place, at: number) {
    const found = before ?? await this.#new(place.path, "file", 0o666, at);
    const time = (wanted: number | "now" | undefined, old: number) =>
      wanted === undefined ? old : wanted === "now" ? at : Math.floor(wanted);
    const stat = { ...found, mtime: time(action.mtime, found.mtime), atime: time(action.atime, found.atime) };
    const content = before ? this.#content(place) : "";
    return { stat, content, fresh: before === undefined || (place.planned?.fresh ?? false) };
  }

  /** A path that is made: the user's, or of the group of a setgid directory. */
  async #new(path: string, type: "file" | "directory" | "link", bits: number, at: number): Promise<FileStat> {
    const parent = await this.#stat(await this.files.resolve(this.host, parentOf(path), true));
    const { umask, ...self } = await this.accounts.self(this.host);
    const inherits = parent !== undefined && (parent.mode & 0o2000) !== 0;
    const group = inherits ? { gid: parent.gid, group: parent.group } : {};
    const setgid = inherits && type === "directory" ? 0o2000 : 0;
    const times = { mtime: at, atime: at, ctime: at };
    const identity = { inode: 0, device: parent?.device ?? 0, links: type === "directory" ? 2 : 1 };
    const size = type === "directory" ? 4096 : 0;
    return { type, mode: (bits & ~umask) | setgid, ...self, ...group, size, ...times, ...identity };
  }
}

/** The kernel takes setuid and setgid from a file whose owner is set. */
function modeAfterOwner(stat: FileStat, owner: object): number {
  if (stat.type !== "file" || Object.keys(owner).length === 0) return stat.mode;
  const setgid = stat.mode & 0o010 ? 0o2000 : 0;
  return stat.mode & ~(0o4000 | setgid);
}

/** A directory's real tree with the overlay laid over it; the order is that of the paths. */
export function mergedTree(
  files: PlannedFiles,
  directory: string,
  real: ReadonlyMap<string, FileStat>,
): Map<string, FileStat> {
  const merged = new Map(real);
  const start = directory === "/" ? 1 : directory.length + 1;
  for (const path of files.below(directory)) {
    const name = path.slice(start);
    const entry = files.entries.get(path)!;
    const gone = entry.fresh || entry.stat?.type !== "directory";
    if (gone) {
      for (const other of merged.keys()) {
        if (other.startsWith(`${name}/`)) merged.delete(other);
      }
    }
    if (entry.stat) merged.set(name, entry.stat);
    else merged.delete(name);
  }
  return new Map([...merged].sort(([one], [other]) => one < other ? -1 : 1));
}
