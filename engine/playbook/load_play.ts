/**
 * One play: YAML to what the engine runs.
 *
 * @module
 */

import type { Diagnostic } from "../support/diagnostic.ts";
import { didYouMean, nearest } from "../support/suggest.ts";
import { entryOf, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { compileValue } from "../variables/expression.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import { Findings } from "./findings.ts";
import { flagKeyword, numberKeyword, textKeyword } from "./keyword_values.ts";
import { expectMap, expectSeq, expectText, fields, firstKey, isEmpty, PLAY_KEYWORDS, unknownKeys } from "./keywords.ts";
import { loadHandlers, loadTasks } from "./load_blocks.ts";
import { includeOf } from "./load_imports.ts";
import { loadRoleOnce, roleUse } from "./load_role.ts";
import { actsOnce, bareWord, calleeOf, type Callees, type PlayParts, type TaskContext } from "./load_tasks.ts";
import { promptsOf, serialOf } from "./play_keywords.ts";
import type { Play, Settings, Task } from "./playbook.ts";
import { searchPath } from "./search_path.ts";
import { inherit, variablesOf, withoutVars } from "./settings.ts";
import { varsFilesOf } from "./vars_files.ts";

/** What an import says of all plays that it brings. */
export interface Outer {
  /** `when` and `tags`. */
  readonly settings: Settings;
  /** They override the plays' own. */
  readonly vars: Layer;
  /** The playbooks that import each other; absolute. */
  readonly importing: readonly string[];
}

/** The words that `strategy` takes. */
const STRATEGIES = ["linear", "free", "host_pinned"];
/** The words that `order` takes. */
const ORDERS = ["inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"];

/**
 * Loads one play with its roles.
 *
 * @param number its place in the run, from 1, which its tasks' ids begin with
 * @param directory its playbook's; absolute
 * @throws {DiagnosticError} with all that is wrong with it
 */
export async function loadPlay(
  map: YamlMap,
  number: number,
  directory: string,
  loading: Pick<TaskContext, "callees" | "vault">,
  outer: Outer,
): Promise<Play> {
  const findings = new Findings();
  findings.add(...wrongKeys(map, loading.callees));
  const at = fields(map);
  const settings = findings.attempt(() => inherit(outer.settings, withoutVars(map))) ?? outer.settings;
  const vars = at.get("vars");
  const layer = vars && !isEmpty(vars.value) &&
    findings.attempt(() => variablesOf(expectMap(vars.value, "'vars'")));
  const hosts = at.get("hosts");
  const pattern = hosts && findings.attempt(() => hostsOf(hosts));
  const name = at.get("name");
  const title = name && findings.attempt(() => expectText(name.value, "'name'").value);
  const flag = (key: string) => findings.attempt(() => flagKeyword(at.get(key)));
  const gatherFacts = flag("gather_facts");
  const strategy = findings.attempt(() => textKeyword(at.get("strategy"), STRATEGIES));
  const keywords = {
    serial: findings.attempt(() => serialOf(at.get("serial"))),
    order: findings.attempt(() => textKeyword(at.get("order"), ORDERS)),
    maxFailPercentage: findings.attempt(() => numberKeyword(at.get("max_fail_percentage"), 0, false)),
    forceHandlers: flag("force_handlers"),
    prompts: findings.attempt(() => promptsOf(at.get("vars_prompt"))) ?? [],
  };
  const varsFiles = await findings.keep(() => varsFilesOf(at.get("vars_files"), directory, loading.vault));
  const context = contextOf(number, directory, loading);
  await loadParts(map, settings, context, findings);
  const { steps, handlers, roles, tasks } = context.parts;
  findings.add(...unknownHandlers(context.parts));
  findings.report();
  const text = patternText(hosts!.value);
  const observable = keywords.maxFailPercentage !== undefined || tasks.some(looksAcross) || looksAtOthers(tasks, map);
  return {
    name: title ?? text,
    span: firstKey(map),
    directory,
    hosts: pattern!,
    tags: settings.tags,
    vars: new Map([...layer || [], ...outer.vars]),
    varsFiles: varsFiles!,
    gatherFacts: gatherFacts?.constant !== false,
    search: context.search,
    changesInventory: tasks.some(changesInventory),
    paced: strategy?.constant === "linear" || (strategy === undefined && observable),
    steps,
    handlers,
    tasks,
    roles,
    ...keywords,
  };
}

/** What loading the tasks of a play, or of a file by itself, begins with. `number` is as in {@linkcode loadPlay}. */
export function contextOf(
  number: number,
  directory: string,
  loading: Pick<TaskContext, "callees" | "vault">,
): TaskContext {
  let count = 0;
  const none = () => ({
    steps: [],
    handlers: [],
    roles: [],
    tasks: [],
    once: new Set<string>(),
    topics: new Set<string>(),
  });
  return {
    ...loading,
    directory,
    search: searchPath(directory),
    taskFolders: [directory],
    importing: [],
    reading: [],
    parts: none(),
    nextId: () => `${number}.${++count}`,
    include: includeOf,
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

/**
 * Whether the order between hosts can be seen in what a task does: one host acts for all, or on another; the inventory or
 * the play changes for others; or what it includes is not known yet.
 */
function looksAcross(task: Task): boolean {
  const { settings, callee, include } = task;
  const { runOnce, delegateTo, anyErrorsFatal } = settings;
  if ([runOnce, delegateTo, anyErrorsFatal].some((keyword) => keyword && keyword.constant !== false)) return true;
  if (callee.kind === "module") return false;
  const { name } = callee.action;
  return actsOnce(task) || name === "group_by" || (include !== undefined && !include.certain);
}

function changesInventory(task: Task): boolean {
  const { name } = calleeOf(task.callee);
  return ["add_host", "group_by"].includes(name) || (name === "meta" && bareWord(task) === "refresh_inventory");
}

/** Names of variables that tell which hosts are left. */
const HOSTS_LEFT = /\b(play_hosts|ansible_play_(hosts|batch))\b/;

/** Whether a task's file tells of other hosts: which are left, or what a task has set there. */
function looksAtOthers(tasks: readonly Task[], map: YamlMap): boolean {
  const sources = new Set([map.span.source, ...tasks.map((task) => task.span.source)]);
  const sets = tasks.some((task) => task.register !== undefined || calleeOf(task.callee).name === "set_fact");
  return [...sources].some(({ text }) => HOSTS_LEFT.test(text) || (sets && text.includes("hostvars")));
}

/** A handler that no one defines would never run. What a task includes may define it, where that is not known yet. */
function unknownHandlers({ tasks, topics }: PlayParts): Diagnostic[] {
  if (tasks.some(({ include }) => include && !include.certain)) return [];
  return tasks.flatMap((task) => task.settings.notify).flatMap(({ constant, span }): Diagnostic[] => {
    if (typeof constant !== "string" || topics.has(constant)) return [];
    const help = didYouMean(constant, topics);
    const message = `there is no handler '${constant}'`;
    return [{ severity: "error", code: "unknown-handler", message, span, help }];
  });
}

async function loadParts(map: YamlMap, settings: Settings, context: TaskContext, findings: Findings): Promise<void> {
  const { parts } = context;
  const section = async (key: string) => {
    const entry = entryOf(map, key);
    if (entry) await findings.keep(() => loadTasks(entry.value, `'${key}'`, settings, context, parts.steps));
    parts.steps.push({ kind: "flushHandlers" });
  };
  await section("pre_tasks");
  const roles = entryOf(map, "roles");
  if (roles && !isEmpty(roles.value)) {
    const list = findings.attempt(() => expectSeq(roles.value, "'roles'"));
    for (const item of list?.items ?? []) {
      await findings.keep(() => loadRoleOnce(roleUse(item), settings, context));
    }
  }
  await section("tasks");
  await section("post_tasks");
  // Ansible's order: the handlers of the roles come before those of the play.
  const handlers = entryOf(map, "handlers");
  if (handlers) await findings.keep(() => loadHandlers(handlers.value, settings, context));
}
