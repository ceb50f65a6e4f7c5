/**
 * Writes the dashboards that install-stack copies to Grafana, from their description in cluster/dashboards/. With
 * `--check`, writes nothing and fails where a file is out of date or is nobody's.
 *
 * @module
 */

import { DASHBOARDS } from "../cluster/dashboards/dashboards.ts";
import { grafanaJson } from "../cluster/dashboards/grafana.ts";

const FOLDER = "playbooks/roles/grafana/files/dashboards";
const check = Deno.args.includes("--check");
const wanted = new Map(DASHBOARDS.map((dashboard) => [`${dashboard.uid}.json`, grafanaJson(dashboard)]));
const stale: string[] = [];

await Deno.mkdir(FOLDER, { recursive: true });
for (const { name } of Deno.readDirSync(FOLDER)) {
  if (wanted.has(name)) continue;
  stale.push(name);
  if (!check) await Deno.remove(`${FOLDER}/${name}`);
}
for (const [name, text] of wanted) {
  if (await Deno.readTextFile(`${FOLDER}/${name}`).catch(() => "") === text) continue;
  stale.push(name);
  if (!check) await Deno.writeTextFile(`${FOLDER}/${name}`, text);
}
if (check && stale.length > 0) {
  console.error(`out of date: ${stale.join(", ")}\nrun: deno run -A tools/dashboards.ts`);
  Deno.exit(1);
}
