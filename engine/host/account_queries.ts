/**
 * Reads of the account database, directory services included where `getent` is there.
 *
 * @module
 */

import { shellQuote } from "../support/shell_quote.ts";
import type { GroupState, UserState } from "./host.ts";

/** Prints the line of a name in a database: by getent, else by reading the file, with builtins only. */
const ENTRY = `entry() {
  if command -v getent >/dev/null; then getent "$1" "$2"; return; fi
  while IFS= read -r line; do
    case $line in "$2":*) printf '%s\\n' "$line"; return 0;; esac
  done 2>/dev/null <"/etc/$1"
  return 2
}`;

/** The script that reads a user: the entry, the primary group's name, all groups' names, the password's first letter. */
export function userScript(name: string): string {
  return `n=${shellQuote(name)}
${ENTRY}
entry passwd "$n" || exit 0
id -gn -- "$n"; id -Gn -- "$n"
if [ -r /etc/shadow ]; then
  s=$(entry shadow "$n") && s=\${s#*:} && s=\${s%%:*} && case $s in '!'*) echo locked;; *) echo open;; esac
fi
exit 0`;
}

/** What {@linkcode userScript} printed; undefined where there is no user of that very name. */
export function parseUser(name: string, output: string): UserState | undefined {
  const [entry, group, all, lock] = output.split("\n");
  const fields = entry.split(":");
  // getent also answers to a number, which is then another's name.
  if (fields.length < 7 || fields[0] !== name) return undefined;
  const groups = (all ?? "").split(" ").filter((each) => each !== "" && each !== group);
  return {
    name,
    uid: Number(fields[2]),
    gid: Number(fields[3]),
    comment: fields[4],
    home: fields[5],
    shell: fields[6],
    group: group || fields[3],
    groups: [...new Set(groups)].sort(),
    ...(lock && { locked: lock === "locked" }),
  };
}

/** The script that reads a group. */
export function groupScript(name: string): string {
  return `${ENTRY}\nentry group ${shellQuote(name)}\nexit 0`;
}

/** What {@linkcode groupScript} printed; undefined where there is no group of that very name. */
export function parseGroup(name: string, output: string): GroupState | undefined {
  const fields = output.split("\n")[0].split(":");
  if (fields.length < 4 || fields[0] !== name) return undefined;
  return { name, gid: Number(fields[2]), members: fields[3].split(",").filter((each) => each !== "") };
}

/** Whether a name can be asked for: no tool takes it for an option or a field separator. */
export function askableName(name: string): boolean {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  return name !== "" && !name.startsWith("-") && !/[:\x00-\x1f]/.test(name);
}
