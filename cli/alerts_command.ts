/**
 * `aami alerts`: the alert rules that come with aami.
 *
 * @module
 */

import { type Command, Option } from "../engine/support/commander.ts";
import { CONFIG_FLAG, textOrJson } from "./config_command.ts";
import type { CommandResult, Wiring } from "./program.ts";

/** Adds the commands to the program. */
export function addAlerts(program: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  const { terminal } = wiring;
  const alerts = program.command("alerts").description("alert presets and rules, who is told of alerts, silences")
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
  addSiteAlerts(alerts, wiring, setExit);
  addAlertmanager(alerts, wiring, setExit);
}

/** What the configuration says of alerts. */
function addSiteAlerts(alerts: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  const site = () => import("./alerts_site.ts");
  alerts.command("apply-preset").argument("<preset>", "a preset").description("switch a preset on in the configuration")
    .option("--config <file>", CONFIG_FLAG)
    .addHelpText("after", "\nExample:\n  aami alerts apply-preset gpu-production")
    .action(async (preset: string, flags) => setExit(await (await site()).applyPreset(preset, flags, wiring)));
  alerts.command("remove-preset").argument("<preset>", "a preset").description("switch a preset off")
    .option("--config <file>", CONFIG_FLAG)
    .addHelpText("after", "\nExample:\n  aami alerts remove-preset gpu-basic")
    .action(async (preset: string, flags) => setExit(await (await site()).removePreset(preset, flags, wiring)));
  alerts.command("diff").description("show what would change in the rule files of this machine")
    .option("--config <file>", CONFIG_FLAG)
    .option("--directory <path>", "where the rule files lie", "/etc/aami/rules")
    .addHelpText("after", "\nExample:\n  aami alerts diff")
    .action(async (flags) => setExit(await (await site()).diffRules(flags, wiring)));
  alerts.command("effective").argument("<node>", "a node").description(
    "show the rules of a node, and whence their values",
  )
    .option("--config <file>", CONFIG_FLAG).addOption(textOrJson())
    .addHelpText("after", "\nExample:\n  aami alerts effective gpu01")
    .action(async (node: string, flags) => setExit(await (await site()).effective(node, flags, wiring)));
}

/** Who is told, and Alertmanager. */
function addAlertmanager(alerts: Command, wiring: Wiring, setExit: (status: CommandResult) => void): void {
  const command = (name: string, summary: string, examples: string, reaches = true) => {
    const added = alerts.command(name).description(summary).option("--config <file>", CONFIG_FLAG);
    if (reaches) {
      added.option("--alertmanager <url>", "where Alertmanager answers (default: as the configuration says)");
    }
    return added.addOption(textOrJson()).addHelpText("after", `\n${examples}`);
  };
  const api = () => import("./alertmanager.ts");
  command(
    "route",
    "show who would be told of an alert",
    "Examples:\n  aami alerts route severity=critical group=training\n  aami alerts route severity=warning node=gpu01",
    false,
  ).argument("<labels...>", "its labels, k=v; a node brings its own")
    .action(async (labels: string[], flags) => setExit(await (await api()).route(labels, flags, wiring)));
  command(
    "silence",
    "tell nobody of some alerts for a while",
    "Examples:\n  aami alerts silence node=gpu07 --for 4h --comment 'new fans'\n  aami alerts silence rule=gpu_xid_error group=lab --for 1d --comment tests",
  ).argument("<matchers...>", "labels that they have: k=v, k!=v, k=~pattern, k!~pattern")
    .requiredOption("--comment <text>", "why")
    .option("--for <duration>", "how long: 30m, 2h, 1d, 1w", "2h")
    .action(async (matchers: string[], flags) => setExit(await (await api()).silence(matchers, flags, wiring)));
  command("silences", "list what is silenced", "Example:\n  aami alerts silences")
    .action(async (flags) => setExit(await (await api()).silences(flags, wiring)));
  command(
    "fire",
    "hand Alertmanager a synthetic alert, to see who is told",
    "Example:\n  aami alerts fire gpu_temperature_critical --node gpu01",
  ).argument("<alert>", "a rule's id or its alert's name")
    .requiredOption("--node <name>", "the node that it is about")
    .addOption(new Option("--severity <severity>", "another than the rule's").choices(["critical", "warning", "info"]))
    .action(async (alert: string, flags) => setExit(await (await api()).fire(alert, flags, wiring)));
}
