/**
 * Roles: a folder of tasks, handlers, defaults, vars, files and templates, named by a play.
 *
 * @module
 */

import { join, relative } from "node:path";
import { DiagnosticError, inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { parseYaml, type YamlMap, type YamlNode } from "../support/yaml.ts";
import type { Layer } from "../variables/variable.ts";
import { COMMON_KEYWORDS, expectMap, expectText, fields } from "./keywords.ts";
import { loadHandlers, loadTasks, type TaskContext } from "./load_tasks.ts";
import type { Handler, Role, Settings, Step } from "./playbook.ts";
import { find, findRole, searchPath } from "./search_path.ts";
import { inherit, variablesOf } from "./settings.ts";

/** Loads a role that a play names, appending its tasks and handlers. */
export async function loadRole(
  node: YamlNode,
  outer: Settings,
  context: Omit<TaskContext, "search" | "role">,
  playbookDirectory: string,
  out: { steps: Step[]; handlers: Handler[]; roles: Role[] },
): Promise<void> {
  const use = readUse(node);
  const tried: string[] = [];
  const directory = await findRole(use.name, playbookDirectory, tried);
  if (!directory) {
    throw inputError(
      "unknown-role",
      `there is no role '${use.name}'`,
      use.span,
      await suggestRole(use.name, tried) ?? `looked in: ${tried.join(", ")}`,
    );
  }
  const settings = use.map ? inherit(outer, use.map) : outer;
  const role: Role = {
    name: use.name,
    directory,
    defaults: await roleVariables(directory, "defaults"),
    vars: await roleVariables(directory, "vars"),
    params: use.params,
  };
  const inner: TaskContext = { ...context, role, search: searchPath(playbookDirectory, directory) };
  out.roles.push(role);
  const handlers = await readPart(directory, "handlers");
  if (handlers) out.handlers.push(...await loadHandlers(handlers, settings, inner));
  const tasks = await readPart(directory, "tasks");
  if (tasks) await loadTasks(tasks, settings, inner, out.steps);
}

interface RoleUse {
  readonly name: string;
  readonly span: Span;
  readonly map?: YamlMap;
  readonly params: Layer;
}

/** A role is named by text, or by a mapping with `role:` whose other keys are keywords or parameters. */
function readUse(node: YamlNode): RoleUse {
  if (node.kind === "scalar") {
    const text = expectText(node, "a role");
    return { name: text.value, span: node.span, params: new Map() };
  }
  const map = expectMap(node, "a role");
  const at = fields(map);
  const named = at.get("role") ?? at.get("name");
  if (!named) throw inputError("no-role", "the entry names no role", map.span, "write: - role: NAME");
  const keywords: readonly string[] = [...COMMON_KEYWORDS, "role", "when"];
  const params = variablesOf({ ...map, entries: map.entries.filter((entry) => !keywords.includes(entry.key)) });
  return { name: expectText(named.value, "a role's name").value, span: named.value.span, map, params };
}

async function roleVariables(directory: string, part: "defaults" | "vars"): Promise<Layer> {
  const node = await readPart(directory, part);
  return node && !(node.kind === "scalar" && node.value === null)
    ? variablesOf(expectMap(node, `a role's ${part}`))
    : new Map();
}

async function readPart(directory: string, part: string): Promise<YamlNode | undefined> {
  for (const extension of ["yml", "yaml"]) {
    const path = await find([directory], join(part, `main.${extension}`));
    if (path) return parseYaml({ path: shownPath(path), text: await Deno.readTextFile(path) });
  }
  return undefined;
}

/** A path as it is shown: relative to the working directory where it lies below it. */
export function shownPath(path: string): string {
  const short = relative(Deno.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}

async function suggestRole(name: string, tried: readonly string[]): Promise<string | undefined> {
  const names: string[] = [];
  for (const place of tried) {
    try {
      for await (const entry of Deno.readDir(join(place, ".."))) if (entry.isDirectory) names.push(entry.name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return didYouMean(name, names);
}

/** Reads a file of variables. @throws {DiagnosticError} for a file that is missing or no mapping */
export async function loadVariables(path: string, span?: Span): Promise<Layer> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw inputError("file-missing", `there is no file '${shownPath(path)}'`, span);
  }
  const node = parseYaml({ path: shownPath(path), text });
  if (!node || (node.kind === "scalar" && node.value === null)) return new Map();
  if (node.kind !== "map") {
    throw new DiagnosticError({
      severity: "error",
      code: "type",
      message: "a file of variables must be a mapping",
      span: node.span,
    });
  }
  return variablesOf(node);
}
