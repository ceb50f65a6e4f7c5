/**
 * The files of a host as they would be after plans that check mode did not carry out: an overlay over the real ones,
 * keyed by real path, links resolved.
 *
 * @module
 */

import type { Content } from "./action.ts";
import { type FileStat, HostError, type ReadOnlyHost } from "./host.ts";
import { childOf, parentOf, shown } from "./script.ts";
import { within } from "./touch_keys.ts";

/** What is planned to lie at a path. */
export interface PlannedFile {
  /** Undefined: nothing will lie there, and nothing below it. */
  readonly stat: FileStat | undefined;
  /** The content, or the real path that still holds it; undefined for what is no file. */
  readonly content?: Content | { readonly from: string };
  /** Made by the plan: nothing of what really lies below shows. */
  readonly fresh: boolean;
  /** Content, target or times change, not only owner and mode. */
  readonly rewritten: boolean;
  /** Which plan it comes from; later plans have greater numbers. */
  readonly generation: number;
  /** It could not be found out what will lie there. */
  readonly unknown?: boolean;
  /** The stat is known and the content is not. */
  readonly unread?: boolean;
}

/** A path with its links resolved, by plan and on the host. */
export interface Place {
  /** The real path, every link above it resolved. */
  readonly path: string;
  /** What is planned there; undefined where the real host answers. */
  readonly planned: PlannedFile | undefined;
  /** The oldest plan that the way there goes through (a planned link, a planned directory); undefined for none. */
  readonly through: number | undefined;
}

/** Where the links of one path went. */
interface Walk {
  readonly parts: string[];
  at: string;
  links: number;
  through: number | undefined;
}

/** The overlay. */
export class PlannedFiles {
  /** What is planned, by resolved path. */
  readonly entries = new Map<string, PlannedFile>();
  /** Real paths that are no links, and what the others point to. Holds while nothing on the host changes. */
  readonly #links = new Map<string, Promise<string | undefined>>();
  readonly #plain = new Set<string>();
  readonly #walked = new Map<string, Promise<void>>();

  /** Forgets what was learned of the real host, after something on it really changed. */
  forget(): void {
    this.#links.clear();
    this.#plain.clear();
    this.#walked.clear();
  }

  /** What is planned at a resolved path: by itself, or since something above it goes or is new. */
  planned(path: string): PlannedFile | undefined {
    const own = this.entries.get(path);
    if (own || path === "/") return own;
    for (let above = parentOf(path);; above = parentOf(above)) {
      const entry = this.entries.get(above);
      const hidden = entry && (entry.fresh || entry.stat?.type !== "directory");
      if (hidden) return { ...entry, stat: undefined, content: undefined, fresh: false, unread: false };
      if (above === "/") return undefined;
    }
  }

  /** Puts a planned file into the overlay. What was planned below goes with what goes. */
  put(path: string, file: PlannedFile): void {
    if (file.stat === undefined) {
      for (const other of this.below(path)) this.entries.delete(other);
    }
    this.entries.set(path, file);
  }

  /** The paths of the overlay below a directory, parents first. */
  below(directory: string): string[] {
    return [...this.entries.keys()].filter((path) => path !== directory && within(path, directory)).sort();
  }

  /**
   * Resolves a path; `follow` also its last part. Asks the real host only about what no plan covers.
   *
   * @throws {HostError} for a loop of links, or a directory that may not be looked into
   */
  async resolve(host: ReadOnlyHost, path: string, follow: boolean): Promise<Place> {
    await this.learn(host, parentOf(path));
    const walk: Walk = { parts: path.split("/").reverse(), at: "/", links: 0, through: undefined };
    while (walk.parts.length > 0) {
      const part = walk.parts.pop()!;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        walk.at = parentOf(walk.at);
        continue;
      }
      const next = childOf(walk.at, part);
      const last = walk.parts.every((each) => each === "");
      const target = last && !follow ? undefined : await this.#target(host, next, walk);
      if (target === undefined) walk.at = next;
      else this.#enter(walk, target, path);
    }
    return { path: walk.at, planned: this.planned(walk.at), through: walk.through };
  }

  #enter(walk: Walk, target: string, path: string): void {
    if (++walk.links > 40) throw new HostError(`cannot read ${shown(path)}: Too many levels of symbolic links`);
    walk.parts.push(...target.split("/").reverse());
    if (target.startsWith("/")) walk.at = "/";
  }

  /** Where a path points if it is a link. */
  async #target(host: ReadOnlyHost, path: string, walk: Walk): Promise<string | undefined> {
    const planned = this.planned(path);
    if (!planned) return await this.#realTarget(host, path);
    const link = planned.stat?.type === "link";
    if (link || planned.fresh) walk.through = Math.min(walk.through ?? Infinity, planned.generation);
    return link ? planned.stat?.target : undefined;
  }

  #realTarget(host: ReadOnlyHost, path: string): Promise<string | undefined> {
    if (this.#plain.has(path)) return Promise.resolve(undefined);
    let target = this.#links.get(path);
    if (!target) {
      target = host.stat(path).then((stat) => stat?.target);
      this.#links.set(path, target);
    }
    return target;
  }

  /** Learns in one round trip that there are no links on the way to a directory, which is the usual case. */
  learn(host: ReadOnlyHost, directory: string): Promise<void> {
    let walked = this.#walked.get(directory);
    if (!walked) {
      walked = host.stat(directory, { follow: true }).then((stat) => {
        if (stat?.realPath !== directory) return;
        for (let path = directory; path !== "/"; path = parentOf(path)) this.#plain.add(path);
      }, () => {});
      this.#walked.set(directory, walked);
    }
    return walked;
  }
}
