/**
 * What the plans that check mode did not carry out would have made of one real host.
 *
 * @module
 */

import type { Action } from "./action.ts";
import { type FileStat, type GroupState, HostError, type ReadOnlyHost, type TouchKey, type UserState } from "./host.ts";
import { PlannedAccounts } from "./planned_accounts.ts";
import { type PlannedAction, PlannedChanges, type TouchedPath } from "./planned_changes.ts";
import { PlannedFiles } from "./planned_files.ts";
import { PlannedHost } from "./planned_host.ts";
import { absolutePath } from "./script.ts";
import { pathKey, touchedKeys, touchesOverlap, within } from "./touch_keys.ts";
import { splitAt, unitName } from "./unit_queries.ts";

/**
 * Something a plan changes; `after` is the typed query's answer once it is done (undefined: nothing is there). Of a path
 * it is what `stat` will say; a directory given so is taken for empty.
 */
export interface PlannedTouch {
  /** What is changed. */
  readonly key: TouchKey;
  /** The typed query's answer afterwards; a touch without this property says nothing of it. */
  readonly after?: unknown;
}

/** A touch with the number of its plan. */
export interface NumberedTouch extends PlannedTouch {
  /** The number of the plan; later plans have greater ones. */
  readonly generation: number;
}

/**
 * The planned state of one real target. Plans are added in the order in which they would be carried out; each
 * inspection gets its own {@linkcode PlannedHost} by {@linkcode PlannedState.wrap}.
 */
export class PlannedState {
  /** What the plans make of files. */
  readonly files: PlannedFiles = new PlannedFiles();
  readonly #accounts = new PlannedAccounts({
    user: (name) => this.#known<UserState>(`user:${name}`),
    group: (name) => this.#known<GroupState>(`group:${name}`),
  });
  readonly #touches = new Map<TouchKey, NumberedTouch>();
  #generation = 0;
  #pending: { planned: PlannedAction; host: ReadOnlyHost | undefined; of: string | undefined }[] = [];
  #settling: Promise<void> = Promise.resolve();

  /** Whether nothing is planned: reads then answer as they are. */
  get isEmpty(): boolean {
    return this.#generation === 0;
  }

  /** The number of the last plan that touched anything (`*`), or 0. */
  get anything(): number {
    return this.#touches.get("*")?.generation ?? 0;
  }

  /**
   * Adds a plan that is not carried out. A plan without a change to make adds nothing.
   *
   * @param actions the plan's actions, in order; one that runs a command counts by what `touches` says, and as `*`
   * where that is nothing
   * @param touches what the plan changes beside the paths of its actions
   * @param host the host of the plan's task, without plans; it is asked what is there before, as that task's user. If
   * it is not given, the next reader's is asked
   * @param of the inventory name of the host whose task it is, for {@linkcode leaves}
   */
  add(actions: readonly Action[], touches: readonly PlannedTouch[] = [], host?: ReadOnlyHost, of?: string): void {
    if (actions.length === 0 && touches.length === 0) return;
    const generation = ++this.#generation;
    const after = new Map(touches.map((touch) => [normalKey(touch.key), touch]));
    for (const key of touchedKeys(actions, touches).map(normalKey)) {
      this.#touches.delete(key);
      this.#touches.set(key, { ...after.get(key), key, generation });
    }
    const at = Math.floor(Date.now() / 1000);
    const changed = actions.filter((action) => action.do !== "run");
    for (const action of [...changed, ...touchedPaths(touches, changed)]) {
      this.#pending.push({ planned: { action, generation, at }, host, of });
    }
  }

  /**
   * A host has no more tasks and its connection is to be closed. Another name of the same machine may still read: what
   * is not worked in yet asks that one's host.
   *
   * @returns resolves when nothing is asked of the host any more
   */
  async leaves(name: string): Promise<void> {
    this.#pending = this.#pending.map((each) => each.of === name ? { ...each, host: undefined } : each);
    await this.#settling;
  }

  /** Forgets what was learned of the real host. To be called after a task really changed it (`check_mode: false`). */
  forget(): void {
    this.files.forget();
    this.#accounts.forget();
  }

  /** A view of `host` as it would be after what was added so far, and will be. One an inspection. */
  wrap(host: ReadOnlyHost): PlannedHost {
    return new PlannedHost(host, this);
  }

  /** The latest touch of a key itself, or undefined. */
  touch(key: TouchKey): NumberedTouch | undefined {
    return this.#touches.get(normalKey(key));
  }

  /**
   * The latest touch that meets any of these reads, or undefined. `*` counts only for a read of `*`: what else follows
   * it is answered, and uncertain.
   */
  meeting(reads: readonly TouchKey[]): NumberedTouch | undefined {
    const files = [...this.files.entries].map(([path, { generation }]) => ({ key: pathKey(path), generation }));
    const all = [...files, ...this.#touches.values()].sort((one, other) => other.generation - one.generation);
    return all.find(({ key }) => (key !== "*" || reads.includes("*")) && touchesOverlap(key, reads));
  }

  /** Works what has been added into the files. Reads wait for it. */
  settle(host: ReadOnlyHost): Promise<void> {
    if (this.#pending.length === 0) return this.#settling;
    const pending = this.#pending;
    this.#pending = [];
    return this.#settling = this.#settling.then(async () => {
      const workers = new Map<ReadOnlyHost, PlannedChanges>();
      const worker = (own: ReadOnlyHost) => {
        const known = workers.get(own) ?? new PlannedChanges(this.files, this.#accounts, own);
        workers.set(own, known);
        return known;
      };
      // What is there before is asked for all at once; the plans are worked in one after the other.
      for (const { planned, host: own } of pending) worker(own ?? host).prepare(planned);
      for (const { planned, host: own } of pending) await this.#settleOne(worker(own ?? host), planned);
    });
  }

  async #settleOne(changes: PlannedChanges, planned: PlannedAction): Promise<void> {
    try {
      await changes.apply(planned);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      // What lies there cannot be seen; who may see it is told that it is not known what it will be.
      const { path } = planned.action;
      const entry = { stat: undefined, fresh: false, rewritten: true, generation: planned.generation, unknown: true };
      if (path.startsWith("/")) this.files.put(absolutePath(path), entry);
    }
  }

  #known<T>(key: TouchKey): T | undefined {
    return this.#touches.get(key)?.after as T | undefined;
  }
}

/**
 * The paths that a plan's commands change. What its actions say of a path, or of something in it, is more than a touch
 * says.
 */
function touchedPaths(touches: readonly PlannedTouch[], actions: readonly { readonly path: string }[]): TouchedPath[] {
  return touches.flatMap((touch): TouchedPath[] => {
    const path = touch.key.startsWith("path:") ? touch.key.slice(5) : "";
    if (!path.startsWith("/") || actions.some((action) => within(action.path, path))) return [];
    const known = "after" in touch;
    return [{ do: "touch", path, known, ...(known && { after: touch.after as FileStat | undefined }) }];
  });
}

/** A key in the one form under which it is kept. */
function normalKey(key: TouchKey): TouchKey {
  const [kind, name] = splitAt(key, ":");
  return kind === "unit" && name !== "*" ? `unit:${unitName(name)}` : key;
}
