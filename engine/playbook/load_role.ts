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
import { entryOf, parseYaml, type YamlMap, type YamlNode } from "../support/yaml.ts";
import type { Layer } from "../variables/variable.ts";
import type { Vault } from "../variables/vault.ts";
import { Findings } from "./findings.ts";
import { COMMON_KEYWORDS, expectMap, expectText, fields, firstKey, isEmpty } from "./keywords.ts";
import { loadHandlers, loadTasks } from "./load_blocks.ts";
import type { TaskContext } from "./load_tasks.ts";
import type { Handler, Role, Settings, Step } from "./playbook.ts";
import { readSource } from "./read_source.ts";
import { find, findRole, roleFolders, searchPath } from "./search_path.ts";
import { inherit, variablesOf } from "./settings.ts";

/** What the parts of a play come to. */
export interface PlayParts {
  /** The program. */
  readonly steps: Step[];
  /** In the order they are defined. */
  readonly handlers: Handler[];
  /** In the order they are named. */
  readonly roles: Role[];
  /** Names and topics of all handlers, also of those that could not be loaded. */
  readonly topics: Set<string>;
}

/** The folders of which a role has at least one. */
const FOLDERS = ["tasks", "handlers", "defaults", "vars", "files", "templates", "meta"];

/**
 * Loads a role that a play names, appending its tasks and handlers.
 *
 * @throws {DiagnosticError} with all that is wrong with it
 */
export async function loadRole(
  node: YamlNode,
  outer: Settings,
  context: Omit<TaskContext, "search" | "role">,
  playbookDirectory: string,
  out: PlayParts,
): Promise<void> {
  const use = readUse(node);
  const directories = await roleDirectories(use, playbookDirectory);
  const directory = directories.at(-1)!;
  const findings = new Findings();
  const { map } = use;
  const { vault } = context;
  const settings = (map && findings.attempt(() => inherit(outer, map))) ?? outer;
  const role: Role = {
    name: use.name,
    directory,
    defaults: await findings.keep(() => roleVariables(directory, "defaults", vault)) ?? new Map(),
    vars: await findings.keep(() => roleVariables(directory, "vars", vault)) ?? new Map(),
    params: findings.attempt(() => paramsOf(map)) ?? new Map(),
  };
  await findings.keep(() => checkMeta(directory, vault));
  const inner: TaskContext = { ...context, role, search: searchPath(playbookDirectory, directories) };
  out.roles.push(role);
  await findings.keep(async () => {
    const handlers = await readPart(directory, "handlers", vault);
    if (handlers) out.handlers.push(...await loadHandlers(handlers, settings, inner, out.topics));
  });
  await findings.keep(async () => {
    const tasks = await readPart(directory, "tasks", vault);
    if (tasks) await loadTasks(tasks, "a role's tasks", settings, inner, out.steps);
  });
  findings.report();
}

interface RoleUse {
  readonly name: string;
  readonly span: Span;
  readonly map?: YamlMap;
}

/** A role is named by text, or by a mapping with `role:` whose other keys are keywords or parameters. */
function readUse(node: YamlNode): RoleUse {
  if (node.kind === "scalar") return { name: expectText(node, "a role").value, span: node.span };
  const map = expectMap(node, "a role");
  const at = fields(map);
  const named = at.get("role") ?? at.get("name");
  if (!named) throw inputError("no-role", "the entry names no role", firstKey(map), "write: - role: NAME");
  return { name: expectText(named.value, "a role's name").value, span: named.value.span, map };
}

function paramsOf(map: YamlMap | undefined): Layer {
  const keywords: readonly string[] = [...COMMON_KEYWORDS, "role", "when"];
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

async function roleVariables(directory: string, part: "defaults" | "vars", vault: Vault): Promise<Layer> {
  const node = await readPart(directory, part, vault);
  if (node) vault.learn(node);
  return node && !isEmpty(node) ? variablesOf(expectMap(node, `a role's ${part}`)) : new Map();
}

/** Leaving out what a role depends on would run half of it. */
async function checkMeta(directory: string, vault: Vault): Promise<void> {
  const meta = await readPart(directory, "meta", vault);
  const dependencies = meta?.kind === "map" ? entryOf(meta, "dependencies") : undefined;
  if (dependencies?.value.kind !== "seq" || dependencies.value.items.length === 0) return;
  const help = "name those roles in the play, before this one";
  throw inputError("role-dependencies", "a role's dependencies are not read yet", dependencies.keySpan, help);
}

/** Some roles are named by many others. */
const parsePart = perText(parseYaml);

async function readPart(directory: string, part: string, vault: Vault): Promise<YamlNode | undefined> {
  for (const extension of ["yml", "yaml"]) {
    const path = await find([directory], join(part, `main.${extension}`));
    if (path) return parsePart(await readSource(path, undefined, vault));
  }
  return undefined;
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
