/**
 * Any play ends alike with and without lookahead: the same tree, counts, statuses, differences and results.
 * `AAMI_PLAYS=2000` tries more of them than the suite has time for.
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import fc from "fast-check";
import { type GeneratedPlay, generatedPlays } from "./generated_plays.ts";
import { Site } from "./harness.ts";

const PLAYS = Number(Deno.env.get("AAMI_PLAYS") ?? 300);

/** Moments, and what names a file system's places. */
const PASSING = /^(seconds|at|.*time|inode|dev|device|start|end|delta|pid|blocks)$/;

/** Everything about a run and what it left that may not depend on lookahead. */
async function run(site: Site, { files, links, check }: GeneratedPlay, lookahead: boolean): Promise<string> {
  const out = site.path("out");
  await Deno.remove(out, { recursive: true }).catch(() => {});
  for (const [path, text] of Object.entries(files)) await site.write(path, text);
  for (const [path, target] of Object.entries(links)) {
    await Deno.mkdir(dirname(site.path(path)), { recursive: true });
    await Deno.symlink(target.replaceAll("DIR", site.directory), site.path(path));
  }
  const { tasks, hosts, exit } = await site.play({ check, lookahead });
  const all = { tasks, hosts, exit, tree: await treeOf(out) };
  const text = JSON.stringify(all, (key, value) => PASSING.test(key) ? undefined : value, 1);
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
}

/** Every name below a folder: its type, mode, owner, number of names, and content or target. */
async function treeOf(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    const { mode, uid, gid, nlink, isFile, isSymlink, isDirectory } = await Deno.lstat(path);
    const what = isSymlink ? await Deno.readLink(path) : isFile ? await Deno.readTextFile(path) : "";
    found[path] = `${mode?.toString(8)} ${uid}:${gid} ${isFile ? nlink : ""} ${what}`;
    if (isDirectory) Object.assign(found, await treeOf(path));
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a < b ? -1 : 1));
}

Deno.test(`lookahead makes no difference to ${PLAYS} plays made by chance`, async () => {
  const seen = { ok: 0, changed: 0, failed: 0, rescued: 0, skipped: 0 };
  await Site.with({}, async (site) => {
    const property = fc.asyncProperty(generatedPlays, async (play) => {
      const ahead = await run(site, play, true);
      assert.equal(ahead, await run(site, play, false));
      const { hosts } = JSON.parse(ahead);
      for (const status of Object.keys(seen) as (keyof typeof seen)[]) seen[status] += hosts.h?.[status] ?? 0;
    });
    await fc.assert(property, { numRuns: PLAYS, endOnFailure: true });
  });
  // Plays of which nothing ever came would agree too.
  for (const [status, count] of Object.entries(seen)) assert.ok(count > PLAYS / 20, `${count} tasks were ${status}`);
});
