/**
 * The command line: which commands there are, their flags, and what an error of usage looks like. Each command is
 * loaded when it is called, so that help and version start at once.
 *
 * @module
 */

import { Command, CommanderError, Option } from "../engine/support/commander.ts";
import { Redactor } from "../engine/support/redact.ts";
import { addAlerts } from "./alerts_command.ts";
import { addConfig, CONFIG_FLAG } from "./config_command.ts";
import type { Registry } from "./callees.ts";
import { addExplain } from "./explain_command.ts";
import { addInspection } from "./inspection_commands.ts";
import { addMonitoring } from "./monitoring_command.ts";
import { addRuns, runId } from "./runs_command.ts";
import { addSecret, withVaultFlags } from "./secret_commands.ts";
import { addSimulate } from "./simulate_command.ts";
import type { Terminal } from "./terminal.ts";
import { versionLine } from "./version.ts";

/** What the composition root hands in. */
export interface Wiring {
  /** Where commands write. */
  readonly terminal: Terminal;
  /** The modules. */
  readonly registry: Registry;
  /** Knows the secrets of what the command reads: they are in nothing that it says. */
  readonly redactor: Redactor;
}

/** A command that ends with an exit status of its own. */
export type CommandResult = number;

/** An option that may be given again. */
export const collect = (value: string, before: string[]): string[] => [...before, value];

/**
 * Runs the command line.
 *
 * @returns the exit status: 0 fine, 1 usage or bad input and nothing contacted, 2 a host failed, 4 a host unreachable,
 * 5 `--check --detailed-exitcode` found a change, 70 a fault in aami itself, 130 interrupted
 */
export async function runProgram(
  args: readonly string[],
  { terminal: bare, registry }: Omit<Wiring, "redactor">,
): Promise<number> {
  const redactor = new Redactor();
  const terminal: Terminal = Object.create(bare, { talk: { value: (text: string) => bare.talk(redactor.text(text)) } });
  const wiring: Wiring = { terminal, registry, redactor };
  let exit = 0;
  const program = makeProgram(wiring, (status) => exit = status);
  try {
    await program.parseAsync([...args], { from: "user" });
    return exit;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.BrokenPipe) return 0;
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    // A command of commands that was called without one has shown its help.
    if (thrown instanceof CommanderError && thrown.code === "commander.help") return 1;
    return (await import("./failure.ts")).tellFailure(thrown, program, args, wiring);
  }
}

function makeProgram(wiring: Wiring, setExit: (status: CommandResult) => void): Command {
  const { terminal } = wiring;
  const program = new Command("aami")
    .description("Sets up and runs GPU-cluster monitoring: playbooks over SSH, nothing on the nodes but sshd and sh.")
    .option("-V, --version", "show the version")
    .on("option:version", () => {
      terminal.out(versionLine());
      throw new CommanderError(0, "commander.version", "");
    })
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.talk(text.trimEnd()),
      // What is wrong is told at the end of runProgram.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(terminal.columns, 120),
    })
    .addHelpText(
      "after",
      `
Examples:
  aami play install-stack                      monitoring of the nodes in aami.yaml, else of this machine
  aami play install-stack -i cluster.yml       monitoring on a cluster
  aami play site.yml -i hosts.ini --check      what would change, and nothing is changed
  aami module file                             what the file module takes`,
    );
  addPlay(program, wiring, setExit);
  addAdHoc(program, wiring, setExit);
  addInspection(program, wiring, setExit);
  addSecret(program, wiring, setExit);
  addConfig(program, wiring, setExit);
  addRuns(program, wiring, setExit);
  addAlerts(program, wiring, setExit);
  addMonitoring(program, wiring, setExit);
  program.command("playbooks").description("list the built-in playbooks, or copy them")
    .option("--copy <directory>", "copy them there with their roles and templates, to read and change")
    .addHelpText("after", "\nExamples:\n  aami playbooks\n  aami playbooks --copy site")
    .action(async (flags) => setExit(await (await import("./playbooks.ts")).playbooks(terminal, flags)));
  program.command("module").argument("[name]", "a module's name").description("list the modules, or show one")
    .addHelpText("after", "\nExamples:\n  aami module\n  aami module copy")
    .action(async (name?: string) => setExit(await (await import("./module.ts")).module(name, wiring)));
  addExplain(program, wiring, setExit);
  addSimulate(program, wiring, setExit);
  program.command("completion").argument("<shell>", "bash, zsh or fish").description("print a shell completion script")
    .addHelpText("after", "\nExample:\n  aami completion bash > /etc/bash_completion.d/aami")
    .action(async (shell: string) => setExit((await import("./completion.ts")).completion(shell, program, terminal)));
  program.command("version").description("show the version")
    .addHelpText("after", "\nExample:\n  aami version")
    .action(() => terminal.out(versionLine()));
  program.command("help").argument("[command]", "a command").description("show the help of a command")
    .addHelpText("after", "\nExample:\n  aami help play")
    .action((name?: string) => showHelp(program, name));
  return program;
}

async function showHelp(program: Command, name: string | undefined): Promise<void> {
  const command = name === undefined ? program : program.commands.find((each) => each.name() === name);
  if (command) return command.outputHelp();
  throw (await import("./failure.ts")).unknownCommand(program, name!);
}

