/**
 * Runs promtool's unit tests on rules that are not in place yet.
 *
 * @module
 */

import type { Host } from "../../engine/host/host.ts";
import { ModuleError } from "../../engine/module/module.ts";
import type { FileSource } from "../../engine/module/schema.ts";
import { baseName, parentOf } from "../_shared/files.ts";

/** Beside the rules, where no pattern of Prometheus looks. */
const FOLDER = ".aami-test";

/**
 * Runs the tests with the new rules beside them, under the name that they will have.
 *
 * @param tests promtool's file of tests; its `rule_files` names the rule file without a directory
 * @throws {ModuleError} with what promtool said where one fails, and where the host has no promtool
 */
export async function runRuleTests(
  host: Host,
  tests: FileSource,
  rules: { readonly path: string; readonly text: string },
): Promise<void> {
  if (!(tests.content instanceof Uint8Array)) throw new ModuleError(`${tests.path} is too large for a file of tests`);
  const promtool = await host.which("promtool");
  if (promtool === undefined) throw new ModuleError("'tests' are run by promtool, which this host has not got");
  const folder = `${parentOf(rules.path)}/${FOLDER}`;
  await host.perform({ do: "remove", path: folder });
  try {
    await host.perform({ do: "mkdir", path: folder, mode: 0o755 });
    await host.perform({ do: "write", path: `${folder}/${baseName(rules.path)}`, content: rules.text });
    await host.perform({ do: "write", path: `${folder}/tests.yaml`, content: tests.content });
    const { code, stdout, stderr } = await host.run([promtool, "test", "rules", `${folder}/tests.yaml`]);
    if (code === 0) return;
    const said = `${stdout}${stderr}`.replaceAll(`${folder}/tests.yaml`, tests.path).trim();
    throw new ModuleError(`the tests of ${rules.path} fail, the old rules stay: ${said}`);
  } finally {
    await host.perform({ do: "remove", path: folder });
  }
}
