/**
 * A copy of the sources to bundle, in which the built-in files are texts of a module and the version knows its commit.
 *
 * @module
 */

import { cp, mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Origin } from "./commit.ts";

/** The folders whose files are carried as texts. */
const CARRIED = ["playbooks", "templates", "inventory"];

/** All that a build takes of a checkout. */
export const SOURCES: readonly string[] = [
  ...["main.ts", "deno.json", "deno.lock", "cli", "engine", "modules", "cluster"],
  ...CARRIED,
];

/** Copies what a build takes of a checkout, and writes the two modules that differ in a bundle. */
export async function stage(root: string, folder: string, origin: Origin): Promise<void> {
  for (const source of SOURCES) {
    const to = join(folder, source);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(root, source), to, { recursive: true }).catch(ignoreMissing);
  }
  await Deno.writeTextFile(join(folder, "cli/version_build.ts"), buildModule(origin));
  const { texts, executable } = await carried(folder);
  const list = `export const texts = ${json(texts)};\nexport const executable = ${json(executable)};\n`;
  await Deno.writeTextFile(join(folder, "engine/support/embedded_texts.ts"), list);
  await Deno.writeTextFile(join(folder, "engine/support/embedded.ts"), EMBEDDED_MODULE);
}

const EMBEDDED_MODULE = 'export const embedded = () => import("./embedded_texts.ts");\n';

function buildModule({ build }: Origin): string {
  return `export const build = ${json(build)};\n`;
}

/** `undefined` where there is no value. */
function json(value: unknown): string {
  return JSON.stringify(value, undefined, 1) ?? "undefined";
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}

async function carried(folder: string): Promise<{ texts: Record<string, string>; executable: string[] }> {
  const texts: Record<string, string> = {};
  const executable: string[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (const source of CARRIED) {
    for (const path of await filesBelow(join(folder, source))) {
      const name = relative(folder, path);
      try {
        texts[name] = decoder.decode(await Deno.readFile(path));
      } catch (error) {
        throw new Error(`${name} is no UTF-8 text, and a bundle carries texts alone: ${error}`);
      }
      if (((await Deno.stat(path)).mode ?? 0) & 0o100) executable.push(name);
    }
  }
  return { texts, executable };
}

/** The files below a folder, sorted; none where there is no folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory) files.push(...await filesBelow(path));
      else files.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort();
}
