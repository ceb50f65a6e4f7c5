/**
 * Inventories in YAML as JSON Schema (draft 7), so that editors complete and check them.
 *
 * @module
 */

import { type JsonSchema, TEXT } from "../module/json_schema.ts";

/** Variables that say how a host is reached. */
const CONNECTION_VARIABLES: Readonly<Record<string, string>> = {
  ansible_host: "The name or address to connect to, where it is not the host's name.",
  ansible_port: "Where sshd listens; 22 by default.",
  ansible_user: "The user to log in as.",
  ansible_password: "The password to log in with.",
  ansible_ssh_private_key_file: "The key to log in with.",
  ansible_ssh_common_args: "Arguments of ssh, such as -J bastion.",
  ansible_connection: "How the host is reached: ssh, openssh or local.",
  ansible_become: "Whether to become another user.",
  ansible_become_user: "The user to become; root by default.",
  ansible_become_method: "How to become another user: sudo or su.",
  ansible_become_password: "The password of sudo or su.",
};

const VARIABLES: JsonSchema = {
  type: ["object", "null"],
  properties: Object.fromEntries(
    Object.entries(CONNECTION_VARIABLES).map(([name, description]) => [name, { description }]),
  ),
};

const GROUP: JsonSchema = {
  type: ["object", "null"],
  properties: {
    hosts: {
      description: "The hosts by name, each with its variables; ranges such as node[01:16] stand for many.",
      anyOf: [{ type: "string" }, { type: ["object", "null"], additionalProperties: VARIABLES }],
    },
    children: {
      description: "The groups below this one.",
      anyOf: [{ type: "string" }, {
        type: ["object", "null"],
        additionalProperties: { $ref: "#/definitions/group" },
      }],
    },
    vars: { description: "Variables of all hosts of the group.", ...VARIABLES },
  },
  additionalProperties: false,
};

const EXPRESSION_TEXT: JsonSchema = { type: ["string", "number", "boolean"] };
const FLAG: JsonSchema = { anyOf: [{ type: "boolean" }, { enum: ["yes", "no", "on", "off", "true", "false"] }] };

const CONSTRUCTED: JsonSchema = {
  type: "object",
  properties: {
    plugin: { enum: ["constructed", "ansible.builtin.constructed"] },
    strict: { description: "Whether an expression that fails on a host is an error.", ...FLAG },
    use_vars_plugins: { description: "Whether group_vars and host_vars are looked at.", ...FLAG },
    leading_separator: { description: "Whether the separator begins a name without prefix.", ...FLAG },
    compose: { description: "Variables by name, each a CEL expression.", type: ["object", "null"] },
    groups: {
      description: "Groups by name, each with the condition that its hosts meet.",
      type: ["object", "null"],
      additionalProperties: EXPRESSION_TEXT,
    },
    keyed_groups: {
      description: "Groups named after a value.",
      type: ["array", "null"],
      items: {
        type: "object",
        properties: {
          key: { description: "A CEL expression: a text, a list or a mapping.", ...EXPRESSION_TEXT },
          prefix: TEXT,
          separator: TEXT,
          parent_group: TEXT,
          default_value: TEXT,
          trailing_separator: FLAG,
        },
        required: ["key"],
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
};

/** The schema of an inventory: groups, or a constructed one. */
export function inventoryJsonSchema(): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "aami inventory",
    if: { type: "object", properties: { plugin: { type: "string" } }, required: ["plugin"] },
    then: CONSTRUCTED,
    else: { type: "object", additionalProperties: { $ref: "#/definitions/group" } },
    definitions: { group: GROUP },
  };
}
