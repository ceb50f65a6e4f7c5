/**
 * `aami alerts test`: the catalogue's own tests, run by promtool.
 *
 * @module
 */

import { join } from "node:path";
import { type Preset, PRESETS } from "../cluster/alerts/presets.ts";
import { promtoolTests } from "../cluster/alerts/promtool_tests.ts";
import { ruleFiles } from "../cluster/alerts/rule_files.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { presetOf } from "./alerts.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Tests a preset, or all.
 *
 * @returns 0 where all tests pass, 1 where one fails, with what promtool said
 * @throws {DiagnosticError} where there is no such preset, or no promtool
 */
export async function testPresets(name: string | undefined, terminal: Terminal): Promise<number> {
  const presets = name === undefined ? PRESETS : [presetOf(name)];
  let failed = 0;
  for (const preset of presets) if (!await testPreset(preset, terminal)) failed++;
  return failed === 0 ? 0 : 1;
}

async function testPreset({ name, rules }: Preset, terminal: Terminal): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "aami-alerts-" });
  try {
    const [file] = ruleFiles({ presets: [name], rules: new Map(), groups: new Map() });
    const { text, count } = promtoolTests(name, "rules.yaml");
    await Deno.writeTextFile(join(folder, "rules.yaml"), file.text);
    await Deno.writeTextFile(join(folder, "tests.yaml"), text);
    const failure = await runPromtool(join(folder, "tests.yaml"));
    if (failure === undefined) terminal.out(`✅ ${name}: ${rules.length} rules, ${count} tests`);
    else terminal.out(`❌ ${name}: ${rules.length} rules, ${count} tests\n${failure}`);
    return failure === undefined;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What promtool said where a test failed. */
async function runPromtool(tests: string): Promise<string | undefined> {
  try {
    const command = new Deno.Command("promtool", { args: ["test", "rules", tests], stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return success ? undefined : `${decoder.decode(stdout)}${decoder.decode(stderr)}`.trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const help = "install Prometheus, or put promtool on the PATH";
    throw inputError("promtool", "there is no promtool on this machine", undefined, help);
  }
}
