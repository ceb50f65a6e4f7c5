/**
 * Roles: a folder of tasks, handlers, defaults, vars, files and templates, named by a play.
 *
 * @module
 */

import { join } from "node:path";
import { isBuiltin, list, stat } from "../support/assets.ts";
import { inputError, type Span } from "../support/diagnostic.ts";
import { perText } from "../support/per_text.ts";
import { didYouMean } from "../support/suggest.ts";
import { entryOf, parseYaml, toPlain, type YamlMap, type YamlNode } from "../support/yaml.ts";
import type { Layer } from "../variables/variable.ts";
import type { Vault } from "../variables/vault.ts";
import { Findings } from "./findings.ts";
import { flagKeyword } from "./keyword_values.ts";
import { expectMap, expectSeq, expectText, fields, firstKey, INNER_KEYWORDS, isEmpty } from "./keywords.ts";
import { loadHandlers, loadTasks } from "./load_blocks.ts";
import { refuseLoop } from "./load_imports.ts";
import type { TaskContext } from "./load_tasks.ts";
import type { Block, Role, RoleParts, Settings } from "./playbook.ts";
import { readSource } from "./read_source.ts";
import { find, findRole, roleFolders, searchPath } from "./search_path.ts";
import { inherit, variablesOf, withoutVars } from "./settings.ts";

/** The folders of which a role has at least one. */
const FOLDERS = ["tasks", "handlers", "defaults", "vars", "files", "templates", "meta"];

/** A role as a play, another role or a task names it. */
export interface RoleUse {
  /** Its name, or the path of its folder. */
  readonly name: string;
  /** Where it is named. */
  readonly span: Span;
  /** Which of its files are read. */
  readonly parts: RoleParts;
  /** Keywords for its tasks, and its parameters. */
  readonly map?: YamlMap;
  /** Vars that the task which imports it has. */
  readonly vars?: Layer;
}

/** A role is named by text, or by a mapping with `role:` whose other keys are keywords or parameters. */
export function roleUse(node: YamlNode): RoleUse {
  if (node.kind === "scalar") return { name: expectText(node, "a role").value, span: node.span, parts: {} };
  const map = expectMap(node, "a role");
  const at = fields(map);
  const named = at.get("role") ?? at.get("name");
  if (!named) throw inputError("no-role", "the entry names no role", firstKey(map), "write: - role: NAME");
  return { name: expectText(named.value, "a role's name").value, span: named.value.span, parts: {}, map };
}

/**
 * Loads a role with the roles that it depends on, appending their tasks, handlers and variables to `context.parts`.
 *
 * @throws {DiagnosticError} with all that is wrong with them
 */
export async function loadRole(use: RoleUse, outer: Settings, context: TaskContext, block?: Block): Promise<void> {
  const directories = await roleDirectories(use, context.directory);
  const directory = directories.at(-1)!;
  refuseLoop(directory, use.span, context);
  const findings = new Findings();
  const { map, parts } = use;
  const { vault } = context;
  const settings = (map && findings.attempt(() => inherit(outer, withoutVars(map)))) ?? outer;
  const outerRole = context.role;
  // As in Ansible: vars where the role is named are the role's, and the whole play sees them.
  const own = use.vars ?? (map && findings.attempt(() => varsIn(map)));
  const variables = async (part: "defaults" | "vars", name?: string) =>
    await findings.keep(() => roleVariables(directory, part, vault, name, use.span)) ?? new Map();
  const role: Role = {
    name: use.name,
    directory,
    defaults: [await variables("defaults", parts.defaultsFrom), ...outerRole?.defaults ?? []],
    vars: [new Map([...await variables("vars", parts.varsFrom), ...own ?? []]), ...outerRole?.vars ?? []],
    params: [findings.attempt(() => paramsOf(map)) ?? new Map(), ...outerRole?.params ?? []],
  };
  const inner: TaskContext = {
    ...context,
    role,
    search: searchPath(context.directory, directories),
    taskFolders: [...directories.flatMap((folder) => [join(folder, "tasks"), folder]), context.directory],
    importing: [...context.importing, directory],
    reading: [...context.reading, directory],
  };
  for (const dependency of await findings.keep(() => dependenciesOf(directory, vault)) ?? []) {
    await findings.keep(() => loadRoleOnce(dependency, settings, inner, block));
  }
  context.parts.roles.push(role);
  await findings.keep(async () => {
    const handlers = await readPart(directory, "handlers", vault, parts.handlersFrom, use.span);
    if (handlers) await loadHandlers(handlers, settings, inner);
  });
  await findings.keep(async () => {
    const tasks = await readPart(directory, "tasks", vault, parts.tasksFrom, use.span);
    if (tasks) await loadTasks(tasks, "a role's tasks", settings, inner, context.parts.steps, block);
  });
  findings.report();
}

