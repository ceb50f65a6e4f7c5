/**
 * What the readers of inventories fill: hosts, groups, who is in whom. Keeps Ansible's rules and its order.
 *
 * @module
 */

import { type Diagnostic, DiagnosticError, inputError, type Span } from "../support/diagnostic.ts";
import type { DiagnosticCode } from "../support/diagnostic_codes.ts";
import type { YamlNode } from "../support/yaml.ts";
import type { Variable } from "../variables/variable.ts";

/** A host as the sources describe it. */
export interface HostRecord {
  /** The name as it is in the inventory, port and range resolved. */
  readonly name: string;
  /** Where it was first written. */
  readonly span?: Span;
  /** The file, script or list that named it first, and its directory. */
  readonly file?: string;
  /** The directory of `file`; undefined as it is. */
  readonly directory?: string;
  /** The groups that name it directly. */
  readonly groups: Set<GroupRecord>;
  /** The host's own variables, by name; later sources override earlier ones. */
  readonly vars: Map<string, Variable>;
}

/** A group as the sources describe it. */
export interface GroupRecord {
  /** The group's name. */
  readonly name: string;
  /** Where it was first written; undefined for one that no source wrote. */
  readonly span?: Span;
  /** The hosts that it names directly. */
  readonly hosts: Set<HostRecord>;
  /** The groups right below. */
  readonly children: Set<GroupRecord>;
  /** The groups right above. */
  readonly parents: Set<GroupRecord>;
  /** The group's own variables, by name; later sources override earlier ones. */
  readonly vars: Map<string, Variable>;
  /** `ansible_group_priority`. */
  priority: number;
  /** The longest way from `all`. */
  depth: number;
}

/** Compiles a value: `compileValue` of the variables. */
export type Compile = (node: YamlNode) => Variable;

/** Builds an inventory from its sources. */
export class InventoryData {
  /** The hosts by name, in the order in which they were named. */
  readonly hosts = new Map<string, HostRecord>();
  /** The groups by name. */
  readonly groups = new Map<string, GroupRecord>();
  /** What is odd but no error. */
  readonly warnings: Diagnostic[] = [];
  /** What is wrong with values; collected, so that one run shows all of them. */
  readonly errors: Diagnostic[] = [];
  /** The value of a variable as it was written, for listings. */
  readonly written = new WeakMap<Variable, YamlNode>();
  /** What is being read. */
  file: string | undefined;
  /** The directory of what is being read. */
  directory: string | undefined;

  /**
   * An inventory of the groups `all` and `ungrouped`, without hosts.
   *
   * @param compile makes a variable of a value
   */
  constructor(readonly compile: Compile) {
    this.link(this.addGroup("all"), this.addGroup("ungrouped"));
  }

  /** The group of that name, made where there is none. */
  addGroup(name: string, span?: Span): GroupRecord {
    const known = this.groups.get(name);
    if (known) return known;
    const group: GroupRecord = {
      name,
      span,
      hosts: new Set(),
      children: new Set(),
      parents: new Set(),
      vars: new Map(),
      priority: 1,
      depth: 0,
    };
    this.groups.set(name, group);
    return group;
  }

  /**
   * The host of that name, made where there is none, put into the group.
   *
   * @throws {DiagnosticError} for a host named `all`: a pattern would mean the host alone
   */
  addHost(name: string, group: GroupRecord | undefined, span?: Span): HostRecord {
    if (name === "all") throw inputError("host-name", "no host can be named 'all', which means all hosts", span);
    let host = this.hosts.get(name);
    if (!host) {
      host = { name, span, file: this.file, directory: this.directory, groups: new Set(), vars: new Map() };
      this.hosts.set(name, host);
    }
    if (group) {
      group.hosts.add(host);
      host.groups.add(group);
    }
    return host;
  }

  /** Puts hosts into a group. A port counts for those that are new, as in Ansible. */
  addHosts(
    { names, port }: { readonly names: readonly string[]; readonly port?: number },
    group: GroupRecord,
    span: Span,
  ): HostRecord[] {
    const node: YamlNode | undefined = port === undefined
      ? undefined
      : { kind: "scalar", span, value: port, written: String(port) };
    const portVariable = node && this.compileNode(node);
    return names.map((name) => {
      const known = this.hosts.has(name);
      const host = this.addHost(name, group, span);
      if (portVariable && !known) host.vars.set("ansible_port", portVariable);
      else if (portVariable && host.vars.get("ansible_port")?.constant !== port) {
        this.warn("host-port", `host '${name}' was named before, so this port has no effect`, span, "set ansible_port");
      }
      return host;
    });
  }

  /** Compiles a value and remembers how it was written. A value that does not compile is noted in `errors`. */
  compileNode(node: YamlNode): Variable {
    const variable = this.#compiled(node);
    this.written.set(variable, node);
    return variable;
  }

