/**
 * How many files this process may have open, which bounds how many hosts it can be connected to.
 *
 * @module
 */

/** What one connection holds open: ssh2 a socket, and for a while a file of keys; `ssh` pipes to processes. */
const EACH = { ssh: 2, openssh: 12 } as const;
/** The program's own: terminal, journal, playbooks, templates. */
const OWN = 64;

/** Why a run cannot be, and what to do about it. */
export interface Shortage {
  /** What is too small. */
  readonly message: string;
  /** What to set. */
  readonly help: string;
}

/**
 * Tells whether so many hosts are too many for the limit on open files; undefined where there are enough.
 *
 * @param limit the soft limit, instead of this process's
 */
export function descriptorShortage(
  hosts: number,
  openssh: boolean,
  limit: number | undefined = softLimit(),
): Shortage | undefined {
  const needed = hosts * EACH[openssh ? "openssh" : "ssh"] + OWN;
  if (limit === undefined || limit >= needed) return undefined;
  return {
    message: `${hosts} hosts need up to ${needed} open files, and this process may have ${limit}`,
    help: `raise the limit with 'ulimit -n ${needed}' (nofile in /etc/security/limits.conf), or take fewer hosts at ` +
      "a time with --limit",
  };
}

/** The limit of this process; undefined where the system does not tell (elsewhere than on Linux). */
function softLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(Deno.readTextFileSync("/proc/self/limits"))?.[1];
    return soft === undefined || soft === "unlimited" ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
