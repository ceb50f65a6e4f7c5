/**
 * Reads what the package manager knows: first only what is installed; what could be installed where that decides.
 *
 * @module
 */

import { type ReadOnlyHost, UnknownUntilApplied } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import { installArguments, removeArguments } from "./commands.ts";
import type { PackageArgs } from "./mod.ts";
import { type Found, type Manager, parseSpec, resolved, satisfied, type Wanted } from "./wanted.ts";

/** What apt says it would do. */
export interface Simulation {
  /** Package → version, for what it would install or upgrade. */
  readonly install: Readonly<Record<string, string>>;
  /** Package → installed version, for what it would remove. */
  readonly remove: Readonly<Record<string, string>>;
  /** Package → installed version, for what it would upgrade. */
  readonly from: Readonly<Record<string, string>>;
  /** Why it would refuse. */
  readonly refusal?: string;
}

/** What a task on packages needs to know of the host. */
export interface PackagesState {
  /** Undefined where the host has neither. */
  readonly manager?: Manager;
  /** By the name as the task has it. */
  readonly packages: Readonly<Record<string, Found>>;
  /** Seconds since the index was read; undefined where it never was, or nobody asked. */
  readonly indexAge?: number;
  /** Only where there is something to do. */
  readonly simulation?: Simulation;
}

/** Reads what the plan needs. */
export async function inspectPackages(host: ReadOnlyHost, args: PackageArgs): Promise<PackagesState> {
  const manager = await findManager(host, args.use);
  if (manager === undefined) return { packages: {} };
  const wanted = args.name.map((spec) => parseSpec(spec, manager));
  const [indexAge, ...found] = await Promise.all([
    manager === "apt" && args.cache_valid_time > 0 ? ageOfIndex(host) : undefined,
    ...wanted.map((each) => readPackage(host, manager, each, args)),
  ]);
  const packages = Object.fromEntries(wanted.map(({ spec }, index) => [spec, found[index]]));
  const open = wanted.map((each, index) => resolved(each, found[index])).filter((each) =>
    !satisfied(each, packages[each.spec], args.state)
  );
  const simulation = manager === "apt" && open.length > 0 ? await simulate(host, open, args) : undefined;
  return { manager, packages, ...indexAge !== undefined && { indexAge }, ...simulation && { simulation } };
}

async function findManager(host: ReadOnlyHost, use: PackageArgs["use"]): Promise<Manager | undefined> {
  if (use !== "auto") return use;
  const programs = await Promise.all([host.which("apt-get"), host.which("dnf"), host.which("zypper")]);
  return (["apt", "dnf", "zypper"] as const).find((_, index) => programs[index] !== undefined);
}

async function readPackage(host: ReadOnlyHost, manager: Manager, wanted: Wanted, args: PackageArgs): Promise<Found> {
  const removing = args.state === "absent" || args.state === "removed";
  // What is asked of a file that is to be removed is refused, whatever is in it.
  if (wanted.file) return removing ? { installed: true } : await filePackage(host, manager, wanted.spec);
  if (manager === "apt") return await aptPackage(host, wanted, args);
  return manager === "dnf" ? await dnfPackage(host, wanted, args) : await zypperPackage(host, wanted, args);
}

async function aptPackage(host: ReadOnlyHost, wanted: Wanted, args: PackageArgs): Promise<Found> {
  const { name } = wanted;
  const found = await host.package(name, { candidate: false });
  const removing = args.state === "absent" || args.state === "removed";
  if (removing || (found.installed && args.state !== "latest")) return found;
  const [full, provided] = await Promise.all([
    host.package(name),
    found.installed ? undefined : providersOf(host, name),
    // What could be installed changes with the index: an earlier task that updates it makes this reading stale.
    host.stat("/var/lib/apt/lists"),
  ]);
  return full.installed || full.candidate !== undefined ? full : { ...full, ...provided };
}

/** The packages behind a virtual name, and the one of them that is installed. */
async function providersOf(host: ReadOnlyHost, name: string): Promise<Pick<Found, "providers" | "provider">> {
  const shown = await host.probe(["apt-cache", "showpkg", "--", name], { reads: [`package:${name}`] });
  const listed = shown.stdout.split("\nReverse Provides: \n")[1] ?? "";
  const providers = [...new Set(listed.split("\n").map((line) => line.split(" ")[0]).filter((each) => each !== ""))];
  if (providers.length === 0) return {};
  const states = await Promise.all(providers.map((each) => host.package(each, { candidate: false })));
  const provider = providers.find((_, index) => states[index].installed);
  return { providers: providers.sort(), ...provider !== undefined && { provider } };
}

/**
 * Prints the version of an installed package, also of one named with its version; else what provides it, or which other
 * version is installed and whether that is newer. With `latest`, what the cached lists of dnf offer follows.
 */
const RPM_QUERY = `version() { rpm -q --qf "$1" -- "$2" 2>/dev/null; }
version '=%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n' "$1" || rpm -q --qf '+%{NAME}\\n' --whatprovides -- "$1" 2>/dev/null ||
for b in "\${1%%-[0-9]*}" "\${1%-[0-9]*}"; do
  if [ "$b" != "$1" ] && v=$(version '%{VERSION}' "$b"); then
    w=\${1#"$b"-}; echo "~$v $(rpm --eval "%{lua:print(rpm.vercmp('$v', '\${w%%-*}'))}")"; break
  fi
done
if [ "$2" = latest ]; then dnf -q -C repoquery --latest-limit=1 --qf '>%{evr}\\n' -- "$1" 2>/dev/null; fi; exit 0`;

