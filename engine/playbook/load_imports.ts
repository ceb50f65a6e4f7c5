/**
 * Tasks of other files: `import_tasks` and `import_role`, read with the playbook, and what `include_tasks` and
 * `include_role` load once a host gets there.
 *
 * @module
 */

import { dirname } from "node:path";
import { inputError, type Span } from "../support/diagnostic.ts";
import { parseYaml, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { Findings } from "./findings.ts";
import { constantText, expectMap, fields, IMPORT_KEYWORDS, isEmpty, unknownKeys } from "./keywords.ts";
import { loadHandlers, loadTasks } from "./load_blocks.ts";
import { loadRole } from "./load_role.ts";
import { calleeOf, type PlayParts, type TaskContext } from "./load_tasks.ts";
import type { Block, Include, Included, Program, RoleParts, Settings, Step, Task } from "./playbook.ts";
import { readSource, shownPath } from "./read_source.ts";
import { find, findRole } from "./search_path.ts";
import { inherit, withoutCollection } from "./settings.ts";

/** What `import_role` takes beside the role's name and parts; read, and without effect on what is static. */
const ROLE_FLAGS = ["public", "allow_duplicates", "rolespec_validate"];
const DYNAMIC = "imports are read before any host's variables are known: use 'include_tasks' or 'include_role'";
const ROLE_FILES = ["tasks_from", "vars_from", "defaults_from", "handlers_from"];

/** The entry of a task that imports others; undefined for any other task. */
export function importOf(map: YamlMap): YamlEntry | undefined {
  return map.entries.find(({ key }) => ["import_tasks", "import_role"].includes(withoutCollection(key)));
}

/**
 * Appends the steps of what a task imports.
 *
 * @throws {DiagnosticError} with all that is wrong in it
 */
export async function loadImport(
  entry: YamlEntry,
  map: YamlMap,
  outer: Settings,
  context: TaskContext,
  steps: Step[],
  block: Block | undefined,
): Promise<void> {
  const { settings, args } = readImport(entry, map, outer);
  if (withoutCollection(entry.key) === "import_role") {
    const name = args.get("name") ?? args.get("role");
    if (!name) {
      throw inputError("no-role", "the import names no role", entry.keySpan, "write: import_role: {name: NAME}");
    }
    const vars = new Map(settings.vars.slice(outer.vars.length).flatMap((layer) => [...layer]));
    const use = {
      vars,
      name: constantText(name, "a role's name", DYNAMIC),
      span: name.value.span,
      parts: rolePartsOf(args),
    };
    await loadRole(use, settings, { ...context, parts: { ...context.parts, steps } }, block);
    return;
  }
  const { node, inner } = await taskFile(importedFile(entry, args), context);
  await loadTasks(node, "a file of tasks", settings, inner, steps, block);
}

/** Appends the handlers of a file that is imported among handlers. */
export async function importHandlers(
  entry: YamlEntry,
  map: YamlMap,
  outer: Settings,
  context: TaskContext,
): Promise<void> {
  const { settings, args } = readImport(entry, map, outer);
  if (withoutCollection(entry.key) === "import_role") {
    throw inputError("import", "a role cannot be imported among handlers", entry.keySpan, "name it in the play");
  }
  const { node, inner } = await taskFile(importedFile(entry, args), context);
  await loadHandlers(node, settings, inner);
}

function readImport(
  entry: YamlEntry,
  map: YamlMap,
  outer: Settings,
): { settings: Settings; args: ReadonlyMap<string, YamlEntry> } {
  const findings = new Findings();
  const kind = withoutCollection(entry.key);
  const dynamic = kind.replace("import", "include");
  findings.add(
    ...unknownKeys(map, [...IMPORT_KEYWORDS, entry.key], `'${kind}'`).map((finding) => ({
      ...finding,
      help: ["loop", "register", "until", "notify"].includes(keyAt(finding.span))
        ? `'${kind}' is read before any host is met: use '${dynamic}'`
        : finding.help,
    })),
  );
  const settings = findings.attempt(() => inherit(outer, map));
  const args = findings.attempt(() => argumentsOf(entry, map, kind));
  findings.report();
  return { settings: settings!, args: args! };
}

function keyAt(span: Span | undefined): string {
  return span ? span.source.text.slice(span.start, span.end) : "";
}

function argumentsOf(entry: YamlEntry, map: YamlMap, kind: string): ReadonlyMap<string, YamlEntry> {
  const args = new Map<string, YamlEntry>();
  const known = kind === "import_role" ? ["name", "role", ...ROLE_FILES, ...ROLE_FLAGS] : ["file"];
  const take = (given: YamlMap) => {
    const findings = new Findings();
    findings.add(...unknownKeys(given, known, `'${kind}'`));
    findings.report();
    for (const each of given.entries) args.set(each.key, each);
  };
  const extra = fields(map).get("args");
  if (extra) take(expectMap(extra.value, "'args'"));
  if (entry.value.kind === "map") take(entry.value);
  else if (!isEmpty(entry.value)) args.set(known[0], { ...entry, key: known[0] });
  return args;
}

function importedFile(entry: YamlEntry, args: ReadonlyMap<string, YamlEntry>): { name: string; span: Span } {
  const file = args.get("file");
  if (!file) throw inputError("import", "the import names no file", entry.keySpan, "write: import_tasks: FILE");
  return { name: constantText(file, "the file's name", DYNAMIC), span: file.value.span };
}

function rolePartsOf(args: ReadonlyMap<string, YamlEntry>): RoleParts {
  const part = (key: string) => {
    const entry = args.get(key);
    return entry && constantText(entry, `'${key}'`, DYNAMIC);
  };
  return {
    tasksFrom: part("tasks_from"),
    varsFrom: part("vars_from"),
    defaultsFrom: part("defaults_from"),
    handlersFrom: part("handlers_from"),
  };
}

/** A file of tasks, looked for beside the file that names it, then up to the playbook's folder. */
async function taskFile(
  { name, span }: { name: string; span: Span },
  context: TaskContext,
): Promise<{ node: YamlNode; inner: TaskContext }> {
  const tried: string[] = [];
  const path = await find(context.taskFolders, name, tried);
  if (!path) {
    throw inputError("file-unreadable", `there is no file of tasks '${name}'`, span, `looked in: ${tried.join(", ")}`);
  }
  refuseLoop(path, span, context);
  const source = await readSource(path, span, context.vault);
  const nothing: YamlNode = { kind: "scalar", value: null, written: "", span: { source, start: 0, end: 0 } };
  const inner = {
    ...context,
    taskFolders: [dirname(path), ...context.taskFolders],
    importing: [...context.importing, path],
    reading: [...context.reading, path],
  };
  return { node: parseYaml(source) ?? nothing, inner };
}

/**
 * What a task includes. Where it names it outright that is read at once, so that what is wrong there is told before any
 * host is contacted.
 *
 * @param outer what holds around the task
 * @throws {DiagnosticError} with all that is wrong in it
 */
export async function includeOf(task: Task, outer: Settings, context: TaskContext): Promise<Include> {
  const apply = task.args.nodes.get("apply")?.node;
  const settings = apply ? inherit(outer, expectMap(apply, "'apply'")) : outer;
  const loaded = new Map<string, Promise<Program>>();
  const named = namedOutright(task);
  const load = (included: Included, span: Span) => {
    const key = JSON.stringify(included);
    let program = loaded.get(key);
    // Hosts may include different tasks here: what names them is part of the ids.
    const id = named ? task.id : `${task.id}(${included.kind === "tasks" ? included.file : included.name})`;
    if (!program) loaded.set(key, program = loadProgram(id, included, span, settings, context));
    return program;
  };
  const place = named && await placeOf(named, context);
  const program = named && (!place || !context.reading.includes(place)) ? await load(named, task.args.span) : undefined;
  return { load, certain: named !== undefined, program, vars: task.settings.vars.slice(outer.vars.length) };
}

/** What the arguments of `include_tasks` or `include_role` name. */
export function includedBy(args: { readonly [key: string]: unknown }): Included {
  if (typeof args.file === "string") return { kind: "tasks", file: args.file };
  const part = (key: string) => typeof args[key] === "string" ? args[key] : undefined;
  return {
    kind: "role",
    name: String(args.name),
    public: args.public === true,
    tasksFrom: part("tasks_from"),
    varsFrom: part("vars_from"),
    defaultsFrom: part("defaults_from"),
    handlersFrom: part("handlers_from"),
  };
}

/** What a task includes whatever the host; undefined where expressions decide. */
function namedOutright({ callee, args }: Task): Included | undefined {
  const nodes = [...args.nodes].filter(([key]) => key !== "apply");
  const texts = nodes.map(([key, { node }]) => [key, node.kind === "scalar" ? node.written : ""]);
  if (texts.some(([, text]) => text.includes("{{"))) return undefined;
  const parsed = calleeOf(callee).args.safeParse(Object.fromEntries(texts));
  return parsed.success ? includedBy(parsed.data as { [key: string]: unknown }) : undefined;
}

async function placeOf(included: Included, context: TaskContext): Promise<string | undefined> {
  if (included.kind === "tasks") return await find(context.taskFolders, included.file);
  return (await findRole(included.name, context.directory, [])).at(-1);
}

async function loadProgram(
  id: string,
  included: Included,
  span: Span,
  settings: Settings,
  context: TaskContext,
): Promise<Program> {
  let count = 0;
  const parts: PlayParts = { ...context.parts, steps: [], handlers: [], roles: [] };
  const inner: TaskContext = { ...context, parts, importing: [], nextId: () => `${id}.${++count}` };
  if (included.kind === "role") {
    await loadRole({ name: included.name, span, parts: included }, settings, inner);
  } else {
    const file = await taskFile({ name: included.file, span }, inner);
    await loadTasks(file.node, "a file of tasks", settings, file.inner, parts.steps);
  }
  return parts;
}

/**
 * Holds that a file or role is not being read already.
 *
 * @throws {DiagnosticError} with the way round
 */
export function refuseLoop(path: string, span: Span, { importing }: Pick<TaskContext, "importing">): void {
  const first = importing.indexOf(path);
  if (first === -1) return;
  const way = [...importing.slice(first), path].map(shownPath).join(" → ");
  throw inputError("import-loop", `imports go round in a loop: ${way}`, span, "'include_tasks' may include itself");
}
