/**
 * `aami health` and `aami status` on the command line.
 *
 * @module
 */

import { FACTOR_NAMES, FACTORS } from "../cluster/health/factor_names.ts";
import { type Command, Option } from "../engine/support/commander.ts";
import { CONFIG_FLAG } from "./config_command.ts";
import type { HealthFlags } from "./health.ts";
import type { CommandResult, Wiring } from "./program.ts";
import type { StatusFlags } from "./status.ts";

/** Adds the commands to the program. */
export function addMonitoring(program: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  const output = () => new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text");
  const json = "the same as -o json";
  const prometheus =
    "Prometheus (default: AAMI_PROMETHEUS, else on the monitoring host of the configuration, else of this machine)";
  program.command("health").argument("[nodes...]", "names of nodes; without one the whole cluster")
    .description("how well GPUs, nodes and the cluster are, from 0 to 100")
    .option("--prometheus <url>", prometheus)
    .option("--config <file>", CONFIG_FLAG)
    .option("--weights <list>", "points of factors, e.g. nvlink=0,ecc=40")
    .option("--rules", "print the recording rules that give Prometheus the same scores")
    .addOption(output())
    .option("--json", json)
    .addHelpText(
      "after",
      `
Factors:
${
        FACTOR_NAMES.map((name) =>
          `  ${name.padEnd(12)} ${String(FACTORS[name].weight).padStart(2)}  ${FACTORS[name].meaning}`
        ).join("\n")
      }

A node is as well as its worst GPU; a GPU that stopped to report has 0; what is not measured has no points, and is said.

Examples:
  aami health
  aami health gpu-01 gpu-02 --prometheus http://monitor:9090
  aami health gpu-01 --json | jq .overall
  aami health --rules > /etc/aami/rules/health.yaml`,
    )
    .action(async (nodes: string[], flags: HealthFlags) =>
      setExit(await (await import("./health.ts")).health(nodes, flags, wiring))
    );
  program.command("status").description("the monitoring at a glance: components, targets, alerts, disk")
    .option("--prometheus <url>", prometheus)
    .option(
      "--alertmanager <url>",
      "Alertmanager (default: AAMI_ALERTMANAGER, else what the configuration or Prometheus tells)",
    )
    .option("--grafana <url>", "Grafana (default: AAMI_GRAFANA, else port 3000 beside Prometheus, where one answers)")
    .option("--config <file>", CONFIG_FLAG)
    .addOption(output())
    .option("--json", json)
    .addHelpText(
      "after",
      `
Exit status: 0 all is well, 1 wrong usage, 2 a component or target is down or a critical alert fires.

Examples:
  aami status
  aami status --prometheus http://monitor:9090 --json`,
    )
    .action(async (flags: StatusFlags) => setExit(await (await import("./status.ts")).status(flags, wiring)));
}
