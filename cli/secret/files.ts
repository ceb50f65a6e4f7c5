/**
 * The files of `aami secret`: read whole, and replaced atomically.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { unreadable } from "../../engine/playbook/read_source.ts";
import { inputError, type SourceText } from "../../engine/support/diagnostic.ts";
import { isEncrypted } from "../../engine/support/vault_format.ts";
import type { Opened, Vault } from "../../engine/variables/vault.ts";

/** What `-` names. */
export const STDIN = "-";

/** The bytes of a file, or of standard input. @throws {DiagnosticError} where it cannot be read */
export async function readFile(path: string): Promise<Uint8Array> {
  if (path === STDIN) return await new Response(Deno.stdin.readable).bytes();
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw inputError("file-unreadable", unreadable(path, error));
  }
}

/** Decrypts a file. @throws {DiagnosticError} for one that is not encrypted, is damaged, or has another password */
export async function openFile(path: string, vault: Vault): Promise<Opened> {
  const bytes = await readFile(path);
  const shown = path === STDIN ? "standard input" : path;
  if (!isEncrypted(bytes)) {
    throw inputError("vault", `'${shown}' is not encrypted`, undefined, `aami secret encrypt ${path} encrypts it`);
  }
  const source: SourceText = { path: shown, text: new TextDecoder().decode(bytes) };
  await vault.ready();
  return vault.decrypt(source.text, { source, start: 0, end: source.text.search(/\r?\n|$/) });
}

/**
 * Replaces a file, or what a link points to: whoever reads it sees the old or the new content, and one that fails leaves
 * the old. Mode and owner stay; a new file is its owner's alone.
 *
 * @throws {DiagnosticError} where it cannot be written
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = await Deno.realPath(path).catch(() => path);
    const before = await Deno.stat(target).catch(() => undefined);
    temporary = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}`);
    await writeNew(temporary, content, before);
    await Deno.rename(temporary, target);
  } catch (error) {
    if (temporary !== undefined) await Deno.remove(temporary).catch(() => {});
    const reason = error instanceof Error ? error.message.replace(/ \(os error.*$/s, "") : String(error);
    throw inputError("file-unreadable", `'${path}' cannot be written: ${reason}`);
  }
}

async function writeNew(path: string, content: string | Uint8Array, like: Deno.FileInfo | undefined): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  if (like?.mode != null) await Deno.chmod(path, like.mode & 0o7777);
  // Only root may give a file away; whoever may not owns it then.
  if (like && like.uid !== Deno.uid()) await Deno.chown(path, like.uid, like.gid).catch(() => {});
  await file.sync();
}
