/**
 * The inventory as the engine uses it: hosts with the layers of their variables, groups, patterns.
 *
 * @module
 */

import type { Diagnostic, Span } from "../support/diagnostic.ts";
import type { YamlNode } from "../support/yaml.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import { isIpAddress } from "./address.ts";
import { type GroupRecord, type HostRecord, type InventoryData, withAncestors, withDescendants } from "./model.ts";
import { type PatternOptions, PatternSelector } from "./pattern.ts";
import { LOCAL_NAMES, type VariableFiles, type VariablesFolder } from "./variable_files.ts";

/** A host of the inventory, or the implicit localhost. */
export class InventoryHost {
  #layers: readonly Layer[] | undefined;

  /** Hosts are made by the inventory. */
  constructor(
    /** `inventory_hostname`. */
    readonly name: string,
    /** `group_names`: sorted, without `all`. */
    readonly groups: readonly string[],
    /** `inventory_file`: what named the host first; undefined for the implicit localhost. */
    readonly file: string | undefined,
    /** `inventory_dir`. */
    readonly directory: string | undefined,
    /** Whether it is the controller, usable without being in the inventory and not part of `all`. */
    readonly implicit: boolean,
    /** Where it was first written. */
    readonly span: Span | undefined,
    private readonly readLayers: () => readonly Layer[],
  ) {}

  /** `inventory_hostname_short`. */
  get shortName(): string {
    return isIpAddress(this.name) ? this.name : this.name.split(".")[0];
  }

  /** The layers of variables, lowest precedence first. Shared between hosts where they are the same. */
  layers(): readonly Layer[] {
    return this.#layers ??= this.readLayers();
  }
}

/** A group of the inventory. */
export interface InventoryGroup {
  /** The group's name; `all` and `ungrouped` always exist. */
  readonly name: string;
  /** All hosts, those of the groups below included, in the order of the inventory. */
  readonly hosts: readonly InventoryHost[];
  /** The hosts that the group names itself. */
  readonly ownHosts: readonly InventoryHost[];
  /** The names of the groups right below. */
  readonly children: readonly string[];
}

/** Where the variables of hosts come from beside the sources. */
export interface VariableSources {
  /** The folders beside the sources, in order. */
  readonly inventory: readonly VariableFiles[];
  /** The folders beside the playbook. */
  readonly playbook: readonly VariableFiles[];
}

/** Hosts, groups and their variables. Made by `loadInventory`. */
export class Inventory {
  #hosts = new Map<string, InventoryHost>();
  #groups = new Map<string, InventoryGroup>();
  readonly #implicit = new Map<string, InventoryHost>();
  #groupLayers = new Map<string, readonly Layer[]>();
  #hostNames: Readonly<Record<string, readonly string[]>> | undefined;

  /** Takes over what the readers have filled. */
  constructor(private data: InventoryData, private files: VariableSources) {
    this.#rebuild();
  }

  /** The hosts by name, in the order in which they were named. */
  get hosts(): ReadonlyMap<string, InventoryHost> {
    return this.#hosts;
  }

  /** The groups by name, `all` and `ungrouped` included. */
  get groups(): ReadonlyMap<string, InventoryGroup> {
    return this.#groups;
  }

  /** What is odd but no error. */
  get warnings(): readonly Diagnostic[] {
    return this.data.warnings;
  }

  /** The magic variable `groups`: the names of the hosts of each group. */
  get groupHosts(): Readonly<Record<string, readonly string[]>> {
    return this.#hostNames ??= Object.fromEntries(
      [...this.#groups].map(([name, group]) => [name, group.hosts.map((host) => host.name)]),
    );
  }

