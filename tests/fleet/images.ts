/**
 * The cached base images of the fleet's hosts, the offline repository and the releases that go with them.
 * @module
 */

import { exists, run, withLock } from "./command.ts";
import {
  barePackages,
  bareSetup,
  offlinePackages,
  probePackage,
  pythonPackages,
  recipeVersion,
  releaseRecipes,
} from "./recipe.ts";
import { packRelease } from "./releases.ts";

/** The kinds of host: `bare` has no Python and no curl; `python` is bare and what Ansible needs. */
export type ImageName = "bare" | "python";

/** A built cache. Everything in it is read-only for its users. */
export interface Images {
  /** The folder of this recipe's cache. */
  root: string;
  /** The lower layers of an image for overlayfs, the topmost first. */
  layers: Record<ImageName, string[]>;
  /** The file of an image's content hashes: NUL-ended records `SHA256  ./PATH`. */
  digests: Record<ImageName, string>;
  /** The offline apt repository, which hosts see at /srv/repo. */
  repository: string;
  /** The root of the releases that the mirror serves. */
  releases: string;
  /** Prometheus' own promtool, for the machine that runs the tests. */
  promtool: string;
}

/** The folder of all caches: `AAMI_FLEET_CACHE`, or one below /var/cache. */
export function cacheFolder(): string {
  return Deno.env.get("AAMI_FLEET_CACHE") || "/var/cache/aami-fleet";
}

/**
 * The images, built first where the cache does not have them (about a minute and a half; needs root, the fleet's
 * packages and the machine's apt sources). Two callers at once: one builds, the other waits.
 *
 * @param say told what takes long, a line at a time
 */
export async function ensureImages(say: (line: string) => void = () => {}): Promise<Images> {
  const root = `${cacheFolder()}/${await recipeKey()}`;
  if (!await exists(root)) {
    await withLock(`${cacheFolder()}/lock`, async () => {
      if (!await exists(root)) await build(root, say);
    });
  }
  const now = new Date();
  await Deno.utime(root, now, now);
  return {
    root,
    layers: { bare: [`${root}/bare`], python: [`${root}/python`, `${root}/bare`] },
    digests: { bare: `${root}/bare.sha256`, python: `${root}/python.sha256` },
    repository: `${root}/repo`,
    releases: `${root}/releases`,
    promtool: `${root}/tools/promtool`,
  };
}

/** Names a cache by all that goes into it, apart from the day's package versions. */
async function recipeKey(): Promise<string> {
  const data = JSON.stringify({
    recipeVersion,
    barePackages,
    bareSetup,
    offlinePackages,
    probePackage,
    pythonPackages,
    releaseRecipes,
    release: await Deno.readTextFile("/etc/os-release"),
    arch: Deno.build.arch,
  });
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(data));
  return [...new Uint8Array(hash.slice(0, 6))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Builds beside the place and renames, so that a cache is whole or not there. */
async function build(root: string, say: (line: string) => void): Promise<void> {
  await discardOld(root);
  const temporary = `${root}.building`;
  await Deno.mkdir(temporary, { mode: 0o755 });
  const started = performance.now();
  const step = (text: string) => say(`${((performance.now() - started) / 1000).toFixed(0).padStart(3)} s  ${text}`);
  step("apt-get update");
  await run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "update"]);
  step("bare image: debootstrap");
  await bootstrap(`${temporary}/bare`);
  step("offline repository");
  await buildRepository(`${temporary}/repo`, `${temporary}/bare`);
  step("bare image: set up; releases");
  await Promise.all([setUpImages(temporary), buildReleases(temporary)]);
  await Deno.rename(temporary, root);
  step("the cache is built");
}

/** Removes what a killed build left, and caches of other recipes that nobody has used for two weeks. */
async function discardOld(root: string): Promise<void> {
  const mounts = await Deno.readTextFile("/proc/self/mounts");
  const old = Date.now() - 14 * 24 * 3600 * 1000;
  for await (const entry of Deno.readDir(cacheFolder())) {
    const path = `${cacheFolder()}/${entry.name}`;
    if (!entry.isDirectory || !/^[0-9a-f]{12}(\.building)?$/.test(entry.name) || mounts.includes(path)) continue;
    const used = (await Deno.stat(path)).mtime?.getTime() ?? 0;
    if (path.endsWith(".building") || (path !== root && used < old)) {
      await run(["rm", "-rf", "--one-file-system", path]);
    }
  }
}

/** Where this machine's own apt gets its Debian release from. */
async function debianMirror(): Promise<{ uri: string; codename: string }> {
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(await Deno.readTextFile("/etc/os-release"))?.[1];
  const listed = await run([
    "apt-get",
    "indextargets",
    "--format",
    "$(REPO_URI) $(CODENAME) $(COMPONENT)",
    "Identifier: Packages",
    "Origin: Debian",
  ]);
  for (const line of listed.stdout.split("\n")) {
    const [uri, suite, component] = line.split(" ");
    if (suite === codename && component === "main") return { uri, codename };
  }
  throw new Error(`The apt sources of this machine have no Debian archive of its own release (${codename})`);
}

