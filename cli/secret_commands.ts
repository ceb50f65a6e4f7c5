/**
 * `aami secret`: encrypts, shows, edits and decrypts what `ansible-vault` can.
 *
 * @module
 */

import type { Command } from "../engine/support/commander.ts";
import { collect, type CommandResult, type Wiring } from "./program.ts";

/** Adds the flags that say where vault passwords come from. */
export function withVaultFlags(command: Command): Command {
  return command
    .option("-J, --ask-vault-pass", "ask for the vault password")
    .option(
      "--vault-password-file <file>",
      "read the vault password from a file, or from what an executable one prints",
      collect,
      [],
    )
    .option("--vault-id <label@source>", "a vault id and its password: a file, a program, or 'prompt'", collect, []);
}

/** Adds the command with its subcommands to the program. */
export function addSecret(program: Command, { terminal }: Wiring, setExit: (status: CommandResult) => void): void {
  const secret = program.command("secret").description("encrypt and edit secrets, as ansible-vault does")
    .helpCommand(false)
    .addHelpText(
      "after",
      `
Examples:
  aami secret encrypt group_vars/all/vault.yml
  aami secret encrypt --string grafana_password      a '!vault' value to put into a file of variables
  aami secret edit group_vars/all/vault.yml
  aami play site.yml -i hosts.yml -J                 a run asks for the password when it meets a secret`,
    );
  const add = (name: string, files: string, summary: string, example: string) =>
    withVaultFlags(secret.command(name)).argument(files, "files; - is standard input").description(summary)
      .addHelpText("after", `\nExample:\n  ${example}`);
  add("encrypt", "[files...]", "encrypt files in place, or a value", "aami secret encrypt --string token < token.txt")
    .option("--string <name>", "encrypt a value: what stands on standard input, else what is asked for")
    .option("--encrypt-vault-id <label>", "encrypt with this one of several vault ids")
    .action(async (files, flags) =>
      setExit(await (await import("./secret/encrypt.ts")).encrypt(files, flags, terminal))
    );
  add("decrypt", "<files...>", "decrypt files in place", "aami secret decrypt --vault-password-file ~/.vault vars.yml")
    .action(async (files, flags) =>
      setExit(await (await import("./secret/decrypt.ts")).decrypt(files, flags, terminal))
    );
  add("view", "<files...>", "print what is encrypted", "aami secret view group_vars/all/vault.yml | less")
    .action(async (files, flags) => setExit(await (await import("./secret/decrypt.ts")).view(files, flags, terminal)));
  withVaultFlags(secret.command("edit")).argument("<file>", "a file; one that is not there is made")
    .description("edit what is encrypted, with $EDITOR")
    .option("--encrypt-vault-id <label>", "of several vault ids the one for a new file")
    .addHelpText("after", "\nExample:\n  EDITOR=nano aami secret edit group_vars/all/vault.yml")
    .action(async (file, flags) => setExit(await (await import("./secret/edit.ts")).edit(file, flags, terminal)));
  add(
    "rekey",
    "<files...>",
    "encrypt files with another password",
    "aami secret rekey --new-vault-password-file new *.yml",
  )
    .option("--new-vault-password-file <file>", "read the new password from a file or program")
    .option("--new-vault-id <label@source>", "the new vault id and its password")
    .action(async (files, flags) => setExit(await (await import("./secret/rekey.ts")).rekey(files, flags, terminal)));
}
