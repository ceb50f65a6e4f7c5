/**
 * What the fleet and the tests around it need from Debian, and how to get it.
 * @module
 */

import { exists, run, withLock } from "./command.ts";

/** The packages without which no host can be booted. */
export const fleetPackages: readonly string[] = [
  "systemd-container",
  "debootstrap",
  "iproute2",
  "dpkg-dev",
  "openssh-client",
];

/** The packages of the conformance tests and the benchmark, which run ansible-playbook. */
export const ansiblePackages: readonly string[] = ["ansible-core"];

/** What stands between this machine and a set of packages. */
export interface Prerequisites {
  /** The packages that are not there now, after what could be installed was. */
  missing: string[];
  /** What a person has to type to get them; undefined where none is missing. */
  aptLine?: string;
  /** Why they were not installed here; undefined where none is missing. */
  reason?: string;
}

/**
 * The packages of the list that dpkg does not have installed, in the order given. All of them where there is no dpkg.
 */
export async function missingPackages(packages: readonly string[]): Promise<string[]> {
  if (!await exists("/usr/bin/dpkg-query")) return [...packages];
  const query = await run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", ...packages], {
    mayFail: true,
  });
  const installed = new Set(
    query.stdout.split("\n").filter((line) => line.endsWith(" installed")).map((line) => line.split(" ")[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

/** The command that installs the packages on a Debian machine, for a person to type. */
export function aptLine(packages: readonly string[]): string {
  const sudo = Deno.uid() === 0 ? "" : "sudo ";
  return `${sudo}apt-get install --no-install-recommends -y ${packages.join(" ")}`;
}

/**
 * Installs what is missing where this process may: as root, on Debian, from the machine's own apt sources. No service
 * is started by it. Otherwise, and where apt fails, says what to type and why.
 */
export async function ensurePackages(packages: readonly string[]): Promise<Prerequisites> {
  const missing = await missingPackages(packages);
  if (missing.length === 0) return { missing };
  const refused = await whyNoInstall();
  if (refused !== undefined) return { missing, aptLine: aptLine(missing), reason: refused };
  try {
    await withLock("/run/aami-fleet/apt.lock", () => install(missing));
  } catch (error) {
    const left = await missingPackages(packages);
    return { missing: left, aptLine: aptLine(left), reason: error instanceof Error ? error.message : String(error) };
  }
  return { missing: [] };
}

/**
 * What keeps real hosts from booting here, after installing what may be: undefined where nothing does.
 */
export async function fleetObstacle(): Promise<Prerequisites | undefined> {
  const needed = await ensurePackages(fleetPackages);
  if (needed.missing.length > 0) return needed;
  if (Deno.uid() !== 0) return { missing: [], reason: "The fleet boots hosts, which only root may do" };
  return undefined;
}

/** Why packages cannot be installed by this process; undefined where they can. */
async function whyNoInstall(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" || !await exists("/usr/bin/apt-get")) return "This machine has no apt";
  if (Deno.uid() !== 0) return "Only root may install packages";
  return undefined;
}

/** One update, then the install, with services held back by policy-rc.d where the machine has no policy of its own. */
async function install(packages: readonly string[]): Promise<void> {
  const apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-q"];
  const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  await run([...apt, "update"], { env });
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !await exists(policy);
  if (ours) await Deno.writeTextFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await run([...apt, "install", "-y", "--no-install-recommends", ...packages], { env });
  } finally {
    if (ours) await Deno.remove(policy);
  }
}
