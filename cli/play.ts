/**
 * `aami play`: runs playbooks.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { loadInventory } from "../engine/inventory/load.ts";
import { loadPlaybook } from "../engine/playbook/load_playbook.ts";
import { builtinPlaybooks, findPlaybook, folderOf } from "../engine/playbook/search_path.ts";
import type { RunOptions } from "../engine/run/context.ts";
import { EXIT, runPlaybook, type RunResult } from "../engine/run/run.ts";
import type { HostKeyChecking } from "../engine/transport/known_hosts.ts";
import { formatDiagnostic, inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { calleesOf } from "./callees.ts";
import { extraVars } from "./extra_vars.ts";
import type { Wiring } from "./program.ts";
import { makeRenderer } from "./render/renderer.ts";
import type { Terminal } from "./terminal.ts";

/** The flags of `aami play`. */
export interface PlayFlags {
  readonly inventory: string[];
  readonly limit?: string;
  readonly tags: string[];
  readonly skipTags: string[];
  readonly extraVars: string[];
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly detailedExitcode?: boolean;
  readonly forks: string;
  readonly verbose: number;
  readonly output: "text" | "json" | "jsonl";
  readonly user?: string;
  readonly privateKey?: string;
  readonly connection?: string;
  readonly timeout: string;
  readonly commandTimeout: string;
  readonly hostKeyChecking: HostKeyChecking;
  readonly askPass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
  readonly lookahead: boolean;
}

const DEFAULT_INVENTORY = fileURLToPath(new URL("../inventory/default.yml", import.meta.url));

/**
 * Runs playbooks one after the other.
 *
 * @returns the exit status
 * @throws {DiagnosticError} for bad input; then nothing was contacted
 */
export async function play(
  names: readonly string[],
  flags: PlayFlags,
  { terminal, registry }: Wiring,
): Promise<number> {
  const paths = [];
  for (const name of names) paths.push(await playbookPath(name));
  const options = await readOptions(flags, terminal);
  const callees = calleesOf(registry);
  const playbooks = [];
  for (const path of paths) playbooks.push(await loadPlaybook(path, callees));
  const sources = flags.inventory.length > 0 ? flags.inventory : [DEFAULT_INVENTORY];
  const inventory = await loadInventory(sources, { playbookDirectory: folderOf(paths[0]) });
  for (const warning of inventory.warnings) terminal.talk(formatDiagnostic(warning, terminal.paintTalk));
  const interrupt = watchInterrupts(terminal);
  const render = makeRenderer(flags.output, terminal, options);
  let exit = 0;
  try {
    for (const playbook of playbooks) {
      const result = await runPlaybook(playbook, inventory, options, (event) => render.take(event), interrupt.signal);
      exit = Math.max(exit, exitStatus(result, flags));
      if (exit === EXIT.interrupted) break;
    }
  } finally {
    render.end();
    interrupt.stop();
  }
  return exit;
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
  const help = didYouMean(name.replace(/\.ya?ml$/, ""), known) ?? `built-in playbooks: ${known.join(", ")}`;
  throw inputError("no-playbook", `there is no playbook '${name}'`, undefined, help);
}

async function readOptions(flags: PlayFlags, terminal: Terminal): Promise<RunOptions> {
  const split = (values: readonly string[]) => values.flatMap((value) => value.split(",").map((tag) => tag.trim()));
  return {
    check: flags.check ?? false,
    diff: flags.diff ?? false,
    forks: wholeNumber("--forks", flags.forks, 1),
    limit: flags.limit,
    tags: { only: split(flags.tags), skip: split(flags.skipTags) },
    extraVars: await extraVars(flags.extraVars),
    verbosity: flags.verbose,
    lookahead: flags.lookahead,
    connection: {
      user: flags.user,
      privateKey: flags.privateKey,
      connection: flags.connection,
      hostKeyChecking: flags.hostKeyChecking,
      connectTimeout: wholeNumber("--timeout", flags.timeout, 1),
      commandTimeout: wholeNumber("--command-timeout", flags.commandTimeout, 1),
      become: flags.become ?? false,
      becomeUser: flags.becomeUser,
      becomeMethod: flags.becomeMethod,
      password: await password("Login password: ", flags.askPass, flags.connectionPasswordFile, terminal),
      becomePassword: await password("Become password: ", flags.askBecomePass, flags.becomePasswordFile, terminal),
      passphrase: (file) => terminal.askSecret(`Passphrase for ${file}: `),
    },
  };
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw inputError("flag", `${flag} needs a whole number of at least ${least}, got '${text}'`);
}

async function password(
  question: string,
  ask: boolean | undefined,
  file: string | undefined,
  terminal: Terminal,
): Promise<string | undefined> {
  if (file !== undefined) {
    try {
      return (await Deno.readTextFile(file)).replace(/\r?\n$/, "");
    } catch {
      throw inputError("file-missing", `the password file '${file}' cannot be read`);
    }
  }
  if (!ask) return undefined;
  const answer = await terminal.askSecret(question);
  if (answer === undefined) {
    throw inputError("no-terminal", "there is no terminal to ask for a password", undefined, "give it in a file");
  }
  return answer;
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
