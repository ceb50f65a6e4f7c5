/**
 * The checksum that a download must have.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import type { FileState } from "../_shared/files.ts";
import { exchange, type RequestArgs, RequestError, withoutSecrets } from "../_shared/http.ts";
import type { GetUrlArgs } from "./mod.ts";
import { nameOf } from "./mod.ts";

/** What a file must hash to. */
export interface Checksum {
  /** In lower case, e.g. `sha256`. */
  readonly algorithm: string;
  /** In hex, lower case. */
  readonly digest: string;
}

/** `ALGORITHM:DIGEST` or `ALGORITHM:URL`. */
export const CHECKSUM_PATTERN = /^(sha256|sha1|sha224|sha384|sha512|md5):(?:([0-9a-f]+)|(https?:\/\/.+))$/i;

/**
 * The checksum that the arguments ask for; of a list it is fetched from the host.
 *
 * @throws {ModuleError} when the list cannot be had or does not name the file
 */
export async function wantedChecksum(
  host: ReadOnlyHost,
  args: GetUrlArgs,
  signal: AbortSignal,
): Promise<Checksum | undefined> {
  const match = CHECKSUM_PATTERN.exec(args.checksum ?? "");
  if (!match) return undefined;
  const [, word, digest, url] = match;
  const algorithm = word.toLowerCase();
  if (digest) return { algorithm, digest: digest.toLowerCase() };
  const list = await fetchList(host, { ...args, url }, signal);
  const found = findSum(list, nameOf(args.url));
  if (found) return { algorithm, digest: found };
  throw new ModuleError(`the checksums at ${withoutSecrets(url)} do not name '${nameOf(args.url)}'`);
}

async function fetchList(host: ReadOnlyHost, args: RequestArgs, signal: AbortSignal): Promise<string> {
  try {
    return await exchange(host, args, {}, signal, async (response) => {
      refuseUnlessOk(response, args.url);
      return await response.text();
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new ModuleError(`cannot fetch the checksums: ${error.message}`, { retryable: true });
  }
}

/**
 * Lets only a status of 200 to 299 through.
 *
 * @throws {ModuleError} for an answer that is no success; retryable where the server is at fault
 */
export function refuseUnlessOk({ ok, status, statusText }: Response, url: string): void {
  if (ok) return;
  const msg = `${withoutSecrets(url)} answered ${status} ${statusText}`.trimEnd();
  const retryable = status >= 500 || status === 408 || status === 429;
  throw new ModuleError(msg, { retryable, result: { status_code: status, msg } });
}

/** The digest of a file in a list as coreutils write it: `DIGEST  NAME`, `DIGEST *NAME`, or one digest alone. */
export function findSum(list: string, name: string): string | undefined {
  const lines = list.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length === 1 && /^[0-9a-f]+$/i.test(lines[0])) return lines[0].toLowerCase();
  for (const line of lines) {
    const [, digest, path] = /^\\?([0-9a-f]+)\s+\*?(?:\.\/)?(.+)$/i.exec(line) ?? [];
    if (path === name) return digest.toLowerCase();
  }
  return undefined;
}

/** Hashes the file that is there; sha256 has been read with it. */
export async function hashOnHost(
  host: ReadOnlyHost,
  { path, stat, sha256 }: FileState,
  algorithm: string,
): Promise<string | undefined> {
  if (stat?.type !== "file" || algorithm === "sha256") return sha256;
  const { code, stdout, stderr } = await host.probe([`${algorithm}sum`, "--", path], { reads: [`path:${path}`] });
  if (code !== 0) throw new ModuleError(`cannot hash ${path} by ${algorithm}: ${stderr.trim()}`);
  return stdout.replace(/^\\/, "").split(" ")[0];
}
