/**
 * `aami secret decrypt` and `aami secret view`.
 *
 * @module
 */

import { inputError } from "../../engine/support/diagnostic.ts";
import { Vault } from "../../engine/variables/vault.ts";
import type { Terminal } from "../terminal.ts";
import { asked, passwordsOf, type VaultFlags } from "../vault_flags.ts";
import { openFile, replaceFile, STDIN } from "./files.ts";

/** The vault of the flags; it asks for the password where they name none. @throws {DiagnosticError} */
export async function openingVault(flags: VaultFlags, terminal: Terminal): Promise<Vault> {
  const named = await passwordsOf(flags, terminal);
  return new Vault(named.length > 0 ? named : [asked("default", "Vault password: ", terminal)]);
}

/**
 * Decrypts files in place; standard input goes to standard output. All are decrypted before the first is written.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for what cannot be decrypted or written
 */
export async function decrypt(files: readonly string[], flags: VaultFlags, terminal: Terminal): Promise<number> {
  const vault = await openingVault(flags, terminal);
  const contents: Uint8Array[] = [];
  for (const path of files) contents.push((await openFile(path, vault)).content);
  for (const [index, path] of files.entries()) {
    if (path === STDIN) terminal.out(textOf(path, contents[index]));
    else await replaceFile(path, contents[index]);
  }
  const written = files.filter((path) => path !== STDIN);
  if (written.length > 0) terminal.talk(`decrypted: ${written.join(", ")}`);
  return 0;
}

/** Prints what files hold. @returns the exit status @throws {DiagnosticError} for what cannot be decrypted */
export async function view(files: readonly string[], flags: VaultFlags, terminal: Terminal): Promise<number> {
  const vault = await openingVault(flags, terminal);
  const contents: Uint8Array[] = [];
  for (const path of files) contents.push((await openFile(path, vault)).content);
  for (const [index, path] of files.entries()) terminal.out(textOf(path, contents[index]));
  return 0;
}

function textOf(path: string, content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content).replace(/\n$/, "");
  } catch {
    const help = "'aami secret decrypt FILE' decrypts it in place";
    throw inputError("no-text", `'${path}' holds no UTF-8 text`, undefined, help);
  }
}
