/**
 * Writes the reference of the modules, the actions and the configuration, docs/reference/, from their schemas. With `--check`, writes nothing and
 * fails where a page is out of date.
 *
 * @module
 */

import { calleesOf } from "../cli/callees.ts";
import { reference } from "../cli/module.ts";
import { configReference } from "../cluster/config/reference.ts";
import { registry } from "../modules/registry.ts";

const FOLDER = "docs/reference";
const callees = calleesOf(registry);

/** The pages by file name. */
async function pages(): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  const rows: string[] = [];
  for (const name of callees.names()) {
    const callee = await callees.load(name);
    if (!callee) continue;
    made.set(`${name}.md`, `${reference(callee)}\n`);
    const { summary } = callee.kind === "module" ? callee.module : callee.action;
    rows.push(`| [${name}](${name}.md) | ${callee.kind} | ${summary} |`);
  }
  const head =
    "# Modules and actions\n\nA module acts on a host, an action on the run. `aami module NAME` shows the same.\n";
  made.set("README.md", `${head}\n| name | kind | what it does |\n| --- | --- | --- |\n${rows.join("\n")}\n`);
  made.set("config.md", configReference());
  return made;
}

const stale: string[] = [];
await Deno.mkdir(FOLDER, { recursive: true });
for (const [file, text] of await pages()) {
  const path = `${FOLDER}/${file}`;
  const before = await Deno.readTextFile(path).catch(() => "");
  if (before === text) continue;
  stale.push(path);
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(path, text);
}
if (Deno.args.includes("--check") && stale.length > 0) {
  console.error(`out of date: ${stale.join(", ")}\nrun: deno run -A tools/reference.ts`);
  Deno.exit(1);
}
