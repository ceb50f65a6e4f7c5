/**
 * Private key files: read and decrypted once in a process, whatever number of hosts they open.
 *
 * @module
 */

import { lacksPassphrase, type ParsedKey, parseKey } from "../support/ssh2.ts";
import { UnreachableError } from "./session.ts";

/** Asks for a key's passphrase. */
export type AskPassphrase = (file: string) => Promise<string | undefined>;

/** By path, with the text that was parsed: a file that changed is read anew. */
const loaded = new Map<string, { readonly text: string; readonly key: Promise<ParsedKey> }>();

/**
 * The private key in a file. Decrypting one costs 200 ms, so it is kept; a failure is not.
 *
 * @throws {UnreachableError} naming the file when it cannot be read, is not a key, or the passphrase does not fit
 */
export async function loadKey(file: string, ask?: AskPassphrase): Promise<ParsedKey> {
  const text = readKeyFile(file);
  const known = loaded.get(file);
  if (known?.text === text) return await known.key;
  const key = readKey(file, text, ask);
  loaded.set(file, { text, key });
  key.catch(() => loaded.delete(file));
  return await key;
}

function unusable(file: string, why: string): UnreachableError {
  return new UnreachableError(`the private key ${file} cannot be used: ${why}`, true);
}

/** Not awaited: that would cost more than reading the few bytes, once for each host. */
function readKeyFile(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    throw unusable(file, missing ? "there is no such file" : error instanceof Error ? error.message : String(error));
  }
}

async function readKey(file: string, text: string, ask?: AskPassphrase): Promise<ParsedKey> {
  const fail = (why: string) => unusable(file, why);
  let key = parseKey(text);
  if (key instanceof Error && lacksPassphrase(key)) {
    const passphrase = await ask?.(file);
    if (!passphrase) throw fail("it has a passphrase, and none was given; load it into an ssh-agent or give it");
    key = parseKey(text, passphrase);
    if (key instanceof Error) throw fail("the passphrase is wrong");
  }
  if (key instanceof Error) throw fail(key.message);
  if (!key.isPrivateKey()) throw fail("it holds a public key; name the private one");
  return key;
}

/** The public half of a key file without its passphrase: from the file itself or the `.pub` beside it. */
export async function publicHalf(file: string): Promise<Uint8Array | undefined> {
  const known = loaded.get(file);
  if (known) return (await known.key.catch(() => undefined))?.getPublicSSH();
  try {
    const text = await Deno.readTextFile(`${file}.pub`);
    const key = parseKey(text);
    return key instanceof Error ? undefined : key.getPublicSSH();
  } catch {
    return undefined;
  }
}
