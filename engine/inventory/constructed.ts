/**
 * Constructed inventories (`plugin: constructed`): variables and groups that CEL expressions make of the hosts that the
 * sources before have named. Keys and meaning are those of Ansible's plugin.
 *
 * @module
 */

import { inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { entryOf, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { booleanWord } from "../variables/values.ts";
import { compileCondition, compileExpression, compileValue } from "../variables/expression.ts";
import type { Variable } from "../variables/variable.ts";

/** A variable, or a group of the hosts for which a condition holds. */
export interface Named {
  /** The variable's or group's name. */
  readonly name: string;
  /** Where it is written. */
  readonly span: Span;
  /** Its value, or the condition. */
  readonly value: Variable;
}

/** Groups named after a value. */
export interface KeyedGroup {
  /** A text, a list of texts or a mapping. */
  readonly key: Variable;
  /** Stands before the value, empty by default. */
  readonly prefix: string;
  /** Stands between the two, `_` by default. */
  readonly separator: string;
  /** The group that each of them is a child of; may hold expressions. */
  readonly parent?: Variable;
  /** Stands for an empty text. */
  readonly fallback?: string;
  /** Whether the separator stays behind a mapping's key whose value is empty. */
  readonly trailingSeparator: boolean;
}

/** What a constructed inventory asks for. */
export interface Constructed {
  /** Whether an expression that fails on a host is an error; else it makes nothing of that host. */
  readonly strict: boolean;
  /** Whether group_vars/ and host_vars/ beside the sources before are looked at. */
  readonly useVarsPlugins: boolean;
  /** Whether the separator begins a group's name where there is no prefix. */
  readonly leadingSeparator: boolean;
  /** Variables for hosts. */
  readonly compose: readonly Named[];
  /** Groups by condition. */
  readonly groups: readonly Named[];
  /** Groups by value. */
  readonly keyed: readonly KeyedGroup[];
}

const KEYS = ["plugin", "strict", "use_vars_plugins", "leading_separator", "compose", "groups", "keyed_groups"];
const KEYED_KEYS = ["key", "prefix", "separator", "parent_group", "default_value", "trailing_separator"];

/** Whether a mapping configures an inventory plugin, whichever. */
export function namesPlugin(root: YamlNode): root is YamlMap {
  return root.kind === "map" && entryOf(root, "plugin")?.value.kind === "scalar";
}

/**
 * Reads a constructed inventory.
 *
 * @throws {DiagnosticError} for another plugin, unknown keys, wrong values and expressions
 */
export function readConstructed(root: YamlMap): Constructed {
  const plugin = entryOf(root, "plugin")!;
  const name = textOf(plugin).replace(/^ansible\.builtin\./, "");
  if (name !== "constructed") {
    const help = "'constructed' is; for others use an executable inventory that prints JSON";
    throw inputError(
      "inventory-plugin",
      `Ansible's inventory plugin '${name}' is not available`,
      plugin.value.span,
      help,
    );
  }
  refuseUnknown(root, KEYS, "a constructed inventory");
  const compose = entryOf(root, "compose");
  const groups = entryOf(root, "groups");
  return {
    strict: flagOf(root, "strict", false),
    useVarsPlugins: flagOf(root, "use_vars_plugins", false),
    leadingSeparator: flagOf(root, "leading_separator", true),
    compose: named(
      compose,
      (node) => node.kind === "scalar" && isText(node) ? compileExpression(node) : compileValue(node),
    ),
    groups: named(groups, compileCondition),
    keyed: keyedGroups(entryOf(root, "keyed_groups")),
  };
}

function refuseUnknown(map: YamlMap, known: readonly string[], where: string): void {
  const unknown = map.entries.find((entry) => !known.includes(entry.key));
  if (!unknown) return;
  const help = didYouMean(unknown.key, known) ?? `it has: ${known.join(", ")}`;
  throw inputError("unknown-key", `unknown key '${unknown.key}' in ${where}`, unknown.keySpan, help);
}

function isText(node: YamlNode): boolean {
  return node.kind === "scalar" && typeof node.value === "string";
}

function isNothing(entry: YamlEntry | undefined): entry is undefined {
  return !entry || (entry.value.kind === "scalar" && entry.value.value === null);
}

function named(entry: YamlEntry | undefined, compile: (node: YamlNode) => Variable): Named[] {
  if (isNothing(entry)) return [];
  if (entry.value.kind !== "map") {
    const help = "write NAME: EXPRESSION, one a line";
    throw inputError("inventory-structure", `'${entry.key}' must be a mapping`, entry.value.span, help);
  }
  return entry.value.entries.map(({ key, keySpan, value }) => ({ name: key, span: keySpan, value: compile(value) }));
}

function keyedGroups(entry: YamlEntry | undefined): KeyedGroup[] {
  if (isNothing(entry)) return [];
  if (entry.value.kind !== "seq") {
    const help = "write: - key: EXPRESSION";
    throw inputError("inventory-structure", "'keyed_groups' must be a list", entry.value.span, help);
  }
  return entry.value.items.map(keyedGroup);
}

function keyedGroup(node: YamlNode): KeyedGroup {
  if (node.kind !== "map") {
    throw inputError(
      "inventory-structure",
      "each of 'keyed_groups' must be a mapping",
      node.span,
      "write: - key: EXPRESSION",
    );
  }
  refuseUnknown(node, KEYED_KEYS, "'keyed_groups'");
  const key = entryOf(node, "key");
  if (isNothing(key) || key.value.kind !== "scalar") {
    throw inputError("inventory-structure", "each of 'keyed_groups' needs a 'key'", key?.value.span ?? node.span);
  }
  const [fallback, trailing] = [entryOf(node, "default_value"), entryOf(node, "trailing_separator")];
  if (fallback && trailing) {
    const message = "'default_value' and 'trailing_separator' exclude each other";
    throw inputError("inventory-structure", message, trailing.keySpan);
  }
  const [prefix, separator, parent] = ["prefix", "separator", "parent_group"].map((name) => entryOf(node, name));
  return {
    key: compileExpression(key.value),
    prefix: prefix ? textOf(prefix) : "",
    separator: separator ? textOf(separator) : "_",
    parent: isNothing(parent) ? undefined : compileValue(parent.value),
    fallback: fallback && textOf(fallback),
    trailingSeparator: flagOf(node, "trailing_separator", true),
  };
}

function textOf({ key, value }: YamlEntry): string {
  if (value.kind === "scalar") return value.value === null ? "" : String(value.value);
  throw inputError("inventory-structure", `'${key}' must be text`, value.span);
}

function flagOf(map: YamlMap, key: string, fallback: boolean): boolean {
  const entry = entryOf(map, key);
  if (isNothing(entry)) return fallback;
  const flag = booleanWord(textOf(entry));
  if (flag === undefined) throw inputError("inventory-structure", `'${key}' must be true or false`, entry.value.span);
  return flag;
}
