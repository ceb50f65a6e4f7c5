/**
 * What is certainly odd in a playbook that can be loaded: what has no effect, or not the one that it looks like.
 *
 * @module
 */

import type { Diagnostic } from "../support/diagnostic.ts";
import { entryOf, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { wrongComparisons } from "../variables/comparisons.ts";
import type { Play, Playbook } from "./playbook.ts";

const PREFIX = /^ansible\.(builtin|legacy)\./;
const COMMANDS = new Set(["command", "shell", "script", "raw"]);
/** Words that only a shell understands. */
const SHELL_WORDS = /(?:^|\s)(\|\|?|&&|[0-9]?>>?(?:&[0-9])?|<|;|&)(?:\s|$)/;

/** The handlers of a play that nothing notifies. A role's may be notified in another play. */
export function unusedHandlers({ plays }: Playbook): Diagnostic[] {
  return plays.flatMap((play) => {
    const notified = notifiedBy(play);
    if (!notified) return [];
    return play.handlers.filter(({ task, names, topics }) =>
      !task.role && ![...names, ...topics].some((name) => notified.has(name))
    )
      .map(({ task }) => ({
        severity: "warning" as const,
        code: "unused-handler" as const,
        message: `nothing notifies the handler '${task.label}'`,
        span: task.span,
        help: "name it in a task's 'notify', or take it away",
      }));
  });
}

/** The names that tasks notify; undefined where one of them is only known on a host. */
function notifiedBy({ tasks }: Play): Set<string> | undefined {
  if (tasks.some(({ include }) => include && !include.certain)) return undefined;
  const names = tasks.flatMap((task) => task.settings.notify).map(({ constant }) => constant);
  return names.every((name) => typeof name === "string") ? new Set(names) : undefined;
}

/** What is odd in the text of a playbook or list of tasks, without its roles. */
export function warningsOf(root: YamlNode): Diagnostic[] {
  const found: Diagnostic[] = [];
  const results = new Map<string, boolean>();
  const walk = (node: YamlNode): void => {
    if (node.kind === "seq") return node.items.forEach(walk);
    if (node.kind !== "map") return;
    const called = node.entries.find(({ key }) => COMMANDS.has(key.replace(PREFIX, "")));
    noteResult(node, called, results);
    if (called?.key.replace(PREFIX, "") === "command") found.push(...shellWords(called));
    for (const { value } of node.entries) walk(value);
  };
  walk(root);
  const certain = new Set([...results].filter(([, command]) => command).map(([name]) => name));
  return [...found, ...wrongComparisons(root, certain)];
}

/** Remembers a registered name: whether it is always the result of one command. */
function noteResult(task: YamlMap, called: YamlEntry | undefined, results: Map<string, boolean>): void {
  const register = entryOf(task, "register")?.value;
  if (register?.kind !== "scalar" || typeof register.value !== "string") return;
  const once = called !== undefined && !entryOf(task, "loop");
  results.set(register.value, once && results.get(register.value) !== false);
}

/** `command` hands words such as `|` to the program, which seldom is meant. */
function shellWords({ value }: YamlEntry): Diagnostic[] {
  const line = value.kind === "map" ? entryOf(value, "cmd")?.value : value;
  if (line?.kind !== "scalar" || typeof line.value !== "string") return [];
  const bare = line.value.replace(/\{\{.*?\}\}|"[^"]*"|'[^']*'/gs, "x");
  const word = SHELL_WORDS.exec(bare)?.[1];
  if (word === undefined) return [];
  return [{
    severity: "warning",
    code: "shell-syntax",
    message: `'command' runs no shell: the program gets '${word}' as a word`,
    span: line.span,
    help: "use 'shell' for pipes, redirections and several commands",
  }];
}
