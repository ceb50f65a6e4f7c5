/**
 * Reads what operators write: playbooks, role files, files of variables.
 *
 * @module
 */

import { relative } from "node:path";
import { isEmbedded, readTextBytes, shownAsset } from "../support/assets.ts";
import { inputError, type SourceText, type Span } from "../support/diagnostic.ts";
import { NO_VAULT, type Vault } from "../variables/vault.ts";

/** A path as it is shown: relative to the working directory where it lies below it. */
export function shownPath(path: string): string {
  if (isEmbedded(path)) return shownAsset(path);
  const short = relative(Deno.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}

/**
 * A file as text, without a byte order mark; decrypted if it is encrypted.
 *
 * @param span what names the file, for the place of a message
 * @throws {DiagnosticError} for a file that cannot be read or decrypted, or is no UTF-8 text
 */
export async function readSource(path: string, span?: Span, vault: Vault = NO_VAULT): Promise<SourceText> {
  const shown = shownPath(path);
  let bytes: Uint8Array;
  try {
    bytes = await readTextBytes(path);
  } catch (error) {
    throw inputError("file-unreadable", unreadable(shown, error), span);
  }
  const source = { path: shown, text: decode(bytes) };
  if (source.text === undefined || source.text.includes("\0")) {
    throw inputError("no-text", `'${shown}' is no UTF-8 text`, span, whatItIs(bytes));
  }
  return await vault.open(source as SourceText);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // The decoder takes a byte order mark away.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function whatItIs(bytes: Uint8Array): string {
  if (bytes.includes(0)) return "it is a binary file";
  const lines = new TextDecoder().decode(bytes).split("\n");
  const line = lines.findIndex((text) => text.includes("\uFFFD")) + 1;
  return `line ${line} holds bytes of another encoding: save the file as UTF-8`;
}

/** Why a file cannot be read, as a sentence. */
export function unreadable(shown: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return `there is no file '${shown}'`;
  if (error instanceof Deno.errors.IsADirectory) return `'${shown}' is a directory`;
  if (error instanceof Deno.errors.PermissionDenied) return `'${shown}' may not be read by this user`;
  return `'${shown}' cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
