/**
 * One task: YAML to what the engine runs.
 *
 * @module
 */

import { type Diagnostic, inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import type { YamlEntry, YamlMap } from "../support/yaml.ts";
import { compileValue } from "../variables/expression.ts";
import type { Variable } from "../variables/variable.ts";
import type { Vault } from "../variables/vault.ts";
import { compileArguments } from "./arguments.ts";
import { Findings } from "./findings.ts";
import { numberKeyword } from "./keyword_values.ts";
import {
  expectMap,
  expectText,
  fields,
  firstKey,
  HANDLER_KEYWORDS,
  ofAnsible,
  TASK_KEYWORDS,
  unknownKey,
} from "./keywords.ts";
import { loopOf, variableName } from "./loops.ts";
import type { Callee, Handler, Include, Role, SearchPath, Settings, Step, Task } from "./playbook.ts";
import { allOf, inherit, withoutCollection } from "./settings.ts";

/** Finds what a task calls. */
export interface Callees {
  /** All names, for suggestions. */
  names(): readonly string[];
  /** Loads a module or action; undefined only for a name that is neither. */
  load(name: string): Promise<Callee | undefined>;
}

/** What loading tasks needs to know of where they stand. */
export interface TaskContext {
  /** What tasks may call. */
  readonly callees: Callees;
  /** The folder of the playbook, absolute. */
  readonly directory: string;
  /** Where its files and templates are. */
  readonly search: SearchPath;
  /** Where files of tasks are looked for, the nearest first: beside the one that names them; absolute. */
  readonly taskFolders: readonly string[];
  /** The files and roles that are being read, one imported by the other; absolute. */
  readonly importing: readonly string[];
  /** The same with those that tasks include. */
  readonly reading: readonly string[];
  /** The role that the tasks are of. */
  readonly role?: Role;
  /** Opens files that are encrypted. */
  readonly vault: Vault;
  /** Takes the handlers and roles that are met. */
  readonly parts: PlayParts;
  /** Gives the next id, e.g. `1.12`. */
  nextId(): string;
  /** What a task includes, where `settings` hold around it. */
  include(task: Task, settings: Settings, context: TaskContext): Promise<Include>;
}

/** What the parts of a play, or of what a task includes, come to. */
export interface PlayParts {
  /** The program. */
  readonly steps: Step[];
  /** In the order they are defined. */
  readonly handlers: Handler[];
  /** In the order they are named. */
  readonly roles: Role[];
  /** The roles that were loaded already and run once only, by name and parameters. */
  readonly once: Set<string>;
  /** Names and topics of all handlers, also of those that could not be loaded and of those that tasks include. */
  readonly topics: Set<string>;
  /** All tasks, also those that tasks include by a name that needs no host. */
  readonly tasks: Task[];
}

/**
 * Loads one task.
 *
 * @throws {DiagnosticError} with all that is wrong with it
 */
export async function loadTask(
  map: YamlMap,
  outer: Settings,
  context: TaskContext,
  handler = false,
): Promise<Task> {
  const findings = new Findings();
  const at = fields(map);
  const keywords: readonly string[] = handler ? HANDLER_KEYWORDS : TASK_KEYWORDS;
  const called = map.entries.filter((entry) => !keywords.includes(entry.key));
  const found = await findings.keep(() => findCallee(called, keywords, firstKey(map), context, findings));
  const settings = findings.attempt(() => inherit(outer, map));
  const extra = at.get("args");
  const more = extra && findings.attempt(() => expectMap(extra.value, "'args'"));
  const args = found &&
    await findings.keep(() => {
      const callee = calleeOf(found.callee);
      const defaults = (settings ?? outer).moduleDefaults.flatMap((modules) => modules.get(callee.name) ?? []);
      return compileArguments(callee, found.entry, more, context.search, context.vault, defaults);
    });
  const name = at.get("name");
  const text = name && findings.attempt(() => expectText(name.value, "'name'"));
  const compiledName = text && findings.attempt(() => compileValue(text));
  const rest = findings.attempt(() => keywordsOf(at));
  findings.report();
  if (!found || !settings || !args || !rest) throw new Error("a finding was lost");
  const label = text ? text.value : calleeOf(found.callee).name;
  const id = context.nextId();
  const task: Task = {
    id,
    name: compiledName ?? constantText(label),
    label,
    span: firstKey(map),
    callee: found.callee,
    args,
    settings,
    role: context.role,
    search: context.search,
    handler,
    ...rest,
  };
  context.parts.tasks.push(task);
  if (found.callee.kind === "module" || !found.callee.action.includes) return task;
  return { ...task, include: await context.include(task, outer, context) };
}

/** The module or action of a callee. */
export function calleeOf(
  callee: Callee,
): { name: string; args: import("../support/zod.ts").z.ZodType; freeForm?: string; freeFormRest?: string } {
  return callee.kind === "module" ? callee.module : callee.action;
}

/** Whether the first host acts for all by the nature of what the task calls. */
export function actsOnce(task: Task): boolean {
  const { callee } = task;
  return callee.kind === "action" && callee.action.once?.(bareWord(task)) === true;
}

/** What stands for the whole of a task's arguments, e.g. `end_play` of `meta: end_play`. */
export function bareWord({ callee, args }: Task): string | undefined {
  const { freeForm } = calleeOf(callee);
  const word = freeForm && args.nodes.get(freeForm)?.node;
  return word && word.kind === "scalar" ? word.written : undefined;
}

function constantText(text: string): Variable {
  return { constant: text, evaluate: () => text };
}

/** What a task calls; undefined with a finding where it calls nothing, or nothing that there is. */
async function findCallee(
  called: readonly YamlEntry[],
  keywords: readonly string[],
  span: Span,
  { callees }: TaskContext,
  findings: Findings,
): Promise<{ callee: Callee; entry: YamlEntry } | undefined> {
  const what = keywords === HANDLER_KEYWORDS ? "handler" : "task";
  const known = new Set(callees.names());
  const named = called.filter((entry) => known.has(withoutCollection(entry.key)));
  const unknown = called.filter((entry) => !named.includes(entry));
  // Beside a module an unknown key is a mistyped keyword; alone it is a mistyped module, or either.
  findings.add(
    ...unknown.map((entry) =>
      named.length > 0 || unknown.length > 1 && didYouMean(entry.key, keywords)
        ? unknownKey(entry, keywords, `a ${what}`)
        : unknownModule(entry, keywords, known)
    ),
  );
  const [first, second] = named;
  if (second) {
    const message = `a ${what} calls one module, this one names '${first.key}' and '${second.key}'`;
    findings.add(...inputError("two-modules", message, second.keySpan, `make two ${what}s of it`).diagnostics);
  }
  if (first) return { callee: (await callees.load(withoutCollection(first.key)))!, entry: first };
  if (unknown.length > 0) return undefined;
  throw inputError("no-module", `the ${what} names no module`, span, "add what it does, e.g. 'command: …'");
}

function unknownModule(entry: YamlEntry, keywords: readonly string[], modules: ReadonlySet<string>): Diagnostic {
  const name = withoutCollection(entry.key);
  const help = ofAnsible(name) ?? didYouMean(name, modules) ?? didYouMean(name, keywords) ??
    "'aami module' lists the modules";
  return {
    severity: "error",
    code: "unknown-module",
    message: `there is no module '${entry.key}'`,
    span: entry.keySpan,
    help,
  };
}

function keywordsOf(at: ReadonlyMap<string, YamlEntry>): Pick<
  Task,
  "loop" | "register" | "changedWhen" | "failedWhen" | "until" | "retries" | "delay" | "async" | "poll"
> {
  const findings = new Findings();
  const register = at.get("register");
  const condition = (key: string) => findings.attempt(() => allOf(at.get(key)));
  const keywords = {
    loop: findings.attempt(() => loopOf(at.get("loop"), at.get("loop_control"))),
    register: register && findings.attempt(() => variableName(register)),
    changedWhen: condition("changed_when"),
    failedWhen: condition("failed_when"),
    until: condition("until"),
    retries: findings.attempt(() => numberKeyword(at.get("retries"), 0, true)),
    delay: findings.attempt(() => numberKeyword(at.get("delay"), 0, false)),
    async: findings.attempt(() => numberKeyword(at.get("async"), 0, true)),
    poll: findings.attempt(() => numberKeyword(at.get("poll"), 0, true)),
  };
  findings.report();
  return keywords;
}
