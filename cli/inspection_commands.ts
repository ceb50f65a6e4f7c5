/**
 * The commands for what operators write: they look at it, help with it, and contact nothing.
 *
 * @module
 */

import { type Command, Option } from "../engine/support/commander.ts";
import { CONFIG_FLAG } from "./config_command.ts";
import { collect, type CommandResult, type Wiring } from "./program.ts";
import { withVaultFlags } from "./secret_commands.ts";

/** Adds them to the program. */
export function addInspection(program: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  program.command("lint")
    .argument("[paths...]", "files, or folders with playbooks, roles and inventories; this one by default")
    .description("tell all that is wrong in playbooks, roles and inventories")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"))
    .option("--strict", "end with 3 where there are warnings")
    .addHelpText(
      "after",
      `
Exit status: 0 nothing wrong · 1 errors · 3 with --strict, warnings only

Examples:
  aami lint
  aami lint site.yml roles/ --strict
  aami lint -o json | jq -r '.diagnostics[] | "\\(.file):\\(.range.start.line): \\(.message)"'`,
    )
    .action(async (paths: string[], flags) => setExit(await (await import("./lint.ts")).lint(paths, flags, wiring)));
  withVaultFlags(program.command("inventory"))
    .description("show the inventory: hosts, groups, variables")
    .option(
      "-i, --inventory <source>",
      "inventory file, script, directory or host list; may be given again",
      collect,
      [],
    )
    .option("--config <file>", CONFIG_FLAG)
    .option("--list", "all hosts and groups with their variables")
    .option("--graph [group]", "the groups as a tree, all of them or those below one")
    .option("--host <name>", "the variables of one host")
    .option("--vars", "with --graph: the variables too")
    .option("-l, --limit <pattern>", "only these hosts; @FILE reads names from a file")
    .option("--playbook-dir <directory>", "read group_vars and host_vars there too, as its playbooks do")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["json", "yaml"]).default("json"))
    .addHelpText(
      "after",
      `
Examples:
  aami inventory --graph -i cluster.yml
  aami inventory --host node07 -i cluster.yml -o yaml
  aami inventory --list -i cluster.yml -l 'gpu:!rack3' | jq '._meta.hostvars | keys'`,
    )
    .action(async (flags) => setExit(await (await import("./inventory.ts")).inventory(flags, wiring)));
  program.command("schema")
    .argument("<kind>", "playbook, tasks, inventory or config")
    .description("print the JSON Schema of a kind of file, for editors")
    .addHelpText(
      "after",
      `
Examples:
  aami schema playbook > .vscode/playbook.json
  aami schema inventory > .vscode/inventory.json

At the top of a playbook, for editors with the YAML language server:
  # yaml-language-server: $schema=.vscode/playbook.json`,
    )
    .action(async (kind: string) => setExit(await (await import("./schema.ts")).schema(kind, wiring)));
  program.command("new")
    .argument("<kind>", "role or module")
    .argument("<name>", "its name")
    .description("make a role in ./roles, or a module in a checkout of aami")
    .addHelpText("after", "\nExamples:\n  aami new role fabric-manager\n  aami new module nvme_firmware")
    .action(async (kind: string, name: string) =>
      setExit(await (await import("./new.ts")).makeNew(kind, name, wiring))
    );
}
