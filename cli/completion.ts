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
    flags: command.options.flatMap((option) => [option.short, option.long]).filter((flag) => flag != null),
  }))));
  return 0;
}

interface Known {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly string[];
}

function bash(commands: Known[]): string {
  const cases = commands.map(({ name, flags }) => `    ${name}) words="${flags.join(" ")}" ;;`);
  return `_aami() {
  local words="" current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")$([ "\${COMP_WORDS[1]}" = play ] && compgen -W "$(aami playbooks 2>/dev/null | cut -d' ' -f1)" -- "$current")) ;;
  esac
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
