/**
 * A picture of a host by which a test can tell that nothing was written.
 * @module
 */

import type { Host } from "./host.ts";

/**
 * What changes on a host by itself, and so is left out of the picture: paths (of the entry and of all below it), as
 * regular expressions from the start. The kernel's file systems; logs and login records; what systemd, sudo and dpkg
 * keep for themselves while they are only asked; the folders that systemd makes for services' private /tmp.
 */
export const ignoredPaths: readonly RegExp[] = [
  /^\/(proc|sys|dev|run)(\/|$)/,
  /^\/srv\/repo(\/|$)/,
  /^\/var\/log(\/|$)/,
  /^\/var\/lib\/systemd\/(random-seed|timers|timesync|linger|catalog)(\/|$)/,
  /^\/var\/lib\/sudo(\/|$)/,
  /^\/var\/lib\/dpkg\/(lock|lock-frontend|triggers\/Lock)$/,
  /^\/var\/(lib\/apt\/lists|cache\/apt\/archives)\/lock$/,
  /^\/var\/cache\/apt\/(src)?pkgcache\.bin$/,
  /^\/(var\/)?tmp\/systemd-private-/,
  /^\/etc\/\.pwd\.lock$/,
];

/** A host at one moment: a line for each thing, by the thing's name. */
export interface Snapshot {
  /** Path → `TYPE MODE OWNER:GROUP SIZE SHA256` or the target of a link. Folders have no size. */
  files: ReadonlyMap<string, string>;
  /** Package → version and state. */
  packages: ReadonlyMap<string, string>;
  /** Unit → whether it is enabled, and whether it is active. */
  units: ReadonlyMap<string, string>;
}

/** Run by sh in the host; three parts of NUL-ended records, and an empty record after each. */
const script = `
export LC_ALL=C
find / \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /srv/repo -o -path /var/log \\) -prune -o \\
  -printf '%p\\0%y %m %U:%G %s %l\\0'
printf '\\0'
dpkg-query -W -f '\${Package}:\${Architecture} \${Version} \${db:Status-Abbrev}\\n' | tr '\\n' '\\0'
printf '\\0'
systemctl list-unit-files --no-legend --no-pager --plain | tr '\\n' '\\0'
printf '\\0'
systemctl list-units --all --no-legend --no-pager --plain --type=service,timer,socket,path,mount | tr '\\n' '\\0'
`;

/** Takes a picture of a host; well under a second. It must be up. Reads by the host's namespaces, not through sshd. */
export async function snapshot(host: Host): Promise<Snapshot> {
  const result = await host.exec(script, { mustSucceed: true });
  const [found, packages, enabled, active] = result.stdout.split("\0\0").map((part) =>
    part.split("\0").filter(Boolean)
  );
  const files = new Map<string, string>();
  for (let i = 0; i + 1 < found.length; i += 2) {
    const path = found[i];
    if (ignoredPaths.some((pattern) => pattern.test(path))) continue;
    const [type, mode, owner, size, ...link] = found[i + 1].split(" ");
    const line = [type, mode, owner, ...(type === "f" ? [size] : []), ...(type === "l" ? link : [])];
    files.set(path, line.filter((word) => word !== "").join(" "));
  }
  await addDigests(host, files);
  return { files, packages: byFirstWord(packages), units: describeUnits(enabled, active) };
}

/** What differs, a sentence each, sorted: files, packages, units. Empty where nothing does. */
export function diffSnapshots(before: Snapshot, after: Snapshot): string[] {
  return [
    ...diffMaps("file", before.files, after.files),
    ...diffMaps("package", before.packages, after.packages),
    ...diffMaps("unit", before.units, after.units),
  ];
}

/** Hashes the contents in the host, all files at once. */
async function addDigests(host: Host, files: Map<string, string>): Promise<void> {
  const names = [...files].filter(([, line]) => line.startsWith("f ")).map(([path]) => path);
  const hashed = await host.exec("xargs -0 -r sha256sum -z --", { stdin: names.join("\0") });
  for (const record of hashed.stdout.split("\0").filter(Boolean)) {
    const path = record.slice(66);
    files.set(path, `${files.get(path)} ${record.slice(0, 64)}`);
  }
}

/** Lines by their first word. */
function byFirstWord(lines: readonly string[]): Map<string, string> {
  return new Map(lines.map((line) => {
    const at = line.indexOf(" ");
    return [line.slice(0, at), line.slice(at + 1).trim()];
  }));
}

/** Joins what systemctl says of a unit's file and of the unit. A start that is scheduled or a login is no change. */
function describeUnits(enabled: readonly string[], active: readonly string[]): Map<string, string> {
  const units = new Map<string, string>();
  for (const line of enabled) {
    const [name, state] = line.split(/\s+/);
    units.set(name, state);
  }
  for (const line of active) {
    const [name, , state] = line.split(/\s+/);
    if (/^(session|user)[-@]|^user-runtime-dir@|^run-/.test(name)) continue;
    units.set(name, `${units.get(name) ?? "no file"}, ${state}`);
  }
  return units;
}

/** A sentence for each name on which two maps differ. */
function diffMaps(kind: string, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.filter((name) => before.get(name) !== after.get(name)).map((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === undefined) return `${kind} ${name} is new: ${is}`;
    if (is === undefined) return `${kind} ${name} is gone: ${was}`;
    return `${kind} ${name} changed: ${was} -> ${is}`;
  });
}
