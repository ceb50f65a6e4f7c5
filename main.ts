/**
 * aami: GPU-cluster monitoring by playbooks. The composition root: wires the registry and the terminal, runs, exits.
 *
 * @module
 */

import { runProgram } from "./cli/program.ts";
import { systemTerminal } from "./cli/terminal.ts";
import { registry } from "./modules/registry.ts";

if (import.meta.main) {
  const exit = await runProgram(Deno.args, { terminal: systemTerminal(), registry });
  Deno.exit(exit);
}
