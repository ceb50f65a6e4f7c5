/**
 * Which values of a rule hold for which nodes. A rule has one version for all nodes, and one more for each group whose
 * values differ from its parent's. A version chooses its nodes by their primary group, so no node is under two.
 *
 * @module
 */

import type { Values } from "./expression.ts";
import type { AlertRule, Severity } from "./rule.ts";
import type { AlertGroup, AlertSettings, Condition, RuleSettings, SetValue } from "./settings.ts";

/** Where a value comes from. */
export interface Origin {
  /** `default` of the rule, set for `all` nodes, or by a `group`. */
  readonly kind: "default" | "all" | "group";
  /** The group's name. */
  readonly group?: string;
  /** The condition that it is set under; undefined for all nodes of the group. */
  readonly where?: { readonly label: string; readonly is: readonly string[] };
  /** The value as it was set, with its place. */
  readonly set?: SetValue;
}

/** The values of a rule for the nodes of a version that meet a condition and none before it. */
export interface Cell {
  /** The condition; undefined for what meets none. */
  readonly condition?: Pick<Condition, "label" | "is">;
  /** Whether the rule is on. */
  readonly enabled: boolean;
  /** The severity, or Prometheus' way to compute it. */
  readonly severity: Severity | `{{${string}`;
  /** The parameters and `for`. */
  readonly values: Values;
  /** Where each value comes from: the parameters, `for`, `severity`, `enabled`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** One version of a rule. */
export interface Version {
  /** The rule. */
  readonly rule: AlertRule;
  /** The group it was made for; undefined for the version of all nodes. */
  readonly group?: string;
  /** Its cells; the last is without condition. */
  readonly cells: readonly Cell[];
  /** The primary groups of its nodes, sorted; for the version of all nodes those it leaves out. */
  readonly groups: readonly string[];
}

/** Settings that hold one over the other. */
interface Layer {
  readonly group?: string;
  readonly settings: RuleSettings;
}

/** A version while its groups are found. */
interface Draft {
  readonly group?: string;
  readonly layers: readonly Layer[];
  readonly cells: readonly Cell[];
  readonly key: string;
  readonly groups: string[];
}

/** The groups, each behind its parent; those of one parent by name. */
export function parentsFirst(groups: ReadonlyMap<string, AlertGroup>): AlertGroup[] {
  const depth = new Map<string, number>();
  const depthOf = (name: string): number => {
    const path: string[] = [];
    let at: string | undefined = name;
    for (; at !== undefined && !depth.has(at); at = groups.get(at)?.parent) path.push(at);
    let known = at === undefined ? 0 : depth.get(at)!;
    for (const each of path.reverse()) depth.set(each, ++known);
    return depth.get(name)!;
  };
  return [...groups.values()].sort((a, b) =>
    depthOf(a.name) - depthOf(b.name) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}

/**
 * The versions of a rule: the one of all nodes first, then those of groups, parents first.
 *
 * @param ordered the groups as {@linkcode parentsFirst} gives them
 */
export function versionsOf(rule: AlertRule, settings: AlertSettings, ordered: readonly AlertGroup[]): Version[] {
  const all = settings.rules.get(rule.id);
  const base = draft(rule, undefined, all ? [{ settings: all }] : []);
  const drafts = [base];
  const under = new Map<string, Draft>();
  for (const group of ordered) {
    const parent = group.parent === undefined ? base : under.get(group.parent)!;
    const own = group.rules.get(rule.id);
    const mine = own && draft(rule, group.name, [...parent.layers, { group: group.name, settings: own }]);
    const holds = mine && mine.key !== parent.key ? mine : parent;
    if (holds === mine) drafts.push(mine);
    if (holds !== base) holds.groups.push(group.name);
    under.set(group.name, holds);
  }
  const leftOut = drafts.slice(1).flatMap(({ groups }) => groups);
  return drafts.map(({ group, cells, groups }) => ({
    ...{ rule, group, cells },
    groups: (group === undefined ? leftOut : groups).sort(),
  }));
}

function draft(rule: AlertRule, group: string | undefined, layers: readonly Layer[]): Draft {
  const cells = cellsOf(rule, layers);
  const key = JSON.stringify(cells.map(({ condition, enabled, severity, values }) => [
    ...[condition?.label, condition?.is, enabled, severity],
    values,
  ]));
  return { group, layers, cells, key, groups: [] };
}

/** Of the conditions that match, the nearest group's first one holds, and it alone. */
function cellsOf(rule: AlertRule, layers: readonly Layer[]): Cell[] {
  const cells: Cell[] = [];
  const seen = new Set<string>();
  for (let index = layers.length - 1; index >= 0; index--) {
    for (const condition of layers[index].settings.where) {
      const { label, is } = condition;
      const name = JSON.stringify([label, is]);
      if (!seen.has(name)) cells.push(cellOf(rule, layers, { condition, index }));
      seen.add(name);
    }
  }
  return [...cells, cellOf(rule, layers)];
}

function cellOf(rule: AlertRule, layers: readonly Layer[], met?: { condition: Condition; index: number }): Cell {
  const values: Record<string, number | string> = { for: rule.for };
  for (const [name, parameter] of Object.entries(rule.parameters)) values[name] = parameter.default;
  const origins = new Map<string, Origin>();
  let severity = rule.severity;
  let enabled = true;
  const apply = (name: string, set: SetValue, origin: Origin) => {
    if (name === "enabled") enabled = set.value as boolean;
    else if (name === "severity") severity = set.value as Severity;
    else values[name] = set.value as number | string;
    origins.set(name, { ...origin, set });
  };
  layers.forEach(({ group, settings }, index) => {
    const origin: Origin = group === undefined ? { kind: "all" } : { kind: "group", group };
    for (const [name, set] of settings.own) apply(name, set, origin);
    if (met?.index !== index) return;
    const { label, is } = met.condition;
    for (const [name, set] of met.condition.own) apply(name, set, { ...origin, where: { label, is } });
  });
  const condition = met && { label: met.condition.label, is: met.condition.is };
  return { condition, enabled, severity, values, origins };
}

/** The selector of a version's cell, as it stands between braces; empty for all nodes. */
export function matchersOf(version: Version, cell: Cell): string {
  const matchers: string[] = [];
  if (version.groups.length > 0) matchers.push(matcher("group", version.groups, version.group !== undefined));
  for (const { condition } of version.cells) {
    if (condition && condition !== cell.condition) matchers.push(matcher(condition.label, condition.is, false));
    else {
      if (condition) matchers.push(matcher(condition.label, condition.is, true));
      break;
    }
  }
  return matchers.join(",");
}

/** `group="a"`, `group!~"a|b"`: names side by side that begin alike are quick to match. */
function matcher(label: string, values: readonly string[], wanted: boolean): string {
  if (values.length === 1) return `${label}${wanted ? "=" : "!="}${JSON.stringify(values[0])}`;
  const pattern = values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return `${label}${wanted ? "=~" : "!~"}${JSON.stringify(pattern)}`;
}
