/**
 * Which aami this is: the version, and the commit that it was made from.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { type Build, build } from "./version_build.ts";

/** The version, e.g. `0.1.0`. */
export const VERSION: string = config.version;

/**
 * What `aami version` prints, e.g. `AAMI v0.1.0 (commit: abc1234, built: 2026-11-20T10:00:00Z)`; the version alone where
 * neither a build nor git says more. Asks git, so only what shows it calls it.
 */
export function versionLine(): string {
  const known = build ?? headCommit(`${import.meta.dirname}/..`);
  return known ? `AAMI v${VERSION} (commit: ${known.commit}, built: ${known.date})` : `AAMI v${VERSION}`;
}

/** The commit that a checkout is at; undefined for what is none, or where there is no git. */
export function headCommit(checkout: string): Build | undefined {
  try {
    const { success, stdout } = new Deno.Command("git", {
      args: [`--git-dir=${checkout}/.git`, "log", "-1", "--format=%H %ct"],
      stdin: "null",
      stderr: "null",
    }).outputSync();
    const match = /^([0-9a-f]{7})[0-9a-f]* (\d+)\n$/.exec(new TextDecoder().decode(stdout));
    return success && match ? { commit: match[1], date: isoSeconds(Number(match[2])) } : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds since 1970 as `2026-11-20T10:00:00Z`. */
function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
