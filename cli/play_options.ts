/**
 * The flags of `aami play`, and the run options that they come to.
 *
 * @module
 */

import { BECOME_METHODS, CONNECTIONS } from "../engine/playbook/settings.ts";
import { unreadable } from "../engine/playbook/read_source.ts";
import type { RunOptions } from "../engine/run/context.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import type { HostKeyChecking } from "../engine/transport/known_hosts.ts";
import { extraVars } from "./extra_vars.ts";
import type { Wiring } from "./program.ts";
import { stepByStep } from "./step.ts";
import type { Terminal } from "./terminal.ts";
import { wholeNumber } from "./usage.ts";
import { type VaultFlags, vaultOf } from "./vault_flags.ts";

/** The flags of `aami play`. */
export interface PlayFlags extends VaultFlags {
  /** --config, a path. */
  readonly config?: string;
  /** -i, each once. */
  readonly inventory: string[];
  /** -l. */
  readonly limit?: string;
  /** -t, each as it was given. */
  readonly tags: string[];
  /** --skip-tags, each as it was given. */
  readonly skipTags: string[];
  /** --start-at-task. */
  readonly startAtTask?: string;
  /** --step. */
  readonly step?: boolean;
  /** --resume: the first characters of a run's id, or true for the last one. */
  readonly resume?: string | true;
  /** --junit, a path. */
  readonly junit?: string;
  /** --html, a path. */
  readonly html?: string;
  /** --list-hosts. */
  readonly listHosts?: boolean;
  /** --list-tasks. */
  readonly listTasks?: boolean;
  /** --list-tags. */
  readonly listTags?: boolean;
  /** -e, each as it was given. */
  readonly extraVars: string[];
  /** -C. */
  readonly check?: boolean;
  /** -D. */
  readonly diff?: boolean;
  /** --detailed-exitcode. */
  readonly detailedExitcode?: boolean;
  /** -f, as text; undefined for the configuration's, else 50. */
  readonly forks?: string;
  /** How many -v. */
  readonly verbose: number;
  /** -o. */
  readonly output: "text" | "json" | "jsonl";
  /** -u. */
  readonly user?: string;
  /** --private-key, a path. */
  readonly privateKey?: string;
  /** -c. */
  readonly connection?: string;
  /** -T, seconds as text; undefined for the configuration's, else 10. */
  readonly timeout?: string;
  /** --command-timeout, seconds as text; undefined for the configuration's, else 300. */
  readonly commandTimeout?: string;
  /** --host-key-checking. */
  readonly hostKeyChecking: HostKeyChecking;
  /** -k. */
  readonly askPass?: boolean;
  /** --connection-password-file, a path. */
  readonly connectionPasswordFile?: string;
  /** -b. */
  readonly become?: boolean;
  /** --become-user. */
  readonly becomeUser?: string;
  /** --become-method. */
  readonly becomeMethod?: string;
  /** -K. */
  readonly askBecomePass?: boolean;
  /** --become-password-file, a path. */
  readonly becomePasswordFile?: string;
  /** --force-handlers. */
  readonly forceHandlers?: boolean;
  /** False with --no-lookahead. */
  readonly lookahead: boolean;
}

/** What the configuration says of connections. */
export interface ConnectionDefaults {
  /** Hosts at the same time. */
  readonly max_parallel: number;
  /** Seconds. */
  readonly connect_timeout: number;
  /** Seconds. */
  readonly command_timeout: number;
}

const DEFAULTS: ConnectionDefaults = { max_parallel: 50, connect_timeout: 10, command_timeout: 300 };

/**
 * The options of a run.
 *
 * @param defaults what counts where no flag says otherwise
 * @throws {DiagnosticError} for a flag's value that is wrong
 */
export async function readOptions(
  flags: PlayFlags,
  { terminal, redactor }: Pick<Wiring, "terminal" | "redactor">,
  defaults: ConnectionDefaults = DEFAULTS,
): Promise<RunOptions> {
  const split = (values: readonly string[]) => values.flatMap((value) => value.split(",").map((tag) => tag.trim()));
  if (flags.detailedExitcode && !flags.check) {
    throw inputError("flag", "--detailed-exitcode tells what --check found", undefined, "give --check too");
  }
  const vault = await vaultOf(flags, terminal, redactor);
  return {
    check: flags.check ?? false,
    diff: flags.diff ?? false,
    forks: atLeastOne("--forks", flags.forks, defaults.max_parallel),
    limit: flags.limit,
    tags: { only: split(flags.tags), skip: split(flags.skipTags) },
    extraVars: await extraVars(flags.extraVars, vault),
    vault,
    verbosity: flags.verbose,
    confirm: flags.step ? stepByStep(terminal) : undefined,
    // What is left out must not have been sent ahead.
    lookahead: flags.lookahead && !flags.step,
    forceHandlers: flags.forceHandlers,
    ask: (question, hidden) => hidden ? terminal.askSecret(question) : terminal.ask(question),
    connection: {
      user: flags.user,
      privateKey: await existing("--private-key", flags.privateKey),
      connection: oneOf("--connection", flags.connection, CONNECTIONS),
      hostKeyChecking: flags.hostKeyChecking,
      connectTimeout: atLeastOne("--timeout", flags.timeout, defaults.connect_timeout),
      commandTimeout: atLeastOne("--command-timeout", flags.commandTimeout, defaults.command_timeout),
      become: flags.become ?? false,
      becomeUser: flags.becomeUser,
      becomeMethod: oneOf("--become-method", flags.becomeMethod, BECOME_METHODS),
      password: await password(
        "Login",
        "--connection-password-file",
        flags.askPass,
        flags.connectionPasswordFile,
        terminal,
      ),
      becomePassword: await password(
        "Become",
        "--become-password-file",
        flags.askBecomePass,
        flags.becomePasswordFile,
        terminal,
      ),
      passphrase: (file) => terminal.askSecret(`Passphrase for ${file}: `),
    },
  };
}

function atLeastOne(flag: string, text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : wholeNumber(flag, text, 1);
}

function oneOf(flag: string, word: string | undefined, known: readonly string[]): string | undefined {
  if (word === undefined || known.includes(word)) return word;
  const help = didYouMean(word, known) ?? `use ${known.slice(0, 2).join(" or ")}`;
  throw inputError("flag", `${flag}: there is no '${word}'`, undefined, help);
}

async function existing(flag: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    await Deno.stat(path);
    return path;
  } catch (error) {
    throw inputError("file-unreadable", `${flag}: ${unreadable(path, error)}`);
  }
}

async function password(
  what: string,
  flag: string,
  ask: boolean | undefined,
  file: string | undefined,
  terminal: Terminal,
): Promise<string | undefined> {
  if (file !== undefined) return await passwordFile(flag, file);
  if (!ask) return undefined;
  const answer = await terminal.askSecret(`${what} password: `);
  if (answer !== undefined) return answer;
  throw inputError(
    "no-terminal",
    "there is no terminal to ask for a password",
    undefined,
    `give it in a file: ${flag}`,
  );
}

async function passwordFile(flag: string, file: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    throw inputError("file-unreadable", `${flag}: ${unreadable(file, error)}`);
  }
  const [first, ...rest] = text.replace(/\r?\n$/, "").split("\n");
  if (first === "") throw inputError("password-file", `${flag}: '${file}' is empty`);
  if (rest.length > 0) throw inputError("password-file", `${flag}: '${file}' holds more than one line`);
  return first;
}