  #compiled(node: YamlNode): Variable {
    try {
      return this.compile(node);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.errors.push(...error.diagnostics);
      return {
        span: node.span,
        evaluate() {
          throw error;
        },
      };
    }
  }

  /**
   * Ends the collecting of errors.
   *
   * @throws {DiagnosticError} with all values that did not compile
   */
  throwErrors(): void {
    if (this.errors.length > 0) throw new DiagnosticError(this.errors.splice(0));
  }

  /** Sets a variable of a group. `ansible_group_priority` orders the group and is no variable. */
  setGroupVariable(group: GroupRecord, name: string, keySpan: Span, node: YamlNode): void {
    if (name === "ansible_group_priority") {
      const text = node.kind === "scalar" ? String(node.value).trim() : "";
      if (!/^[+-]?\d+$/.test(text)) {
        throw inputError("group-priority", "ansible_group_priority must be a whole number", node.span);
      }
      group.priority = Number(text);
      return;
    }
    this.checkName(name, keySpan);
    group.vars.set(name, this.compileNode(node));
  }

  /** Sets a variable of hosts that share it. */
  setHostVariable(hosts: readonly HostRecord[], name: string, keySpan: Span, node: YamlNode): void {
    this.checkName(name, keySpan);
    const variable = this.compileNode(node);
    for (const host of hosts) host.vars.set(name, variable);
  }

  /** Warns about a name that no expression can use. */
  checkName(name: string, span: Span): void {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
    const suggestion = name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
    const help = /[A-Za-z0-9]/.test(suggestion) ? `'${suggestion}' could be used` : undefined;
    this.warn("variable-name", `'${name}' is no name that an expression can use`, span, help);
  }

  /** Notes a warning. */
  warn(code: DiagnosticCode, message: string, span?: Span, help?: string): void {
    this.warnings.push({ severity: "warning", code, message, span, help });
  }

  /**
   * Makes a group the child of another.
   *
   * @throws {DiagnosticError} where that closes a cycle, which it shows
   */
  link(parent: GroupRecord, child: GroupRecord, span?: Span): void {
    if (parent.children.has(child)) return;
    if (child.name === "all") {
      throw inputError("group-cycle", `'all' holds every group, so it cannot be in '${parent.name}'`, span);
    }
    const cycle = pathDown(child, parent);
    if (cycle) {
      const shown = [parent, ...cycle].map((group) => group.name).join(" → ");
      const cause = parent === child ? "a group cannot be its own child" : "the groups contain each other";
      throw inputError("group-cycle", `${cause}: ${shown}`, span);
    }
    parent.children.add(child);
    child.parents.add(parent);
  }

  /** Puts what stands alone under `all` and `ungrouped`, and measures depths. Safe to call again. */
  reconcile(): void {
    const all = this.addGroup("all");
    const ungrouped = this.addGroup("ungrouped");
    for (const group of this.groups.values()) {
      if (group !== all && group.parents.size === 0) this.link(all, group, group.span);
    }
    for (const host of this.hosts.values()) {
      const others = [...host.groups].some((group) => group !== all && group !== ungrouped);
      if (others) {
        ungrouped.hosts.delete(host);
        host.groups.delete(ungrouped);
      } else if (!host.groups.has(ungrouped)) {
        ungrouped.hosts.add(host);
        host.groups.add(ungrouped);
      }
    }
    this.#measureDepths(all);
  }

  #measureDepths(all: GroupRecord): void {
    const open = new Map([...this.groups.values()].map((group) => [group, group.parents.size]));
    const ready = [all];
    for (let group = ready.pop(); group; group = ready.pop()) {
      for (const child of group.children) {
        child.depth = Math.max(child.depth, group.depth + 1);
        const left = (open.get(child) ?? 0) - 1;
        open.set(child, left);
        if (left === 0) ready.push(child);
      }
    }
  }
}

/** The groups on the way down from one group to another, both included; undefined where there is none. */
function pathDown(from: GroupRecord, to: GroupRecord): GroupRecord[] | undefined {
  const cameFrom = new Map<GroupRecord, GroupRecord | undefined>([[from, undefined]]);
  for (const group of cameFrom.keys()) {
    if (group === to) {
      const path: GroupRecord[] = [];
      for (let step: GroupRecord | undefined = group; step; step = cameFrom.get(step)) path.unshift(step);
      return path;
    }
    for (const child of group.children) if (!cameFrom.has(child)) cameFrom.set(child, group);
  }
  return undefined;
}

/** A group's ancestors and itself. */
export function withAncestors(groups: Iterable<GroupRecord>): Set<GroupRecord> {
  const seen = new Set(groups);
  for (const group of seen) for (const parent of group.parents) seen.add(parent);
  return seen;
}

/** A group and its descendants, level by level. */
export function withDescendants(group: GroupRecord): Set<GroupRecord> {
  const seen = new Set([group]);
  for (const next of seen) for (const child of next.children) seen.add(child);
  return seen;
}
