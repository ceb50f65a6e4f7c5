/**
 * `aami explain`: what it knows of its own messages.
 *
 * @module
 */

import { type Command, Option } from "../engine/support/commander.ts";
import type { CodeFlags } from "./explain_xid.ts";
import type { CommandResult, Wiring } from "./program.ts";

/** Adds the command to the program. */
export function addExplain(program: Command, { terminal }: Wiring, setExit: (status: CommandResult) => void): void {
  const explain = program.command("explain").argument("[code]", "the code of a message, e.g. unknown-key")
    .description("explain a message, or list the codes of messages")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExamples:\n  aami explain\n  aami explain undefined-variable\n  aami explain xid 79")
    .action(async (code: string | undefined, flags: { output: "text" | "json" }) =>
      setExit((await import("./explain.ts")).explain(code, flags.output, terminal))
    );
  explain.command("xid").argument("[code]", "an Xid code of NVIDIA's, or 'list'")
    .description("explain an Xid error of an NVIDIA GPU, or those of a kernel log")
    .option("--log <file>", "read a kernel log (dmesg, journalctl -k); - for stdin")
    .option("--json", "the same as -o json")
    .addHelpText(
      "after",
      "\nExamples:\n  aami explain xid 79\n  aami explain xid list\n  dmesg | aami explain xid --log -",
    )
    .action(async (code: string | undefined, _flags: unknown, command: Command) =>
      setExit(await (await import("./explain_xid.ts")).explainXid(code, command.optsWithGlobals<CodeFlags>(), terminal))
    );
  explain.command("afid").argument("[code]", "an AFID of AMD's, or 'list'")
    .description("explain a hardware error of an AMD GPU")
    .option("--json", "the same as -o json")
    .addHelpText("after", "\nExamples:\n  aami explain afid 30\n  aami explain afid list --json")
    .action(async (code: string | undefined, _flags: unknown, command: Command) =>
      setExit((await import("./explain_xid.ts")).explainAfid(code, command.optsWithGlobals<CodeFlags>(), terminal))
    );
}
