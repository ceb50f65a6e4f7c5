/**
 * `aami playbooks`: the built-in playbooks, to see and to take along.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { builtinPlaybooks } from "../engine/playbook/search_path.ts";
import { BUILTIN_PLAYBOOKS, BUILTIN_ROOT, exists, list, readBytes, readText, stat } from "../engine/support/assets.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import type { Terminal } from "./terminal.ts";

/** The folders that an operator may want to read and change. */
const FOLDERS = ["playbooks", "templates", "inventory"];

/** The flags of `aami playbooks`. */
export interface PlaybooksFlags {
  /** The folder to copy to. */
  readonly copy?: string;
}

/**
 * Lists the built-in playbooks with the first line of their comment, or copies them with their roles and templates.
 *
 * @throws {DiagnosticError} where a copy would lie over a file that is there
 */
export async function playbooks(terminal: Terminal, { copy }: PlaybooksFlags): Promise<number> {
  if (copy !== undefined) return await copyTo(copy, terminal);
  const names = await builtinPlaybooks();
  const width = Math.max(...names.map((name) => name.length)) + 2;
  for (const name of names) {
    const text = await readText(`${BUILTIN_PLAYBOOKS}/${name}.yml`);
    const summary = /^#\s*(.+)$/m.exec(text)?.[1] ?? "";
    terminal.out(`${terminal.paint("bold", name.padEnd(width))}${summary}`);
  }
  return 0;
}

async function copyTo(folder: string, terminal: Terminal): Promise<number> {
  const files: string[] = [];
  for (const name of FOLDERS) if (await exists(join(BUILTIN_ROOT, name))) files.push(...await filesBelow(name));
  for (const file of files) {
    const place = join(folder, file);
    if (!await exists(place)) continue;
    throw inputError("file-exists", `'${place}' is there already`, undefined, "copy to a folder without these files");
  }
  for (const file of files) {
    const [from, place] = [join(BUILTIN_ROOT, file), join(folder, file)];
    await Deno.mkdir(dirname(place), { recursive: true });
    await Deno.writeFile(place, await readBytes(from), { mode: (await stat(from)).mode, createNew: true });
  }
  terminal.talk(`${files.length} files are in ${folder}: in that directory they count in place of the built-in ones`);
  return 0;
}

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of await list(join(BUILTIN_ROOT, folder))) {
    const path = join(folder, name);
    if ((await stat(join(BUILTIN_ROOT, path))).isDirectory) files.push(...await filesBelow(path));
    else files.push(path);
  }
  return files;
}
