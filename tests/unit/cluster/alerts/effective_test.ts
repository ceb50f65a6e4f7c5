import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { differences } from "../../../../cluster/alerts/difference.ts";
import { effectiveRules } from "../../../../cluster/alerts/effective.ts";
import { ruleFiles } from "../../../../cluster/alerts/rule_files.ts";
import { placeOf } from "../../../../engine/support/diagnostic.ts";
import { settingsOf, SITE } from "./sample.ts";

const settings = settingsOf(SITE);

/** A rule's values with what they come from. */
function valuesOf(labels: Record<string, string>, id: string) {
  return effectiveRules(settings, labels).filter(({ rule }) => rule.id === id).map(({ alert, condition, values }) => ({
    alert,
    condition,
    values: values.filter(({ name }) => ["threshold", "for"].includes(name)).map(({ name, value, origin }) => {
      const place = origin.set?.span ? ` at ${placeOf(origin.set.span)}` : "";
      return `${name} ${value}: ${origin.group ?? origin.kind}${
        origin.where ? ` where ${origin.where.label}` : ""
      }${place}`;
    }),
  }));
}

Deno.test("a node without a group has the defaults and what is set for all", () => {
  deepStrictEqual(valuesOf({}, "gpu_temperature_critical"), [{
    alert: "GPUTemperatureCritical",
    condition: undefined,
    values: ["for 5m: default", "threshold 88: all at config.yaml:5:44"],
  }]);
});

Deno.test("a node's own label decides a condition", () => {
  deepStrictEqual(valuesOf({ group: "inference", gpu_type: "a100" }, "gpu_temperature_critical"), [{
    alert: "GPUTemperatureCritical_Inference_A100",
    condition: undefined,
    values: ["for 2m: inference at config.yaml:19:40", "threshold 80: production where gpu_type at config.yaml:13:53"],
  }]);
});

Deno.test("a condition on a label that the node has not got is told beside the rest", () => {
  const [first, second, ...more] = valuesOf({ group: "training" }, "gpu_temperature_critical");
  deepStrictEqual(more, []);
  deepStrictEqual(first.condition, { label: "gpu_type", is: ["a100"] });
  deepStrictEqual([second.condition, second.values[1]], [undefined, "threshold 83: production at config.yaml:11:20"]);
});

Deno.test("a node of a group that nobody knows is under the rules of all nodes", () => {
  strictEqual(valuesOf({ group: "elsewhere" }, "high_cpu_usage")[0].alert, "HighCPUUsage");
});

Deno.test("a rule that a group switched off is told as off", () => {
  const [rebooted] = effectiveRules(settings, { group: "development" }).filter(({ rule }) =>
    rule.id === "node_rebooted"
  );
  strictEqual(rebooted.enabled, false);
});

Deno.test("the expression of a node's rule is in the file that is told", () => {
  const files = new Map(ruleFiles(settings).map(({ path, text }) => [path, text]));
  for (const group of ["production", "training", "inference", "development", undefined]) {
    for (const { file, expr, enabled } of effectiveRules(settings, group ? { group } : {})) {
      if (enabled) ok(files.get(file)!.includes(expr.replaceAll("\n", "\n          ")), file);
    }
  }
});

Deno.test("differences() tells what would come, change and go, and leaves other files alone", () => {
  const wanted = ruleFiles(settings);
  const existing = new Map(wanted.map(({ path, text }) => [path, text]));
  deepStrictEqual(differences(wanted, existing), []);
  existing.delete("node.yaml");
  existing.set("gpu-basic.yaml", existing.get("gpu-basic.yaml")!.replace("> 88", "> 85"));
  existing.set("generated/group-gone.yaml", "# Written by aami from …\n");
  existing.set("site.yaml", "groups: []\n");
  deepStrictEqual(differences(wanted, existing).map(({ path, kind }) => [path, kind]), [
    ["generated/group-gone.yaml", "removed"],
    ["gpu-basic.yaml", "changed"],
    ["node.yaml", "added"],
  ]);
});