  /** The host of that name; the controller for `localhost`, `127.0.0.1` and `::1` where the inventory has none. */
  host(name: string): InventoryHost | undefined {
    const host = this.#hosts.get(name) ?? this.#implicit.get(name);
    if (host || !LOCAL_NAMES.has(name)) return host;
    const local = [...LOCAL_NAMES].map((other) => this.#hosts.get(other)).find((other) => other !== undefined);
    const made = local ?? this.#makeImplicit(name);
    this.#implicit.set(name, made);
    return made;
  }

  /**
   * The hosts that a pattern means, e.g. `gpu:&rack1:!node07`, narrowed by a limit, each once.
   *
   * @throws {DiagnosticError} for a name, glob or expression that no host and no group has
   */
  select(pattern: string | readonly string[], limit?: string, options: PatternOptions = {}): InventoryHost[] {
    return new PatternSelector(this, options).select(pattern, limit);
  }

  /**
   * Adds a host to groups while a play runs (`add_host`, `group_by`); what does not exist is made.
   *
   * @returns whether anything is new
   * @throws {DiagnosticError} for a broken file of variables of a group that is new
   */
  async addHost(
    name: string,
    groups: readonly string[],
    variables: Layer = new Map(),
    parents: readonly string[] = [],
  ): Promise<boolean> {
    let changed = !this.data.hosts.has(name);
    const host = this.data.addHost(name, undefined);
    for (const groupName of groups) {
      const group = this.data.addGroup(groupName);
      changed ||= !group.hosts.has(host);
      this.data.addHost(name, group);
      for (const parent of parents) if (parent !== "all") this.data.link(this.data.addGroup(parent), group);
    }
    for (const [key, variable] of variables) {
      const known = host.vars.get(key);
      changed ||= known === undefined || known.constant === undefined || known.constant !== variable.constant;
      host.vars.set(key, variable);
    }
    if (changed) {
      this.data.reconcile();
      for (const files of [...this.files.inventory, ...this.files.playbook]) await files.read(this.data);
      this.data.throwErrors();
      this.#rebuild();
    }
    return changed;
  }

  /** The layers of variables of a group itself, lowest precedence first; empty for a name that no group has. */
  groupLayers(name: string): readonly Layer[] {
    const record = this.data.groups.get(name);
    if (!record) return [];
    return [
      record.vars,
      ...layersIn(this.files.inventory, "group_vars", [name]),
      ...layersIn(this.files.playbook, "group_vars", [name]),
    ].filter((layer) => layer.size > 0);
  }

  /** Becomes what another one is, e.g. the same sources read again. */
  takeOver(other: Inventory): void {
    this.data = other.data;
    this.files = other.files;
    this.#rebuild();
  }

  /** How a variable was written, or undefined for one that no source wrote. */
  writtenAs(variable: Variable): YamlNode | undefined {
    return this.data.written.get(variable);
  }

  #rebuild(): void {
    this.#hostNames = undefined;
    this.#groupLayers = new Map();
    this.#implicit.clear();
    const memberships = new Map<string, readonly GroupRecord[]>();
    this.#hosts = new Map([...this.data.hosts].map(([name, record]) => [name, this.#makeHost(record, memberships)]));
    this.#groups = new Map([...this.data.groups].map(([name, record]) => [name, this.#makeGroup(record)]));
  }

  #makeHost(record: HostRecord, memberships: Map<string, readonly GroupRecord[]>): InventoryHost {
    const own = [...record.groups].map((group) => group.name).join("\n");
    let groups = memberships.get(own);
    if (!groups) memberships.set(own, groups = inOrder(withAncestors(record.groups)));
    const names = this.#namesOf(groups);
    const layers = () => this.#layersOf(record, groups);
    return new InventoryHost(record.name, names, record.file, record.directory, false, record.span, layers);
  }

  readonly #nameLists = new WeakMap<readonly GroupRecord[], readonly string[]>();

  #namesOf(groups: readonly GroupRecord[]): readonly string[] {
    const known = this.#nameLists.get(groups);
    if (known) return known;
    const names = groups.map((group) => group.name).sort(byCodePoint);
    this.#nameLists.set(groups, names);
    return names;
  }

  #makeGroup(record: GroupRecord): InventoryGroup {
    const toHosts = (records: Iterable<HostRecord>) => [...records].flatMap(({ name }) => this.#hosts.get(name) ?? []);
    let hosts: readonly InventoryHost[] | undefined;
    return {
      name: record.name,
      get hosts() {
        return hosts ??= toHosts(new Set([...withDescendants(record)].flatMap((group) => [...group.hosts])));
      },
      ownHosts: toHosts(record.hosts),
      children: [...record.children].map((child) => child.name),
    };
  }

  #makeImplicit(name: string): InventoryHost {
    const text = { path: "implicit localhost", text: "local" };
    const span = { source: text, start: 0, end: 5 };
    const connection = this.data.compileNode({ kind: "scalar", span, value: "local", written: "local" });
    const record = { name, vars: new Map([["ansible_connection", connection]]) };
    return new InventoryHost(name, [], undefined, undefined, true, undefined, () => this.#layersOf(record, []));
  }

  #layersOf(record: Pick<HostRecord, "name" | "vars">, groups: readonly GroupRecord[]): readonly Layer[] {
    const key = groups.map((group) => group.name).join("\n");
    let shared = this.#groupLayers.get(key);
    if (!shared) this.#groupLayers.set(key, shared = this.#sharedLayers(groups));
    const own = [
      record.vars,
      ...layersIn(this.files.inventory, "host_vars", [record.name]),
      ...layersIn(this.files.playbook, "host_vars", [record.name]),
    ].filter((layer) => layer.size > 0);
    return own.length === 0 ? shared : [...shared, ...own];
  }

  #sharedLayers(groups: readonly GroupRecord[]): readonly Layer[] {
    const names = groups.map((group) => group.name);
    return [
      this.data.addGroup("all").vars,
      ...groups.map((group) => group.vars),
      ...layersIn(this.files.inventory, "group_vars", ["all"]),
      ...layersIn(this.files.playbook, "group_vars", ["all"]),
      ...layersIn(this.files.inventory, "group_vars", names),
      ...layersIn(this.files.playbook, "group_vars", names),
    ].filter((layer) => layer.size > 0);
  }
}

function layersIn(files: readonly VariableFiles[], folder: VariablesFolder, names: readonly string[]): Layer[] {
  return files.flatMap((place) => names.flatMap((name) => place.layer(folder, name) ?? []));
}

/** By precedence: parents before children, then `ansible_group_priority`, then the name; without `all`. */
function inOrder(groups: Iterable<GroupRecord>): GroupRecord[] {
  return [...groups].filter((group) => group.name !== "all").sort((left, right) =>
    left.depth - right.depth || left.priority - right.priority || byCodePoint(left.name, right.name)
  );
}

function byCodePoint(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