async function dnfPackage(host: ReadOnlyHost, { name }: Wanted, args: PackageArgs): Promise<Found> {
  const answer = await host.probe(["sh", "-c", RPM_QUERY, "sh", name, args.state], { reads: [`package:${name}`] });
  const said = (mark: string) => answer.stdout.split("\n").find((line) => line.startsWith(mark))?.slice(1);
  const version = said("=");
  const provider = version === undefined ? said("+") : undefined;
  const candidate = said(">")?.replace(/^0:/, "");
  const [other, comparison] = said("~")?.split(" ") ?? [];
  return {
    installed: version !== undefined,
    ...version !== undefined && { version },
    ...provider !== undefined && { provider },
    ...candidate !== undefined && { candidate },
    ...other !== undefined && { other, otherIsNewer: comparison === "1" },
  };
}

async function zypperPackage(host: ReadOnlyHost, { name }: Wanted, args: PackageArgs): Promise<Found> {
  const found = await host.package(name, { candidate: args.state === "latest" });
  if (found.installed) return found;
  const argv = ["rpm", "-q", "--qf", "%{NAME}\\n", "--whatprovides", "--", name];
  const { code, stdout } = await host.probe(argv, { reads: [`package:${name}`] });
  return code === 0 ? { ...found, provider: stdout.split("\n")[0] } : found;
}

/** What dpkg and apt take out of a package file to look at it goes there. */
const OFF_DISK = { LC_ALL: "C", TMPDIR: "/dev/shm" };

const EVR = "%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}";

/** What a package file holds, and what of that is installed. */
async function filePackage(host: ReadOnlyHost, manager: Manager, path: string): Promise<Found> {
  const argv = manager === "apt"
    ? ["dpkg-deb", "-f", path, "Package", "Version"]
    : ["rpm", "-qp", "--nosignature", "--qf", `Package: %{NAME}\\nVersion: ${EVR}\\n`, "--", path];
  const [stat, said] = await Promise.all([
    host.stat(path, { follow: true }),
    host.probe(argv, { reads: [`path:${path}`], environment: OFF_DISK }),
  ]);
  if (!stat) {
    throw new ModuleError(`there is no file ${path} on the host: get it there first, with 'get_url' or 'copy'`);
  }
  const [, name] = /^Package: ([\w.+-]+)$/m.exec(said.stdout) ?? [];
  const [, version] = /^Version: ([\w.+~^:-]+)$/m.exec(said.stdout) ?? [];
  if (said.code !== 0 || name === undefined || version === undefined) {
    throw new ModuleError(`${path} is no package: ${said.stderr.trim().split("\n").at(-1)}`);
  }
  const file = { name, version };
  if (manager === "apt") return { ...await host.package(name, { candidate: false }), file };
  const [installed, newer] = await Promise.all([
    host.probe(["rpm", "-q", "--qf", EVR, "--", name], { reads: [`package:${name}`] }),
    host.probe(["sh", "-c", NEWER, "sh", name, version], { reads: [`package:${name}`] }),
  ]);
  if (installed.code !== 0) return { installed: false, file };
  const other = installed.stdout;
  return { installed: true, version: other, file, ...newer.code === 0 && { other, otherIsNewer: true } };
}

/** Whether the installed version of a package is newer than another. */
const NEWER = `v=$(rpm -q --qf '${EVR}' -- "$1") && test "$(rpm --eval "%{lua:print(rpm.vercmp('$v', '$2'))}")" = 1`;

/** Seconds since apt last read its repositories. */
async function ageOfIndex(host: ReadOnlyHost): Promise<number | undefined> {
  const script = `s=/var/lib/apt/periodic/update-success-stamp; [ -e "$s" ] || s=/var/lib/apt/lists
[ -e "$s" ] && echo "$(( $(date +%s) - $(stat -c %Y "$s") ))"`;
  const answer = await host.probe(["sh", "-c", script], { reads: ["path:/var/lib/apt/lists"] });
  return answer.code === 0 ? Number(answer.stdout) : undefined;
}

/** Asks apt what it would do. It takes no lock and writes nothing. */
async function simulate(
  host: ReadOnlyHost,
  open: readonly Wanted[],
  args: PackageArgs,
): Promise<Simulation | undefined> {
  const removing = args.state === "absent" || args.state === "removed";
  const names = open.map((each) => each.spec);
  const words = removing ? removeArguments(names, args) : installArguments(names, args);
  try {
    const answer = await host.probe(["apt-get", "-s", ...words], {
      reads: open.map((each) => `package:${each.name}`),
      environment: OFF_DISK,
    });
    return parseSimulation(answer.stdout, answer.code === 0 ? undefined : answer.stderr);
  } catch (error) {
    // An earlier task of the run changes packages: the plan then names only those of this task.
    if (error instanceof UnknownUntilApplied) return undefined;
    throw error;
  }
}

/** Reads `Inst jq [1.5] (1.6 Debian:12/stable [amd64])` and `Remv jq [1.5]`. */
export function parseSimulation(output: string, refusal?: string): Simulation {
  const install: Record<string, string> = {};
  const remove: Record<string, string> = {};
  const from: Record<string, string> = {};
  for (const line of output.split("\n")) {
    const [, verb, name, old, next] = /^(Inst|Remv|Purg) (\S+)(?: \[([^\]]+)\])?(?: \((\S+))?/.exec(line) ?? [];
    if (verb === "Inst") {
      install[name] = next;
      if (old !== undefined) from[name] = old;
    } else if (verb !== undefined) {
      remove[name] = old ?? "";
    }
  }
  return { install, remove, from, ...refusal !== undefined && { refusal: refusal.trim() } };
}
