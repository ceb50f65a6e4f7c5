/**
 * Makes upstream-layout release tarballs of Debian's own binaries.
 * @module
 */

import { run } from "./command.ts";
import type { ReleaseRecipe } from "./recipe.ts";

/** The upstream part of a Debian version: no epoch, no revision, no repacking mark. */
export function upstreamVersion(debianVersion: string): string {
  return debianVersion.replace(/^\d+:/, "").replace(/-[^-]*$/, "").replace(/[+~](ds|dfsg).*$/, "");
}

/**
 * Unpacks the recipe's package and writes `PROJECT/releases/download/vX/NAME-X.linux-ARCH.tar.gz` and the
 * `sha256sums.txt` beside it, as upstream's forge would serve them. The same package gives the same bytes.
 *
 * @param repository the folder of .debs
 * @param target the root of the releases
 * @param scratch a folder for the unpacked package, left there
 * @returns the folder of the unpacked release
 */
export async function packRelease(
  recipe: ReleaseRecipe,
  repository: string,
  target: string,
  scratch: string,
): Promise<string> {
  const deb = await findPackage(repository, recipe.debian);
  const version = upstreamVersion((await run(["dpkg-deb", "-f", deb, "Version"])).stdout.trim());
  const architecture = (await run(["dpkg", "--print-architecture"])).stdout.trim();
  const name = recipe.project.split("/")[1];
  const top = `${name}-${version}.linux-${architecture}`;
  const unpacked = `${scratch}/${recipe.debian}`;
  await Deno.mkdir(`${scratch}/${top}`, { recursive: true });
  await run(["dpkg", "-x", deb, unpacked]);
  for (const [inTarball, inPackage] of Object.entries(recipe.files)) {
    await run(["cp", "-rL", `${unpacked}/${inPackage}`, `${scratch}/${top}/${inTarball}`]);
  }
  const folder = `${target}/${recipe.project}/releases/download/v${version}`;
  await Deno.mkdir(folder, { recursive: true });
  const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  await run(["tar", "-C", scratch, ...reproducible, "-I", "gzip -1n", "-cf", `${folder}/${top}.tar.gz`, top]);
  const sums = await run(["sh", "-c", 'cd "$1" && sha256sum -- *.tar.gz > sha256sums.txt', "sh", folder]);
  if (sums.stderr) throw new Error(sums.stderr);
  return `${scratch}/${top}`;
}

/** The one file of a package in a folder of .debs. */
async function findPackage(repository: string, name: string): Promise<string> {
  for await (const entry of Deno.readDir(repository)) {
    if (entry.name.startsWith(`${name}_`) && entry.name.endsWith(".deb")) return `${repository}/${entry.name}`;
  }
  throw new Error(`No package in the offline repository: ${name}`);
}
