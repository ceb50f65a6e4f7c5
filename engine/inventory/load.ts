/**
 * Loads inventories: files in YAML and INI, programs, directories of them, lists of hosts, in the order given.
 *
 * @module
 */

import { readText } from "../support/assets.ts";
import { DiagnosticError, inputError, type SourceText } from "../support/diagnostic.ts";
import { parseYaml, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { compileValue } from "../variables/expression.ts";
import { NO_VAULT, type Vault } from "../variables/vault.ts";
import { expandHosts } from "./address.ts";
import { construct } from "./construct.ts";
import { namesPlugin, readConstructed } from "./constructed.ts";
import { readExecutable, type RunProgram } from "./executable.ts";
import { absolutePath, directoryOf, joinPath, kindOf, listDirectory, nearestPath, runProgram } from "./files.ts";
import { readIni } from "./ini.ts";
import { Inventory } from "./inventory.ts";
import { InventoryData } from "./model.ts";
import { Piece } from "./piece.ts";
import { IGNORED_NAMES, VariableFiles } from "./variable_files.ts";
import { isNull, readYamlInventory, warnAmbiguous } from "./yaml_source.ts";

/** A kind of file that is no inventory of Ansible's and makes one. */
export interface InventoryFormat {
  /** Whether a YAML file is of that kind; told from its keys, or its path as the sources name it. */
  fits(root: YamlMap, path: string): boolean;
  /**
   * Adds what the file comes to.
   *
   * @throws {DiagnosticError} for what is wrong in it
   */
  read(source: SourceText, data: InventoryData): void;
}

/** How to load an inventory. */
export interface InventoryOptions {
  /** Kinds of files beside Ansible's. */
  readonly formats?: readonly InventoryFormat[];
  /** Opens what is encrypted; without it an encrypted file is an error once its variables are needed. */
  readonly vault?: Vault;
  /** Reads a text; the file by default. */
  readonly readFile?: (path: string) => Promise<string>;
  /** Where the playbook lies: its group_vars/ and host_vars/ count too. */
  readonly playbookDirectory?: string;
}

/**
 * Loads an inventory.
 *
 * @param sources paths of files, programs and directories, or hosts with commas: `web1,web2,`
 * @throws {DiagnosticError} for what does not exist, cannot be read or is wrong in it
 */
export async function loadInventory(sources: readonly string[], options: InventoryOptions = {}): Promise<Inventory> {
  return await new Loader(options).load(sources);
}

class Loader {
  readonly #data = new InventoryData((node) => {
    this.#vault.learn(node);
    return compileValue(node);
  });
  readonly #vault: Vault;
  readonly #readText: (path: string) => Promise<string>;
  readonly #run: RunProgram;
  /** The directories of the sources read so far: where group_vars/ and host_vars/ are looked for. */
  readonly #directories = new Set<string>();

  constructor(readonly options: InventoryOptions) {
    const read = options.readFile ?? readText;
    this.#vault = options.vault ?? NO_VAULT;
    this.#readText = (path) => orDiagnostic(path, () => read(path));
    this.#run = (path, args) => orDiagnostic(path, () => runProgram(path, args), "run");
  }

  async load(sources: readonly string[]): Promise<Inventory> {
    for (const source of sources) {
      const directory = await this.#source(source);
      if (directory === undefined) continue;
      // Where two sources share a directory, the last one counts.
      this.#directories.delete(directory);
      this.#directories.add(directory);
    }
    const data = this.#data;
    data.file = data.directory = undefined;
    data.reconcile();
    const inventory = await this.#variableFiles([...this.#directories]);
    const beside = this.options.playbookDirectory;
    const playbook = await this.#variableFiles(beside === undefined ? [] : [beside]);
    data.throwErrors();
    warnAmbiguous(data);
    if (data.hosts.size === 0 && sources.length > 0) {
      data.warn("empty-inventory", `the inventory has no hosts: ${sources.join(", ")}`);
    }
    return new Inventory(data, { inventory, playbook });
  }

  async #variableFiles(directories: readonly string[], complete = true): Promise<VariableFiles[]> {
    const found: VariableFiles[] = [];
    for (const directory of directories) {
      const files = new VariableFiles(directory, this.#readText, this.#vault);
      await orDiagnostic(directory, () => files.open());
      await files.read(this.#data);
      if (complete) files.warnUnknown(this.#data);
      found.push(files);
    }
    return found;
  }

  /** Reads one source and gives the directory whose group_vars/ belong to it. */
  async #source(source: string): Promise<string | undefined> {
    const kind = await orDiagnostic(source, () => kindOf(source));
    if (kind === "directory") {
      await this.#directory(source);
      return source;
    }
    if (kind === undefined && source.includes(",")) {
      this.#list(source);
      return undefined;
    }
    await this.#file(source);
    return directoryOf(source);
  }

  async #directory(path: string): Promise<void> {
    for (const entry of await orDiagnostic(path, () => listDirectory(path))) {
      if (IGNORED_NAMES.test(entry.name)) continue;
      const inside = joinPath(path, entry.name);
      if (entry.isDirectory) await this.#directory(inside);
      else await this.#file(inside);
    }
  }

  #list(text: string): void {
    this.#data.file = text;
    this.#data.directory = undefined;
    const source: SourceText = { path: "--inventory", text };
    for (const match of text.matchAll(/[^,]+/g)) {
      const piece = Piece.of(source, match.index, match.index + match[0].length).trim();
      if (piece.text === "") continue;
      this.#data.addHosts(expandHosts(piece), this.#data.addGroup("ungrouped"), piece.span());
    }
  }

  async #file(path: string): Promise<void> {
    const kind = await orDiagnostic(path, () => kindOf(path));
    if (kind === undefined) throw await missing(path);
    this.#data.file = absolutePath(path);
    this.#data.directory = directoryOf(this.#data.file);
    if (kind === "executable") return await readExecutable(path, this.#data, this.#run);
    if (kind === "script") {
      throw inputError("inventory-executable", `${path} is a script but not executable`, undefined, `chmod +x ${path}`);
    }
    const source = await this.#vault.open({ path, text: await this.#readText(path) });
    if (/\.toml$/.test(path)) {
      const span = { source, start: 0, end: 1 };
      throw inputError("inventory-format", "TOML inventories are not read", span, "use YAML or INI");
    }
    const root = yamlOf(source);
    const format = this.#formatOf(root, path);
    if (format) return format.read(source, this.#data);
    if (root === "ini") readIni(source, this.#data);
    else if (root && namesPlugin(root)) await this.#construct(root, path);
    else if (root && !isNull(root)) readYamlInventory(root, this.#data);
    if ((root === undefined || (root !== "ini" && isNull(root))) || (root === "ini" && isBlank(source.text))) {
      if (kind !== "file") return;
      const help = "an inventory needs at least one host, e.g. a line with its name";
      throw inputError("empty-inventory", "the inventory is empty", { source, start: 0, end: 1 }, help);
    }
  }

  #formatOf(root: YamlNode | undefined | "ini", path: string): InventoryFormat | undefined {
    if (root === undefined || root === "ini" || root.kind !== "map") return undefined;
    return this.options.formats?.find((format) => format.fits(root, path));
  }

  async #construct(root: YamlMap, path: string): Promise<void> {
    const plan = readConstructed(root);
    this.#data.reconcile();
    const directories = plan.useVarsPlugins ? [...this.#directories, directoryOf(path)] : [];
    const files = await this.#variableFiles([...new Set(directories)], false);
    construct(plan, new Inventory(this.#data, { inventory: files, playbook: [] }), this.#data);
  }
}

function isBlank(text: string): boolean {
  return text.split(/\r?\n|\r/).every((line) => /^\s*(?:[#;]|$)/.test(line));
}

/** The YAML of a file that is YAML; told from its ending, and its content where it has none. */
function yamlOf(source: SourceText): YamlNode | undefined | "ini" {
  const name = source.path.slice(source.path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  const extension = dot <= 0 ? "" : name.slice(dot);
  // No YAML inventory begins with a section.
  const first = source.text.split(/\r?\n/).find((line) => !/^\s*(?:[#;]|$)/.test(line)) ?? "";
  const section = /^\s*\[[^\]\s,"']+\]\s*(?:#.*)?$/.test(first);
  if ([".yml", ".yaml", ".json"].includes(extension)) return section ? "ini" : parseYaml(source);
  if (extension !== "" || section) return "ini";
  try {
    const root = parseYaml(source);
    return root?.kind === "map" ? root : "ini";
  } catch (error) {
    if (error instanceof DiagnosticError && !/^(?:---|[^\s=]+:)\s*(?:#.*)?$/.test(first)) return "ini";
    throw error;
  }
}

async function missing(path: string): Promise<DiagnosticError> {
  const near = await nearestPath(path);
  const help = near ? `did you mean '${near}'?` : `for a host of that name write '${path},'`;
  return inputError("inventory-missing", `there is no inventory '${path}'`, undefined, help);
}

/** Turns the errors of the operating system into findings. */
async function orDiagnostic<T>(path: string, action: () => Promise<T>, verb = "read"): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    const reason = error instanceof Error ? error.message.replace(/ \(os error \d+\).*$/s, "") : String(error);
    throw inputError("inventory-read", `cannot ${verb} ${path}: ${reason}`);
  }
}
