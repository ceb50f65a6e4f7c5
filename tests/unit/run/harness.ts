/**
 * Runs playbooks in this process on connection local, in a folder of their own, and keeps the events.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { findStart } from "../../../engine/playbook/outline.ts";
import { calleesOf } from "../../../cli/callees.ts";
import { loadInventory } from "../../../engine/inventory/load.ts";
import { loadPlaybook } from "../../../engine/playbook/load_playbook.ts";
import type { RunOptions } from "../../../engine/run/context.ts";
import type { Event, TaskEvent } from "../../../engine/run/event.ts";
import { runPlaybook, type RunResult } from "../../../engine/run/run.ts";
import { constantLayer } from "../../../engine/variables/scope.ts";
import type { Vault } from "../../../engine/variables/vault.ts";
import type { Value } from "../../../engine/module/module.ts";
import { registry } from "../../../modules/registry.ts";

/** How a playbook is run. */
export interface PlayOptions {
  readonly check?: boolean;
  readonly lookahead?: boolean;
  readonly forks?: number;
  readonly verbosity?: number;
  readonly extraVars?: { readonly [name: string]: Value };
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly limit?: string;
  readonly startAtTask?: string;
  readonly confirm?: RunOptions["confirm"];
  /** An inventory's INI text; default one local host named `h`. */
  readonly inventory?: string;
  /** Where the inventory lies in the folder. */
  readonly inventoryFile?: string;
  readonly connection?: Partial<RunOptions["connection"]>;
  readonly vault?: Vault;
  readonly journal?: RunOptions["journal"];
  readonly replay?: RunOptions["replay"];
  readonly signal?: AbortSignal;
  /** Sees each event as it comes. */
  readonly watch?: (event: Event) => void;
}

/** What a run said and came to. */
export interface Played extends RunResult {
  readonly events: readonly Event[];
  readonly tasks: readonly TaskEvent[];
}

/** A folder with a playbook and what belongs to it. */
export class Site {
  private constructor(readonly directory: string) {}

  /** Makes the folder, hands it to `use`, and takes it away. Files that are null are folders. */
  static async with<T>(files: Readonly<Record<string, string>>, use: (site: Site) => Promise<T>): Promise<T> {
    const site = new Site(await Deno.makeTempDir({ prefix: "aami-run-" }));
    try {
      for (const [path, text] of Object.entries(files)) await site.write(path, text);
      return await use(site);
    } finally {
      await Deno.remove(site.directory, { recursive: true });
    }
  }

  /** A path in the folder. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Writes a file; `DIR` in it becomes the folder's path. */
  async write(name: string, text: string): Promise<void> {
    await Deno.mkdir(dirname(this.path(name)), { recursive: true });
    await Deno.writeTextFile(this.path(name), text.replaceAll("DIR", this.directory));
  }

  /** A file's text, or undefined where there is none. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(this.path(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Every file below a folder with its mode and text. */
  async tree(below = "."): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const walk = async (folder: string) => {
      for await (const entry of Deno.readDir(this.path(folder))) {
        const path = join(folder, entry.name);
        const { mode } = await Deno.lstat(this.path(path));
        const text = entry.isFile ? await Deno.readTextFile(this.path(path)) : "";
        found[path] = `${((mode ?? 0) & 0o7777).toString(8)} ${text}`;
        if (entry.isDirectory) await walk(path);
      }
    };
    await walk(below);
    return found;
  }

  /** Runs `site.yml` of the folder. */
  async play(options: PlayOptions = {}): Promise<Played> {
    const playbook = await loadPlaybook(this.path("site.yml"), calleesOf(registry), options.vault);
    const inventoryFile = options.inventoryFile ?? "inventory.ini";
    await this.write(inventoryFile, options.inventory ?? "h ansible_connection=local\n");
    const inventoryPath = this.path(inventoryFile);
    const inventory = await loadInventory([inventoryPath], {
      playbookDirectory: this.directory,
      vault: options.vault,
    });
    const events: Event[] = [];
    const emit = (event: Event) => {
      events.push(event);
      options.watch?.(event);
    };
    const signal = options.signal ?? new AbortController().signal;
    const read = runOptions(options);
    const start = options.startAtTask === undefined ? undefined : findStart([playbook], options.startAtTask, read.tags);
    const result = await runPlaybook(playbook, inventory, { ...read, start }, emit, signal);
    return { ...result, events, tasks: events.filter((event) => event.type === "task") };
  }
}

function runOptions(options: PlayOptions): RunOptions {
  return {
    check: options.check ?? false,
    diff: false,
    forks: options.forks ?? 50,
    limit: options.limit,
    tags: { only: options.tags ?? [], skip: options.skipTags ?? [] },
    extraVars: constantLayer(options.extraVars ?? {}),
    verbosity: options.verbosity ?? 0,
    lookahead: options.lookahead ?? true,
    confirm: options.confirm,
    vault: options.vault,
    journal: options.journal,
    replay: options.replay,
    connection: { hostKeyChecking: "accept-new", become: false, ...options.connection },
  };
}

/** Runs a playbook's text. */
export async function play(
  playbook: string,
  options: PlayOptions & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Played> {
  return await Site.with({ ...options.files, "site.yml": playbook }, (site) => site.play(options));
}

/** Each task's name and status, in the order they ended; the host is named where there are several. */
export function outline({ tasks }: Played): string[] {
  const several = new Set(tasks.map((task) => task.host)).size > 1;
  return tasks.map((task) => `${several ? `${task.host}: ` : ""}${task.name}: ${task.status}`);
}

/** The messages of the debug tasks, in order. */
export function said({ tasks }: Played): Value[] {
  return tasks.filter((task) => task.module === "debug" && task.status === "ok").map((task) => task.result.msg);
}

/** The message of the first task that failed. */
export function failure({ tasks }: Played): string {
  const failed = tasks.find((task) => ["failed", "unreachable", "rescued", "ignored"].includes(task.status));
  return String(failed?.result.msg ?? "nothing failed");
}
