/**
 * The scope of a task on a host: every level of Ansible's precedence as one chain of layers. Nothing is copied.
 *
 * @module
 */

import { FACT_NAMES } from "../host/facts.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Value } from "../module/module.ts";
import type { Play, Role, Task } from "../playbook/playbook.ts";
import { controllerAt } from "../variables/controller.ts";
import { constantVariable, LayeredScope, lazyVariable } from "../variables/scope.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import type { Vault } from "../variables/vault.ts";
import { lazyMap, scopeMap } from "../variables/pending.ts";
import type { HostState } from "./host_state.ts";

/** What scopes are made from. */
export interface ScopeSources {
  /** Where `groups`, `hostvars` and the hosts' own variables come from. */
  readonly inventory: Inventory;
  /** Variables of the command line, which override all others. */
  readonly extraVars: Layer;
  /** The playbook's directory, `playbook_dir`. */
  readonly playbookDirectory: string;
  /** `ansible_check_mode`. */
  readonly check: boolean;
  /** `ansible_diff_mode`. */
  readonly diff: boolean;
  /** `ansible_verbosity`: how many `-v` were given. */
  readonly verbosity: number;
  /** Opens `!vault` values. */
  readonly vault?: Vault;
  /** What the run knows of a host; undefined for one that is not in the inventory. */
  host(name: string): HostState | undefined;
}

/** A play's part of the scopes: made once a play. */
export interface PlayScope {
  /** The play, for its vars, roles and facts. */
  readonly play: Play;
  /** Its place in the playbook, from 1. */
  readonly number: number;
  /** The hosts of the play, in order. */
  readonly hosts: readonly HostState[];
  /** The hosts that take the play together: all of them, or a batch of `serial`. */
  readonly batch: readonly HostState[];
  /** Whether failed hosts run the handlers that were notified. */
  readonly forceHandlers: boolean;
  /** What the operator answered to `vars_prompt`. */
  readonly answers: Layer;
  /** vars_files by host, loaded when the play begins. */
  readonly varsFiles: (host: HostState) => readonly Layer[];
}

/** What tasks were included through, on one host. */
export interface IncludeScope {
  /** Variables of the including tasks and of their loops' items, innermost first. */
  readonly params: readonly Layer[];
  /** Roles that were included for the whole play to see, in order. */
  readonly roles: readonly Role[];
}

/** Tasks of the play itself. */
export const NOT_INCLUDED: IncludeScope = { params: [], roles: [] };

/** Makes the scopes of a run. */
export class Scopes {
  readonly #global: Layer;
  readonly #hostMagic = new WeakMap<HostState, Layer>();
  readonly #playMagic = new WeakMap<PlayScope, Layer>();
  readonly #facts = new WeakMap<HostState, Layer>();

  /** Made once a run; host variables are read when a scope first needs them. */
  constructor(readonly sources: ScopeSources) {
    this.#global = this.#globalLayer();
  }

