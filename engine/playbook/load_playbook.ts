/**
 * Playbook files: YAML to plays.
 *
 * @module
 */

import { type Diagnostic, DiagnosticError, inputError } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { entryOf, parseYaml, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { compileValue } from "../variables/expression.ts";
import { expectMap, expectSeq, expectText, fields, PLAY_KEYWORDS, unknownKeys } from "./keywords.ts";
import { loadRole, shownPath } from "./load_role.ts";
import { calleeOf, type Callees, Findings, loadHandlers, loadTasks, type TaskContext } from "./load_tasks.ts";
import type { Handler, Play, Playbook, Role, Settings, Step } from "./playbook.ts";
import { folderOf, searchPath } from "./search_path.ts";
import { inherit, NO_SETTINGS, variablesOf } from "./settings.ts";

/**
 * Loads a playbook with its roles, and checks all that can be checked without a host.
 *
 * @param path an existing file
 * @throws {DiagnosticError} with every finding of the file
 */
export async function loadPlaybook(path: string, callees: Callees): Promise<Playbook> {
  const source = { path: shownPath(path), text: await Deno.readTextFile(path) };
  const root = parseYaml(source);
  if (!root) throw inputError("empty", `'${source.path}' holds no plays`, { source, start: 0, end: 0 });
  const directory = folderOf(path);
  const findings = new Findings();
  const plays: Play[] = [];
  for (const [index, item] of playItems(root).entries()) {
    const play = await findings.keep(() => loadPlay(expectMap(item, "a play"), index + 1, directory, callees));
    if (play) plays.push(play);
  }
  findings.report();
  return { path: source.path, directory, plays };
}

function playItems(root: YamlNode): readonly YamlNode[] {
  if (root.kind === "map" && entryOf(root, "hosts")) {
    throw inputError("type", "a playbook is a list of plays", root.span, "begin the play with '- '");
  }
  return expectSeq(root, "a playbook").items;
}

/** What each finding is about, in the order a person reads the file. */
async function loadPlay(map: YamlMap, number: number, directory: string, callees: Callees): Promise<Play> {
  const findings = new Findings();
  await findings.keep(() => checkKeys(map, callees));
  const at = fields(map);
  const hosts = at.get("hosts");
  const settings: Settings = await findings.keep(() => inherit(NO_SETTINGS, withoutVars(map))) ?? NO_SETTINGS;
  const vars = at.get("vars");
  const layer = vars && await findings.keep(() => variablesOf(expectMap(vars.value, "'vars'")));
  let count = 0;
  const context = { callees, nextId: () => `${number}.${++count}` };
  const parts = await loadParts(map, settings, { ...context, search: searchPath(directory) }, directory, findings);
  const varsFiles = at.get("vars_files");
  await findings.keep(() => checkNotified(parts));
  findings.report();
  const pattern = hosts &&
    (hosts.value.kind === "seq"
      ? hosts.value.items.map((item) => expectText(item, "'hosts'").value).join(":")
      : expectText(hosts.value, "'hosts'").value);
  const name = at.get("name");
  return {
    name: name ? expectText(name.value, "'name'").value : pattern ?? "",
    span: map.span,
    hosts: hosts!.value.kind === "seq"
      ? { constant: pattern, span: hosts!.value.span, evaluate: () => pattern! }
      : compileValue(hosts!.value),
    vars: layer ?? new Map(),
    varsFiles: varsFiles ? expectSeq(varsFiles.value, "'vars_files'").items.map((item) => compileValue(item)) : [],
    gatherFacts: !isNo(at.get("gather_facts")?.value),
    search: searchPath(directory),
    paced: looksAtOthers(parts.steps, map),
    ...parts,
  };
}

function checkKeys(map: YamlMap, callees: Callees): void {
  const found: Diagnostic[] = unknownKeys(map, PLAY_KEYWORDS, "a play").map((finding, index) => {
    const key = map.entries.filter((entry) => !(PLAY_KEYWORDS as readonly string[]).includes(entry.key))[index].key;
    if (finding.help === undefined && callees.names().includes(key)) {
      return { ...finding, help: "a module belongs into a task, under 'tasks:'" };
    }
    return finding;
  });
  if (!entryOf(map, "hosts")) {
    found.push({
      severity: "error",
      code: "no-hosts",
      message: "the play has no 'hosts'",
      span: { ...map.span, end: map.span.start + 1 },
      help: didYouMean("hosts", map.entries.map((entry) => entry.key)),
    });
  }
  if (found.length > 0) throw new DiagnosticError(found);
}

/** Whether a task's text names `hostvars` while a task sets variables: then the order between hosts can be seen. */
function looksAtOthers(steps: readonly Step[], map: YamlMap): boolean {
  const tasks = steps.flatMap((step) => step.kind === "task" ? [step.task] : []);
  const sources = new Set([map.span.source, ...tasks.map((task) => task.span.source)]);
  const sets = tasks.some((task) => task.register !== undefined || calleeOf(task.callee).name === "set_fact");
  return sets && [...sources].some((source) => source.text.includes("hostvars"));
}

/** A handler that no one defines would never run. */
function checkNotified({ steps, handlers }: { steps: readonly Step[]; handlers: readonly Handler[] }): void {
  const topics = new Set(handlers.flatMap((handler) => [...handler.topics]));
  const tasks = [
    ...steps.flatMap((step) => step.kind === "task" ? [step.task] : []),
    ...handlers.map(({ task }) => task),
  ];
  const found: Diagnostic[] = [];
  for (const name of tasks.flatMap((task) => task.notify)) {
    if (typeof name.constant !== "string" || topics.has(name.constant)) continue;
    found.push({
      severity: "error",
      code: "unknown-handler",
      message: `there is no handler '${name.constant}'`,
      span: name.span,
      help: didYouMean(name.constant, topics),
    });
  }
  if (found.length > 0) throw new DiagnosticError(found);
}

/** The vars of a play are a level of precedence of their own, below its roles' vars. */
function withoutVars(map: YamlMap): YamlMap {
  return { ...map, entries: map.entries.filter((entry) => entry.key !== "vars") };
}

function isNo(node: YamlNode | undefined): boolean {
  return node?.kind === "scalar" && /^(false|no|off)$/i.test(String(node.value));
}

async function loadParts(
  map: YamlMap,
  settings: Settings,
  context: TaskContext,
  directory: string,
  findings: Findings,
): Promise<{ steps: Step[]; handlers: Handler[]; roles: Role[] }> {
  const out: { steps: Step[]; handlers: Handler[]; roles: Role[] } = { steps: [], handlers: [], roles: [] };
  const own: Handler[] = [];
  const section = async (key: string) => {
    const entry = entryOf(map, key);
    if (entry) await findings.keep(() => loadTasks(entry.value, settings, context, out.steps));
  };
  await section("pre_tasks");
  out.steps.push({ kind: "flushHandlers" });
  const roles = entryOf(map, "roles");
  if (roles) {
    const list = await findings.keep(() => expectSeq(roles.value, "'roles'"));
    for (const item of list?.items ?? []) await findings.keep(() => loadRole(item, settings, context, directory, out));
  }
  await section("tasks");
  out.steps.push({ kind: "flushHandlers" });
  await section("post_tasks");
  out.steps.push({ kind: "flushHandlers" });
  const handlers = entryOf(map, "handlers");
  if (handlers) {
    const loaded = await findings.keep(() => loadHandlers(handlers.value, settings, context));
    own.push(...loaded ?? []);
  }
  // Ansible's order: the handlers of the roles come before those of the play.
  return { ...out, handlers: [...out.handlers, ...own] };
}
