/**
 * `aami secret edit`.
 *
 * @module
 */

import { basename, join } from "node:path";
import { exists } from "../../engine/support/assets.ts";
import { inputError } from "../../engine/support/diagnostic.ts";
import { encryptBytes } from "../../engine/support/vault_format.ts";
import type { Opened } from "../../engine/variables/vault.ts";
import type { Terminal } from "../terminal.ts";
import { openingVault } from "./decrypt.ts";
import { type EncryptFlags, newPassword } from "./encrypt.ts";
import { openFile, replaceFile } from "./files.ts";

/**
 * Opens what a file holds in the editor and encrypts it again with the same password, if it has changed. What the editor
 * gets lies in a directory that only its owner can enter, in memory where there is such a place, and is removed.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for what cannot be decrypted, and an editor that fails
 */
export async function edit(file: string, flags: EncryptFlags, terminal: Terminal): Promise<number> {
  const isNew = !await exists(file);
  const opened: Opened = isNew
    ? { content: new Uint8Array(), ...await newPassword(flags, terminal) }
    : await openFile(file, await openingVault(flags, terminal));
  const edited = await inEditor(basename(file), opened.content);
  if (equal(edited, opened.content)) {
    terminal.talk(`${file} is ${isNew ? "not made: there is nothing in it" : "unchanged"}`);
    return 0;
  }
  await replaceFile(file, encryptBytes(edited, opened.password, opened.label));
  terminal.talk(`${isNew ? "made" : "changed"}: ${file}`);
  return 0;
}

async function inEditor(name: string, content: Uint8Array): Promise<Uint8Array> {
  const directory = await Deno.makeTempDir({ dir: await inMemory(), prefix: "aami-secret-" });
  const remove = () => Deno.removeSync(directory, { recursive: true });
  const end = () => {
    remove();
    Deno.exit(130);
  };
  // Ctrl-C is for the editor.
  const ignore = () => {};
  const signals = [["SIGINT", ignore], ["SIGTERM", end], ["SIGHUP", end]] as const;
  for (const [signal, listener] of signals) Deno.addSignalListener(signal, listener);
  try {
    const path = join(directory, name);
    await Deno.writeFile(path, content, { mode: 0o600, createNew: true });
    await runEditor(path);
    return await Deno.readFile(path);
  } finally {
    for (const [signal, listener] of signals) Deno.removeSignalListener(signal, listener);
    remove();
  }
}

/** A file system in memory, where what is removed is gone; undefined for the usual place of temporary files. */
async function inMemory(): Promise<string | undefined> {
  for (const place of [Deno.env.get("XDG_RUNTIME_DIR"), "/dev/shm"]) if (place && await exists(place)) return place;
  return undefined;
}

async function runEditor(path: string): Promise<void> {
  const editor = Deno.env.get("VISUAL") || Deno.env.get("EDITOR") || "vi";
  // The variable may hold options, as `code --wait`.
  const command = new Deno.Command("/bin/sh", {
    args: ["-c", `${editor} "$1"`, "sh", path],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
  const { code } = await command.spawn().status;
  if (code === 0) return;
  const help = code === 127 ? "set EDITOR to an editor that is there" : "the file is as it was";
  throw inputError("vault", `the editor '${editor}' ended with exit status ${code}`, undefined, help);
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