/**
 * Loads a role unless it was loaded with the same parameters, as Ansible does for those that a play or a role names;
 * `allow_duplicates` of its `meta` lifts that.
 *
 * @throws {DiagnosticError} as {@linkcode loadRole}
 */
export async function loadRoleOnce(use: RoleUse, outer: Settings, context: TaskContext, block?: Block): Promise<void> {
  const { once } = context.parts;
  const said = (use.map?.entries ?? []).filter(({ key }) => key !== "role" && key !== "name");
  const key = JSON.stringify([use.name, ...said.map(({ key, value }) => [key, toPlain(value)])]);
  if (once.has(key) && !await allowsDuplicates(use, context)) return;
  once.add(key);
  await loadRole(use, outer, context, block);
}

function varsIn(map: YamlMap): Layer | undefined {
  const vars = entryOf(map, "vars");
  return vars && !isEmpty(vars.value) ? variablesOf(expectMap(vars.value, "'vars'")) : undefined;
}

function paramsOf(map: YamlMap | undefined): Layer {
  const keywords: readonly string[] = [...INNER_KEYWORDS, "role"];
  return map
    ? variablesOf({ ...map, entries: map.entries.filter((entry) => !keywords.includes(entry.key)) })
    : new Map();
}

/** The folder that holds the role, and before it what lies over its files and templates. */
async function roleDirectories({ name, span }: RoleUse, playbookDirectory: string): Promise<string[]> {
  const tried: string[] = [];
  const directories = await findRole(name, playbookDirectory, tried);
  const directory = directories.at(-1);
  if (!directory) {
    const help = await suggestRole(name, roleFolders(playbookDirectory)) ??
      `looked in: ${tried.filter((place) => !isBuiltin(place)).join(", ")}, and among the built-in roles`;
    throw inputError("unknown-role", `there is no role '${name}'`, span, help);
  }
  for (const folder of FOLDERS) if (await find([directory], folder)) return directories;
  throw inputError("empty-role", `'${directory}' is no role: it has none of ${FOLDERS.join(", ")}`, span);
}

async function roleVariables(
  directory: string,
  part: "defaults" | "vars",
  vault: Vault,
  name: string | undefined,
  span: Span,
): Promise<Layer> {
  const node = await readPart(directory, part, vault, name, span);
  if (node) vault.learn(node);
  return node && !isEmpty(node) ? variablesOf(expectMap(node, `a role's ${part}`)) : new Map();
}

async function allowsDuplicates(use: RoleUse, { directory, vault }: TaskContext): Promise<boolean> {
  const meta = await readPart((await roleDirectories(use, directory)).at(-1)!, "meta", vault);
  const allowed = meta?.kind === "map" ? flagKeyword(entryOf(meta, "allow_duplicates")) : undefined;
  return allowed?.constant === true;
}

async function dependenciesOf(directory: string, vault: Vault): Promise<RoleUse[]> {
  const meta = await readPart(directory, "meta", vault);
  const dependencies = meta?.kind === "map" ? entryOf(meta, "dependencies") : undefined;
  if (!dependencies || isEmpty(dependencies.value)) return [];
  return expectSeq(dependencies.value, "'dependencies'", " of roles").items.map(roleUse);
}

/** Some roles are named by many others. */
const parsePart = perText(parseYaml);

/** A file of a role: `main`, or the one that is asked for, which must be there. */
async function readPart(
  directory: string,
  part: string,
  vault: Vault,
  name?: string,
  span?: Span,
): Promise<YamlNode | undefined> {
  const base = name ?? "main";
  const tried: string[] = [];
  for (const file of [`${base}.yml`, `${base}.yaml`, ...name ? [name] : []]) {
    const path = await find([directory], join(part, file), tried);
    if (path) return parsePart(await readSource(path, undefined, vault));
  }
  if (name === undefined) return undefined;
  throw inputError("file-unreadable", `the role has no ${part} '${name}'`, span, `looked for: ${tried.join(", ")}`);
}

async function suggestRole(name: string, folders: readonly string[]): Promise<string | undefined> {
  const names: string[] = [];
  for (const folder of folders) {
    try {
      for (const entry of await list(folder)) if ((await stat(join(folder, entry))).isDirectory) names.push(entry);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    }
  }
  return didYouMean(name, names);
}

/**
 * Reads a file of variables.
 *
 * @param span what names the file
 * @throws {DiagnosticError} for a file that cannot be read or is no mapping
 */
export async function loadVariables(path: string, vault: Vault, span?: Span): Promise<Layer> {
  const node = parseYaml(await readSource(path, span, vault));
  if (node) vault.learn(node);
  return node && !isEmpty(node) ? variablesOf(expectMap(node, "a file of variables")) : new Map();
}
