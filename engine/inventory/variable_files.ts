/**
 * group_vars/ and host_vars/: variables of groups and hosts in files named like them.
 *
 * @module
 */

import { type DiagnosticError, inputError } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { parseYaml } from "../support/yaml.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import { lacksPassword, type Vault } from "../variables/vault.ts";
import { joinPath, listDirectory } from "./files.ts";
import type { InventoryData } from "./model.ts";

/** Names in a directory that are neither inventories nor variables: Ansible's list. */
export const IGNORED_NAMES =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;

/** The endings that name a file of variables, the first that exists is the one that counts. */
const EXTENSIONS = ["", ".yml", ".yaml", ".json"];

/** The two kinds of folders. */
export type VariablesFolder = "group_vars" | "host_vars";

/** The files beside one inventory source or playbook. Files are read when their group or host is known. */
export class VariableFiles {
  readonly #layers: Record<VariablesFolder, Map<string, Layer>> = { group_vars: new Map(), host_vars: new Map() };
  readonly #locked: Record<VariablesFolder, Map<string, DiagnosticError>> = {
    group_vars: new Map(),
    host_vars: new Map(),
  };
  #entries: Record<VariablesFolder, readonly Deno.DirEntry[]> = { group_vars: [], host_vars: [] };

  /**
   * Belongs to one directory.
   *
   * @param directory where `group_vars` and `host_vars` lie
   * @param readFile reads a text
   * @param vault opens those that are encrypted
   */
  constructor(
    readonly directory: string,
    readonly readFile: (path: string) => Promise<string>,
    readonly vault: Vault,
  ) {}

  /** Lists the folders. */
  async open(): Promise<void> {
    const [groups, hosts] = await Promise.all(
      (["group_vars", "host_vars"] as const).map((folder) => listDirectory(joinPath(this.directory, folder))),
    );
    this.#entries = { group_vars: groups, host_vars: hosts };
  }

  /**
   * The variables of a group or host, if it has a file here that was read.
   *
   * @throws {DiagnosticError} where no vault password opens them: an error only for the hosts that have them
   */
  layer(folder: VariablesFolder, name: string): Layer | undefined {
    const locked = this.#locked[folder].get(name);
    if (locked) throw locked;
    return this.#layers[folder].get(name);
  }

  /**
   * Reads the files of all groups and hosts that are known and not read yet.
   *
   * @throws {DiagnosticError} for a file that holds no mapping
   */
  async read(data: InventoryData): Promise<void> {
    await this.#readFolder("group_vars", data.groups, data);
    await this.#readFolder("host_vars", data.hosts, data);
  }

  async #readFolder(folder: VariablesFolder, known: ReadonlyMap<string, unknown>, data: InventoryData): Promise<void> {
    for (const [name, [first, ...ignored]] of this.#byName(folder)) {
      const wanted = known.has(name) || (folder === "host_vars" && LOCAL_NAMES.has(name));
      if (!wanted || this.#layers[folder].has(name)) continue;
      const path = joinPath(joinPath(this.directory, folder), first.name);
      const files = first.isDirectory ? await filesIn(path) : [path];
      const layer = new Map<string, Variable>();
      try {
        for (const file of files) await this.#readFile(file, layer, data);
      } catch (error) {
        if (!lacksPassword(error)) throw error;
        this.#locked[folder].set(name, error);
      }
      this.#layers[folder].set(name, layer);
      for (const entry of ignored) {
        const shown = joinPath(joinPath(this.directory, folder), entry.name);
        data.warn("ignored-vars-file", `${shown} is not read: ${path} goes before it`);
      }
    }
  }

  /** Warns about files that belong to no group and no host. */
  warnUnknown(data: InventoryData): void {
    const known = { group_vars: data.groups, host_vars: data.hosts };
    for (const folder of ["group_vars", "host_vars"] as const) {
      for (const [name, [entry]] of this.#byName(folder)) {
        if (known[folder].has(name) || (folder === "host_vars" && LOCAL_NAMES.has(name))) continue;
        const kind = folder === "group_vars" ? "group" : "host";
        const path = joinPath(joinPath(this.directory, folder), entry.name);
        const message = `${path} belongs to no ${kind}: the inventory has none named '${name}'`;
        data.warn("unused-vars-file", message, undefined, didYouMean(name, known[folder].keys()));
      }
    }
  }

  /** The entries that count for each name, the one that is read first. */
  #byName(folder: VariablesFolder): Map<string, Deno.DirEntry[]> {
    const found = new Map<string, Deno.DirEntry[]>();
    const rank = (entry: Deno.DirEntry, name: string) => EXTENSIONS.indexOf(entry.name.slice(name.length));
    for (const entry of this.#entries[folder]) {
      if (IGNORED_NAMES.test(entry.name)) continue;
      const extension = EXTENSIONS.slice(1).find((ending) => entry.name.endsWith(ending)) ?? "";
      for (const name of new Set([entry.name, entry.name.slice(0, entry.name.length - extension.length)])) {
        // `web.yml` belongs to the group web; to a group named web.yml only where there is one.
        const list = found.get(name) ?? [];
        if (name === entry.name && extension !== "") continue;
        found.set(name, [...list, entry].sort((left, right) => rank(left, name) - rank(right, name)));
      }
    }
    return found;
  }

  async #readFile(path: string, layer: Map<string, Variable>, data: InventoryData): Promise<void> {
    const source = await this.vault.open({ path, text: await this.readFile(path) });
    const root = parseYaml(source);
    if (!root || (root.kind === "scalar" && root.value === null)) return;
    if (root.kind !== "map") {
      throw inputError("vars-file", "a file of variables is a mapping of names to values", root.span);
    }
    for (const { key, keySpan, value } of root.entries) {
      data.checkName(key, keySpan);
      layer.set(key, data.compileNode(value));
    }
  }
}

/** The names of the controller itself, which may have variables without being in the inventory. */
export const LOCAL_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/** The files of a folder and those below, in order: no hidden ones, no backups, known endings. */
async function filesIn(directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await listDirectory(directory)) {
    if (entry.name.startsWith(".") || entry.name.endsWith("~")) continue;
    const dot = entry.name.lastIndexOf(".");
    const extension = dot <= 0 ? "" : entry.name.slice(dot);
    const path = joinPath(directory, entry.name);
    if (entry.isDirectory && extension === "") files.push(...await filesIn(path));
    else if (entry.isFile && EXTENSIONS.includes(extension)) files.push(path);
  }
  return files;
}
