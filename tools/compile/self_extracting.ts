/**
 * The self-extracting file: a shell script, and behind it Deno and the bundle as tar.gz.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ArchiveFile, tarGz } from "./archive.ts";
import type { Origin } from "./commit.ts";

/** How a file is made. */
export interface SelfExtractingOptions {
  /** The folder of the bundle. */
  readonly bundle: string;
  /** What it was made from. */
  readonly origin: Origin;
  /** Where it is written. */
  readonly output: string;
}

/** What was made. */
export interface Made {
  /** Where. */
  readonly path: string;
  /** Its bytes. */
  readonly size: number;
  /** Its bytes, unpacked. */
  readonly unpacked: number;
  /** Its digest. */
  readonly sha256: string;
}

/** Writes the self-extracting file. */
export async function selfExtracting({ bundle, origin, output }: SelfExtractingOptions): Promise<Made> {
  const files: ArchiveFile[] = [{ name: "deno", content: await denoBinary(), executable: true }];
  for await (const { name } of Deno.readDir(bundle)) {
    files.push({ name: `program/${name}`, content: await Deno.readFile(join(bundle, name)) });
  }
  const unpacked = files.reduce((sum, { content }) => sum + content.length, 0);
  const payload = tarGz(files, origin.seconds);
  const stub = await stubFor(payload, unpacked, origin.version);
  const hash = createHash("sha256").update(stub).update(payload).digest("hex");
  const temporary = `${output}.new`;
  using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
  for (const part of [stub, payload]) {
    for (let done = 0; done < part.length;) done += await file.write(part.subarray(done));
  }
  await Deno.chmod(temporary, 0o755);
  await Deno.rename(temporary, output);
  return { path: output, size: stub.length + payload.length, unpacked, sha256: hash };
}

/** The program that runs this: Deno itself, and no script around it. */
async function denoBinary(): Promise<Uint8Array> {
  const path = await Deno.realPath(Deno.execPath());
  const content = await Deno.readFile(path);
  if (new TextDecoder().decode(content.subarray(1, 4)) !== "ELF") {
    throw new Error(`${path} is no Linux program: the file is made from the Deno that runs this, on Linux`);
  }
  return content;
}

/** The script, which knows where it ends. */
async function stubFor(payload: Uint8Array, unpacked: number, version: string): Promise<Uint8Array> {
  const sha256 = createHash("sha256").update(payload).digest("hex");
  const values: Readonly<Record<string, string>> = {
    VERSION: version,
    ARCH: Deno.build.arch,
    NAME: `${version}-${sha256.slice(0, 12)}`,
    MEGABYTES: String(Math.ceil(unpacked / 1e6)),
    SHA256: sha256,
  };
  const template = await Deno.readTextFile(new URL("stub.sh", import.meta.url));
  const text = template.replaceAll(/@([A-Z0-9]+)@/g, (whole, key) => values[key] ?? whole);
  // The offset is as wide in every case, so that it does not move what it counts.
  const offset = String(new TextEncoder().encode(text).length + 1);
  const filled = new TextEncoder().encode(text.replaceAll("@OFFSET@", offset.padStart("@OFFSET@".length, "0")));
  if (filled.length + 1 !== Number(offset)) throw new Error("the script's length is not what it says");
  return filled;
}
