/**
 * `aami simulate` on the command line.
 *
 * @module
 */

import { FAULTS } from "../cluster/simulate/fault_kinds.ts";
import { FAKE_EXPORTERS } from "../cluster/simulate/models.ts";
import type { Command } from "../engine/support/commander.ts";
import { collect, type CommandResult, type Wiring } from "./program.ts";
import type { SimulateFlags } from "./simulate.ts";

/** Adds the command to the program. */
export function addSimulate(program: Command, { terminal }: Wiring, setExit: (status: CommandResult) => void): void {
  program.command("simulate").description("serve a fake GPU cluster, to try dashboards and alerts without GPUs")
    .option("--nodes <n>", "how many fake nodes: fake1, fake2…", "3")
    .option("--gpus <n>", "fake GPUs of each", "8")
    .option(
      "--exporter <name>",
      `what is faked: ${FAKE_EXPORTERS.join(", ")}; given again, the nodes have them in turn (without it dcgm)`,
      collect,
      [],
    )
    .option("--fault <fault>", "KIND[@START][+DURATION]:NODE[/gpuN]; may be given again", collect, [])
    .option("--seed <n>", "the same seed gives the same values", "1")
    .option("--listen <address>", "the address to listen on", "127.0.0.1")
    .option("--port <n>", "the port to control it; the nodes have the next ones; 0 takes free ones", "9500")
    .addHelpText(
      "after",
      `
Faults, all of them fake:
${Object.entries(FAULTS).map(([kind, what]) => `  ${kind.padEnd(12)} ${what}`).join("\n")}

Examples:
  aami simulate
  aami simulate --nodes 6 --exporter dcgm --exporter dcgm-4.9 --exporter amd-mi3xx
  aami simulate --fault xid79@60s:fake2/gpu3 --fault thermal@2m+5m:fake1/gpu0
  curl -d node-loss+90s:fake3 http://127.0.0.1:9500/fault
  curl -X DELETE http://127.0.0.1:9500/fault/1`,
    )
    .action(async (flags: SimulateFlags) => setExit(await (await import("./simulate.ts")).simulate(flags, terminal)));
}
