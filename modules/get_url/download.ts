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
import { exchange, RequestError, withoutSecrets } from "../_shared/http.ts";
import { refuseUnlessOk, wantedChecksum } from "./checksum.ts";
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
    const local = `${directory}/content`;
    const { size, sha256, digest, status } = await receive(host, local, checksum?.algorithm ?? "sha256", args, signal);
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
      status_code: status,
      elapsed: Math.floor((performance.now() - start) / 1000),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What was received, hashed on its way into a file of the controller. */
interface Received {
  readonly status: number;
  readonly size: number;
  readonly sha256: string;
  /** By the algorithm that was asked for. */
  readonly digest: string;
}

async function receive(
  host: Host,
  local: string,
  algorithm: string,
  args: GetUrlArgs,
  signal: AbortSignal,
): Promise<Received> {
  const sha256 = createHash("sha256");
  const wanted = createHash(algorithm);
  let size = 0;
  try {
    return await exchange(host, args, {}, signal, async (response, alive) => {
      refuseUnlessOk(response, args.url);
      using file = await Deno.open(local, { write: true, createNew: true, mode: 0o600 });
      // A large file may take its time, as long as something comes.
      for await (const chunk of response.body ?? []) {
        alive();
        sha256.update(chunk);
        wanted.update(chunk);
        size += chunk.length;
        for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
      }
      return { status: response.status, size, sha256: sha256.digest("hex"), digest: wanted.digest("hex") };
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const msg = `cannot download: ${error.message}`;
    throw new ModuleError(msg, { retryable: true, result: { status_code: -1, msg } });
  }
}
