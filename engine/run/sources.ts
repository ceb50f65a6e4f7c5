/**
 * Source arguments: finds the file, tree or template on the search path and turns it into what modules get.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Value } from "../module/module.ts";
import type { FileSource, RenderedSource, Source, TreeSource } from "../module/schema.ts";
import { findSource } from "../playbook/arguments.ts";
import type { SearchPath, Task } from "../playbook/playbook.ts";
import { readSource, shownPath } from "../playbook/read_source.ts";
import { type AssetInfo, isEmbedded, list, readBytes, stat } from "../support/assets.ts";
import type { Span } from "../support/diagnostic.ts";
import { compileTemplate, type Template } from "../variables/handlebars_template.ts";
import { isTrue } from "../variables/values.ts";
import type { Scope } from "../variables/variable.ts";
import type { Vault } from "../variables/vault.ts";
import { isEncrypted } from "../support/vault_format.ts";

/** Files up to this many bytes are held in memory; larger ones are streamed to the host. */
const IN_MEMORY = 1024 * 1024;

type SourceKind = keyof SearchPath;

/** Resolves the sources of a run's tasks; each file is read and each template compiled once. */
export class Sources {
  readonly #files = new Map<string, Promise<FileSource | TreeSource>>();
  /** Where a file was found; what is not there yet may still come. */
  readonly #places = new WeakMap<SearchPath, Map<string, string>>();
  readonly #templates = new Map<string, Promise<{ template: Template; secret?: boolean }>>();

  /** Reads nothing yet. */
  constructor(readonly vault: Vault) {}

  /**
   * The arguments with their sources resolved.
   *
   * @throws {DiagnosticError} for a source that is nowhere, or a template that does not render
   * @throws {PendingError} for a template that rests on what is not known yet
   */
  async resolve(task: Task, args: { [key: string]: Value }, scope: Scope): Promise<{ [key: string]: unknown }> {
    const resolved: { [key: string]: unknown } = { ...args };
    if (isTrue(String(args.remote_src ?? ""))) return resolved;
    for (const [name, kind] of task.args.sources) {
      const path = args[name];
      if (typeof path !== "string" || /^[a-z][a-z0-9+.-]*:\/\//.test(path)) continue;
      const span = task.args.nodes.get(name)?.node.span ?? task.args.span;
      const place = this.#known(kind, path, task.search) ?? await this.#find(kind, path, span, task.search);
      resolved[name] = kind === "templates" ? await this.#render(place, span, scope) : await this.#file(place, path);
    }
    return resolved;
  }

  #known(kind: SourceKind, path: string, search: SearchPath): string | undefined {
    return this.#places.get(search)?.get(`${kind}/${path}`);
  }

  async #find(kind: SourceKind, path: string, span: Span, search: SearchPath): Promise<string> {
    const place = await findSource(kind, path, span, search);
    let places = this.#places.get(search);
    if (!places) this.#places.set(search, places = new Map());
    places.set(`${kind}/${path}`, place);
    return place;
  }

  async #render(path: string, span: Span, scope: Scope): Promise<RenderedSource> {
    let template = this.#templates.get(path);
    if (!template) {
      template = readSource(path, span, this.vault).then((source) => ({
        template: compileTemplate(source),
        secret: source.secret,
      }));
      template.catch(() => {});
      this.#templates.set(path, template);
    }
    const { template: compiled, secret } = await template;
    const text = compiled.render(scope);
    if (secret) this.vault.redactor.add(text);
    return { kind: "rendered", path, text };
  }

  #file(path: string, written: string): Promise<Source> {
    const key = `${path}\0${written.endsWith("/")}`;
    let file = this.#files.get(key);
    if (!file) {
      file = readTree(path, written.endsWith("/"), this.vault);
      file.catch(() => {});
      this.#files.set(key, file);
    }
    return file;
  }
}

async function readTree(path: string, contentsOnly: boolean, vault: Vault): Promise<FileSource | TreeSource> {
  const info = await stat(path);
  if (!info.isDirectory) return await readFile(path, info, vault);
  const directories: { path: string; mode: number }[] = [];
  const files: (FileSource & { relative: string })[] = [];
  const walk = async (relative: string) => {
    for (const name of await list(join(path, relative))) {
      const below = relative ? `${relative}/${name}` : name;
      const found = await stat(join(path, below));
      if (found.isDirectory) {
        directories.push({ path: below, mode: found.mode });
        await walk(below);
      } else {
        files.push({ ...await readFile(join(path, below), found, vault), relative: below });
      }
    }
  };
  await walk("");
  directories.sort((a, b) => a.path < b.path ? -1 : 1);
  files.sort((a, b) => a.relative < b.relative ? -1 : 1);
  return { kind: "tree", path, contentsOnly, directories, files };
}

async function readFile(path: string, { mode, size }: AssetInfo, vault: Vault): Promise<FileSource> {
  if (size <= IN_MEMORY || isEmbedded(path)) return await inMemory(path, mode, vault);
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  // Far faster than what the file's stream gives, 64 KiB at a time.
  const buffer = new Uint8Array(IN_MEMORY);
  for (let count = await file.read(buffer), first = true; count !== null; count = await file.read(buffer)) {
    if (first && isEncrypted(buffer.subarray(0, count))) return await inMemory(path, mode, vault);
    first = false;
    hash.update(buffer.subarray(0, count));
  }
  const sha256 = hash.digest("hex");
  return { kind: "file", path, mode, size, sha256, content: { local: path, size, sha256 } };
}

/** The whole file, decrypted if it is encrypted. */
async function inMemory(path: string, mode: number, vault: Vault): Promise<FileSource> {
  const read = await readBytes(path);
  const content = await vault.openBytes(shownPath(path), read) ?? read;
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { kind: "file", path, mode, size: content.length, sha256, content };
}