/** The minimal tree. A proxy that apt is told of holds for debootstrap too. */
async function bootstrap(target: string): Promise<void> {
  const { uri, codename } = await debianMirror();
  const proxy = /^P='(.+)'$/m.exec((await run(["apt-config", "shell", "P", "Acquire::http::Proxy"])).stdout)?.[1];
  await run(["debootstrap", "--variant=minbase", `--include=${barePackages.join(",")}`, codename, target, uri], {
    env: proxy ? { http_proxy: proxy } : {},
  });
}

/** Downloads what a bare host lacks for the offline packages, by this machine's apt and the bare image's dpkg state. */
async function buildRepository(repository: string, bare: string): Promise<void> {
  await Deno.mkdir(`${repository}/partial`, { recursive: true });
  const settings = {
    "Dir::State::status": `${bare}/var/lib/dpkg/status`,
    "Dir::State::extended_states": `${repository}/extended_states`,
    "Dir::Cache::archives": repository,
    "APT::Sandbox::User": "root",
    "Debug::NoLocking": "1",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await run([
    "apt-get",
    "-q",
    "-y",
    ...options,
    "--no-install-recommends",
    "--download-only",
    "install",
    ...offlinePackages,
  ]);
  for (const version of probePackage.versions) await buildProbe(repository, version);
  await run([
    "sh",
    "-c",
    'cd "$1" && rm -rf partial lock extended_states && dpkg-scanpackages -m . > Packages',
    "sh",
    repository,
  ]);
  await run(["chmod", "-R", "a+rX", repository]);
}

/** One version of the fleet's own package: a file that tells the version. */
async function buildProbe(repository: string, version: string): Promise<void> {
  const tree = await Deno.makeTempDir();
  const { name } = probePackage;
  await Deno.mkdir(`${tree}/DEBIAN`);
  await Deno.mkdir(`${tree}/usr/share/${name}`, { recursive: true });
  await Deno.chmod(tree, 0o755);
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    "Architecture: all",
    "Maintainer: The fleet <fleet@localhost>",
    "Description: nothing but its version",
  ];
  await Deno.writeTextFile(`${tree}/DEBIAN/control`, control.join("\n") + "\n");
  await Deno.writeTextFile(`${tree}/usr/share/${name}/version`, `${version}\n`);
  await run(["dpkg-deb", "--root-owner-group", "-b", tree, `${repository}/${name}_${version}_all.deb`]);
  await Deno.remove(tree, { recursive: true });
}

/** Runs sh in a mount namespace of its own, so that no mount can be left behind; $1 is the cache under construction. */
async function inOwnMounts(script: string, root: string, stdin = ""): Promise<void> {
  await run(["unshare", "--mount", "sh", "-euc", script, "sh", root], {
    stdin,
    env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
}

/** Settles the bare tree, lays the python layer over it, and hashes both. */
async function setUpImages(root: string): Promise<void> {
  const hash = "find . -xdev -type f -print0 | xargs -0 -r sha256sum -z";
  await inOwnMounts(
    'mkdir -p "$1/bare/srv/repo"; mount --bind "$1/repo" "$1/bare/srv/repo"; chroot "$1/bare" sh -eu >/dev/null',
    root,
    bareSetup,
  );
  await inOwnMounts(`cd "$1/bare"; ${hash} > ../bare.sha256`, root);
  await inOwnMounts(
    `cd "$1"; mkdir python python.work python.merged
    mount -t overlay overlay -o lowerdir=bare,upperdir=python,workdir=python.work python.merged
    mount --bind repo python.merged/srv/repo; mount -t proc proc python.merged/proc
    chroot python.merged apt-get -q install -y --no-install-recommends ${pythonPackages.join(" ")} >/dev/null
    umount python.merged/proc python.merged/srv/repo
    chroot python.merged sh -c 'rm -rf /var/cache/apt/archives/*.deb /var/log/apt/* /var/log/dpkg.log'
    cd python.merged; ${hash} > ../python.sha256; cd ..; umount python.merged; rm -rf python.work python.merged`,
    root,
  );
}

/** Packs the releases and keeps promtool. */
async function buildReleases(root: string): Promise<void> {
  const scratch = `${root}/scratch`;
  await Deno.mkdir(`${root}/tools`);
  for (const recipe of releaseRecipes) {
    const unpacked = await packRelease(recipe, `${root}/repo`, `${root}/releases`, scratch);
    if (await exists(`${unpacked}/promtool`)) await run(["cp", `${unpacked}/promtool`, `${root}/tools/promtool`]);
  }
  await Deno.remove(scratch, { recursive: true });
}
