/**
 * `aami explain`: every code that the source uses is explained, nothing else is, and each example brings out its code.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FilesExample, USUAL_COMMAND } from "../../cli/explanations/explanation.ts";
import { EXPLANATIONS } from "../../cli/explanations/mod.ts";
import { drive } from "./bad_input/drive.ts";
import type { Job, Said } from "./bad_input/driver.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What is found before anything runs and only warned of. */
const WARNINGS: ReadonlySet<string> = new Set([
  "ambiguous-name",
  "ignored-vars-file",
  "ini-comment",
  "unused-vars-file",
]);

/** The text of the source below these folders, the explanations and the list of codes left out. */
async function source(...folders: string[]): Promise<string> {
  const texts: string[] = [];
  for (const folder of folders) {
    for await (const entry of Deno.readDir(join(ROOT, folder))) {
      const path = join(folder, entry.name);
      if (path === "cli/explanations" || entry.name === "diagnostic_codes.ts") continue;
      if (entry.isDirectory) texts.push(await source(path));
      else if (entry.name.endsWith(".ts")) texts.push(await Deno.readTextFile(join(ROOT, path)));
    }
  }
  return texts.join("\n");
}

Deno.test("every code that is explained is used in the source", async () => {
  const text = await source("cli", "cluster", "engine", "modules");
  const unused = Object.keys(EXPLANATIONS).filter((code) => !text.includes(`"${code}"`));
  assert.deepEqual(unused, []);
});

async function written({ files, command = USUAL_COMMAND }: FilesExample, directory: string): Promise<Job> {
  const usual = { "site.yml": "- hosts: all\n", "hosts.ini": "[gpu]\nnode1\n" };
  const playbook = Object.keys(files).some((name) => name.startsWith("site.yml"));
  for (
    const [name, text] of Object.entries({ ...(playbook ? { "hosts.ini": usual["hosts.ini"] } : usual), ...files })
  ) {
    const path = join(directory, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
  }
  const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
  return { directory, args: ["play", "explain", "lint"].includes(args[0]) ? [...args, "-o", "json"] : args };
}

/** The codes that a command said as data, or in the last line of its talk where it prints no data. */
function codesOf({ out, talk }: Said): string[] {
  if (!out) return Array.from(talk.matchAll(/aami explain ([a-z-]+)/g), ([, code]) => code);
  const { diagnostics = [], tasks = [] } = JSON.parse(out);
  const failed: { diagnostics?: unknown[] }[] = tasks;
  return [...diagnostics, ...failed.flatMap((task) => task.diagnostics ?? [])].map((each) => each.code);
}

Deno.test("each example brings out its code", async (t) => {
  const root = await Deno.makeTempDir({ prefix: "aami-explain-" });
  try {
    const examples = Object.entries(EXPLANATIONS).flatMap(([code, { example }]) =>
      "situation" in example ? [] : [[code, example] as const]
    );
    assert.ok(examples.length > 70);
    const jobs = await Promise.all(examples.map(([code, example]) => written(example, join(root, code))));
    const said = await drive(jobs);
    for (const [index, [code]] of examples.entries()) {
      await t.step(code, () => {
        if (WARNINGS.has(code)) return assert.match(said[index].talk, /warning: /);
        assert.ok(codesOf(said[index]).includes(code), `${said[index].out}\n${said[index].talk}`);
      });
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("what is wrong is told as data with its code, place and line", async () => {
  const root = await Deno.makeTempDir({ prefix: "aami-explain-" });
  try {
    const text = "- hosts: all\n  tasks:\n    - nmae: 你好\n      ping:\n";
    const job = await written({ files: { "site.yml": text } }, root);
    const [json, jsonl] = await drive([job, { ...job, args: job.args.with(-1, "jsonl") }]);
    const finding = {
      severity: "error",
      code: "unknown-key",
      message: "unknown key 'nmae' in a task",
      file: "site.yml",
      range: { start: { line: 3, column: 7 }, end: { line: 3, column: 11 } },
      snippet: "    - nmae: 你好",
      help: "did you mean 'name'?",
    };
    assert.deepEqual(JSON.parse(json.out), { schema: 1, diagnostics: [finding], exit: 1 });
    assert.deepEqual(JSON.parse(jsonl.out), { schema: 1, type: "diagnostic", ...finding });
    assert.match(json.talk, /^site\.yml:3:7: error: unknown key 'nmae'.*\n.*\n.*\n.*\nmore: aami explain unknown-key$/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("explain tells a code's meaning, an example and what to do, or lists all codes", async () => {
  const jobs = ["explain unknown-tag", "explain", "explain unknown-tag -o json", "explain unknwon-tag"].map((line) => ({
    directory: ROOT,
    args: line.split(" "),
  }));
  const [one, all, json, wrong] = await drive(jobs);
  assert.match(one.out, /^unknown-tag: no task has .*\n\n[^]*\nExample\n {2}site\.yml\n[^]*\n\nWhat to do\n {2}\S/);
  assert.equal(all.out.split("\n").length, Object.keys(EXPLANATIONS).length);
  assert.deepEqual(JSON.parse(json.out), { code: "unknown-tag", ...EXPLANATIONS["unknown-tag"] });
  assert.deepEqual([wrong.exit, wrong.talk], [
    1,
    "error: no message has the code 'unknwon-tag'\n  help: did you mean 'unknown-tag'?",
  ]);
});