  /** The scope of a host outside of any task: for connection variables, hostvars and play keywords. */
  host(host: HostState, play?: PlayScope, task?: Task, included: IncludeScope = NOT_INCLUDED): LayeredScope {
    const inventory = [...host.inventory.layers()].reverse();
    const { extraVars } = this.sources;
    const playLayers = play ? this.#playLayers(host, play, task, included.roles) : [[], []];
    const layers = [
      ...(task?.role ? [roleMagic(task.role)] : []),
      ...this.#magicLayers(host, play),
      extraVars,
      ...included.params,
      ...(task?.role ? task.role.params : []),
      host.set,
      host.included,
      ...playLayers[0],
      ...(play?.play.gatherFacts ?? true) ? [remembered(this.#facts, host, () => new FactsLayer(host))] : [],
      ...inventory,
      ...playLayers[1],
    ];
    const directory = play?.play.directory ?? this.sources.playbookDirectory;
    return new LayeredScope(layers, { controller: controllerAt(directory, this.sources.vault) });
  }

  /** What a play with no host yet may use: extra variables, its own vars, the magic ones of the run. */
  play(play: Play): LayeredScope {
    return new LayeredScope([this.#global, this.sources.extraVars, play.vars], {
      controller: controllerAt(play.directory, this.sources.vault),
    });
  }

  /** Above the facts: task and block vars, role vars, vars_files, play vars; below the inventory: role defaults. */
  #playLayers(
    host: HostState,
    { play, varsFiles, answers }: PlayScope,
    task: Task | undefined,
    included: readonly Role[],
  ): [Layer[], Layer[]] {
    const roles = [...play.roles, ...included].reverse();
    const own = task?.role;
    const above = [
      ...(task ? [...task.settings.vars].reverse() : []),
      ...own?.vars ?? [],
      ...roles.map((role) => role.vars[0]),
      ...[...varsFiles(host)].reverse(),
      answers,
      play.vars,
    ];
    const below = [...own?.defaults ?? [], ...roles.map((role) => role.defaults[0])];
    return [above, below];
  }

  #magicLayers(host: HostState, play?: PlayScope): readonly Layer[] {
    const layers = [remembered(this.#hostMagic, host, () => hostMagic(host)), this.#global];
    return play ? [remembered(this.#playMagic, play, () => playMagic(play)), ...layers] : layers;
  }

  #globalLayer(): Layer {
    const { inventory, playbookDirectory, check, diff, verbosity } = this.sources;
    const hostvars = lazyVariable(() => lazyMap(inventory.hosts.keys(), (name) => this.#hostvars(name)));
    return new Map<string, Variable>([
      ["groups", lazyVariable(() => inventory.groupHosts as unknown as Value)],
      ["hostvars", hostvars],
      ["playbook_dir", constantVariable(playbookDirectory)],
      ["ansible_check_mode", constantVariable(check)],
      ["ansible_diff_mode", constantVariable(diff)],
      ["ansible_verbosity", constantVariable(verbosity)],
    ]);
  }

  #hostvars(name: string): Value {
    const host = this.sources.host(name);
    return host ? scopeMap(this.host(host)) : {};
  }
}

const roleLayers = new WeakMap<Role, Layer>();

function roleMagic(role: Role): Layer {
  let layer = roleLayers.get(role);
  if (!layer) {
    const name = constantVariable(role.name);
    layer = new Map([["role_name", name], ["ansible_role_name", name], [
      "role_path",
      constantVariable(role.directory),
    ]]);
    roleLayers.set(role, layer);
  }
  return layer;
}

function hostMagic(host: HostState): Layer {
  const { name, shortName, directory, file } = host.inventory;
  return new Map<string, Variable>([
    ["inventory_hostname", constantVariable(name)],
    ["inventory_hostname_short", constantVariable(shortName)],
    ["group_names", lazyVariable(() => [...host.inventory.groups])],
    ["inventory_dir", constantVariable(directory ?? null)],
    ["inventory_file", constantVariable(file ?? null)],
  ]);
}

function playMagic({ play, hosts, batch }: PlayScope): Layer {
  const names = (all: readonly HostState[]) => all.filter((other) => !other.out).map((other) => other.name);
  return new Map<string, Variable>([
    ["ansible_play_hosts", lazyVariable(() => names(hosts))],
    ["ansible_play_batch", lazyVariable(() => names(batch))],
    ["play_hosts", lazyVariable(() => names(batch))],
    ["playbook_dir", constantVariable(play.directory)],
    ["ansible_play_hosts_all", lazyVariable(() => hosts.map((other) => other.name))],
    ["ansible_play_name", constantVariable(play.name)],
  ]);
}

/** What is made once for an object: scopes are made for each task of each host. */
function remembered<Key extends object, Made>(known: WeakMap<Key, Made>, key: Key, make: () => Made): Made {
  let made = known.get(key);
  if (made === undefined) known.set(key, made = make());
  return made;
}

/** `ansible_facts`, and each fact as `ansible_NAME`; looking at one that is not gathered throws FactsNeeded. */
class FactsLayer extends Map<string, Variable> {
  constructor(readonly host: HostState) {
    super();
  }

  override get(name: string): Variable | undefined {
    if (name === "ansible_facts") return lazyVariable(() => this.host.knownFacts as unknown as Value);
    if (!this.has(name)) return undefined;
    const key = name.slice("ansible_".length);
    return lazyVariable(() => (this.host.knownFacts[key] ?? null) as Value);
  }

  override has(name: string): boolean {
    if (name === "ansible_facts") return true;
    if (!name.startsWith("ansible_")) return false;
    const key = name.slice("ansible_".length);
    return this.host.facts ? Object.hasOwn(this.host.facts, key) : FACT_NAMES.has(key);
  }

  override *keys(): MapIterator<string> {
    yield "ansible_facts";
    for (const key of FACT_NAMES) yield `ansible_${key}`;
  }
}
