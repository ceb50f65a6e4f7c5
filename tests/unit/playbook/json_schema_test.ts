/** The JSON Schemas for editors: what aami takes is valid, what is mistyped is not. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import { calleesOf } from "../../../cli/callees.ts";
import { inventoryJsonSchema } from "../../../engine/inventory/json_schema.ts";
import { playbookJsonSchema, tasksJsonSchema } from "../../../engine/playbook/json_schema.ts";
import { KEYWORD_SCHEMAS } from "../../../engine/playbook/keyword_schemas.ts";
import * as keywords from "../../../engine/playbook/keywords.ts";
import { parseYaml, toPlain } from "../../../engine/support/yaml.ts";
import { registry } from "../../../modules/registry.ts";
import { INVENTORIES } from "../inventory/recorded/cases.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const callees = calleesOf(registry);
const ajv = new Ajv({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  strictTypes: false,
});
const [playbook, tasks, inventory] = [
  ajv.compile(await playbookJsonSchema(callees)),
  ajv.compile(await tasksJsonSchema(callees)),
  ajv.compile(inventoryJsonSchema()),
];

function problems(validate: ValidateFunction, text: string): string[] {
  const root = parseYaml({ path: "text", text });
  validate(root ? toPlain(root) : null);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

async function* yamlFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory && !["files", "templates"].includes(name)) yield* yamlFiles(path);
    else if (name.endsWith(".yml")) yield path;
  }
}

Deno.test("the built-in playbooks, roles and inventories are valid", async () => {
  let count = 0;
  for await (const path of yamlFiles(`${ROOT}playbooks`)) {
    const validate = /\/(tasks|handlers)\//.test(path)
      ? tasks
      : /\/playbooks\/[^/]+$/.test(path)
      ? playbook
      : undefined;
    if (!validate) continue;
    count++;
    assert.deepEqual(problems(validate, await Deno.readTextFile(path)), [], path);
  }
  assert.ok(count > 10, `${count}`);
  for await (const path of yamlFiles(`${ROOT}inventory`)) {
    assert.deepEqual(problems(inventory, await Deno.readTextFile(path)), [], path);
  }
});

Deno.test("each module's examples are valid", async () => {
  for (const name of callees.names()) {
    const callee = (await callees.load(name))!;
    const { examples } = callee.kind === "module" ? callee.module : callee.action;
    for (const { args } of examples) {
      const lines = args.split("\n");
      const inline = lines.length === 1 && !/^\w+:( |$)/.test(lines[0]);
      const text = inline ? `- ${name}: ${args}` : `- ${name}:\n${lines.map((line) => `    ${line}`).join("\n")}`;
      assert.deepEqual(problems(tasks, text), [], text);
    }
  }
});

Deno.test("inventories that ansible-core reads are valid", () => {
  let count = 0;
  for (const { name, files } of INVENTORIES) {
    for (const [path, text] of Object.entries(files)) {
      if (!/(^|\/)[^/]*inv[^/]*\.yml$|^inv\/2\.yml$/.test(path) || /_vars\//.test(path)) continue;
      count++;
      assert.deepEqual(problems(inventory, text), [], name);
    }
  }
  assert.ok(count > 15, `${count}`);
});

Deno.test("what converts is valid: words for booleans, digits, one item for a list, expressions anywhere", () => {
  for (
    const task of [
      "file: { path: /a, state: '{{ state }}', recurse: 'yes', mode: '0644' }",
      "file: path=/a state=directory",
      "ansible.builtin.copy: { content: 1, dest: '{{ d }}', backup: '{{ b }}' }",
      "user: { name: a, groups: b, uid: '7' }",
      "command: ls -l",
      "ping:",
      "debug: { msg: [1, 2] }",
      "set_fact: { a: 1, b: { c: d } }",
      "assert: { that: [a == 1, true] }",
    ]
  ) assert.deepEqual(problems(playbook, `- hosts: all\n  tasks:\n    - name: x\n      ${task}\n`), [], task);
});

Deno.test("what is mistyped is not valid", () => {
  const task = (text: string) => `- hosts: all\n  tasks:\n    - ${text}\n`;
  for (
    const [text, place] of [
      ["- hosts: all\n  taks: []\n", "/0"],
      ["- tasks: []\n", "/0"],
      ["hosts: all\n", ""],
      [task("nmae: x"), "/0/tasks/0"],
      [task("{ copy: { contents: a, dest: /a } }"), "/0/tasks/0/copy"],
      [task("{ copy: { content: a } }"), "/0/tasks/0/copy"],
      [task("{ file: { path: /a, state: here } }"), "/0/tasks/0/file/state"],
      [task("{ file: { path: /a, mode: 0644 } }"), "/0/tasks/0/file/mode"],
      [task("{ ping: , become: maybe }"), "/0/tasks/0/become"],
      [task("{ block: [ { pong: } ] }"), "/0/tasks/0/block/0"],
      [task("{ ping: , listen: x }"), "/0/tasks/0"],
    ]
  ) assert.ok(problems(playbook, text).some((problem) => problem.startsWith(`${place} `)), text);
  for (
    const [text, place] of [
      ["all:\n  host:\n    a:\n", "/all"],
      ["all:\n  hosts: [a]\n", "/all/hosts"],
      ["all:\n  children:\n    g:\n      a:\n", "/all/children/g"],
      ["plugin: constructed\nkeyed_groups:\n  - prefix: x\n", "/keyed_groups/0"],
      ["plugin: aws_ec2\n", "/plugin"],
    ]
  ) assert.ok(problems(inventory, text).some((problem) => problem.startsWith(`${place} `)), text);
});

Deno.test("each keyword that the loading knows is described", () => {
  const known = Object.entries(keywords).filter(([name]) => name.endsWith("_KEYWORDS"))
    .flatMap(([, words]) => words as readonly string[]);
  assert.deepEqual([...new Set(known)].filter((keyword) => !Object.hasOwn(KEYWORD_SCHEMAS, keyword)), []);
});
