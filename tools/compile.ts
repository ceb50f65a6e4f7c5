/**
 * `deno task compile [--output FOLDER]`: makes the files to carry to sites without internet, in `dist/`.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./compile/bundle.ts";
import { type Origin, originOf } from "./compile/commit.ts";
import { native } from "./compile/native.ts";
import { type Made, selfExtracting } from "./compile/self_extracting.ts";
import { stage } from "./compile/stage.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Makes the self-extracting file of a checkout.
 *
 * @param work a folder that does not exist yet; the bundle is in `work/program` afterwards
 */
export async function compile(root: string, work: string, folder: string, origin: Origin): Promise<Made> {
  await stage(root, join(work, "source"), origin);
  await bundle(join(work, "source"), join(work, "program"));
  await Deno.mkdir(folder, { recursive: true });
  return await selfExtracting({ bundle: join(work, "program"), origin, output: join(folder, fileName(origin)) });
}

/** E.g. `aami-0.1.0-linux-x86_64`. */
export function fileName({ version }: Origin): string {
  return `aami-${version}-${Deno.build.os}-${Deno.build.arch}`;
}

/** What the file says when it is asked for its version. */
export function versionOf({ version, build }: Origin): string {
  return build ? `AAMI v${version} (commit: ${build.commit}, built: ${build.date})` : `AAMI v${version}`;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0 && !(args.length === 2 && args[0] === "--output")) {
    console.error("usage: deno task compile [--output FOLDER]");
    return 1;
  }
  const folder = args[1] ?? join(ROOT, "dist");
  const origin = originOf(ROOT);
  const work = await Deno.makeTempDir({ prefix: "aami-compile-" });
  try {
    const made = await compile(ROOT, work, folder, origin);
    console.log(versionOf(origin));
    console.log(`${made.path}: ${megabytes(made.size)}, ${megabytes(made.unpacked)} unpacked, sha256 ${made.sha256}`);
    const output = `${made.path}-native`;
    const why = await native(join(work, "program"), output, versionOf(origin));
    console.log(
      why ? `the native file was left out: ${why}` : `${output}: ${megabytes((await Deno.stat(output)).size)}`,
    );
    if (origin.build?.commit.endsWith("+changes")) {
      console.log("the files are not the commit's: commit them to build it");
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return 0;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
