/**
 * `aami run` and `aami facts`: one module on some hosts, without a playbook.
 *
 * @module
 */

import { loadPlaybookText } from "../engine/playbook/load_playbook.ts";
import type { Event } from "../engine/run/event.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { calleesOf } from "./callees.ts";
import { inventoryInput } from "./inventory_sources.ts";
import { runAll } from "./play.ts";
import { type PlayFlags, readOptions } from "./play_options.ts";
import type { Wiring } from "./program.ts";
import { makeRenderer, type Renderer } from "./render/renderer.ts";

/** What `aami run` and `aami facts` take: the flags of `aami play` without tags. */
export type AdHocFlags = Omit<PlayFlags, "tags" | "skipTags">;

/**
 * `aami run PATTERN MODULE [k=v…]`: runs one module.
 *
 * @returns the exit status, as of `aami play`
 * @throws {DiagnosticError} for bad input; then nothing was contacted
 */
export async function runModule(
  pattern: string,
  module: string,
  words: readonly string[],
  flags: AdHocFlags,
  wiring: Wiring,
): Promise<number> {
  const callees = calleesOf(wiring.registry);
  const callee = await callees.load(module.replace(/^ansible\.(builtin|posix|legacy)\./, ""));
  if (!callee) {
    const help = didYouMean(module, callees.names()) ?? "'aami module' lists the modules";
    throw inputError("unknown-module", `there is no module '${module}'`, undefined, help);
  }
  const { freeForm } = callee.kind === "module" ? callee.module : callee.action;
  const args = freeForm && !words.every(isPair) ? words.join(" ") : pairs(module, words);
  return await runTask(pattern, { [module]: args }, flags, wiring);
}

/**
 * `aami facts PATTERN`: prints the facts of hosts as one JSON document, by host.
 *
 * @returns the exit status, as of `aami play`
 * @throws {DiagnosticError} for bad input; then nothing was contacted
 */
export async function facts(pattern: string, flags: AdHocFlags, wiring: Wiring): Promise<number> {
  const found: { [host: string]: unknown } = {};
  const render: Renderer = {
    take(event: Event) {
      if (event.type !== "task") return;
      if (event.status === "ok") found[event.host] = event.result.msg;
      else wiring.terminal.talk(`${event.status} [${event.host}] ${String(event.result.msg ?? "")}`);
    },
    end: () => wiring.terminal.out(JSON.stringify(found, undefined, 2)),
  };
  return await runTask(pattern, { name: "Facts", debug: { var: "ansible_facts" } }, flags, wiring, render);
}

const isPair = (word: string) => /^[A-Za-z_]\w*=/.test(word);

function pairs(module: string, words: readonly string[]): { [name: string]: string } {
  const wrong = words.find((word) => !isPair(word));
  if (wrong !== undefined) {
    const help = `arguments are k=v; 'aami module ${module}' lists them`;
    throw inputError("usage", `'${wrong}' is no argument of '${module}'`, undefined, help);
  }
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
}

/** JSON is YAML: whatever stands in a value arrives as it is. */
async function runTask(
  pattern: string,
  task: { [key: string]: unknown },
  flags: AdHocFlags,
  wiring: Wiring,
  render?: Renderer,
): Promise<number> {
  const all: PlayFlags = { ...flags, tags: [], skipTags: [] };
  const { terminal, registry } = wiring;
  const input = await inventoryInput(all, wiring);
  const options = await readOptions(all, wiring, input.site?.config.ssh);
  const text = `[{"hosts": ${JSON.stringify(pattern)}, "tasks": [${JSON.stringify(task)}]}]`;
  const playbook = await loadPlaybookText(
    { path: "command line", text },
    Deno.cwd(),
    calleesOf(registry),
    options.vault,
  );
  const renderer = render ?? makeRenderer(flags.output, terminal, { ...options, results: true });
  return await runAll([playbook], Deno.cwd(), { flags: all, input, options, terminal, render: renderer });
}
