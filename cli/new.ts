/**
 * `aami new role NAME` and `aami new module NAME`: files to begin with.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { exists } from "../engine/support/assets.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { moduleFiles, registryWith } from "./new_module.ts";
import { roleFiles } from "./new_role.ts";
import type { Wiring } from "./program.ts";

const KINDS = ["role", "module"];

/**
 * Writes the files and tells what comes next.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for a kind or name that cannot be, and where something lies there already
 */
export async function makeNew(kind: string, name: string, { terminal, registry }: Wiring): Promise<number> {
  if (kind === "role") {
    checkName(name, /^[a-z][a-z0-9_-]*$/, "small letters, digits, '_' and '-'");
    await write(roleFiles(name), `roles/${name}`);
    terminal.talk(`roles/${name} is there. A play takes it with:\n  roles: [${name}]\n'aami lint' looks through it.`);
    return 0;
  }
  if (kind !== "module") {
    const help = didYouMean(kind, KINDS) ?? "there are role and module";
    throw inputError("usage", `aami makes no '${kind}'`, undefined, help);
  }
  checkName(name, /^[a-z][a-z0-9_]*$/, "small letters, digits and '_'");
  if (Object.hasOwn(registry, name)) {
    throw inputError("file-exists", `there is a module '${name}' already`, undefined, `'aami module ${name}' shows it`);
  }
  if (!await exists("modules/registry.ts")) {
    const help = "a module is a part of aami: change to a checkout of it, or make a role";
    throw inputError("usage", "there is no modules/registry.ts here", undefined, help);
  }
  await write(moduleFiles(name), `modules/${name}`);
  await Deno.writeTextFile("modules/registry.ts", registryWith(await Deno.readTextFile("modules/registry.ts"), name));
  terminal.talk(`modules/${name}/mod.ts is there, with a case, a test on a host, and its line in modules/registry.ts.
Say in it what the module does; then:
  deno run -A tools/reference.ts    writes docs/reference/${name}.md
  deno task test tests/unit/cases_test.ts tests/fleet/modules/${name}_test.ts`);
  return 0;
}

function checkName(name: string, pattern: RegExp, what: string): void {
  if (pattern.test(name)) return;
  throw inputError("usage", `'${name}' is no good name: it holds ${what} and begins with a letter`);
}

async function write(files: Readonly<Record<string, string>>, folder: string): Promise<void> {
  for (const path of [folder, ...Object.keys(files)]) {
    if (await exists(path)) {
      throw inputError("file-exists", `'${path}' is there already`, undefined, "take another name");
    }
  }
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(".", path)), { recursive: true });
    await Deno.writeTextFile(path, text, { createNew: true });
  }
}
