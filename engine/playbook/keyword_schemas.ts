/**
 * What each keyword takes, as JSON Schema with a description, for editors.
 *
 * @module
 */

import { EXPRESSION, type JsonSchema, TEXT } from "../module/json_schema.ts";

const FLAG: JsonSchema = {
  anyOf: [{ type: "boolean" }, { enum: ["yes", "no", "on", "off", "true", "false"] }, EXPRESSION],
};
const NUMBER: JsonSchema = {
  anyOf: [{ type: "number", minimum: 0 }, { type: "string", pattern: "^\\d" }, EXPRESSION],
};
const TEXTS: JsonSchema = { anyOf: [TEXT, { type: "array", items: TEXT }] };
const CONDITION: JsonSchema = {
  anyOf: [{ type: ["string", "boolean"] }, { type: "array", items: { type: ["string", "boolean"] } }],
};
const MAPPING: JsonSchema = { anyOf: [{ type: ["object", "null"] }, EXPRESSION] };
const TASKS: JsonSchema = { anyOf: [{ $ref: "#/definitions/tasks" }, { type: "null" }] };
const LOOP: JsonSchema = { anyOf: [{ type: "array" }, EXPRESSION] };

function of(schema: JsonSchema, description: string): JsonSchema {
  return { description, ...schema };
}

/** By keyword, whatever it stands in. */
export const KEYWORD_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  always: of(TASKS, "Tasks that run at the end of the block, whatever happened in it."),
  any_errors_fatal: of(FLAG, "Whether a failure on one host ends the play on all."),
  args: of(MAPPING, "More arguments of the module, e.g. beside a command line."),
  async: of(NUMBER, "Seconds that the task may run in the background."),
  become: of(FLAG, "Whether the tasks run as another user, root by default."),
  become_method: of(TEXT, "How to become another user: sudo or su."),
  become_user: of(TEXT, "The user to become."),
  block: of(TASKS, "Tasks that belong together: with keywords of their own, and a rescue for failures."),
  changed_when: of(CONDITION, "When the task counts as a change: a CEL expression, or a list that must all hold."),
  check_mode: of(FLAG, "Whether the task is only predicted (true), or runs even with --check (false)."),
  collections: of({ type: ["array", "string"] }, "Read for Ansible's sake: modules have one name here."),
  connection: of(TEXT, "How hosts are reached: ssh, openssh or local."),
  delay: of(NUMBER, "Seconds between two tries."),
  delegate_facts: of(FLAG, "Whether facts that the task sets belong to the host it is delegated to."),
  delegate_to: of(TEXT, "The host that the task runs on, in place of the play's."),
  diff: of(FLAG, "Whether differences of files are shown."),
  environment: of({ anyOf: [MAPPING, { type: "array" }] }, "Environment variables of what the tasks run."),
  failed_when: of(CONDITION, "When the task counts as failed: a CEL expression, or a list that must all hold."),
  force_handlers: of(FLAG, "Whether handlers run even on hosts that failed."),
  gather_facts: of(FLAG, "Facts are read when they are looked at; false means that the play goes without."),
  gather_subset: of(TEXTS, "Read for Ansible's sake: all facts cost one round trip."),
  gather_timeout: of(NUMBER, "Read for Ansible's sake."),
  handlers: of({ anyOf: [{ $ref: "#/definitions/handlers" }, { type: "null" }] }, "Tasks that run when notified."),
  hosts: of(TEXTS, "Where the play runs: a pattern of hosts and groups, e.g. gpu:!gpu07."),
  ignore_errors: of(FLAG, "Whether a failure is taken for none."),
  ignore_unreachable: of(FLAG, "Whether an unreachable host goes on with the next task."),
  import_playbook: of(TEXT, "A playbook whose plays stand here."),
  listen: of(TEXTS, "What the handler is notified by, beside its name."),
  loop: of(LOOP, "The task runs for each item of this list."),
  loop_control: of({ type: "object" }, "How a loop goes: loop_var, index_var, label, pause, break_when."),
  max_fail_percentage: of(NUMBER, "The play ends when more than this part of its hosts has failed."),
  module_defaults: of(MAPPING, "Arguments for modules that tasks do not give."),
  name: of(TEXT, "What it is called where it is shown."),
  no_log: of(FLAG, "Whether nothing of the task may be shown."),
  notify: of(TEXTS, "Handlers that run at the end of the section if the task changes something."),
  order: of(TEXT, "The order of hosts."),
  poll: of(NUMBER, "Seconds between two looks at a task in the background; 0 does not wait."),
  port: of(NUMBER, "Where sshd listens."),
  post_tasks: of(TASKS, "Tasks after the roles and tasks; then handlers run."),
  pre_tasks: of(TASKS, "Tasks before the roles; then handlers run."),
  register: of({ type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }, "The variable that gets the result."),
  remote_user: of(TEXT, "The user to log in as."),
  rescue: of(TASKS, "Tasks that run when one of the block fails, which then counts as no failure."),
  retries: of(NUMBER, "How often a task is tried again until 'until' holds."),
  roles: of({ anyOf: [{ $ref: "#/definitions/roles" }, { type: "null" }] }, "Roles, which run before the tasks."),
  run_once: of(FLAG, "Whether the task runs on one host only, for all of them."),
  serial: of({ anyOf: [NUMBER, TEXT, { type: "array" }] }, "How many hosts at a time take the whole play."),
  strategy: of(TEXT, "linear: all hosts take each task together; free: each goes at its own pace."),
  tags: of(TEXTS, "What --tags and --skip-tags choose by."),
  tasks: of(TASKS, "What the play does."),
  throttle: of(NUMBER, "How many hosts at a time take the task."),
  timeout: of(NUMBER, "Seconds after which the task fails."),
  until: of(CONDITION, "The task is tried again until this holds."),
  vars: of(MAPPING, "Variables of what they stand in."),
  // In the list a file may be a list, of which the first that exists counts.
  vars_files: of({ anyOf: [TEXTS, { type: "null" }, { type: "array", items: TEXTS }] }, "Files of variables."),
  vars_prompt: of({ type: "array" }, "Variables that are asked for when the play begins."),
  when: of(CONDITION, "Runs only if this holds: a CEL expression, or a list that must all hold."),
};
