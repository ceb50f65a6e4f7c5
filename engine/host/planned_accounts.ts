/**
 * Who would own what is planned: names and numbers of owners, the user's own, the umask. Each is asked for once.
 *
 * @module
 */

import type { Ownership } from "./action.ts";
import type { FileStat, GroupState, ReadOnlyHost, UserState } from "./host.ts";

/** The owner part of a stat. */
export type Owner = Pick<FileStat, "uid" | "owner" | "gid" | "group">;

/** Answers that a planned touch gives about accounts: what the plan says of a name, if it says anything. */
export interface PlannedNames {
  /** The planned user of that name; undefined where no plan says anything of it. */
  user(name: string): UserState | undefined;
  /** The planned group of that name; undefined where no plan says anything of it. */
  group(name: string): GroupState | undefined;
}

/** Looks accounts up for planned files. */
export class PlannedAccounts {
  readonly #asked = new Map<string, Promise<unknown>>();

  /** Made with what the plans say of names, which goes before what the host says. */
  constructor(private readonly names: PlannedNames) {}

  /** Forgets what the real host answered. */
  forget(): void {
    this.#asked.clear();
  }

  /** What an ownership sets of a stat. A name that is not known yet keeps its name and has the number -1. */
  async owner(host: ReadOnlyHost, { owner, group }: Ownership): Promise<Partial<Owner>> {
    return {
      ...(owner !== undefined && await this.#user(host, owner)),
      ...(group !== undefined && await this.#group(host, group)),
    };
  }

  /** What a new file of the host's user gets. */
  self(host: ReadOnlyHost): Promise<Owner & { umask: number }> {
    return this.#once(`self ${host.user}`, async () => {
      const umask = await this.#umask(host);
      if (host.user === "root") return { uid: 0, owner: "root", gid: 0, group: "root", umask };
      const user = await host.account(host.user);
      const { uid = -1, gid = -1, group = host.user } = user ?? {};
      return { uid, owner: host.user, gid, group, umask };
    });
  }

  async #umask(host: ReadOnlyHost): Promise<number> {
    try {
      const { code, stdout } = await host.probe(["sh", "-c", "umask"], { reads: [] });
      return code === 0 && /^[0-7]+$/.test(stdout.trim()) ? parseInt(stdout, 8) : 0o022;
    } catch {
      return 0o022;
    }
  }

  async #user(host: ReadOnlyHost, owner: string): Promise<Pick<Owner, "uid" | "owner">> {
    const planned = this.names.user(owner);
    if (planned) return { uid: planned.uid, owner };
    const number = /^\d+$/.test(owner);
    const known = await this.#once(`user ${owner}`, () => host.account(owner));
    if (known) return { uid: known.uid, owner };
    if (number) return { uid: Number(owner), owner: await this.#nameOf(host, "passwd", owner) };
    return { uid: -1, owner };
  }

  async #group(host: ReadOnlyHost, group: string): Promise<Pick<Owner, "gid" | "group">> {
    const planned = this.names.group(group);
    if (planned) return { gid: planned.gid, group };
    const number = /^\d+$/.test(group);
    const known = await this.#once(`group ${group}`, () => host.group(group));
    if (known) return { gid: known.gid, group };
    if (number) return { gid: Number(group), group: await this.#nameOf(host, "group", group) };
    return { gid: -1, group };
  }

  /** The name that a number has, or the number as text. */
  #nameOf(host: ReadOnlyHost, database: string, number: string): Promise<string> {
    return this.#once(`name in ${database} ${number}`, async () => {
      try {
        const { code, stdout } = await host.probe(["getent", database, number], { reads: [] });
        return code === 0 ? stdout.split(":")[0] : number;
      } catch {
        return number;
      }
    });
  }

  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(key) ?? ask();
    this.#asked.set(key, asked);
    return asked as Promise<T>;
  }
}
