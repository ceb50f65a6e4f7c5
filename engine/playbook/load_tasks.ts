/**
 * Tasks, blocks and handlers: YAML to steps.
 *
 * @module
 */

import { type Diagnostic, DiagnosticError, inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { entryOf, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { compileValue } from "../variables/expression.ts";
import type { Variable } from "../variables/variable.ts";
import { compileArguments } from "./arguments.ts";
import {
  BLOCK_KEYWORDS,
  expectMap,
  expectSeq,
  expectText,
  fields,
  HANDLER_KEYWORDS,
  TASK_KEYWORDS,
  textList,
  unknownKey,
  unknownKeys,
} from "./keywords.ts";
import type { Block, Callee, Handler, Loop, Role, SearchPath, Settings, Step, Task } from "./playbook.ts";
import { conditions, inherit } from "./settings.ts";

/** Finds what a task calls. */
export interface Callees {
  /** All names, for suggestions. */
  names(): string[];
  /** Loads a module or action; undefined for a name that is neither. */
  load(name: string): Promise<Callee | undefined>;
}

/** What loading tasks needs to know of where they stand. */
export interface TaskContext {
  readonly callees: Callees;
  readonly search: SearchPath;
  readonly role?: Role;
  /** Gives the next id, e.g. `1.12`. */
  nextId(): string;
}

/** Collects findings, so that a playbook's errors are told in one go. */
export class Findings {
  readonly #found: Diagnostic[] = [];

  /** Runs a part of the loading; what is wrong in it is kept, and the rest goes on. */
  async keep<T>(part: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await part();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.#found.push(...error.diagnostics);
      return undefined;
    }
  }

  /** @throws {DiagnosticError} with all that was found */
  report(): void {
    if (this.#found.length > 0) throw new DiagnosticError(this.#found);
  }
}

const PREFIX = /^ansible\.(builtin|posix|legacy)\./;

/** Appends the steps of a list of tasks and blocks. */
export async function loadTasks(
  node: YamlNode,
  outer: Settings,
  context: TaskContext,
  steps: Step[],
  block?: Block,
): Promise<void> {
  if (node.kind === "scalar" && node.value === null) return;
  const findings = new Findings();
  for (const item of expectSeq(node, "a list of tasks").items) {
    await findings.keep(async () => {
      const map = expectMap(item, "a task");
      if (entryOf(map, "block")) await loadBlock(map, outer, context, steps, block);
      else steps.push({ kind: "task", task: await loadTask(map, outer, context), block });
    });
  }
  findings.report();
}

async function loadBlock(
  map: YamlMap,
  outer: Settings,
  context: TaskContext,
  steps: Step[],
  parent: Block | undefined,
): Promise<void> {
  const findings = new Findings();
  const unknown = unknownKeys(map, BLOCK_KEYWORDS, "a block");
  if (unknown.length > 0) {
    await findings.keep(() => {
      throw new DiagnosticError(unknown);
    });
  }
  const settings = inherit(outer, map);
  const block: Block = { parent, start: steps.length, always: 0, end: 0 };
  const part = async (name: string) => {
    const entry = entryOf(map, name);
    if (entry) await findings.keep(() => loadTasks(entry.value, settings, context, steps, block));
  };
  await part("block");
  steps.push({ kind: "endPart", block });
  if (entryOf(map, "rescue")) {
    block.rescue = steps.length;
    await part("rescue");
    steps.push({ kind: "endPart", block });
  }
  block.always = steps.length;
  await part("always");
  block.end = steps.length;
  steps.push({ kind: "endBlock", block });
  findings.report();
}

/** Loads one task. @throws {DiagnosticError} */
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
  const found = await findings.keep(() => findCallee(called, keywords, map.span, context));
  const settings = await findings.keep(() => inherit(outer, map));
  const extra = at.get("args");
  const args = found && await findings.keep(() =>
    compileArguments(
      calleeOf(found.callee),
      found.entry,
      extra && expectMap(extra.value, "'args'"),
      context.search,
    )
  );
  const rest = await findings.keep(() => keywordsOf(at));
  findings.report();
  if (!found || !settings || !args || !rest) throw new Error("a finding was lost");
  const name = at.get("name");
  const label = name ? expectText(name.value, "'name'").value : calleeOf(found.callee).name;
  return {
    id: context.nextId(),
    name: name ? compileValue(name.value) : constantText(label),
    label,
    span: map.span,
    callee: found.callee,
    args,
    settings,
    role: context.role,
    search: context.search,
    handler,
    ...rest,
  };
}

/** The module or action of a callee. */
export function calleeOf(
  callee: Callee,
): { name: string; args: import("../support/zod.ts").z.ZodType; freeForm?: string } {
  return callee.kind === "module" ? callee.module : callee.action;
}

function constantText(text: string): Variable {
  return { constant: text, evaluate: () => text };
}

async function findCallee(
  called: readonly YamlEntry[],
  keywords: readonly string[],
  span: Span,
  { callees }: TaskContext,
): Promise<{ callee: Callee; entry: YamlEntry }> {
  const known = new Set(callees.names());
  const named = called.filter((entry) => known.has(entry.key.replace(PREFIX, "")));
  const unknown = called.filter((entry) => !named.includes(entry));
  if (unknown.length > 0) {
    // Beside a module an unknown key is a mistyped keyword; alone it is a mistyped module, or either.
    throw new DiagnosticError(
      unknown.map((entry) =>
        named.length > 0 || unknown.length > 1 && didYouMean(entry.key, keywords)
          ? unknownKey(entry, keywords, "a task")
          : unknownModule(entry, keywords, known)
      ),
    );
  }
  if (named.length === 0) throw inputError("no-module", "the task names no module", span);
  if (named.length > 1) {
    const message = `a task calls one module, this one names '${named[0].key}' and '${named[1].key}'`;
    throw inputError("two-modules", message, named[1].keySpan, "make two tasks of it");
  }
  const callee = await callees.load(named[0].key.replace(PREFIX, ""));
  if (!callee) throw new Error(`module ${named[0].key} is listed but cannot be loaded`);
  return { callee, entry: named[0] };
}

function unknownModule(entry: YamlEntry, keywords: readonly string[], modules: ReadonlySet<string>): Diagnostic {
  const keyword = unknownKey(entry, keywords, "a task");
  const help = didYouMean(entry.key.replace(PREFIX, ""), modules) ?? keyword.help ??
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
  "loop" | "register" | "notify" | "changedWhen" | "failedWhen" | "until" | "retries" | "delay"
> {
  const value = (key: string) => {
    const entry = at.get(key);
    return entry && compileValue(entry.value);
  };
  const register = at.get("register");
  const notify = at.get("notify");
  return {
    loop: loopOf(at.get("loop"), at.get("loop_control")),
    register: register && variableName(register),
    notify: notify
      ? (notify.value.kind === "seq" ? notify.value.items : [notify.value]).map((item) => compileValue(item))
      : [],
    changedWhen: allOf(at.get("changed_when")),
    failedWhen: allOf(at.get("failed_when")),
    until: allOf(at.get("until")),
    retries: value("retries"),
    delay: value("delay"),
  };
}

/** Several conditions as one that holds when all do. */
function allOf(entry: YamlEntry | undefined): Variable | undefined {
  if (!entry) return undefined;
  const all = conditions(entry);
  if (all.length === 1) return all[0];
  return { span: entry.value.span, evaluate: (scope) => all.every((condition) => condition.evaluate(scope) === true) };
}

function variableName(entry: YamlEntry): string {
  const text = expectText(entry.value, `'${entry.key}'`);
  if (/^[A-Za-z_]\w*$/.test(text.value)) return text.value;
  throw inputError("variable-name", `'${text.value}' cannot be the name of a variable`, text.span);
}

const LOOP_CONTROL = ["loop_var", "index_var", "label"];

function loopOf(entry: YamlEntry | undefined, control: YamlEntry | undefined): Loop | undefined {
  if (!entry) {
    if (control) throw inputError("loop", "'loop_control' without 'loop'", control.keySpan);
    return undefined;
  }
  const map = control && expectMap(control.value, "'loop_control'");
  const unknown = map ? unknownKeys(map, LOOP_CONTROL, "'loop_control'") : [];
  if (unknown.length > 0) throw new DiagnosticError(unknown);
  const at = map ? fields(map) : new Map<string, YamlEntry>();
  const name = (key: string) => at.has(key) ? variableName(at.get(key)!) : undefined;
  const label = at.get("label");
  return {
    items: entry.value.kind === "scalar" && typeof entry.value.value === "string" && !entry.value.value.includes("{{")
      ? bareLoop(entry)
      : compileValue(entry.value),
    loopVar: name("loop_var") ?? "item",
    indexVar: name("index_var"),
    label: label && compileValue(label.value),
    span: entry.value.span,
  };
}

function bareLoop(entry: YamlEntry): never {
  const text = expectText(entry.value, "'loop'").value;
  throw inputError("loop", `'loop' needs a list, got '${text}'`, entry.value.span, `write: loop: "{{ ${text} }}"`);
}

/** Loads a list of handlers. */
export async function loadHandlers(node: YamlNode, outer: Settings, context: TaskContext): Promise<Handler[]> {
  if (node.kind === "scalar" && node.value === null) return [];
  const findings = new Findings();
  const handlers: Handler[] = [];
  for (const item of expectSeq(node, "a list of handlers").items) {
    await findings.keep(async () => {
      const map = expectMap(item, "a handler");
      const task = await loadTask(map, outer, context, true);
      const listen = entryOf(map, "listen");
      const topics = listen ? textList(listen.value, "'listen'").map((topic) => topic.value) : [];
      const qualified = context.role ? [`${context.role.name} : ${task.label}`] : [];
      handlers.push({ task, topics: new Set([task.label, ...topics, ...qualified]) });
    });
  }
  findings.report();
  return handlers;
}
