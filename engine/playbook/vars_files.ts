/**
 * `vars_files`: which files a play reads, and that those whose names need no host are there and right.
 *
 * @module
 */

import { resolve } from "node:path";
import { inputError, type Span } from "../support/diagnostic.ts";
import type { YamlEntry } from "../support/yaml.ts";
import type { Value } from "../module/module.ts";
import { compileValue } from "../variables/expression.ts";
import type { Layer, Variable } from "../variables/variable.ts";
import type { Vault } from "../variables/vault.ts";
import { Findings } from "./findings.ts";
import { isEmpty } from "./keywords.ts";
import { loadVariables } from "./load_role.ts";
import { find } from "./search_path.ts";

/**
 * The files of `vars_files`, in order: a path, or a list of which the first that exists counts.
 *
 * @throws {DiagnosticError} for those that are wrong whatever the host
 */
export async function varsFilesOf(
  entry: YamlEntry | undefined,
  directory: string,
  vault: Vault,
): Promise<Variable[]> {
  if (!entry || isEmpty(entry.value)) return [];
  const findings = new Findings();
  const files: Variable[] = [];
  for (const item of entry.value.kind === "seq" ? entry.value.items : [entry.value]) {
    const file = findings.attempt(() => compileValue(item));
    if (!file) continue;
    files.push(file);
    const { constant } = file;
    if (constant !== undefined) await findings.keep(() => readVarsFile(constant, item.span, directory, vault));
  }
  findings.report();
  return files;
}

/**
 * Reads what one item of `vars_files` names.
 *
 * @throws {DiagnosticError} at `span` where there is no such file, else in the file
 */
export async function readVarsFile(
  value: Value,
  span: Span | undefined,
  directory: string,
  vault: Vault,
): Promise<Layer> {
  const names = Array.isArray(value) ? value : [value];
  for (const name of names) {
    if (typeof name !== "string") throw inputError("type", "'vars_files' must be paths of files", span);
  }
  const paths = names.map((name) => resolve(directory, String(name)));
  for (const path of paths) if (await find([], path)) return await loadVariables(path, vault, span);
  if (paths.length === 1) return await loadVariables(paths[0], vault, span);
  const none = `there is none of the files ${names.map((name) => `'${name}'`).join(", ")}`;
  throw inputError("file-unreadable", none, span);
}
