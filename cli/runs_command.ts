/**
 * `aami runs`: looks at runs that were.
 *
 * @module
 */

import { type Command, CommanderError, Option } from "../engine/support/commander.ts";
import type { CommandResult, Wiring } from "./program.ts";

/** What `failure.ts` knows a wrong id by. */
export const NO_RUN_ID = "aami.run-id";

/**
 * The id that `--resume` takes.
 *
 * @throws {CommanderError} for what can be none: a playbook that stands behind the flag
 */
export function runId(text: string): string {
  if (/^[0-9a-f-]+$/.test(text)) return text;
  throw new CommanderError(1, NO_RUN_ID, text);
}

/** Adds the command with its subcommands to the program. */
export function addRuns(program: Command, { terminal }: Wiring, setExit: (status: CommandResult) => void): void {
  const runs = program.command("runs").description("list the last runs, look at one, compare two")
    .helpCommand(false)
    .addHelpText(
      "after",
      `
Examples:
  aami runs list
  aami runs show
  aami runs show 3f2a91c4 --html report.html
  aami runs diff 3f2a91c4 b07d5e12`,
    );
  const output = () => new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text");
  runs.command("list").description("list the last 50 runs, the newest first")
    .option("--playbook <name>", "only those of this playbook")
    .addOption(output())
    .addHelpText(
      "after",
      "\nExamples:\n  aami runs list\n  aami runs list --playbook site.yml -o json | jq -r '.runs[0].id'",
    )
    .action(async (flags) => setExit(await (await import("./runs/list.ts")).listRuns(flags, terminal)));
  runs.command("show").argument("[run]", "the first characters of its id; the last run by default")
    .description("show how a run ended: the recap, notices, what failed")
    .option("--junit <file>", "write a report in JUnit's format")
    .option("--html <file>", "write a report to read, one page")
    .addOption(output())
    .addHelpText("after", "\nExamples:\n  aami runs show\n  aami runs show 3f2a91c4 --html report.html")
    .action(async (run: string | undefined, flags) =>
      setExit((await import("./runs/show.ts")).showRun(run, flags, terminal))
    );
  runs.command("diff").argument("<before>", "a run").argument("<after>", "another")
    .description("tell the tasks that ended otherwise, by host")
    .addOption(output())
    .addHelpText(
      "after",
      `
Exit status: 0 no difference · 3 there are differences

Example:
  aami runs diff 3f2a91c4 b07d5e12`,
    )
    .action(async (before: string, after: string, flags) =>
      setExit((await import("./runs/diff.ts")).diffRuns(before, after, flags, terminal))
    );
}
