/**
 * A user's own crontab: found where cron keeps it, put there by `crontab`, which checks it and tells cron.
 *
 * @module
 */

import type { FileStat, Host, ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { textOf } from "../_shared/text_file.ts";
import { withoutHeader } from "./crontab.ts";
import type { CronState } from "./mod.ts";

/** Where crontabs lie: Debian, SUSE, Red Hat. */
const SPOOLS = ["/var/spool/cron/crontabs", "/var/spool/cron/tabs", "/var/spool/cron"];

/** Reads a user's crontab. */
export async function inspectUserCrontab(host: ReadOnlyHost, user: string): Promise<CronState> {
  const [program, account, ...stats] = await Promise.all([
    host.which("crontab"),
    host.account(user),
    ...SPOOLS.map((spool) => host.stat(spool, { follow: true })),
  ]);
  const index = stats.findIndex((stat) => stat?.type === "directory");
  const path = `${SPOOLS[index] ?? SPOOLS[0]}/${user}`;
  const obstacle = program === undefined
    ? "the host has no crontab program: install cron (or cronie), or use 'cron_file'"
    : account === undefined
    ? `there is no user '${user}' on the host: 'user' names an account that exists`
    : host.user !== "root" && host.user !== user
    ? `the crontab of '${user}' belongs to another user than '${host.user}', who runs the task: use 'become: true'`
    : undefined;
  const group = stats[index]?.group;
  const about = { user, ...group !== undefined && { group }, ...obstacle !== undefined && { obstacle } };
  if (obstacle !== undefined) return { file: { path, missing: [] }, ...about };
  const [stat, text] = await (host.user === "root" ? readSpool(host, path) : askCrontab(host, path));
  const content = text === undefined ? undefined : new TextEncoder().encode(withoutHeader(text));
  return { file: { path, missing: [], ...stat && { stat }, ...content && { content } }, ...about };
}

type Table = [stat: FileStat | undefined, text: string | undefined];

async function readSpool(host: ReadOnlyHost, path: string): Promise<Table> {
  const [stat, content] = await Promise.all([host.stat(path), host.read(path)]);
  return [stat, content && textOf({ path, content })];
}

/** Only root may look into cron's directory; everyone else asks `crontab`. */
async function askCrontab(host: ReadOnlyHost, path: string): Promise<Table> {
  const { code, stdout, stderr } = await host.probe(["crontab", "-l"], { reads: [`path:${path}`] });
  if (code !== 0 && /no crontab/i.test(stderr)) return [undefined, undefined];
  if (code !== 0) throw new ModuleError(`crontab does not show the crontab of '${host.user}': ${stderr.trim()}`);
  const numbers = {
    uid: -1,
    gid: -1,
    size: stdout.length,
    mtime: 0,
    atime: 0,
    ctime: 0,
    inode: 0,
    device: 0,
    links: 1,
  };
  return [{ type: "file", mode: 0o600, owner: host.user, group: "", ...numbers }, stdout];
}

const BACKUP = 'f=$(mktemp /tmp/crontabXXXXXXXX) && crontab "$@" -l >"$f" && printf %s "$f"';

/**
 * Puts a planned crontab in its place.
 *
 * @throws {ModuleError} with what `crontab` says is wrong with it
 */
export async function installCrontab(
  host: Host,
  plan: Plan,
  { user, backup }: { user: string; backup: boolean },
): Promise<Result> {
  const [action] = plan.actions;
  if (action?.do !== "write" || "local" in Object(action.content)) return {};
  const who = user === host.user ? [] : ["-u", user];
  const replaces = plan.changes.every((change) => change.what !== "state");
  const kept = backup && replaces ? await host.run(["sh", "-c", BACKUP, "sh", ...who]) : undefined;
  if (kept && kept.code !== 0) throw new ModuleError(`cannot keep the old crontab of '${user}': ${kept.stderr.trim()}`);
  const stdin = action.content as string | Uint8Array;
  const { code, stdout, stderr } = await host.run(["crontab", ...who, "-"], { stdin });
  if (code !== 0) {
    throw new ModuleError(`crontab refuses the new crontab of '${user}': ${(stderr || stdout).trim()}`);
  }
  return kept ? { backup_file: kept.stdout } : {};
}
