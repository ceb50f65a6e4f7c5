/**
 * The keywords that plays, roles, blocks and tasks share, and how they are handed down.
 *
 * @module
 */

import { inputError, type Span } from "../support/diagnostic.ts";
import type { YamlEntry, YamlMap, YamlNode } from "../support/yaml.ts";
import { compileCondition, compileValue } from "../variables/expression.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import { Findings } from "./findings.ts";
import { flagKeyword, mappingKeyword, numberKeyword, textKeyword } from "./keyword_values.ts";
import { expectMap, fields, textList } from "./keywords.ts";
import type { ModuleDefaults, Settings } from "./playbook.ts";

/** What holds before any keyword. */
export const NO_SETTINGS: Settings = { when: [], tags: [], environment: [], vars: [], notify: [], moduleDefaults: [] };

/** The words that `connection` takes; the first two are the ones to tell. */
export const CONNECTIONS = ["ssh", "local", "openssh", "smart", "paramiko", "paramiko_ssh"];
/** The words that `become_method` takes. */
export const BECOME_METHODS = ["sudo", "su"];

/**
 * The settings inside a mapping (play, role, block or task), given those around it.
 *
 * @throws {DiagnosticError} with everything that is wrong with them
 */
export function inherit(outer: Settings, map: YamlMap): Settings {
  const at = fields(map);
  const findings = new Findings();
  const flag = (key: string) => findings.attempt(() => flagKeyword(at.get(key)));
  const text = (key: string, known?: readonly string[]) => findings.attempt(() => textKeyword(at.get(key), known));
  const number = (key: string, whole: boolean) => findings.attempt(() => numberKeyword(at.get(key), 0, whole));
  const settings: Settings = {
    when: [...outer.when, ...findings.attempt(() => conditions(at.get("when"))) ?? []],
    tags: [...new Set([...outer.tags, ...findings.attempt(() => readTags(at.get("tags"))) ?? []])],
    environment: [...outer.environment, ...findings.attempt(() => environmentOf(at.get("environment"))) ?? []],
    vars: [...outer.vars, ...findings.attempt(() => varsOf(at.get("vars"))) ?? []],
    become: flag("become") ?? outer.become,
    becomeUser: text("become_user") ?? outer.becomeUser,
    becomeMethod: text("become_method", BECOME_METHODS) ?? outer.becomeMethod,
    connection: text("connection", CONNECTIONS) ?? outer.connection,
    remoteUser: text("remote_user") ?? outer.remoteUser,
    port: findings.attempt(() => numberKeyword(at.get("port"), 1, true)) ?? outer.port,
    ignoreErrors: flag("ignore_errors") ?? outer.ignoreErrors,
    checkMode: flag("check_mode") ?? outer.checkMode,
    diff: flag("diff") ?? outer.diff,
    noLog: flag("no_log") ?? outer.noLog,
    runOnce: flag("run_once") ?? outer.runOnce,
    delegateTo: text("delegate_to") ?? outer.delegateTo,
    delegateFacts: flag("delegate_facts") ?? outer.delegateFacts,
    anyErrorsFatal: flag("any_errors_fatal") ?? outer.anyErrorsFatal,
    ignoreUnreachable: flag("ignore_unreachable") ?? outer.ignoreUnreachable,
    throttle: number("throttle", true) ?? outer.throttle,
    timeout: number("timeout", false) ?? outer.timeout,
    notify: at.has("notify") ? findings.attempt(() => notified(at.get("notify"))) ?? [] : outer.notify,
    moduleDefaults: [
      ...outer.moduleDefaults,
      ...findings.attempt(() => moduleDefaultsOf(at.get("module_defaults"))) ?? [],
    ],
  };
  findings.report();
  return settings;
}

/** A play or role without its vars, which are a level of precedence of their own. */
export function withoutVars(map: YamlMap): YamlMap {
  return { ...map, entries: map.entries.filter((entry) => entry.key !== "vars") };
}

/** Conditions of `when` and its like: one, or a list that must all hold. */
export function conditions(entry: YamlEntry | undefined): Variable[] {
  if (!entry) return [];
  if (entry.value.kind === "seq") return entry.value.items.map((item) => compileCondition(item));
  return [compileCondition(entry.value)];
}

