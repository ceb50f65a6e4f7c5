/**
 * The controller's side of `fetch`: where a file goes, what lies there, and writing it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, normalize, resolve } from "node:path";
import { ModuleError } from "../../engine/module/module.ts";
import type { FetchArgs } from "./mod.ts";

/** What lies on the controller where a file goes. */
export interface LocalState {
  /** Where it goes. */
  readonly path: string;
  /** What is there; undefined for nothing. */
  readonly type?: "file" | "directory";
  /** Of a file. */
  readonly size?: number;
  /** Of a file, in hex. */
  readonly sha256?: string;
}

/**
 * Where a file of a host goes: `DEST/HOST/PATH`, or with `flat` DEST itself, or in it where it ends in a slash.
 *
 * @throws {ModuleError} where that would not be below `dest`
 */
export function localPath(host: string, { src, dest, flat }: Pick<FetchArgs, "src" | "dest" | "flat">): string {
  if (flat) return resolve(dest.endsWith("/") ? `${dest}${src.slice(src.lastIndexOf("/") + 1)}` : dest);
  const root = resolve(dest);
  const path = normalize(`${root}/${host}/${src}`);
  if (path.startsWith(root === "/" ? "/" : `${root}/`)) return path;
  throw new ModuleError(`${src} of ${host} would be written to ${path}, which is not below ${dest}`);
}

/** Reads what lies at a path of the controller. */
export async function inspectLocal(path: string): Promise<LocalState> {
  try {
    const stat = await Deno.stat(path);
    if (!stat.isFile) return { path, type: "directory" };
    const hash = createHash("sha256");
    using file = await Deno.open(path);
    for await (const chunk of file.readable) hash.update(chunk);
    return { path, type: "file", size: stat.size, sha256: hash.digest("hex") };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return { path };
    throw new ModuleError(`cannot read ${path} on the controller: ${reasonOf(error)}`);
  }
}

/**
 * Replaces a file of the controller, making the directories above it; nobody sees half of it.
 *
 * @param fill writes the content and closes the stream
 * @param accept tells by the sha256 and the bytes of what was written whether to keep it
 * @returns the sha256 of what was written, in hex, and whether it was kept
 */
export async function writeLocal(
  path: string,
  fill: (content: WritableStream<Uint8Array>) => Promise<void>,
  accept: (sha256: string, size: number) => Promise<boolean>,
): Promise<{ sha256: string; kept: boolean }> {
  const place = await Deno.realPath(path).catch(() => path);
  const temporary = `${place}.aami-${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(dirname(place), { recursive: true });
    const { sha256, size } = await writeAll(temporary, fill);
    const kept = await accept(sha256, size);
    if (kept) await replaceBy(temporary, place);
    return { sha256, kept };
  } catch (error) {
    if (!(error instanceof Error) || !/\(os error \d+\)/.test(error.message)) throw error;
    throw new ModuleError(`cannot write ${path} on the controller: ${reasonOf(error)}`);
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
}

/** A file that is there keeps its permission bits. */
async function replaceBy(temporary: string, path: string): Promise<void> {
  const old = await Deno.stat(path).catch(() => undefined);
  if (old?.mode) await Deno.chmod(temporary, old.mode & 0o777);
  await Deno.rename(temporary, path);
}

/** How much may have come and not be written yet, in bytes. */
const AHEAD = 4 * 1024 * 1024;

async function writeAll(
  path: string,
  fill: (content: WritableStream<Uint8Array>) => Promise<void>,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  using file = await Deno.open(path, { write: true, createNew: true });
  const write = async (chunk: Uint8Array) => {
    hash.update(chunk);
    size += chunk.length;
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  };
  await fill(new WritableStream({ write }, new ByteLengthQueuingStrategy({ highWaterMark: AHEAD })));
  await file.sync();
  return { sha256: hash.digest("hex"), size };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/ \(os error \d+\).*$/, "");
}
