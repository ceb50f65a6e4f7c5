/**
 * `aami lint`: all that is wrong or odd in playbooks, roles, task files and inventories, in one go.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { kindOf } from "../engine/inventory/files.ts";
import { loadInventory } from "../engine/inventory/load.ts";
import { kindOfFile } from "../engine/playbook/file_kind.ts";
import { loadTasks } from "../engine/playbook/load_blocks.ts";
import { contextOf } from "../engine/playbook/load_play.ts";
import { loadPlaybookRoot, loadPlaybookText } from "../engine/playbook/load_playbook.ts";
import type { Callees } from "../engine/playbook/load_tasks.ts";
import { readSource } from "../engine/playbook/read_source.ts";
import { folderOf, searchPath } from "../engine/playbook/search_path.ts";
import { NO_SETTINGS, variablesOf } from "../engine/playbook/settings.ts";
import { expectMap, isEmpty } from "../engine/playbook/keywords.ts";
import { unusedHandlers, warningsOf } from "../engine/playbook/warnings.ts";
import {
  type Diagnostic,
  DiagnosticError,
  diagnosticToJson,
  formatDiagnostic,
  inputError,
  type SourceText,
} from "../engine/support/diagnostic.ts";
import { parseYaml, type YamlNode } from "../engine/support/yaml.ts";
import { CLOSED_VAULT } from "../engine/variables/vault.ts";
import { calleesOf } from "./callees.ts";
import { type LintFile, lintTree } from "./lint_files.ts";
import type { Wiring } from "./program.ts";

/** Exit statuses of `aami lint`: no finding, an error, with `--strict` a warning. */
export const LINT_EXIT = { clean: 0, errors: 1, warnings: 3 } as const;

/** The flags of `aami lint`. */
export interface LintFlags {
  /** -o. */
  readonly output: "text" | "json";
  /** --strict. */
  readonly strict?: boolean;
}

/**
 * Looks through files and folders; the working directory where none is named.
 *
 * @returns one of {@linkcode LINT_EXIT}
 * @throws {DiagnosticError} for a path that does not exist
 */
export async function lint(
  paths: readonly string[],
  flags: LintFlags,
  { terminal, registry }: Wiring,
): Promise<number> {
  const tree = await lintTree(paths.length > 0 ? paths : ["."]);
  const linter = new Linter(calleesOf(registry));
  await together(tree.files, (file) => linter.file(file));
  await together(tree.roles, (role) => linter.role(role));
  const found = linter.findings();
  const [errors, warnings] = ["error", "warning"].map((kind) =>
    found.filter(({ severity }) => severity === kind).length
  );
  const exit = errors > 0 ? LINT_EXIT.errors : warnings > 0 && flags.strict ? LINT_EXIT.warnings : LINT_EXIT.clean;
  if (flags.output === "json") {
    const diagnostics = found.map(diagnosticToJson);
    terminal.out(JSON.stringify({ schema: 1, files: linter.files, errors, warnings, diagnostics, exit }, undefined, 2));
    return exit;
  }
  for (const finding of found) terminal.out(formatDiagnostic(finding, terminal.paint));
  terminal.talk(`${count(linter.files, "file")}, ${count(errors, "error")}, ${count(warnings, "warning")}`);
  return exit;
}

/** Some at a time, so that one is read while another is looked at. */
async function together<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Says nothing of a role or task file by itself: its handlers may stand in the play. */
const NOT_ALONE = "unknown-handler";

class Linter {
  readonly #found = new Map<string, Diagnostic>();
  readonly #modules: ReadonlySet<string>;
  /** How many files were looked at. */
  files = 0;

  constructor(readonly callees: Callees) {
    this.#modules = new Set(callees.names());
  }

