/**
 * `aami config` and `aami nodes`: the configuration of the site.
 *
 * @module
 */

import { type Command, Option } from "../engine/support/commander.ts";
import type { CommandResult, Wiring } from "./program.ts";

/** What --config is, in the help of every command that has it. */
export const CONFIG_FLAG = "the configuration (default: AAMI_CONFIG, ./aami.yaml, /etc/aami/config.yaml)";

/** How a command that prints for people or programs prints. */
export const textOrJson = (): Option =>
  new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text");

/** Adds the commands to the program. */
export function addConfig(program: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  const config = program.command("config").description("the configuration: check it, show it, its schema")
    .helpCommand(false);
  config.command("check").description("tell all that is wrong in the configuration")
    .option("--config <file>", CONFIG_FLAG).addOption(textOrJson())
    .addHelpText("after", "\nExamples:\n  aami config check\n  aami config check --config site.yaml -o json")
    .action(async (flags) => setExit(await (await import("./config.ts")).checkConfig(flags, wiring)));
  config.command("show").description("show the configuration with its defaults; secrets are hidden")
    .option("--config <file>", CONFIG_FLAG)
    .addOption(new Option("-o, --output <format>", "how to print").choices(["yaml", "json"]).default("yaml"))
    .addHelpText("after", "\nExamples:\n  aami config show\n  aami config show -o json | jq .notifications")
    .action(async (flags) => setExit(await (await import("./config.ts")).showConfig(flags, wiring)));
  config.command("schema").description("print the JSON Schema of the configuration, for editors")
    .addHelpText("after", "\nExample:\n  aami config schema > .vscode/aami.json")
    .action(async () => setExit(await (await import("./schema.ts")).schema("config", wiring)));
  addNodes(program, wiring, setExit);
}

function addNodes(program: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  const nodes = program.command("nodes").description("the nodes of the configuration: add, list, remove")
    .helpCommand(false);
  nodes.command("add").argument("[name]", "the node's name").description("add a node, or those of a file")
    .option("--ip <address>", "its IP address; without one its name is looked up")
    .option("--user <name>", "who logs in")
    .option("--key <file>", "the private key to log in with")
    .option("--port <n>", "the port of its sshd")
    .option("--labels <k=v,…>", "labels of its metrics")
    .option("--groups <names>", "its groups, with commas")
    .option("--file <file>", "a file with a list of nodes in YAML or JSON, as under 'nodes'")
    .option("--config <file>", CONFIG_FLAG).addOption(textOrJson())
    .addHelpText(
      "after",
      `
Examples:
  aami nodes add gpu07 --ip 10.0.0.7 --user ops --key ~/.ssh/id_ed25519
  aami nodes add gpu08 --ip 10.0.0.8 --groups training --labels rack=r2,gpu_type=h100
  aami nodes add --file rack3.yaml

Comments and order of the configuration stay.`,
    )
    .action(async (name: string | undefined, flags) =>
      setExit(await (await import("./nodes.ts")).addNodes(name, flags, wiring))
    );
  nodes.command("list").description("list the nodes")
    .option("--config <file>", CONFIG_FLAG).addOption(textOrJson())
    .addHelpText("after", "\nExample:\n  aami nodes list -o json | jq -r '.[].name'")
    .action(async (flags) => setExit(await (await import("./nodes.ts")).listNodes(flags, wiring)));
  nodes.command("remove").argument("<names...>", "nodes").description("remove nodes")
    .option("--config <file>", CONFIG_FLAG).addOption(textOrJson())
    .addHelpText("after", "\nExample:\n  aami nodes remove gpu07 gpu08")
    .action(async (names: string[], flags) =>
      setExit(await (await import("./nodes.ts")).removeNodes(names, flags, wiring))
    );
}
