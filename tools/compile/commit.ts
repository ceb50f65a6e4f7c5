/**
 * What a build is made from: the version, the commit, and whether the files are the commit's.
 *
 * @module
 */

import { headCommit, VERSION } from "../../cli/version.ts";
import type { Build } from "../../cli/version_build.ts";
import { SOURCES } from "./stage.ts";

/** What a build is made from. */
export interface Origin {
  /** The version, e.g. `0.1.0`. */
  readonly version: string;
  /** The commit; undefined where there is no git. */
  readonly build?: Build;
  /** Seconds since 1970 that every file of the archive carries: the commit's date, else `SOURCE_DATE_EPOCH`, else 0. */
  readonly seconds: number;
}

/** What a checkout is at. */
export function originOf(root: string): Origin {
  const head = headCommit(root);
  if (!head) return { version: VERSION, seconds: Number(Deno.env.get("SOURCE_DATE_EPOCH") ?? 0) };
  const commit = isChanged(root) ? `${head.commit}+changes` : head.commit;
  return { version: VERSION, build: { ...head, commit }, seconds: Date.parse(head.date) / 1000 };
}

/** Whether files that a build takes are not as the commit has them. */
function isChanged(root: string): boolean {
  const { success, stdout } = new Deno.Command("git", {
    args: ["-C", root, "status", "--porcelain", "--", ...SOURCES],
    stdin: "null",
  }).outputSync();
  return !success || stdout.length > 0;
}
