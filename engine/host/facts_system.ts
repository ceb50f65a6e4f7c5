/**
 * Facts of the operating system: distribution, package and service manager, time, user.
 *
 * @module
 */

import { splitAt } from "./unit_queries.ts";

/** The script's output by section name. */
export type Sections = ReadonlyMap<string, string>;

/** os-release's `ID` → the name that Ansible gives. */
const DISTRIBUTIONS: Readonly<Record<string, string>> = {
  "almalinux": "AlmaLinux",
  "alpine": "Alpine",
  "amzn": "Amazon",
  "arch": "Archlinux",
  "azurelinux": "AzureLinux",
  "centos": "CentOS",
  "cumulus-linux": "Cumulus Linux",
  "debian": "Debian",
  "devuan": "Devuan",
  "fedora": "Fedora",
  "gentoo": "Gentoo",
  "kali": "Kali",
  "linuxmint": "Linux Mint",
  "mariner": "AzureLinux",
  "ol": "OracleLinux",
  "openEuler": "openEuler",
  "opensuse-leap": "openSUSE Leap",
  "opensuse-tumbleweed": "openSUSE Tumbleweed",
  "pop": "Pop!_OS",
  "raspbian": "Debian",
  "rhel": "RedHat",
  "rocky": "Rocky",
  "sled": "SLED",
  "sles": "SLES",
  "sles_sap": "SLES_SAP",
  "ubuntu": "Ubuntu",
};

/** What an `ID` or `ID_LIKE` word says of the family, in Ansible's words. */
const FAMILIES: Readonly<Record<string, string>> = {
  "debian": "Debian",
  "ubuntu": "Debian",
  "devuan": "Debian",
  "rhel": "RedHat",
  "centos": "RedHat",
  "fedora": "RedHat",
  "amzn": "RedHat",
  "ol": "RedHat",
  "openEuler": "RedHat",
  "suse": "Suse",
  "opensuse": "Suse",
  "sles": "Suse",
  "sled": "Suse",
  "alpine": "Alpine",
  "arch": "Archlinux",
  "gentoo": "Gentoo",
};

/** The `KEY=value` lines of a file such as os-release, quotes removed. */
export function assignments(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => /^\s*[A-Za-z_]+=/.test(line));
  return new Map(lines.map((line) => {
    const [key, value] = splitAt(line.trim(), "=");
    const quoted = /^(["'])(.*)\1$/.exec(value);
    return [key, quoted ? quoted[2].replace(/\\(["$`\\])/g, "$1") : value];
  }));
}

/** Facts of the distribution. */
export function distributionFacts(sections: Sections): Record<string, unknown> {
  const release = assignments(sections.get("os-release") ?? "");
  const id = release.get("ID") ?? "";
  const distribution = DISTRIBUTIONS[id] ?? release.get("NAME") ?? "NA";
  const likes = [id, ...(release.get("ID_LIKE") ?? "").split(" ")];
  const family = likes.map((each) => FAMILIES[each]).find(Boolean) ?? distribution;
  const version = distributionVersion(id, release, sections.get("debian-version") ?? "");
  return {
    distribution,
    distribution_version: version,
    distribution_major_version: version.split(".")[0],
    distribution_release: releaseName(family, version, release),
    os_family: family,
    ...lsbFacts(sections.get("lsb") ?? ""),
  };
}

/** os-release has Debian's major version only; the point release stands in a file of its own. */
function distributionVersion(id: string, release: Map<string, string>, debian: string): string {
  if (id === "debian" && /^\d+\.\d+/.test(debian)) return debian.trim();
  return release.get("VERSION_ID") ?? release.get("BUILD_ID") ?? "NA";
}

function releaseName(family: string, version: string, release: Map<string, string>): string {
  if (family === "Suse") return version.split(".")[1] ?? "NA";
  const named = /\(([^)]+)\)/.exec(release.get("VERSION") ?? "")?.[1];
  return release.get("VERSION_CODENAME") || (family === "Debian" ? named?.split(" ")[0].toLowerCase() : named) || "NA";
}

function lsbFacts(text: string): Record<string, unknown> {
  const lsb = assignments(text);
  const release = lsb.get("DISTRIB_RELEASE");
  if (release === undefined) return {};
  return {
    lsb: {
      id: lsb.get("DISTRIB_ID") ?? "",
      release,
      major_release: release.split(".")[0],
      codename: lsb.get("DISTRIB_CODENAME") ?? "",
      description: lsb.get("DISTRIB_DESCRIPTION") ?? "",
    },
  };
}

/** Which package manager and which service manager the host has. */
export function managerFacts(sections: Sections): Record<string, unknown> {
  const tools = new Set((sections.get("tools") ?? "").split("\n"));
  const packages = ["apt-get", "zypper", "dnf", "dnf5", "microdnf", "yum", "apk", "pacman"].find((tool) =>
    tools.has(tool)
  );
  const [first, ...flags] = (sections.get("init") ?? "").split("\n");
  const pkg = packages === "apt-get" ? "apt" : packages === "microdnf" ? "dnf" : packages ?? "unknown";
  return { pkg_mgr: pkg, service_mgr: serviceManager(first, new Set(flags), tools) };
}

/** What runs services. A container whose first process is any program has init scripts at most, or nothing: `service`. */
function serviceManager(first: string, flags: ReadonlySet<string>, tools: ReadonlySet<string>): string {
  if (first === "systemd" || flags.has("systemd-booted")) return "systemd";
  const known: Record<string, string> = { "runit-init": "runit", "runit": "runit", "svscan": "svc", "s6-svscan": "s6" };
  if (known[first]) return known[first];
  if (first === "openrc-init" || tools.has("openrc") || tools.has("rc-service")) return "openrc";
  return first === "init" && flags.has("init.d") ? "sysvinit" : "service";
}

/** The time by the host's clock. */
export function timeFacts(sections: Sections): Record<string, unknown> {
  const fields = (sections.get("date") ?? "").split("|");
  if (fields.length < 13) return {};
  const [epoch, tz, offset, year, month, day, hour, minute, second, weekday, weekdayNumber, week] = fields;
  const iso8601 = new Date(Number(epoch) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    date_time: {
      epoch,
      epoch_int: epoch,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      year,
      month,
      day,
      hour,
      minute,
      second,
      weekday,
      weekday_number: String(Number(weekdayNumber) % 7),
      weeknumber: week,
      tz,
      tz_offset: offset,
      iso8601,
      iso8601_basic_short: `${year}${month}${day}T${hour}${minute}${second}`,
    },
  };
}

/** The user that the facts were gathered as, and that user's environment. */
export function userFacts(sections: Sections): Record<string, unknown> {
  const [name = "", uid = "", gid = "", entry = ""] = (sections.get("user") ?? "").split("\n");
  const passwd = entry.split(":");
  const environment = (sections.get("env") ?? "").split("\n").filter((line) => line.includes("="));
  return {
    user_id: name,
    user_uid: Number(uid),
    user_gid: Number(gid),
    user_gecos: passwd[4] ?? "",
    user_dir: passwd[5] ?? "",
    user_shell: passwd[6] ?? "",
    env: Object.fromEntries(environment.map((line) => splitAt(line.replaceAll("\x1d", "\n"), "="))),
  };
}
