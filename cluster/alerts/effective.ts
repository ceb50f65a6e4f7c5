/**
 * Which rules watch a node, and where each of their values comes from.
 *
 * @module
 */

import { expressionOf } from "./expression.ts";
import type { AlertRule } from "./rule.ts";
import { alertName, groupFile, presetOfRule } from "./rule_files.ts";
import { activeRules, type AlertSettings } from "./settings.ts";
import { type Cell, matchersOf, type Origin, parentsFirst, type Version, versionsOf } from "./versions.ts";

/** One value of a rule as it holds for a node. */
export interface EffectiveValue {
  /** The parameter, `for`, `severity` or `enabled`. */
  readonly name: string;
  /** What holds. */
  readonly value: number | string | boolean;
  /** The unit of a parameter; undefined for the others. */
  readonly unit?: string;
  /** Where it comes from. */
  readonly origin: Origin;
}

/** A rule as it holds for a node, or for the part of it that meets a condition. */
export interface EffectiveRule {
  /** The rule. */
  readonly rule: AlertRule;
  /** The alert's name in Prometheus. */
  readonly alert: string;
  /** The file that it is in, below the directory of rules. */
  readonly file: string;
  /**
   * The condition on labels that the node itself does not have: of a GPU, a port or a file system. Undefined where it
   * holds for all of the node, or for what meets none of the conditions before it.
   */
  readonly condition?: Cell["condition"];
  /** Whether it is on. */
  readonly enabled: boolean;
  /** The expression that Prometheus evaluates. */
  readonly expr: string;
  /** Every value. */
  readonly values: readonly EffectiveValue[];
}

const DEFAULT: Origin = { kind: "default" };

/**
 * The rules of a node, in the order of the presets. Where conditions ask for labels that the node has not got, there is
 * one entry for each of them and a last one for the rest.
 *
 * @param labels the node's labels as discovery gives them; `group` is its primary group
 */
export function effectiveRules(settings: AlertSettings, labels: Readonly<Record<string, string>>): EffectiveRule[] {
  const ordered = parentsFirst(settings.groups);
  const fileOf = presetOfRule(settings.presets);
  return activeRules(settings.presets).flatMap((rule) => {
    const version = versionFor(versionsOf(rule, settings, ordered), labels.group);
    const file = version.group === undefined ? `${fileOf.get(rule.id)}.yaml` : groupFile(version.group);
    return cellsFor(version, labels).map(({ cell, open }): EffectiveRule => ({
      ...{ rule, file, alert: alertName(version, cell), enabled: cell.enabled },
      condition: open ? cell.condition : undefined,
      expr: expressionOf(rule, cell.values, matchersOf(version, cell)),
      values: valuesOf(rule, cell),
    }));
  });
}

function versionFor(versions: readonly Version[], group: string | undefined): Version {
  const own = group === undefined ? undefined : versions.slice(1).find(({ groups }) => groups.includes(group));
  return own ?? versions[0];
}

/** The cells that can hold: up to the first whose condition the node's own labels decide with yes. */
function cellsFor({ cells }: Version, labels: Readonly<Record<string, string>>): { cell: Cell; open: boolean }[] {
  const found: { cell: Cell; open: boolean }[] = [];
  for (const cell of cells) {
    const label = cell.condition && labels[cell.condition.label];
    if (cell.condition === undefined || cell.condition.is.includes(label ?? "")) {
      return [...found, { cell, open: false }];
    }
    if (label === undefined) found.push({ cell, open: true });
  }
  return found;
}

function valuesOf(rule: AlertRule, { values, severity, enabled, origins }: Cell): EffectiveValue[] {
  const named = { ...values, severity, enabled };
  return Object.entries(named).map(([name, value]) => ({
    ...{ name, value, origin: origins.get(name) ?? DEFAULT },
    unit: rule.parameters[name]?.unit,
  }));
}
