import { ok, strictEqual } from "node:assert";
import { PRESETS } from "../../../../cluster/alerts/presets.ts";
import { promtoolTests } from "../../../../cluster/alerts/promtool_tests.ts";
import { ruleFiles } from "../../../../cluster/alerts/rule_files.ts";
import { findPromtool, promtool } from "../../../promtool.ts";

const path = await findPromtool();
const ignore = path === undefined;

/** Writes a preset's rules and tests, and has promtool run them. */
async function runTests(preset: string, change = (text: string) => text) {
  const folder = await Deno.makeTempDir({ prefix: "aami-rules-" });
  try {
    const [file] = ruleFiles({ presets: [preset], rules: new Map(), groups: new Map() });
    await Deno.writeTextFile(`${folder}/rules.yaml`, file.text);
    const { text, count } = promtoolTests(preset, "rules.yaml");
    await Deno.writeTextFile(`${folder}/tests.yaml`, change(text));
    const checked = await promtool(path!, "check", "rules", `${folder}/rules.yaml`);
    return { checked, count, tested: await promtool(path!, "test", "rules", `${folder}/tests.yaml`) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { name, rules } of PRESETS) {
  Deno.test({
    name: `the rules of ${name} fire and stay silent as their tests say, for every exporter`,
    ignore,
    async fn() {
      const { checked, count, tested } = await runTests(name);
      ok(checked.text.includes(`SUCCESS: ${rules.length} rules found`), checked.text);
      ok(count >= 2 * rules.length);
      strictEqual(tested.code, 0, tested.text);
    },
  });
}

Deno.test({
  name: "the tests look at texts, labels and silence",
  ignore,
  async fn() {
    for (
      const change of [
        (text: string) => text.replace("is too hot", "is hot"),
        (text: string) => text.replace("rack: r7", "rack: r8"),
        (text: string) => text.replace("85x20", "86x20"),
      ]
    ) {
      const { tested } = await runTests("gpu-basic", change);
      strictEqual(tested.code, 1);
      ok(tested.text.includes("gpu_temperature_critical"), tested.text);
    }
  },
});
