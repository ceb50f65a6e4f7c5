/**
 * Playbook files: YAML to plays.
 *
 * @module
 */

import { type Diagnostic, inputError, type SourceText } from "../support/diagnostic.ts";
import { didYouMean, nearest } from "../support/suggest.ts";
import { entryOf, parseYaml, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { compileValue } from "../variables/expression.ts";
import type { Variable } from "../variables/variable.ts";
import { NO_VAULT, type Vault } from "../variables/vault.ts";
import { Findings } from "./findings.ts";
import { flagKeyword } from "./keyword_values.ts";
import { expectMap, expectSeq, expectText, fields, firstKey, isEmpty, PLAY_KEYWORDS, unknownKeys } from "./keywords.ts";
import { loadHandlers, loadTasks } from "./load_blocks.ts";
import { loadRole, type PlayParts } from "./load_role.ts";
import { calleeOf, type Callees, type TaskContext } from "./load_tasks.ts";
import type { Handler, Play, Playbook, Settings, Step } from "./playbook.ts";
import { readSource } from "./read_source.ts";
import { folderOf, searchPath } from "./search_path.ts";
import { inherit, NO_SETTINGS, variablesOf } from "./settings.ts";
import { varsFilesOf } from "./vars_files.ts";

/**
 * Loads a playbook with its roles, and checks all that can be checked without a host.
 *
 * @throws {DiagnosticError} with every finding of the file and its roles
 */
export async function loadPlaybook(path: string, callees: Callees, vault: Vault = NO_VAULT): Promise<Playbook> {
  return await loadPlaybookText(await readSource(path, undefined, vault), folderOf(path), callees, vault);
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

/**
 * Loads a playbook that was parsed.
 *
 * @param root the text as YAML; undefined for an empty one
 * @throws {DiagnosticError} as {@linkcode loadPlaybook}
 */
export async function loadPlaybookRoot(
  source: SourceText,
  root: YamlNode | undefined,
  directory: string,
  { callees, vault }: Pick<TaskContext, "callees" | "vault">,
): Promise<Playbook> {
  if (!root || isEmpty(root)) {
    const help = "a playbook is a list of plays: begin with '- hosts: …'";
    throw inputError("empty", `'${source.path}' holds no plays`, { source, start: 0, end: 0 }, help);
  }
  const findings = new Findings();
  const plays: Play[] = [];
  for (const [index, item] of playItems(root).entries()) {
    const play = await findings.keep(() =>
      loadPlay(expectMap(item, "a play"), index + 1, directory, { callees, vault })
    );
    if (play) plays.push(play);
  }
  findings.report();
  return { path: source.path, directory, plays };
}

function playItems(root: YamlNode): readonly YamlNode[] {
  if (root.kind === "map" && entryOf(root, "hosts")) {
    throw inputError("type", "a playbook is a list of plays", firstKey(root), "begin the play with '- '");
  }
  return expectSeq(root, "a playbook", " of plays").items;
}

async function loadPlay(
  map: YamlMap,
  number: number,
  directory: string,
  { callees, vault }: Pick<TaskContext, "callees" | "vault">,
): Promise<Play> {
  const findings = new Findings();
  findings.add(...wrongKeys(map, callees));
  const at = fields(map);
  const settings: Settings = findings.attempt(() => inherit(NO_SETTINGS, withoutVars(map))) ?? NO_SETTINGS;
  const vars = at.get("vars");
  const layer = vars && !isEmpty(vars.value) &&
    findings.attempt(() => variablesOf(expectMap(vars.value, "'vars'")));
  const hosts = at.get("hosts");
  const pattern = hosts && findings.attempt(() => hostsOf(hosts));
  const name = at.get("name");
  const title = name && findings.attempt(() => expectText(name.value, "'name'").value);
  const gatherFacts = findings.attempt(() => flagKeyword(at.get("gather_facts")));
  const varsFiles = await findings.keep(() => varsFilesOf(at.get("vars_files"), directory, vault));
  let count = 0;
  const context = { callees, vault, nextId: () => `${number}.${++count}`, search: searchPath(directory) };
  const { topics, ...parts } = await loadParts(map, settings, context, directory, findings);
  findings.add(...unknownHandlers(parts, topics));
  findings.report();
  return {
    name: title ?? patternText(hosts!.value),
    span: firstKey(map),
    hosts: pattern!,
    tags: settings.tags,
    vars: layer || new Map(),
    varsFiles: varsFiles!,
    gatherFacts: gatherFacts?.constant !== false,
    search: context.search,
    paced: looksAtOthers(parts.steps, map),
    ...parts,
  };
}

/** A pattern, or a list of them; each is text. */
function hostsOf({ value }: YamlEntry): Variable {
  if (value.kind === "seq") { for (const item of value.items) expectText(item, "each of 'hosts'"); }
  else expectText(value, "'hosts'");
  return compileValue(value);
}

function patternText(node: YamlNode): string {
  if (node.kind === "seq") return node.items.map(patternText).join(":");
  return node.kind === "scalar" ? String(node.value) : "";
}

function wrongKeys(map: YamlMap, callees: Callees): Diagnostic[] {
  const found = unknownKeys(map, PLAY_KEYWORDS, "a play").map((finding) => {
    const key = finding.span!.source.text.slice(finding.span!.start, finding.span!.end);
    return finding.help === undefined && callees.names().includes(key)
      ? { ...finding, help: "a module belongs into a task, under 'tasks:'" }
      : finding;
  });
  const mistyped = map.entries.some((entry) => nearest(entry.key, PLAY_KEYWORDS) === "hosts");
  if (mistyped) return found;
  const help = "every play says where it runs, e.g. 'hosts: all'";
  return [...found, {
    severity: "error",
    code: "no-hosts",
    message: "the play has no 'hosts'",
    span: firstKey(map),
    help,
  }];
}

/** Whether a task's text names `hostvars` while a task sets variables: then the order between hosts can be seen. */
function looksAtOthers(steps: readonly Step[], map: YamlMap): boolean {
  const tasks = steps.flatMap((step) => step.kind === "task" ? [step.task] : []);
  const sources = new Set([map.span.source, ...tasks.map((task) => task.span.source)]);
  const sets = tasks.some((task) => task.register !== undefined || calleeOf(task.callee).name === "set_fact");
  return sets && [...sources].some((source) => source.text.includes("hostvars"));
}

/** A handler that no one defines would never run. */
function unknownHandlers(
  { steps, handlers }: Pick<PlayParts, "steps" | "handlers">,
  topics: Set<string>,
): Diagnostic[] {
  const tasks = [
    ...steps.flatMap((step) => step.kind === "task" ? [step.task] : []),
    ...handlers.map(({ task }) => task),
  ];
  return tasks.flatMap((task) => task.notify).flatMap(({ constant, span }): Diagnostic[] => {
    if (typeof constant !== "string" || topics.has(constant)) return [];
    const help = didYouMean(constant, topics);
    const message = `there is no handler '${constant}'`;
    return [{ severity: "error", code: "unknown-handler", message, span, help }];
  });
}

/** The vars of a play are a level of precedence of their own, below its roles' vars. */
function withoutVars(map: YamlMap): YamlMap {
  return { ...map, entries: map.entries.filter((entry) => entry.key !== "vars") };
}

async function loadParts(
  map: YamlMap,
  settings: Settings,
  context: TaskContext,
  directory: string,
  findings: Findings,
): Promise<PlayParts> {
  const out: PlayParts = { steps: [], handlers: [], roles: [], topics: new Set() };
  const own: Handler[] = [];
  const section = async (key: string) => {
    const entry = entryOf(map, key);
    if (entry) await findings.keep(() => loadTasks(entry.value, `'${key}'`, settings, context, out.steps));
  };
  await section("pre_tasks");
  out.steps.push({ kind: "flushHandlers" });
  const roles = entryOf(map, "roles");
  if (roles && !isEmpty(roles.value)) {
    const list = findings.attempt(() => expectSeq(roles.value, "'roles'"));
    for (const item of list?.items ?? []) await findings.keep(() => loadRole(item, settings, context, directory, out));
  }
  await section("tasks");
  out.steps.push({ kind: "flushHandlers" });
  await section("post_tasks");
  out.steps.push({ kind: "flushHandlers" });
  const handlers = entryOf(map, "handlers");
  if (handlers) {
    const loaded = await findings.keep(() => loadHandlers(handlers.value, settings, context, out.topics));
    own.push(...loaded ?? []);
  }
  // Ansible's order: the handlers of the roles come before those of the play.
  return { ...out, handlers: [...out.handlers, ...own] };
}