  /** All findings, each once: file by file, from the top. */
  findings(): Diagnostic[] {
    const found = [...this.#found.values()];
    const files = [...new Set(found.map(({ span }) => span?.source.path))].sort();
    const order = new Map(files.map((file, index) => [file, index]));
    const rank = ({ span }: Diagnostic) => order.get(span?.source.path)!;
    return found.sort((a, b) => rank(a) - rank(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
  }

  async file({ path, named }: LintFile): Promise<void> {
    await this.#keep(async () => {
      if (!/\.(ya?ml|json)$/.test(path)) return await this.#inventory(path);
      const source = await readSource(path, undefined, CLOSED_VAULT);
      const root = parseYaml(source);
      if (!root || isEmpty(root)) return void this.files++;
      const kind = kindOfFile(source.path, root, this.#modules);
      if (kind === undefined && !named) return;
      if (kind === "inventory") return await this.#inventory(path);
      this.files++;
      if (kind === "playbook") await this.#playbook(source, root, path);
      else if (kind === "tasks") await this.#tasks(source, root, folderOf(path));
      else if (kind === "variables") variablesOf(expectMap(root, "a file of variables"));
      else {
        const help = "a playbook is a list of plays, a file of tasks a list of tasks, an inventory a mapping of groups";
        throw inputError("type", "this is no playbook, no list of tasks and no inventory", root.span, help);
      }
    });
  }

  /** A role, as a play that names it would load it, and its other files of tasks. */
  async role(directory: string): Promise<void> {
    const path = resolve(directory);
    const play = { path: "a play", text: JSON.stringify([{ hosts: "all", roles: [path] }]) };
    await this.#keep(async () => void await loadPlaybookText(play, folderOf(path), this.callees, CLOSED_VAULT), play);
    for (const folder of ["tasks", "handlers"]) {
      for (const name of yamlFiles(`${directory}/${folder}`)) {
        await this.#keep(async () => {
          const source = await readSource(`${directory}/${folder}/${name}`, undefined, CLOSED_VAULT);
          const root = parseYaml(source);
          this.files++;
          if (!root || isEmpty(root)) return;
          this.#add(...warningsOf(root));
          // What is in main.yml was loaded with the role.
          if (folder === "tasks" && !/^main\.ya?ml$/.test(name)) {
            await this.#tasks(source, root, folderOf(path), path);
          }
        }, "alone");
      }
    }
  }

  async #playbook(source: SourceText, root: YamlNode, path: string): Promise<void> {
    this.#add(...warningsOf(root));
    const context = { callees: this.callees, vault: CLOSED_VAULT };
    this.#add(...unusedHandlers(await loadPlaybookRoot(source, root, folderOf(path), context)));
  }

  async #tasks(source: SourceText, root: YamlNode, directory: string, role?: string): Promise<void> {
    const context = {
      ...contextOf(1, directory, { callees: this.callees, vault: CLOSED_VAULT }),
      search: searchPath(directory, role === undefined ? [] : [role]),
      taskFolders: role === undefined ? [directory] : [join(role, "tasks"), directory],
    };
    this.#add(...warningsOf(root));
    await this.#keep(() => loadTasks(root, `'${source.path}'`, NO_SETTINGS, context, []), "alone");
  }

  async #inventory(path: string): Promise<void> {
    // A program is not run to be looked at.
    if (await kindOf(path) === "executable") return;
    this.files++;
    const { warnings } = await loadInventory([path], { vault: CLOSED_VAULT });
    // A constructed inventory has the hosts of the files beside it.
    this.#add(...warnings.filter(({ code }) => code !== "empty-inventory"));
  }

  /** Takes the findings of a part. What is loaded without its play is `alone`, or in a play made for it. */
  async #keep(part: () => Promise<void>, play?: "alone" | SourceText): Promise<void> {
    try {
      await part();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      const known = error.diagnostics.filter(({ code }) => !/^vault/.test(code) && !(play && code === NOT_ALONE));
      this.#add(...known.map((finding) => finding.span?.source === play ? { ...finding, span: undefined } : finding));
    }
  }

  #add(...found: readonly Diagnostic[]): void {
    for (const finding of found) {
      const { span, message } = finding;
      this.#found.set(JSON.stringify([span?.source.path, span?.start, message]), finding);
    }
  }
}

function yamlFiles(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && /\.ya?ml$/.test(name))
      .map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}
