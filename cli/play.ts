/**
 * `aami play`: runs playbooks.
 *
 * @module
 */

import { resolve } from "node:path";
import { nearestPath } from "../engine/inventory/files.ts";
import type { Inventory } from "../engine/inventory/inventory.ts";
import { loadInventory } from "../engine/inventory/load.ts";
import { Findings } from "../engine/playbook/findings.ts";
import { loadPlaybook } from "../engine/playbook/load_playbook.ts";
import { findStart } from "../engine/playbook/outline.ts";
import { builtinPlaybooks, findPlaybook, folderOf } from "../engine/playbook/search_path.ts";
import type { Playbook } from "../engine/playbook/playbook.ts";
import { SPECIAL_TAGS, type TagSelection } from "../engine/playbook/tags.ts";
import type { RunOptions } from "../engine/run/context.ts";
import { EXIT, runPlaybook, type RunResult } from "../engine/run/run.ts";
import { DiagnosticError, formatDiagnostic, inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import type { Vault } from "../engine/variables/vault.ts";
import { calleesOf, type Registry } from "./callees.ts";
import { type InventoryInput, inventoryInput } from "./inventory_sources.ts";
import { asksForLists, playLists } from "./play_lists.ts";
import { type PlayFlags, readOptions } from "./play_options.ts";
import type { Wiring } from "./program.ts";
import { makeRenderer, type Renderer } from "./render/renderer.ts";
import { withReports } from "./render/reports.ts";
import { keepRun, type Kept } from "./runs/keep.ts";
import { checkExtraVars, resumedFlags, runToResume, withFailedHosts } from "./runs/resume.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs playbooks one after the other.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for bad input; then nothing was contacted
 */
export async function play(
  names: readonly string[],
  typed: PlayFlags,
  wiring: Wiring,
): Promise<number> {
  const paths: string[] = [];
  for (const name of names) paths.push(resolve(await playbookPath(name)));
  const { terminal, registry } = wiring;
  const resumed = runToResume(typed, names, paths);
  const taken = resumed ? resumedFlags(typed, resumed) : typed;
  const flags = { ...taken, limit: withFailedHosts(taken.limit, paths[0], names[0]) };
  const lists = asksForLists(flags);
  const input = await inventoryInput(flags, wiring);
  const read = await readOptions(flags, wiring, input.site?.config.ssh);
  const playbooks = await loadAll(paths, registry, read.vault);
  checkTags(playbooks, read.tags);
  const start = flags.startAtTask === undefined ? undefined : findStart(playbooks, flags.startAtTask, read.tags);
  const options = { ...read, start };
  if (resumed) checkExtraVars(resumed, options);
  const directory = folderOf(paths[0]);
  if (lists) {
    const inventory = await readInventory(directory, input, options, terminal);
    terminal.out(playLists(playbooks, inventory, flags, options));
    return EXIT.fine;
  }
  const render = withReports(makeRenderer(flags.output, terminal, options), flags);
  const first = start ? playbooks.findIndex(({ plays }) => plays.includes(start.play)) : 0;
  const journal = (playbook: Playbook) => {
    const index = playbooks.indexOf(playbook);
    return keepRun(paths[index], names[index], { flags, options, terminal, resumed });
  };
  return await runAll(playbooks.slice(first), directory, { flags, input, options, terminal, render, journal });
}

/** How loaded playbooks are run. */
export interface Running {
  /** What the operator typed. */
  readonly flags: PlayFlags;
  /** What the inventory is read from. */
  readonly input: InventoryInput;
  /** The same, read. */
  readonly options: RunOptions;
  /** Where warnings and interrupts are told. */
  readonly terminal: Terminal;
  /** Takes the events. */
  readonly render: Renderer;
  /** Begins the journal of a playbook's run; without it none is kept. */
  readonly journal?: (playbook: Playbook) => Kept;
}

/**
 * Runs loaded playbooks one after the other on the inventory of the flags.
 *
 * @param directory the playbooks' own, for the variables beside them
 * @returns the exit status
 * @throws {DiagnosticError} for bad input; then nothing was contacted
 */
export async function runAll(
  playbooks: readonly Playbook[],
  directory: string,
  { flags, input, options, terminal, render, journal }: Running,
): Promise<number> {
  const inventory = await readInventory(directory, input, options, terminal);
  const interrupt = watchInterrupts(terminal);
  let exit = 0;
  try {
    for (const playbook of playbooks) {
      const reload = () => readInventory(directory, input, options, terminal);
      const kept = journal?.(playbook);
      const all = { ...options, ...kept?.options, reload };
      try {
        const result = await runPlaybook(playbook, inventory, all, (event) => render.take(event), interrupt.signal);
        exit = worse(exit, exitStatus(result, flags));
      } finally {
        kept?.close();
      }
      if (exit !== EXIT.interrupted) continue;
      if (kept?.short && !options.check) terminal.talk(`To go on: aami play ${kept.name} --resume ${kept.short}`);
      break;
    }
  } catch (error) {
    throw flags.inventory.length > 0 || input.site ? error : withoutInventory(error);
  } finally {
    render.end();
    interrupt.stop();
  }
  return exit;
}

async function readInventory(
  playbookDirectory: string,
  { sources, formats }: InventoryInput,
  { vault }: RunOptions,
  terminal: Terminal,
): Promise<Inventory> {
  const inventory = await loadInventory(sources, { playbookDirectory, vault, formats });
  for (const warning of inventory.warnings) terminal.talk(formatDiagnostic(warning, terminal.paintTalk));
  return inventory;
}

/** A failure counts for more than what check mode would change. */
function worse(before: number, now: number): number {
  const rank = [EXIT.fine, EXIT.wouldChange, EXIT.failed, EXIT.unreachable, EXIT.interrupted] as readonly number[];
  return rank.indexOf(now) > rank.indexOf(before) ? now : before;
}

async function loadAll(paths: readonly string[], registry: Registry, vault?: Vault): Promise<Playbook[]> {
  const callees = calleesOf(registry);
  const findings = new Findings();
  const playbooks: Playbook[] = [];
  for (const path of paths) {
    const playbook = await findings.keep(() => loadPlaybook(path, callees, vault));
    if (playbook) playbooks.push(playbook);
  }
  findings.report();
  return playbooks;
}

/** A mistyped tag would run too little, or what was to be left out. */
function checkTags(playbooks: readonly Playbook[], { only, skip }: TagSelection): void {
  const tasks = playbooks.flatMap(({ plays }) => plays).flatMap((play) => play.tasks);
  // What is only known on a host may have any tag.
  if (tasks.some(({ include }) => include && !include.certain)) return;
  const known = new Set(tasks.flatMap((task) => task.settings.tags));
  for (const [flag, tags] of [["--tags", only], ["--skip-tags", skip]] as const) {
    for (const tag of tags) {
      if (known.has(tag) || SPECIAL_TAGS.includes(tag)) continue;
      const names = [...known].sort();
      const help = didYouMean(tag, [...names, ...SPECIAL_TAGS]) ??
        (names.length > 0 ? `the tags are ${names.join(", ")}` : "no task has a tag");
      throw inputError("unknown-tag", `${flag}: no task has the tag '${tag}'`, undefined, help);
    }
  }
}

/** Who gives no inventory has only this machine: the likeliest reason for a name that is not there. */
function withoutInventory(error: unknown): unknown {
  if (!(error instanceof DiagnosticError)) return error;
  return new DiagnosticError(
    error.diagnostics.map((finding) =>
      finding.code === "unknown-host" && finding.help === undefined
        ? { ...finding, help: "no inventory was given with -i: only localhost is there" }
        : finding
    ),
  );
}

function exitStatus(result: RunResult, flags: PlayFlags): number {
  if (result.exit !== 0 || !flags.check || !flags.detailedExitcode) return result.exit;
  const changes = Object.values(result.hosts).some((counts) => counts.changed > 0 || counts.unknown > 0);
  return changes ? EXIT.wouldChange : EXIT.fine;
}

async function playbookPath(name: string): Promise<string> {
  const path = await findPlaybook(name);
  if (path) return path;
  const known = await builtinPlaybooks();
  const file = await nearestPath(name);
  const near = file ? `did you mean '${file}'?` : didYouMean(name.replace(/\.ya?ml$/, ""), known);
  const help = near ?? `built-in playbooks: ${known.join(", ")}`;
  throw inputError("no-playbook", `there is no playbook '${name}'`, undefined, help);
}

/** Ctrl-C once: stop cleanly. Twice: now. */
function watchInterrupts(terminal: Terminal): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) Deno.exit(EXIT.interrupted);
    terminal.talk("Interrupted: stopping after what is under way. Again to stop now.");
    controller.abort(new Error("interrupted"));
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    stop() {
      Deno.removeSignalListener("SIGINT", onSignal);
      Deno.removeSignalListener("SIGTERM", onSignal);
    },
  };
}
