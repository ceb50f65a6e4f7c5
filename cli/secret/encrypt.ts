/**
 * `aami secret encrypt`.
 *
 * @module
 */

import { inputError } from "../../engine/support/diagnostic.ts";
import { encryptBytes, isEncrypted } from "../../engine/support/vault_format.ts";
import type { KnownPassword, VaultPassword } from "../../engine/variables/vault.ts";
import type { Terminal } from "../terminal.ts";
import { asked, passwordsOf, type VaultFlags } from "../vault_flags.ts";
import { readFile, replaceFile, STDIN } from "./files.ts";

/** The flags of `aami secret encrypt`. */
export interface EncryptFlags extends VaultFlags {
  /** --string: the name of the value. */
  readonly string?: string;
  /** --encrypt-vault-id. */
  readonly encryptVaultId?: string;
}

/**
 * Encrypts files in place, standard input to standard output, or a value. All are read before the first is written.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for what is encrypted already, cannot be read or written, or has no password
 */
export async function encrypt(files: readonly string[], flags: EncryptFlags, terminal: Terminal): Promise<number> {
  if (flags.string !== undefined) return await encryptValue(flags.string, files, flags, terminal);
  const paths = files.length > 0 ? files : [STDIN];
  if (files.length === 0 && Deno.stdin.isTerminal()) {
    const help = "name files, pipe a text in, or give --string NAME to be asked for a value";
    throw inputError("usage", "there is nothing to encrypt", undefined, help);
  }
  const contents: Uint8Array[] = [];
  for (const path of paths) {
    const content = await readFile(path);
    const help = "'aami secret rekey' gives it another password";
    if (isEncrypted(content)) throw inputError("vault", `'${path}' is encrypted already`, undefined, help);
    contents.push(content);
  }
  const { password, label } = await newPassword(flags, terminal);
  for (const [index, path] of paths.entries()) {
    const text = encryptBytes(contents[index], password, label);
    if (path === STDIN) terminal.out(text.trimEnd());
    else await replaceFile(path, text);
  }
  if (files.length > 0) terminal.talk(`encrypted: ${files.join(", ")}`);
  return 0;
}

/**
 * The password to encrypt with: the only one that the flags name, or the one of --encrypt-vault-id. It is asked for where
 * the flags name none.
 *
 * @throws {DiagnosticError} where they name several
 */
export async function newPassword(flags: EncryptFlags, terminal: Terminal): Promise<KnownPassword> {
  const named = await passwordsOf(flags, terminal, true);
  const given = named.length > 0 ? named : [asked("default", "New vault password: ", terminal, true)];
  const chosen = choose(given, flags.encryptVaultId);
  return { label: chosen.label, password: await chosen.read() };
}

function choose(given: readonly VaultPassword[], label: string | undefined): VaultPassword {
  const labels = [...new Set(given.map((each) => each.label))].join(", ");
  if (label === undefined) {
    if (given.length === 1) return given[0];
    const help = `say which with --encrypt-vault-id: ${labels}`;
    throw inputError("flag", "several vault passwords are given to encrypt with", undefined, help);
  }
  const found = given.find((each) => each.label === label);
  if (found) return found;
  throw inputError("flag", `--encrypt-vault-id: there is no vault id '${label}'`, undefined, `there is ${labels}`);
}

async function encryptValue(
  name: string,
  files: readonly string[],
  flags: EncryptFlags,
  terminal: Terminal,
): Promise<number> {
  if (files.length > 0) {
    const help = "the value comes from standard input or is asked for: in a command line others could read it";
    throw inputError("usage", "--string takes no files and no value", undefined, help);
  }
  const value = await valueOf(name, terminal);
  if (value.length === 0) throw inputError("usage", "the value is empty");
  const { password, label } = await newPassword(flags, terminal);
  const lines = encryptBytes(value, password, label).trimEnd().split("\n");
  terminal.out([`${name}: !vault |`, ...lines.map((line) => `  ${line}`)].join("\n"));
  return 0;
}

/** The break at the end of a value of one line is the terminal's or the editor's, not the value's. */
async function valueOf(name: string, terminal: Terminal): Promise<Uint8Array> {
  if (Deno.stdin.isTerminal()) {
    return new TextEncoder().encode(await terminal.askSecret(`Value of ${name}: `) ?? "");
  }
  const bytes = await readFile(STDIN);
  const first = bytes.indexOf(10);
  return first === bytes.length - 1 && first !== -1 ? bytes.subarray(0, first) : bytes;
}
