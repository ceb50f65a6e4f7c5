/**
 * How a command line ends that did not go well. Loaded only then, so that help and version start at once.
 *
 * @module
 */

import { type Command, CommanderError } from "../engine/support/commander.ts";
import { DiagnosticError, formatDiagnostic, inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { tellFindings } from "./findings.ts";
import type { Wiring } from "./program.ts";
import { NO_RUN_ID } from "./runs_command.ts";
import { usageError } from "./usage.ts";

/**
 * Tells what a command threw.
 *
 * @param args the command line
 * @returns the exit status: 1 for bad input, 70 for a fault in aami itself
 */
export function tellFailure(thrown: unknown, program: Command, args: readonly string[], wiring: Wiring): number {
  const called = program.commands.find((command) => command.name() === args[0]);
  const error = thrown instanceof CommanderError ? usage(thrown, called ? `aami ${called.name()}` : "aami") : thrown;
  if (!(error instanceof DiagnosticError)) return tellFault(error, wiring);
  tellFindings(error, args, wiring);
  return 1;
}

/** The error for a command that there is none of. */
export function unknownCommand(program: Command, name: string): DiagnosticError {
  const known = program.commands.map((each) => each.name());
  const help = didYouMean(name, known) ?? `there are ${known.join(", ")}`;
  return inputError("usage", `there is no command '${name}'`, undefined, help);
}

function usage(error: CommanderError, command: string): Error {
  if (error.code !== NO_RUN_ID) return usageError(error, command);
  const help = "runs are named by the first characters of their id; the playbook stands before the flag";
  return inputError("flag", `--resume: '${error.message}' is no id of a run`, undefined, help);
}

/** A fault of aami's own: told without a stack trace unless one is asked for. */
function tellFault(error: unknown, { terminal }: Wiring): number {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const help = "this is a fault in aami, please report it; AAMI_DEBUG=1 shows where it is";
  terminal.talk(formatDiagnostic({ severity: "error", code: "fault", message, help }, terminal.paintTalk));
  if (Deno.env.get("AAMI_DEBUG") && error instanceof Error) terminal.talk(error.stack ?? "");
  return 70;
}
