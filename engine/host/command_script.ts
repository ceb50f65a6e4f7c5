/**
 * The script that runs a command: directory, environment, arguments.
 *
 * @module
 */

import { shellCommand, shellQuote } from "../support/shell_quote.ts";
import { HostError } from "./host.ts";
import { absolutePath } from "./script.ts";

/** Where and with what a command runs. */
export interface CommandSetting {
  /** Variables that are exported to the command; default none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The working directory. */
  readonly directory?: string;
}

/** What the script prints on stderr when the working directory cannot be entered; behind it the reason. */
export const NO_DIRECTORY = "aami: no working directory: ";

/**
 * The script that runs one command.
 *
 * @throws {HostError} for an empty command, an environment name that no shell takes, or text with a NUL character
 */
export function commandScript(argv: readonly string[], setting: CommandSetting = {}): string {
  if (argv.length === 0 || argv[0] === "") throw new HostError("the command is empty");
  const lines = environmentLines(setting.environment ?? {});
  if (setting.directory !== undefined) {
    const directory = shellQuote(absolutePath(setting.directory));
    const why = `stat -L -c %f -- ${directory}/. >/dev/null && echo ': Permission denied' >&2`;
    lines.push(`cd -- ${directory} 2>/dev/null || { printf '%s' '${NO_DIRECTORY}' >&2; ${why}; exit 127; }`);
  }
  // Quoted even where it need not be, so that no name is taken for a shell's keyword or an assignment.
  const first = argv[0].includes("'") ? shellQuote(argv[0]) : `'${argv[0]}'`;
  try {
    lines.push(`${first} ${shellCommand(argv.slice(1))}`);
  } catch (error) {
    throw new HostError(`${argv[0]}: ${error instanceof Error ? error.message : error}`);
  }
  return lines.join("\n");
}

/**
 * The lines that set and export an environment.
 *
 * @throws {HostError} for a name that no shell takes, or a value with a NUL character
 */
export function environmentLines(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new HostError(`'${name}' is not a name for the environment`);
    if (value.includes("\0")) throw new HostError(`the environment's ${name} holds a NUL character`);
    return `export ${name}=${shellQuote(value)}`;
  });
}

/**
 * The script that prints where programs lie, a NUL behind each, found or not; `command -v` would also find what the shell
 * itself has. Builtins only.
 *
 * @throws {HostError} for an empty name or one with a slash that is no absolute path
 */
export function whichScript(programs: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const calls = programs.map((program) => {
    if (program.startsWith("/")) {
      const path = shellQuote(absolutePath(program));
      return `if [ -f ${path} ] && [ -x ${path} ]; then printf %s ${path}; fi; printf '\\000'`;
    }
    if (program === "" || program.includes("/")) throw new HostError(`'${program}' is not the name of a program`);
    return `w ${shellQuote(program)}`;
  });
  const path = environment.PATH === undefined ? "" : `PATH=${shellQuote(environment.PATH)}; `;
  return `set -f; ${path}IFS=:
w() {
  for d in $PATH /usr/local/sbin /usr/sbin /sbin; do
    if [ -f "$d/$1" ] && [ -x "$d/$1" ]; then printf %s "$d/$1"; break; fi
  done
  printf '\\000'
}
${calls.join("\n")}`;
}
