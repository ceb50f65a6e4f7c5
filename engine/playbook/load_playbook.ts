/**
 * Playbook files: YAML to plays.
 *
 * @module
 */

import { resolve } from "node:path";
import { inputError, type SourceText } from "../support/diagnostic.ts";
import { entryOf, parseYaml, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { Findings } from "./findings.ts";
import { constantText, expectMap, expectSeq, fields, firstKey, isEmpty, unknownKeys } from "./keywords.ts";
import { refuseLoop } from "./load_imports.ts";
import { loadPlay, type Outer } from "./load_play.ts";
import { NO_VAULT, type Vault } from "../variables/vault.ts";
import type { Callees, TaskContext } from "./load_tasks.ts";
import type { Play, Playbook } from "./playbook.ts";
import { readSource } from "./read_source.ts";
import { find, folderOf } from "./search_path.ts";
import { inherit, NO_SETTINGS, variablesOf, withoutCollection } from "./settings.ts";

/**
 * Loads a playbook with its roles, and checks all that can be checked without a host.
 *
 * @throws {DiagnosticError} with every finding of the file and its roles
 */
export async function loadPlaybook(path: string, callees: Callees, vault: Vault = NO_VAULT): Promise<Playbook> {
  const source = await readSource(path, undefined, vault);
  return await loadPlaybookRoot(source, parseYaml(source), folderOf(path), { callees, vault }, [resolve(path)]);
}

/**
 * Loads the text of a playbook.
 *
 * @param directory where its roles, files and templates are looked for; absolute
 * @throws {DiagnosticError} as {@linkcode loadPlaybook}
 */
export async function loadPlaybookText(
  source: SourceText,
  directory: string,
  callees: Callees,
  vault: Vault = NO_VAULT,
): Promise<Playbook> {
  return await loadPlaybookRoot(source, parseYaml(source), directory, { callees, vault });
}

/** What plays are loaded with. */
export type Loading = Pick<TaskContext, "callees" | "vault">;

/**
 * Loads a playbook that was parsed.
 *
 * @param root the text as YAML; undefined for an empty one
 * @param importing the playbooks that import each other; absolute
 * @throws {DiagnosticError} as {@linkcode loadPlaybook}
 */
export async function loadPlaybookRoot(
  source: SourceText,
  root: YamlNode | undefined,
  directory: string,
  loading: Loading,
  importing: readonly string[] = [],
): Promise<Playbook> {
  const plays: Play[] = [];
  const outer = { settings: NO_SETTINGS, vars: new Map(), importing };
  await loadPlays(source, root, directory, loading, plays, outer);
  return { path: source.path, directory, plays };
}

async function loadPlays(
  source: SourceText,
  root: YamlNode | undefined,
  directory: string,
  loading: Loading,
  plays: Play[],
  outer: Outer,
): Promise<void> {
  if (!root || isEmpty(root)) {
    const help = "a playbook is a list of plays: begin with '- hosts: …'";
    throw inputError("empty", `'${source.path}' holds no plays`, { source, start: 0, end: 0 }, help);
  }
  const findings = new Findings();
  // A play that is wrong keeps its number, so that ids do not move.
  let wrong = 0;
  for (const item of playItems(root)) {
    const kept = await findings.keep(async () => {
      const map = expectMap(item, "a play");
      const imported = map.entries.find(({ key }) => withoutCollection(key) === "import_playbook");
      if (imported) await importPlaybook(imported, map, directory, loading, plays, outer);
      else plays.push(await loadPlay(map, plays.length + wrong + 1, directory, loading, outer));
      return true;
    });
    if (!kept) wrong++;
  }
  findings.report();
}

function playItems(root: YamlNode): readonly YamlNode[] {
  if (root.kind === "map" && entryOf(root, "hosts")) {
    throw inputError("type", "a playbook is a list of plays", firstKey(root), "begin the play with '- '");
  }
  return expectSeq(root, "a playbook", " of plays").items;
}

/** The plays of another playbook, whose files and roles lie beside it. */
async function importPlaybook(
  entry: YamlEntry,
  map: YamlMap,
  directory: string,
  loading: Loading,
  plays: Play[],
  outer: Outer,
): Promise<void> {
  const findings = new Findings();
  findings.add(...unknownKeys(map, [entry.key, "name", "vars", "when", "tags"], "'import_playbook'"));
  const settings = findings.attempt(() => inherit(outer.settings, map));
  const vars = fields(map).get("vars");
  const own = vars && findings.attempt(() => variablesOf(expectMap(vars.value, "'vars'")));
  findings.report();
  const name = constantText(
    entry,
    "the playbook's name",
    "the playbooks to import are read before any variable is known",
  );
  const tried: string[] = [];
  const path = await find([directory], name, tried);
  const { span } = entry.value;
  if (!path) throw inputError("no-playbook", `there is no playbook '${name}'`, span, `looked for: ${tried.join(", ")}`);
  refuseLoop(path, span, outer);
  const source = await readSource(path, span, loading.vault);
  await loadPlays(source, parseYaml(source), folderOf(path), loading, plays, {
    settings: { ...settings!, vars: [] },
    vars: new Map([...own ?? [], ...outer.vars]),
    importing: [...outer.importing, path],
  });
}
