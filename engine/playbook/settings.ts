/**
 * The keywords that plays, roles, blocks and tasks share, and how they are handed down.
 *
 * @module
 */

import { inputError } from "../support/diagnostic.ts";
import type { YamlEntry, YamlMap, YamlNode } from "../support/yaml.ts";
import { compileCondition, compileValue } from "../variables/expression.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import { expectMap, fields, textList } from "./keywords.ts";
import type { Settings } from "./playbook.ts";

/** What holds before any keyword. */
export const NO_SETTINGS: Settings = { when: [], tags: [], environment: [], vars: [] };

/** The settings inside a mapping (play, role, block or task), given those around it. */
export function inherit(outer: Settings, map: YamlMap): Settings {
  const at = fields(map);
  const value = (key: string, inherited: Variable | undefined): Variable | undefined => {
    const entry = at.get(key);
    return entry ? compileValue(entry.value) : inherited;
  };
  return {
    when: [...outer.when, ...conditions(at.get("when"))],
    tags: [...new Set([...outer.tags, ...readTags(at.get("tags"))])],
    environment: [...outer.environment, ...environmentOf(at.get("environment"))],
    vars: [...outer.vars, ...varsOf(at.get("vars"))],
    become: value("become", outer.become),
    becomeUser: value("become_user", outer.becomeUser),
    becomeMethod: value("become_method", outer.becomeMethod),
    connection: value("connection", outer.connection),
    remoteUser: value("remote_user", outer.remoteUser),
    port: value("port", outer.port),
    ignoreErrors: value("ignore_errors", outer.ignoreErrors),
    checkMode: value("check_mode", outer.checkMode),
    diff: value("diff", outer.diff),
    noLog: value("no_log", outer.noLog),
  };
}

/** Conditions of `when` and its like: one, or a list that must all hold. */
export function conditions(entry: YamlEntry | undefined): Variable[] {
  if (!entry) return [];
  if (entry.value.kind === "seq") return entry.value.items.map((item) => compileCondition(item));
  return [compileCondition(entry.value)];
}

function readTags(entry: YamlEntry | undefined): string[] {
  if (!entry) return [];
  return textList(entry.value, "'tags'").flatMap((tag) => tag.value.split(",").map((part) => part.trim()));
}

function environmentOf(entry: YamlEntry | undefined): Variable[] {
  if (!entry) return [];
  if (entry.value.kind === "seq") return entry.value.items.map((item) => compileValue(item));
  return [compileValue(entry.value)];
}

function varsOf(entry: YamlEntry | undefined): Layer[] {
  if (!entry || isNull(entry.value)) return [];
  return [variablesOf(expectMap(entry.value, "'vars'"))];
}

function isNull(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/**
 * Variables of a mapping.
 *
 * @throws {DiagnosticError} for a name that is no identifier
 */
export function variablesOf(map: YamlMap): Layer {
  const layer = new Map<string, Variable>();
  for (const entry of map.entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(entry.key)) {
      const help = "a name holds letters, digits and underscores and does not begin with a digit";
      throw inputError("variable-name", `'${entry.key}' cannot be the name of a variable`, entry.keySpan, help);
    }
    layer.set(entry.key, compileValue(entry.value));
  }
  return layer;
}