/** Several conditions as one that holds when all do. */
export function allOf(entry: YamlEntry | undefined): Variable | undefined {
  if (!entry) return undefined;
  const all = conditions(entry);
  if (all.length === 1) return all[0];
  return { span: entry.value.span, evaluate: (scope) => all.every((condition) => condition.evaluate(scope) === true) };
}

function readTags(entry: YamlEntry | undefined): string[] {
  if (!entry) return [];
  return textList(entry.value, "'tags'").flatMap((tag) => {
    if (tag.value.includes("{{")) {
      const help = "tags choose tasks before any host's variables are known";
      throw inputError("tags", "a tag takes no expressions", tag.span, help);
    }
    return tag.value.split(",").map((part) => part.trim());
  });
}

function notified(entry: YamlEntry | undefined): Variable[] {
  if (!entry) return [];
  const items = entry.value.kind === "seq" ? entry.value.items : [entry.value];
  return items.flatMap((value) => textKeyword({ ...entry, value }) ?? []);
}

/** One mapping, or a list of them; a module may be named with its collection. */
function moduleDefaultsOf(entry: YamlEntry | undefined): ModuleDefaults[] {
  if (!entry || isNull(entry.value)) return [];
  const maps = entry.value.kind === "seq" ? entry.value.items : [entry.value];
  return maps.map((map) =>
    new Map(
      expectMap(map, "'module_defaults'").entries.map((module) => {
        if (module.key.startsWith("group/")) {
          throw inputError("type", "there are no groups of modules", module.keySpan, "name each module");
        }
        return [withoutCollection(module.key), expectMap(module.value, `the defaults of '${module.key}'`)];
      }),
    )
  );
}

/** A module's name without the collections of Ansible's that aami's modules are of. */
export function withoutCollection(name: string): string {
  return name.replace(/^ansible\.(builtin|posix|legacy)\./, "");
}

function environmentOf(entry: YamlEntry | undefined): Variable[] {
  if (!entry) return [];
  const entries = entry.value.kind === "seq" ? entry.value.items.map((value) => ({ ...entry, value })) : [entry];
  return entries.flatMap((each) => mappingKeyword(each) ?? []);
}

function varsOf(entry: YamlEntry | undefined): Layer[] {
  if (!entry || isNull(entry.value)) return [];
  return [variablesOf(expectMap(entry.value, "'vars'"))];
}

function isNull(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Names that the engine gives a value itself, and words of the expression language. */
export const TAKEN: ReadonlySet<string> = new Set([
  ...["hostvars", "groups", "group_names", "inventory_hostname", "inventory_hostname_short", "inventory_dir"],
  ...["inventory_file", "playbook_dir", "role_path", "role_name", "play_hosts", "ansible_facts", "ansible_play_hosts"],
  ...["ansible_play_hosts_all", "ansible_play_batch", "ansible_play_name", "ansible_check_mode", "ansible_diff_mode"],
  ...["ansible_verbosity", "omit", "true", "false", "null", "in"],
]);

/**
 * Holds that a name can be a variable's.
 *
 * @throws {DiagnosticError}
 */
export function checkVariableName(name: string, span: Span): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const help = "a name holds letters, digits and underscores and does not begin with a digit";
    throw inputError("variable-name", `'${name}' cannot be the name of a variable`, span, help);
  }
  if (TAKEN.has(name)) {
    throw inputError(
      "variable-name",
      `'${name}' has a meaning of its own and cannot be set`,
      span,
      "choose another name",
    );
  }
}

/**
 * Variables of a mapping.
 *
 * @throws {DiagnosticError} for names that no variable can have and values that are wrong
 */
export function variablesOf(map: YamlMap): Layer {
  const findings = new Findings();
  const layer = new Map<string, Variable>();
  for (const entry of map.entries) {
    findings.attempt(() => {
      checkVariableName(entry.key, entry.keySpan);
      layer.set(entry.key, compileValue(entry.value));
    });
  }
  findings.report();
  return layer;
}
