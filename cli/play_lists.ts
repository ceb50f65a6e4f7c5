/**
 * `aami play --list-hosts`, `--list-tasks`, `--list-tags`: what a run would take, in ansible-playbook's layout.
 *
 * @module
 */

import type { Inventory } from "../engine/inventory/inventory.ts";
import { selectedTasks, titleOf } from "../engine/playbook/outline.ts";
import type { Play, Playbook } from "../engine/playbook/playbook.ts";
import type { RunOptions } from "../engine/run/context.ts";
import { hostsOfPlays } from "../engine/run/run.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import type { PlayFlags } from "./play_options.ts";

/** Whether one of the lists is asked for. @throws {DiagnosticError} where it is to be printed as data */
export function asksForLists({ listHosts, listTasks, listTags, output }: PlayFlags): boolean {
  const asked = [listHosts && "--list-hosts", listTasks && "--list-tasks", listTags && "--list-tags"].find(Boolean);
  if (asked && output !== "text") throw inputError("flag", `${asked} prints text`, undefined, "leave out --output");
  return asked !== undefined;
}

/**
 * The lists of some playbooks as text.
 *
 * @throws {DiagnosticError} for a host pattern that is wrong, where hosts are asked for
 */
export function playLists(
  playbooks: readonly Playbook[],
  inventory: Inventory,
  flags: PlayFlags,
  options: RunOptions,
): string {
  return playbooks.map((playbook) => {
    const hosts = flags.listHosts ? hostsOfPlays(playbook, inventory, options) : [];
    const plays = playbook.plays.map((play, index) => {
      const lines = [`  play #${index + 1} (${patternOf(play)}): ${play.name}\tTAGS: [${play.tags.join(",")}]`];
      if (flags.listHosts) lines.push(...hostLines(hosts[index]));
      lines.push(...taskLines(play, flags, options));
      return `${lines.join("\n")}\n`;
    });
    return `\nplaybook: ${playbook.path}\n\n${plays.join("\n")}`;
  }).join("\n").trimEnd();
}

function hostLines({ pattern, hosts }: ReturnType<typeof hostsOfPlays>[number]): string[] {
  const shown = pattern.map((each) => `'${each}'`).join(", ");
  return [`    pattern: [${shown}]`, `    hosts (${hosts.length}):`, ...hosts.map((host) => `      ${host}`)];
}

function taskLines(play: Play, { listTasks, listTags }: PlayFlags, { tags }: RunOptions): string[] {
  const tasks = listTasks || listTags ? selectedTasks(play, tags) : [];
  const lines: string[] = [];
  if (listTasks) {
    lines.push("    tasks:");
    for (const task of tasks) lines.push(`      ${titleOf(task)}\tTAGS: [${inOrder(task.settings.tags)}]`);
  }
  if (listTags) {
    lines.push(`      TASK TAGS: [${inOrder([...play.tags, ...tasks.flatMap((task) => task.settings.tags)])}]`);
  }
  return lines;
}

function inOrder(tags: readonly string[]): string {
  return [...new Set(tags)].sort().join(", ");
}

/** The hosts as the play has them: variables of the command line may be in it. */
function patternOf({ hosts: { constant, span } }: Play): string {
  if (constant !== undefined) return Array.isArray(constant) ? constant.join(",") : String(constant);
  return span ? span.source.text.slice(span.start, span.end) : "";
}
