/**
 * Where the vault passwords come from: a prompt, a file, a program.
 *
 * @module
 */

import { resolve } from "node:path";
import { unreadable } from "../engine/playbook/read_source.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import type { Redactor } from "../engine/support/redact.ts";
import { DEFAULT_LABEL } from "../engine/support/vault_format.ts";
import { Vault, type VaultPassword } from "../engine/variables/vault.ts";
import type { Terminal } from "./terminal.ts";

/** The flags about vault passwords. */
export interface VaultFlags {
  /** -J. */
  readonly askVaultPass?: boolean;
  /** --vault-password-file, each once. */
  readonly vaultPasswordFile: string[];
  /** --vault-id, each as it was given. */
  readonly vaultId: string[];
}

/** What the environment may name instead of --vault-password-file; the first that is set counts. */
const VARIABLES = ["AAMI_VAULT_PASSWORD_FILE", "ANSIBLE_VAULT_PASSWORD_FILE"];

/**
 * The vault of the flags, else of the environment. No password is read yet.
 *
 * @throws {DiagnosticError} for a file that is not there
 */
export async function vaultOf(flags: VaultFlags, terminal: Terminal, redactor?: Redactor): Promise<Vault> {
  return new Vault(await passwordsOf(flags, terminal), redactor);
}

/**
 * The passwords that the flags name, in the order in which they are tried.
 *
 * @param twice whether one that is asked for must be typed again: it is a new one
 * @throws {DiagnosticError} for a file that is not there
 */
export async function passwordsOf(flags: VaultFlags, terminal: Terminal, twice = false): Promise<VaultPassword[]> {
  const passwords: VaultPassword[] = [];
  for (const text of flags.vaultId) passwords.push(await identity("--vault-id", text, terminal, twice));
  for (const file of flags.vaultPasswordFile) passwords.push(await stored("--vault-password-file", file));
  if (flags.askVaultPass) passwords.push(asked(DEFAULT_LABEL, "Vault password: ", terminal, twice));
  if (passwords.length > 0) return passwords;
  const variable = VARIABLES.find((name) => Deno.env.get(name));
  return variable ? [await stored(variable, Deno.env.get(variable)!)] : [];
}

/** `label@source`, or a source alone. @throws {DiagnosticError} */
export async function identity(
  flag: string,
  text: string,
  terminal: Terminal,
  twice = false,
): Promise<VaultPassword> {
  const at = text.indexOf("@");
  const [label, source] = at === -1 ? [DEFAULT_LABEL, text] : [text.slice(0, at) || DEFAULT_LABEL, text.slice(at + 1)];
  if (source === "" || /[;\s]/.test(label)) {
    throw inputError("flag", `${flag}: '${text}' is no vault id`, undefined, "write LABEL@FILE or LABEL@prompt");
  }
  if (source === "prompt") return asked(label, `Vault password (${label}): `, terminal, twice);
  return await stored(flag, source, label);
}

/** A password that is asked for, without echo. With `twice`, it must be typed the same again. */
export function asked(label: string, question: string, terminal: Terminal, twice = false): VaultPassword {
  return {
    label,
    async read() {
      const answer = await terminal.askSecret(question);
      if (answer === undefined) {
        const help = label === DEFAULT_LABEL ? "--vault-password-file FILE" : `--vault-id ${label}@FILE`;
        throw inputError(
          "no-terminal",
          "there is no terminal to ask for the vault password",
          undefined,
          `give it in a file: ${help}`,
        );
      }
      if (answer === "") throw inputError("vault-password", "the vault password is empty");
      if (twice && await terminal.askSecret("Again: ") !== answer) {
        throw inputError("vault-password", "the two passwords are not the same");
      }
      return new TextEncoder().encode(answer);
    },
  };
}

/** A password in a file, or printed by an executable one; in both, the white space around it does not count. */
export async function stored(flag: string, file: string, label = DEFAULT_LABEL): Promise<VaultPassword> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(file);
  } catch (error) {
    throw inputError("file-unreadable", `${flag}: ${unreadable(file, error)}`);
  }
  const runs = info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  return {
    label,
    async read() {
      const text = runs ? await printed(flag, file, label) : await content(flag, file);
      const password = text.trim();
      if (password === "") {
        throw inputError("password-file", `${flag}: '${file}' ${runs ? "printed nothing" : "is empty"}`);
      }
      return new TextEncoder().encode(password);
    },
  };
}

async function content(flag: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw inputError("file-unreadable", `${flag}: ${unreadable(file, error)}`);
  }
}

/** Runs a program that prints a password. One whose name ends in `-client` is told the vault id, as Ansible does. */
async function printed(flag: string, file: string, label: string): Promise<string> {
  const args = /-client(\.\w+)?$/.test(file) ? ["--vault-id", label] : [];
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(resolve(file), { args, stdin: "inherit", stderr: "inherit" }).output();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/ \(os error.*$/s, "") : String(error);
    const help = "a file that is no program must not be executable: chmod -x";
    throw inputError("password-file", `${flag}: '${file}' cannot be run: ${reason}`, undefined, help);
  }
  if (output.success) return new TextDecoder().decode(output.stdout);
  const help = "it must print the password and end with 0";
  throw inputError("password-file", `${flag}: '${file}' failed with exit status ${output.code}`, undefined, help);
}
