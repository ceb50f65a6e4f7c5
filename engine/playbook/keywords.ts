/**
 * Reading the mappings of a playbook: which keys are known where, and what to say of those that are not.
 *
 * @module
 */

import { type Diagnostic, inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import type { YamlEntry, YamlMap, YamlNode, YamlScalar, YamlSeq } from "../support/yaml.ts";
import { describe } from "../module/schema.ts";
import { toPlain } from "../support/yaml.ts";

/** Keywords of plays, roles, blocks and tasks alike. */
export const COMMON_KEYWORDS = [
  "name",
  "vars",
  "become",
  "become_user",
  "become_method",
  "environment",
  "tags",
  "connection",
  "remote_user",
  "port",
  "ignore_errors",
  "check_mode",
  "diff",
  "no_log",
  "run_once",
  "any_errors_fatal",
  "ignore_unreachable",
  "throttle",
  "timeout",
  "module_defaults",
  "collections",
] as const;

/** Keywords of blocks, roles and tasks, which a play hands down to none. */
export const INNER_KEYWORDS = [...COMMON_KEYWORDS, "when", "delegate_to", "delegate_facts"] as const;

/** Keywords of a play. */
export const PLAY_KEYWORDS = [
  "hosts",
  "tasks",
  "roles",
  "handlers",
  "pre_tasks",
  "post_tasks",
  "vars_files",
  "vars_prompt",
  "gather_facts",
  "gather_subset",
  "gather_timeout",
  "serial",
  "strategy",
  "order",
  "max_fail_percentage",
  "force_handlers",
  ...COMMON_KEYWORDS,
] as const;

/** Keywords of a block. */
export const BLOCK_KEYWORDS = [...INNER_KEYWORDS, "notify", "block", "rescue", "always"] as const;

/** Keywords of a task; beside them stands the module's name. */
export const TASK_KEYWORDS = [
  ...INNER_KEYWORDS,
  "args",
  "loop",
  "loop_control",
  "register",
  "notify",
  "changed_when",
  "failed_when",
  "until",
  "retries",
  "delay",
  "async",
  "poll",
] as const;

/** Keywords of a task that imports others, beside the ones that it hands down to them. */
export const IMPORT_KEYWORDS = [...INNER_KEYWORDS, "args"] as const;

/** Keywords of a handler. */
export const HANDLER_KEYWORDS = [...TASK_KEYWORDS, "listen"] as const;

/** Keywords of Ansible's that aami leaves out, with what to do instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  action: "write the module's name as the key",
  local_action: "write the module's name as the key and 'connection: local'",
  with_dict: "use 'loop: \"{{ items(map) }}\"'",
  with_items: "use 'loop:'",
  with_list: "use 'loop:'",
  with_file: "use 'loop:' and file(PATH)",
  with_fileglob: "name the files in 'loop:'",
  with_sequence: "use 'loop: \"{{ range(n) }}\"'",
  with_subelements: "build the list with .map() in 'loop:'",
  hosts: "'hosts' belongs to a play",
  listen: "'listen' belongs to a handler",
  rescue: "'rescue' stands beside 'block:'",
  always: "'always' stands beside 'block:'",
  include: "use 'import_tasks' or 'include_tasks'",
  debugger: "there is no debugger; -vv and --step show what happens",
  become_exe: "sudo and su are found on the host's PATH",
  become_flags: "set what is needed in the host's sudoers",
  fact_path: "facts are aami's own; read files with 'slurp'",
  with_indexed_items: "use 'loop:' and 'loop_control: index_var'",
  with_nested: "build the list with .map() in 'loop:'",
  with_together: "build the list with .map() in 'loop:'",
  with_first_found: "use 'vars_files' with a list, or 'stat' and 'when'",
  with_random_choice: "there is no chance in a playbook: choose in 'vars:'",
  with_inventory_hostnames: "use 'loop: \"{{ groups['NAME'] }}\"'",
  with_lines: "use 'command' with 'register', then 'loop:' over its stdout_lines",
  with_flattened: "use 'loop: \"{{ flatten(list) }}\"'",
  sudo: "use 'become: true'",
  sudo_user: "use 'become_user'",
};

/** What to do about a name of Ansible's that is none of aami's; undefined for any other. */
export function ofAnsible(name: string): string | undefined {
  return Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
}

/** A sequence, or an error that names what it should be. */
export function expectSeq(node: YamlNode, what: string, items = ""): YamlSeq {
  if (node.kind === "seq") return node;
  const help = node.kind === "map" ? "begin each item with '- '" : undefined;
  throw inputError("type", `${what} must be a list${items}, got ${describe(toPlain(node))}`, node.span, help);
}

/** A mapping, or an error. */
export function expectMap(node: YamlNode, what: string): YamlMap {
  if (node.kind === "map") return node;
  throw inputError("type", `${what} must be a mapping, got ${describe(toPlain(node))}`, node.span);
}

/** A text scalar, or an error. */
export function expectText(node: YamlNode, what: string): YamlScalar & { value: string } {
  if (node.kind === "scalar" && typeof node.value === "string") return node as YamlScalar & { value: string };
  if (node.kind === "scalar" && node.value !== null) return { ...node, value: node.written };
  throw inputError("type", `${what} must be text, got ${describe(toPlain(node))}`, node.span);
}

/** A text that no expression decides; `why` says what to do about one that does. */
export function constantText(entry: YamlEntry, what: string, why: string): string {
  const { value } = expectText(entry.value, what);
  if (!value.includes("{{")) return value;
  throw inputError("import", `${what} takes no expression here`, entry.value.span, why);
}

/** A list of texts; a single text stands for a list of it. */
export function textList(node: YamlNode, what: string): (YamlScalar & { value: string })[] {
  if (node.kind === "seq") return node.items.map((item) => expectText(item, what));
  return [expectText(node, what)];
}

/** Whether nothing stands there. */
export function isEmpty(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** The place of a mapping for messages: its first key. */
export function firstKey(map: YamlMap): Span {
  return map.entries[0]?.keySpan ?? map.span;
}

/** The entries of a mapping by key. */
export function fields(map: YamlMap): Map<string, YamlEntry> {
  return new Map(map.entries.map((entry) => [entry.key, entry]));
}

/** The findings for keys that are not known in a place such as `a play`. */
export function unknownKeys(map: YamlMap, known: readonly string[], where: string): Diagnostic[] {
  return map.entries.filter((entry) => !known.includes(entry.key)).map((entry) => unknownKey(entry, known, where));
}

/** The finding for one key that is not known. */
export function unknownKey(entry: YamlEntry, known: readonly string[], where: string): Diagnostic {
  return {
    severity: "error",
    code: "unknown-key",
    message: `unknown key '${entry.key}' in ${where}`,
    span: entry.keySpan,
    help: ofAnsible(entry.key) ?? didYouMean(entry.key, known),
  };
}
