/**
 * How inventories are read from the controller's disk.
 *
 * @module
 */

import type { ProgramOutput } from "./executable.ts";
import { exists, isEmbedded } from "../support/assets.ts";
import { nearest } from "../support/suggest.ts";

/** What a path is. */
export type PathKind = "file" | "directory" | "executable" | "script" | "other";

/**
 * What lies at a path, or undefined for nothing. `executable` runs, `script` begins with `#!` but may not be run.
 *
 * @throws what Deno throws for a path that may not be looked at
 */
export async function kindOf(path: string): Promise<PathKind | undefined> {
  if (isEmbedded(path)) return await exists(path) ? "file" : undefined;
  try {
    const info = await Deno.stat(path);
    if (info.isDirectory) return "directory";
    if (!info.isFile) return "other";
    const start = await firstBytes(path, 4);
    const runs = ((info.mode ?? 0) & 0o111) !== 0;
    if (start.startsWith("#!")) return runs ? "executable" : "script";
    return runs && start === "\x7fELF" ? "executable" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

async function firstBytes(path: string, count: number): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(count);
  const read = await file.read(bytes) ?? 0;
  return String.fromCharCode(...bytes.subarray(0, read));
}

/** The names in a directory, sorted; none where there is no directory. */
export async function listDirectory(path: string): Promise<Deno.DirEntry[]> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(path)) entries.push(await resolveLink(path, entry));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
  }
  return entries.sort((left, right) => left.name < right.name ? -1 : 1);
}

async function resolveLink(directory: string, entry: Deno.DirEntry): Promise<Deno.DirEntry> {
  if (!entry.isSymlink) return entry;
  try {
    const { isFile, isDirectory } = await Deno.stat(joinPath(directory, entry.name));
    return { ...entry, isFile, isDirectory };
  } catch {
    return entry;
  }
}

/** Runs a program to its end. */
export async function runProgram(path: string, args: readonly string[]): Promise<ProgramOutput> {
  const program = path.includes("/") ? path : `./${path}`;
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Joins a directory and a name; `.` is left out, so that messages show what the operator would write. */
export function joinPath(directory: string, name: string): string {
  if (directory === "" || directory === ".") return name;
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** The directory of a path, as `dirname` gives it. */
export function directoryOf(path: string): string {
  const slash = path.replace(/\/+$/, "").lastIndexOf("/");
  if (slash === -1) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}

/** The path from the root, without `.` and `..`. */
export function absolutePath(path: string): string {
  const steps: string[] = [];
  for (const step of (path.startsWith("/") ? path : `${Deno.cwd()}/${path}`).split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return `/${steps.join("/")}`;
}

/** The path of the file whose name is nearest to one that does not exist. */
export async function nearestPath(path: string): Promise<string | undefined> {
  const directory = directoryOf(path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  try {
    const found = nearest(name, (await listDirectory(directory)).map((entry) => entry.name));
    return found && (path.includes("/") ? joinPath(directory, found) : found);
  } catch {
    return undefined;
  }
}
