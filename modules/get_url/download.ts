/**
 * The download of `get_url`: from the host's network into a file of the controller, hashed on the way, then written.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Host } from "../../engine/host/host.ts";
import { ModuleError, type Result } from "../../engine/module/module.ts";
import { defined, fileResult, planOwnership } from "../_shared/files.ts";
import { defaultMode } from "../_shared/file_mode.ts";
import { RequestError, send, withoutSecrets } from "../_shared/http.ts";
import { wantedChecksum } from "./checksum.ts";
import type { GetUrlArgs } from "./mod.ts";

/**
 * Downloads and writes.
 *
 * @throws {ModuleError} when the server does not deliver or the content is not what the checksum says; the old file stays
 */
export async function download(host: Host, dest: string, args: GetUrlArgs, signal: AbortSignal): Promise<Result> {
  const start = performance.now();
  const directory = await Deno.makeTempDir({ prefix: "aami-get_url-" });
  try {
    const checksum = await wantedChecksum(host, args, signal);
    const response = await respond(host, args, signal);
    const local = `${directory}/content`;
    const { size, sha256, digest } = await receive(response, local, checksum?.algorithm ?? "sha256");
    if (checksum && digest !== checksum.digest) {
      const { algorithm } = checksum;
      const msg = `${
        withoutSecrets(args.url)
      } is not what was expected: its ${algorithm} is ${digest}, not ${checksum.digest}; ${dest} is unchanged`;
      throw new ModuleError(msg, { retryable: true, result: { dest, msg } });
    }
    const stat = await host.stat(dest);
    const old = stat?.type === "file" ? stat : undefined;
    const { ownership } = planOwnership(dest, old, args, false);
    const content = { local, size, sha256 };
    const backup = args.backup || undefined;
    const { stdout } = await host.perform({ do: "write", path: dest, content, ...ownership, ...defined({ backup }) });
    const mode = ownership.mode ?? old?.mode ?? defaultMode(false);
    return {
      ...fileResult(dest, old, args, { mode, size, sha256 }),
      ...(args.backup && stdout !== "" ? { backup_file: stdout } : {}),
      status_code: response.status,
      elapsed: Math.floor((performance.now() - start) / 1000),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A large file may take its time, a server that is not there may not: `timeout` is for the connection. */
async function respond(host: Host, { timeout, ...args }: GetUrlArgs, signal: AbortSignal): Promise<Response> {
  const url = withoutSecrets(args.url);
  await reach(host, args.url, timeout);
  try {
    const response = await send(host, args, {}, signal);
    if (response.ok) return response;
    const { status, statusText } = response;
    const msg = `${url} answered ${status} ${statusText}`.trimEnd();
    throw new ModuleError(msg, {
      retryable: status >= 500 || status === 408 || status === 429,
      result: { status_code: status, msg },
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new ModuleError(`cannot download: ${error.message}`, {
      retryable: true,
      result: { status_code: -1, msg: error.message },
    });
  }
}

async function reach(host: Host, url: string, timeout: number): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeout * 1000);
  const opening = host.connect(
    hostname.replace(/^\[(.*)\]$/, "$1"),
    Number(port || (protocol === "https:" ? 443 : 80)),
  );
  try {
    const stream = await Promise.race([opening, late]);
    if (stream) return stream.close();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ConnectError") throw error;
    throw new ModuleError(`cannot download ${withoutSecrets(url)}: ${error.message}`, { retryable: true });
  } finally {
    clearTimeout(timer);
  }
  opening.then((stream) => stream.close(), () => {});
  throw new ModuleError(`cannot download ${withoutSecrets(url)}: no connection within ${timeout} s`, {
    retryable: true,
  });
}

async function receive(
  response: Response,
  local: string,
  algorithm: string,
): Promise<{ size: number; sha256: string; digest: string }> {
  const sha256 = createHash("sha256");
  const wanted = createHash(algorithm);
  let size = 0;
  using file = await Deno.open(local, { write: true, createNew: true, mode: 0o600 });
  const writer = file.writable.getWriter();
  for await (const chunk of response.body ?? []) {
    sha256.update(chunk);
    wanted.update(chunk);
    size += chunk.length;
    await writer.write(chunk);
  }
  await writer.close();
  return { size, sha256: sha256.digest("hex"), digest: wanted.digest("hex") };
}