function addPlay(program: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  withRunFlags(program.command("play"))
    .argument("<playbooks...>", "playbook files, or names of built-in playbooks")
    .description("run playbooks")
    .option("-t, --tags <tags>", "only tasks with one of these tags", collect, [])
    .option("--skip-tags <tags>", "not the tasks with one of these tags", collect, [])
    .option("--start-at-task <name>", "begin at the task of this name, or that this glob fits")
    .option("--step", "ask before each task: no, yes, or continue without asking")
    .option("--resume [run]", "go on with a run of the playbook that did not end well, the last one by default", runId)
    .option("--junit <file>", "write a report in JUnit's format")
    .option("--html <file>", "write a report to read, one page")
    .option("--list-hosts", "list the hosts of each play, and run nothing")
    .option("--list-tasks", "list the tasks that would run, and run nothing")
    .option("--list-tags", "list the tags of these tasks, and run nothing")
    .addHelpText(
      "after",
      `
Exit status: 0 fine · 1 bad input, nothing contacted · 2 a host failed · 4 a host unreachable
             5 --check --detailed-exitcode found a change · 130 interrupted

Examples:
  aami play install-stack
  aami play install-stack -i cluster.yml -e install_from=distro
  aami play site.yml -i hosts.ini -l 'gpu:!gpu07' --check --diff
  aami play site.yml -i hosts.ini -t config --list-tasks
  aami play site.yml -i hosts.ini --start-at-task 'Write the configuration' --step
  aami play site.yml --resume
  aami play site.yml -i hosts.ini -l @failed --html report.html
  aami play site.yml -i hosts.ini -u ops -bK -o jsonl > events.jsonl`,
    )
    .action(async (playbooks: string[], flags) =>
      setExit(await (await import("./play.ts")).play(playbooks, flags, wiring))
    );
}

function addAdHoc(program: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  withRunFlags(program.command("run"))
    .argument("<pattern>", "the hosts")
    .argument("<module>", "a module")
    .argument("[arguments...]", "its arguments, k=v, or a command line")
    .description("run one module on hosts")
    .addHelpText(
      "after",
      `
Examples:
  aami run all ping -i cluster.yml
  aami run gpu command -i cluster.yml -- nvidia-smi -L
  aami run node07 systemd name=node_exporter state=restarted -i cluster.yml --check`,
    )
    .action(async (pattern: string, module: string, args: string[], flags) =>
      setExit(await (await import("./ad_hoc.ts")).runModule(pattern, module, args, flags, wiring))
    );
  withRunFlags(program.command("facts"))
    .argument("<pattern>", "the hosts")
    .description("print the facts of hosts as JSON")
    .addHelpText("after", "\nExample:\n  aami facts all -i cluster.yml | jq '.node1.memtotal_mb'")
    .action(async (pattern: string, flags) =>
      setExit(await (await import("./ad_hoc.ts")).facts(pattern, flags, wiring))
    );
}

/** The flags of every command that runs on hosts. */
function withRunFlags(command: Command): Command {
  return withVaultFlags(command)
    .option(
      "-i, --inventory <source>",
      "inventory file, script, directory or host list; may be given again",
      collect,
      [],
    )
    .option(
      "-l, --limit <pattern>",
      "only these hosts of the play; @FILE reads names from a file, @failed means those that failed",
    )
    .option("-e, --extra-vars <vars>", "variables: k=v, JSON, or @FILE; may be given again", collect, [])
    .option("-C, --check", "predict the changes, change nothing")
    .option("-D, --diff", "show what changes in files")
    .option("--detailed-exitcode", "with --check: exit 5 if something would change")
    .option("--config <file>", CONFIG_FLAG)
    .option("-f, --forks <n>", "hosts at the same time (default: the configuration's, else 50)")
    .option("-v, --verbose", "more output; -vv and -vvv for more", (_value: string, level: number) => level + 1, 0)
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json", "jsonl"]).default("text"))
    .option("-u, --user <name>", "log in as this user")
    .option("--private-key <file>", "log in with this key")
    .option("-c, --connection <kind>", "ssh, openssh (the system's ssh) or local")
    .option("-T, --timeout <seconds>", "seconds for a connection to come up (default: the configuration's, else 10)")
    .option("--command-timeout <seconds>", "seconds for a command to end (default: the configuration's, else 300)")
    .addOption(
      new Option("--host-key-checking <mode>", "how to treat host keys").choices(["strict", "accept-new", "off"])
        .default("accept-new"),
    )
    .option("-k, --ask-pass", "ask for the login password")
    .option("--connection-password-file <file>", "read the login password from a file")
    .option("-b, --become", "become another user for the tasks")
    .option("--become-user <name>", "the user to become (default: root)")
    .option("--become-method <method>", "sudo or su (default: sudo)")
    .option("-K, --ask-become-pass", "ask for the password of sudo or su")
    .option("--become-password-file <file>", "read that password from a file")
    .option("--force-handlers", "run notified handlers on hosts that failed too")
    .option("--no-lookahead", "do not read ahead of the task that runs");
}
