/**
 * `aami alerts`: the alert rules that come with aami.
 *
 * @module
 */

import { type Command, Option } from "../engine/support/commander.ts";
import type { CommandResult, Wiring } from "./program.ts";

/** Adds the commands to the program. */
export function addAlerts(program: Command, { terminal }: Wiring, setExit: (status: CommandResult) => void): void {
  const alerts = program.command("alerts").description("alert presets: what there is, what they hold, their tests")
    .helpCommand(false);
  alerts.command("list-presets").description("list the presets and their rules")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExample:\n  aami alerts list-presets")
    .action(async (flags: { output: "text" | "json" }) =>
      setExit((await import("./alerts.ts")).listPresets(flags.output, terminal))
    );
  alerts.command("show").argument("<preset>", "a preset")
    .description("show a preset's rules with their parameters; -o yaml: as Prometheus reads them")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json", "yaml"]).default("text"))
    .addHelpText(
      "after",
      "\nExamples:\n  aami alerts show gpu-production\n  aami alerts show gpu-production -o yaml > rules.yaml",
    )
    .action(async (preset: string, flags: { output: "text" | "json" | "yaml" }) =>
      setExit((await import("./alerts.ts")).showPreset(preset, flags.output, terminal))
    );
  alerts.command("test").argument("[preset]", "a preset; without one all of them")
    .description("run the tests of the rules by Prometheus' promtool, which has to be on this machine")
    .addHelpText("after", "\nExamples:\n  aami alerts test\n  aami alerts test gpu-production")
    .action(async (preset: string | undefined) =>
      setExit(await (await import("./alerts_test_run.ts")).testPresets(preset, terminal))
    );
}
