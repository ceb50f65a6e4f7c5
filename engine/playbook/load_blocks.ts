/**
 * Lists of tasks, blocks and handlers: YAML to steps.
 *
 * @module
 */

import { inputError } from "../support/diagnostic.ts";
import { entryOf, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { Findings } from "./findings.ts";
import { BLOCK_KEYWORDS, expectMap, expectSeq, firstKey, isEmpty, textList, unknownKeys } from "./keywords.ts";
import { importHandlers, importOf, loadImport } from "./load_imports.ts";
import { loadTask, type TaskContext } from "./load_tasks.ts";
import type { Block, Settings, Step } from "./playbook.ts";
import { inherit, NO_SETTINGS } from "./settings.ts";

/** How deep blocks may nest. */
const MAX_NESTING = 50;

/**
 * Appends the steps of a list of tasks and blocks.
 *
 * @param what what the list is called in messages
 * @throws {DiagnosticError} with all that is wrong in it
 */
export async function loadTasks(
  node: YamlNode,
  what: string,
  outer: Settings,
  context: TaskContext,
  steps: Step[],
  block?: Block,
): Promise<void> {
  if (isEmpty(node)) return;
  const findings = new Findings();
  for (const item of expectSeq(node, what, " of tasks").items) {
    await findings.keep(async () => {
      const map = expectMap(item, "a task");
      const imported = importOf(map);
      if (entryOf(map, "block")) await loadBlock(map, outer, context, steps, block);
      else if (imported) await loadImport(imported, map, outer, context, steps, block);
      else steps.push({ kind: "task", task: await loadTask(map, outer, context), block });
    });
  }
  findings.report();
}

async function loadBlock(
  map: YamlMap,
  outer: Settings,
  context: TaskContext,
  steps: Step[],
  parent: Block | undefined,
): Promise<void> {
  const findings = new Findings();
  findings.add(
    ...unknownKeys(map, BLOCK_KEYWORDS, "a block").map((finding) => ({
      ...finding,
      help: finding.help ?? "it belongs to the tasks of the block",
    })),
  );
  if (depthOf(parent) >= MAX_NESTING) {
    throw inputError("block-depth", `blocks nest deeper than ${MAX_NESTING} levels`, entryOf(map, "block")!.keySpan);
  }
  const settings = findings.attempt(() => inherit(outer, map)) ?? NO_SETTINGS;
  const block: Block = { parent, start: steps.length, always: 0, end: 0 };
  const part = async (name: string) => {
    const entry = entryOf(map, name);
    if (entry) await findings.keep(() => loadTasks(entry.value, `'${name}'`, settings, context, steps, block));
  };
  await part("block");
  steps.push({ kind: "endPart", block });
  if (entryOf(map, "rescue")) {
    block.rescue = steps.length;
    await part("rescue");
    steps.push({ kind: "endPart", block });
  }
  block.always = steps.length;
  await part("always");
  block.end = steps.length;
  steps.push({ kind: "endBlock", block });
  findings.report();
}

function depthOf(block: Block | undefined): number {
  return block ? depthOf(block.parent) + 1 : 0;
}

/** Loads a list of handlers into `context.parts`, with what they are called by also for those that are wrong. */
export async function loadHandlers(node: YamlNode, outer: Settings, context: TaskContext): Promise<void> {
  if (isEmpty(node)) return;
  const findings = new Findings();
  const list = context.parts.handlers.length;
  for (const item of expectSeq(node, context.role ? "a role's handlers" : "'handlers'").items) {
    await findings.keep(async () => {
      const map = expectMap(item, "a handler");
      const imported = importOf(map);
      if (imported) return await importHandlers(imported, map, outer, context);
      const names = namesOf(map, context);
      const topics = findings.attempt(() => topicsOf(map)) ?? [];
      if (names.length + topics.length === 0) {
        const message = "a handler needs a 'name' or a 'listen': nothing could notify this one";
        throw inputError("no-name", message, firstKey(map));
      }
      for (const topic of [...names, ...topics]) context.parts.topics.add(topic);
      const task = await loadTask(map, outer, context, true);
      context.parts.handlers.push({ task, names, list, topics: new Set(topics) });
    });
  }
  findings.report();
}

function namesOf(map: YamlMap, { role }: TaskContext): string[] {
  const name = entryOf(map, "name")?.value;
  if (name?.kind !== "scalar" || name.value === null) return [];
  return role ? [String(name.value), `${role.name} : ${name.value}`] : [String(name.value)];
}

function topicsOf(map: YamlMap): string[] {
  const listen = entryOf(map, "listen");
  return listen ? textList(listen.value, "'listen'").map((topic) => topic.value) : [];
}
