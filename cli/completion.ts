import type { Command } from "../engine/support/commander.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import type { Terminal } from "./terminal.ts";

/**
 * `aami completion SHELL`: prints a script that completes commands, flags and files.
 *
 * @throws {DiagnosticError} for a shell that is not known
 */
export function completion(shell: string, program: Command, terminal: Terminal): number {
  const scripts: Record<string, (commands: Known[]) => string> = { bash, zsh, fish };
  const script = scripts[shell];
  if (!script) {
    const known = Object.keys(scripts);
    throw inputError(
      "shell",
      `there is no completion for '${shell}'`,
      undefined,
      didYouMean(shell, known) ?? `use ${known.join(", ")}`,
    );
  }
  terminal.out(script(program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    flags: [...new Set([command, ...command.commands].flatMap(flagsOf))],
  }))));
  return 0;
}

function flagsOf(command: Command): string[] {
  return command.options.flatMap((option) => [option.short, option.long]).filter((flag) => flag != null);
}

interface Known {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly string[];
}

/** What stands after a command, by command: words, or a program that prints them as the first of each line. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  play: "$(aami playbooks 2>/dev/null | cut -d' ' -f1)",
  module: "$(aami module 2>/dev/null | cut -d' ' -f1)",
  completion: "bash zsh fish",
  new: "role module",
  schema: "playbook tasks inventory config",
  config: "check show schema",
  nodes: "add list remove",
  alerts:
    "list-presets show test apply-preset remove-preset diff effective route silence silences fire $(aami alerts list-presets 2>/dev/null | grep -o '^[a-z][a-z-]*')",
  secret: "encrypt decrypt view edit rekey",
  runs: "list show diff",
  explain: "$(aami explain 2>/dev/null | cut -d' ' -f1)",
};

function bash(commands: Known[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const flags = commands.map(({ name, flags }) => `    ${name}) words="${[...flags, "--help"].join(" ")}" ;;`);
  const values = Object.entries(ARGUMENTS).map(([name, words]) => `    ${name}) words="${words}" ;;`);
  return `_aami() {
  local words="" current="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$current"))
    return
  fi
  if [ "$command" = help ]; then
    COMPREPLY=($(compgen -W "${names}" -- "$current"))
    return
  fi
  case "$current" in
    -*) case "$command" in
${flags.join("\n")}
    esac ;;
    *) case "$command" in
${values.join("\n")}
    esac
    # Files: playbooks, and what options take.
    case "$command" in play | lint | inventory | secret) COMPREPLY=($(compgen -f -- "$current")) ;; esac ;;
  esac
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _aami aami`;
}

function zsh(commands: Known[]): string {
  return `#compdef aami
autoload -U bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: Known[]): string {
  const lines = commands.flatMap(({ name, description, flags }) => [
    `complete -c aami -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", "\\'")}'`,
    ...flags.filter((flag) => flag.startsWith("--")).map((flag) =>
      `complete -c aami -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`
    ),
  ]);
  return lines.join("\n");
}
