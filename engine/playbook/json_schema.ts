/**
 * Playbooks and files of tasks as JSON Schema (draft 7), so that editors complete and check them.
 *
 * @module
 */

import { calleeJsonSchema, type JsonSchema, TEXT } from "../module/json_schema.ts";
import { KEYWORD_SCHEMAS } from "./keyword_schemas.ts";
import { BLOCK_KEYWORDS, COMMON_KEYWORDS, HANDLER_KEYWORDS, PLAY_KEYWORDS, TASK_KEYWORDS } from "./keywords.ts";
import { calleeOf, type Callees } from "./load_tasks.ts";
import type { Callee } from "./playbook.ts";

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** The schema of a playbook, with each module that tasks may call. */
export async function playbookJsonSchema(callees: Callees): Promise<JsonSchema> {
  return {
    $schema: DRAFT,
    title: "aami playbook",
    type: "array",
    items: { $ref: "#/definitions/play" },
    definitions: await definitions(callees),
  };
}

/** The schema of a file of tasks or handlers, as roles have them. */
export async function tasksJsonSchema(callees: Callees): Promise<JsonSchema> {
  return {
    $schema: DRAFT,
    title: "aami tasks",
    type: ["array", "null"],
    items: { $ref: "#/definitions/handler" },
    definitions: await definitions(callees),
  };
}

async function definitions(callees: Callees): Promise<JsonSchema> {
  const modules: Record<string, JsonSchema> = {};
  for (const name of callees.names()) modules[name] = calleeJsonSchema(documented((await callees.load(name))!));
  const keys = Object.keys(modules);
  const task = (keywords: readonly string[]): JsonSchema => ({
    type: "object",
    properties: {
      ...keywordProperties(keywords),
      ...Object.fromEntries(keys.map((name) => [name, { $ref: `#/definitions/modules/${name}` }])),
    },
    patternProperties: { [`^ansible\\.(builtin|posix|legacy)\\.(${keys.join("|")})$`]: {} },
    additionalProperties: false,
  });
  return {
    play: {
      // A playbook that stands here has no hosts of its own.
      if: { type: "object", required: ["import_playbook"] },
      else: object(PLAY_KEYWORDS, ["hosts"]),
    },
    tasks: { type: "array", items: { $ref: "#/definitions/task" } },
    handlers: { type: "array", items: { $ref: "#/definitions/handler" } },
    roles: { type: "array", items: { $ref: "#/definitions/role" } },
    task: blockOr(task(TASK_KEYWORDS)),
    handler: blockOr(task(HANDLER_KEYWORDS)),
    role: {
      anyOf: [TEXT, {
        type: "object",
        properties: { role: TEXT, name: TEXT, ...keywordProperties([...COMMON_KEYWORDS, "when"]) },
        anyOf: [{ required: ["role"] }, { required: ["name"] }],
      }],
    },
    modules,
  };
}

function documented(callee: Callee) {
  const { summary } = callee.kind === "module" ? callee.module : callee.action;
  return { ...calleeOf(callee), summary };
}

function blockOr(task: JsonSchema): JsonSchema {
  return { if: { type: "object", required: ["block"] }, then: object(BLOCK_KEYWORDS, ["block"]), else: task };
}

function object(keywords: readonly string[], required: readonly string[]): JsonSchema {
  return { type: "object", properties: keywordProperties(keywords), required, additionalProperties: false };
}

function keywordProperties(keywords: readonly string[]): JsonSchema {
  return Object.fromEntries(keywords.map((keyword) => [keyword, KEYWORD_SCHEMAS[keyword] ?? {}]));
}
