/**
 * `aami explain`: what it knows of its own messages.
 *
 * @module
 */

import { type Command, Option } from "../engine/support/commander.ts";
import type { CommandResult, Wiring } from "./program.ts";

/** Adds the command to the program. */
export function addExplain(program: Command, { terminal }: Wiring, setExit: (status: CommandResult) => void): void {
  program.command("explain").argument("[code]", "the code of a message, e.g. unknown-key")
    .description("explain a message, or list the codes of messages")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExamples:\n  aami explain\n  aami explain undefined-variable")
    .action(async (code: string | undefined, flags: { output: "text" | "json" }) =>
      setExit((await import("./explain.ts")).explain(code, flags.output, terminal))
    );
}
