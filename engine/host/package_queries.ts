/**
 * Reads of the package database: dpkg and apt, rpm with dnf or zypper, apk.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import { HostError, type PackageState } from "./host.ts";

/**
 * The script that reads one package. The first line names the package manager; what it knows of installs follows up to
 * a line `--`, what an install would bring behind that. Candidates come from the host's cached lists: nothing is
 * downloaded.
 *
 * @throws {HostError} for a name that no package can have
 */
export function packageScript(name: string, candidate: boolean): string {
  if (!/^[A-Za-z0-9_@/(][^*?[\]\s]*$/.test(name)) throw new HostError(`'${name}' is not a package name`);
  return packageScriptOf(shellQuote(name), candidate);
}

function packageScriptOf(word: string, candidate: boolean): string {
  const ask = (command: string) => candidate ? `echo --; ${command}` : "echo --";
  return `n=${word}
has() { command -v "$1" >/dev/null 2>&1; }
if has dpkg-query && has apt-get; then
  echo dpkg; dpkg-query -W -f '\${db:Status-Abbrev}|\${Version}\\n' -- "$n" 2>/dev/null
  ${ask('apt-cache policy -- "$n" 2>/dev/null')}
elif has rpm && { has dnf || has yum || has zypper || has microdnf; }; then
  echo rpm; rpm -q --qf '=%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n' -- "$n" 2>/dev/null
  ${ask(rpmCandidate)}
elif has apk; then
  echo apk; apk policy "$n" 2>/dev/null; echo --
else
  exit 45
fi
exit 0`;
}

/** Whether a package may be one of many that are asked for together: dpkg names it as it was asked for. */
export function canSharePackage(name: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]*$/.test(name);
}

/**
 * The script that reads many packages without their candidates, each once: dpkg's database takes longer to load than to
 * look through. The answers of other package managers stand apart by a NUL.
 */
export function packagesScript(names: readonly string[]): string {
  const each = names.map((name) => `one ${shellQuote(name)}`).join("\n");
  return `if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
echo dpkg; dpkg-query -W -f '\${Package} \${db:Status-Abbrev}|\${Version}\\n' -- ${names.join(" ")} 2>/dev/null; exit 0
fi
one() { ( ${packageScriptOf('"$1"', false)} ); printf '\\000%s\\000' $?; }
${each}`;
}

/** What {@linkcode packagesScript} printed, in the order of the names, each as {@linkcode parsePackage} takes it. */
export function splitPackages(names: readonly string[], output: string): { code: number; stdout: string }[] {
  if (output.startsWith("dpkg\n") && !output.includes("\0")) {
    const lines = output.split("\n");
    return names.map((name) => {
      const own = lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
      return { code: 0, stdout: ["dpkg", ...own, "--", ""].join("\n") };
    });
  }
  const fields = output.split("\0");
  return names.map((_, index) => ({ code: Number(fields[index * 2 + 1]), stdout: fields[index * 2] }));
}

const rpmCandidate = [
  `if has dnf; then dnf -q -C repoquery --latest-limit=1 --qf '%{evr}\\n' "$n" 2>/dev/null`,
  `elif has zypper; then zypper --non-interactive --no-refresh info -- "$n" 2>/dev/null; fi`,
].join("; ");

/**
 * What {@linkcode packageScript} printed.
 *
 * @throws {HostError} where the host has no package manager that is known
 */
export function parsePackage(code: number, output: string): PackageState {
  const [manager, ...lines] = output.split("\n");
  const cut = lines.indexOf("--");
  const known = lines.slice(0, cut);
  const offered = lines.slice(cut + 1);
  switch (manager) {
    case "dpkg":
      return state(dpkgVersion(known), /^ *Candidate: (?!\(none\))(\S+)/m.exec(offered.join("\n"))?.[1]);
    case "rpm":
      return state(known.find((line) => line.startsWith("="))?.slice(1), rpmOffer(offered));
    case "apk":
      return apkState(known);
    default:
      if (code !== 45) throw new HostError(`the package manager's answer is not understood (exit status ${code})`);
      throw new HostError("the host has none of the package managers that aami knows (apt, dnf, zypper, apk)");
  }
}

function state(version: string | undefined, candidate: string | undefined): PackageState {
  return {
    installed: version !== undefined,
    ...(version !== undefined && { version }),
    ...(candidate !== undefined && { candidate }),
  };
}

/** Lines are `ii |1.2-3`: the second letter is what is, the first what is wanted. */
function dpkgVersion(lines: readonly string[]): string | undefined {
  return lines.find((line) => line[1] === "i")?.split("|")[1];
}

function rpmOffer(lines: readonly string[]): string | undefined {
  const zypper = lines.map((line) => /^Version\s*: (\S+)/.exec(line)?.[1]).find(Boolean);
  const evr = lines.find((line) => /^\S+-\S+$/.test(line))?.replace(/^0:/, "");
  return zypper ?? evr;
}

/** `apk policy` lists versions, the newest last, each with the places that have it; the installed one is a place too. */
function apkState(lines: readonly string[]): PackageState {
  let version: string | undefined;
  let installed: string | undefined;
  let offered: string | undefined;
  for (const line of lines) {
    const heading = /^ {2}(\S+):$/.exec(line);
    if (heading) version = heading[1];
    else if (line.trim() === "lib/apk/db/installed") installed = version;
    else if (/^ {4}\S/.test(line)) offered = version;
  }
  return state(installed, offered);
}
