/**
 * `aami secret rekey`.
 *
 * @module
 */

import { inputError } from "../../engine/support/diagnostic.ts";
import { encryptBytes } from "../../engine/support/vault_format.ts";
import type { Opened, VaultPassword } from "../../engine/variables/vault.ts";
import type { Terminal } from "../terminal.ts";
import { asked, identity, stored, type VaultFlags } from "../vault_flags.ts";
import { openingVault } from "./decrypt.ts";
import { openFile, replaceFile, STDIN } from "./files.ts";

/** The flags of `aami secret rekey`. */
export interface RekeyFlags extends VaultFlags {
  /** --new-vault-password-file. */
  readonly newVaultPasswordFile?: string;
  /** --new-vault-id. */
  readonly newVaultId?: string;
}

/**
 * Encrypts files with another password. All are decrypted before the first is written; each keeps its vault id unless a
 * new one is given.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for what cannot be decrypted or written
 */
export async function rekey(files: readonly string[], flags: RekeyFlags, terminal: Terminal): Promise<number> {
  if (files.includes(STDIN)) throw inputError("usage", "'aami secret rekey' changes files, not standard input");
  const next = await nextPassword(flags, terminal);
  const vault = await openingVault(flags, terminal);
  const opened: Opened[] = [];
  for (const path of files) opened.push(await openFile(path, vault));
  const password = await next.read();
  for (const [index, path] of files.entries()) {
    const label = flags.newVaultId === undefined ? opened[index].label : next.label;
    await replaceFile(path, encryptBytes(opened[index].content, password, label));
  }
  terminal.talk(`encrypted anew: ${files.join(", ")}`);
  return 0;
}

async function nextPassword(flags: RekeyFlags, terminal: Terminal): Promise<VaultPassword> {
  const { newVaultId, newVaultPasswordFile } = flags;
  if (newVaultId !== undefined && newVaultPasswordFile !== undefined) {
    const help = "give one of them";
    throw inputError("flag", "--new-vault-id and --new-vault-password-file exclude each other", undefined, help);
  }
  if (newVaultId !== undefined) return await identity("--new-vault-id", newVaultId, terminal, true);
  if (newVaultPasswordFile !== undefined) return await stored("--new-vault-password-file", newVaultPasswordFile);
  return asked("default", "New vault password: ", terminal, true);
}
