/**
 * The built-in files: playbooks, roles, templates, the default inventory. In a checkout they lie on disk; in the one-file
 * distribution their texts are in the bundle, below a root that no disk has. What reads files that may be built in reads
 * them here, by the same path functions for both.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Embedded, embedded } from "./embedded.ts";

/** An absolute path for `node:path`, and one that no file system has. */
const VIRTUAL_ROOT = "/builtin:";

/** The folder of the built-in files. */
export const BUILTIN_ROOT: string = embedded ? VIRTUAL_ROOT : fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the built-in playbooks and roles. */
export const BUILTIN_PLAYBOOKS: string = join(BUILTIN_ROOT, "playbooks");

/** What a path is. */
export interface AssetInfo {
  /** Whether it is a file. */
  readonly isFile: boolean;
  /** Whether it is a folder. */
  readonly isDirectory: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
}

let loaded: Tree | undefined;
let loading: Promise<Tree> | undefined;

/** Whether a path lies in the bundle and not on disk. */
export function isEmbedded(path: string): boolean {
  return path === VIRTUAL_ROOT || path.startsWith(`${VIRTUAL_ROOT}/`);
}

/** Whether a path is a built-in playbook or role, or lies below one. */
export function isBuiltin(path: string): boolean {
  return path === BUILTIN_PLAYBOOKS || path.startsWith(`${BUILTIN_PLAYBOOKS}/`);
}

/** A path as it is shown: what lies in the bundle as `builtin:playbooks/install-stack.yml`, any other as it is. */
export function shownAsset(path: string): string {
  return isEmbedded(path) ? `builtin:${path.slice(VIRTUAL_ROOT.length + 1)}` : path;
}

/**
 * What lies at a path of the disk or of the bundle; a link counts as what it points to.
 *
 * @throws {Deno.errors.NotFound} where nothing does
 */
export async function stat(path: string): Promise<AssetInfo> {
  if (isEmbedded(path)) return (await tree()).stat(path);
  // At once: loading a playbook asks for many small files, and a turn of the event loop costs more than the answer.
  const { isFile, isDirectory, size, mode } = Deno.statSync(path);
  return { isFile, isDirectory, size, mode: (mode ?? (isDirectory ? 0o755 : 0o644)) & 0o7777 };
}

/** Whether something lies at a path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/**
 * A text file's bytes, for the small files of operators: read without giving way, which costs more than the reading.
 *
 * @throws what Deno throws for a file that cannot be read
 */
export async function readTextBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return isEmbedded(path) ? await readBytes(path) : Deno.readFileSync(path);
}

/**
 * A file's bytes.
 *
 * @throws what Deno throws for a file that cannot be read
 */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return isEmbedded(path) ? new TextEncoder().encode((await tree()).text(path)) : await Deno.readFile(path);
}

/**
 * A file's text.
 *
 * @throws what Deno throws for a file that cannot be read
 */
export async function readText(path: string): Promise<string> {
  return isEmbedded(path) ? (await tree()).text(path) : await Deno.readTextFile(path);
}

/**
 * A file's text, at once. The built-in files are there as soon as one of them was read.
 *
 * @throws what Deno throws for a file that cannot be read
 */
export function readTextSync(path: string): string {
  if (!isEmbedded(path)) return Deno.readTextFileSync(path);
  if (!loaded) throw new Deno.errors.NotFound(`no such built-in file: ${path}`);
  return loaded.text(path);
}

/**
 * The names in a folder, sorted.
 *
 * @throws what Deno throws for a folder that cannot be read
 */
export async function list(folder: string): Promise<string[]> {
  if (isEmbedded(folder)) return (await tree()).list(folder);
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  return names.sort();
}

async function tree(): Promise<Tree> {
  loading ??= (embedded?.() ?? Promise.resolve({ texts: {}, executable: [] })).then((files) => new Tree(files));
  return loaded ??= await loading;
}

/** The embedded files as a tree. */
class Tree {
  readonly #texts = new Map<string, string>();
  readonly #folders = new Map<string, Set<string>>([[VIRTUAL_ROOT, new Set()]]);
  readonly #executable: ReadonlySet<string>;

  constructor({ texts, executable }: Embedded) {
    this.#executable = new Set(executable.map((path) => join(VIRTUAL_ROOT, path)));
    for (const [path, text] of Object.entries(texts)) {
      this.#texts.set(join(VIRTUAL_ROOT, path), text);
      let folder = VIRTUAL_ROOT;
      for (const name of path.split("/")) {
        const names = this.#folders.get(folder) ?? new Set();
        this.#folders.set(folder, names.add(name));
        folder = join(folder, name);
      }
    }
  }

  /** What lies at a path. */
  stat(path: string): AssetInfo {
    const place = join(path, ".");
    const text = this.#texts.get(place);
    if (text !== undefined) {
      const mode = this.#executable.has(place) ? 0o755 : 0o644;
      return { isFile: true, isDirectory: false, size: new TextEncoder().encode(text).length, mode };
    }
    if (!this.#folders.has(place)) throw new Deno.errors.NotFound(`no such built-in file: ${path}`);
    return { isFile: false, isDirectory: true, size: 0, mode: 0o755 };
  }

  /** A file's text. */
  text(path: string): string {
    const text = this.#texts.get(join(path, "."));
    if (text !== undefined) return text;
    if (this.stat(path).isDirectory) throw new Deno.errors.IsADirectory(`is a directory: ${path}`);
    throw new Deno.errors.NotFound(`no such built-in file: ${path}`);
  }

  /** The names in a folder, sorted. */
  list(path: string): string[] {
    const names = this.#folders.get(join(path, "."));
    if (names) return [...names].sort();
    this.stat(path);
    throw new Deno.errors.NotADirectory(`is no directory: ${path}`);
  }
}
