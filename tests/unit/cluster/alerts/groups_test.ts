import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { RULES } from "../../../../cluster/alerts/presets.ts";
import { ruleFiles } from "../../../../cluster/alerts/rule_files.ts";
import type { AlertGroup, AlertSettings, Condition, RuleSettings } from "../../../../cluster/alerts/settings.ts";
import { matchersOf, parentsFirst, versionsOf } from "../../../../cluster/alerts/versions.ts";
import { findPromtool, promtool } from "../../../promtool.ts";
import { settingsOf, SITE } from "./sample.ts";

const path = await findPromtool();

const textsOf = (settings: AlertSettings) => new Map(ruleFiles(settings).map(({ path, text }) => [path, text]));

Deno.test("a group has a file only for the values in which it differs from its parent", () => {
  const files = ruleFiles(settingsOf(SITE));
  deepStrictEqual(files.map(({ path, alerts }) => [path, alerts]), [
    ["gpu-basic.yaml", 3],
    ["node.yaml", 6],
    ["generated/group-development.yaml", 1],
    ["generated/group-inference.yaml", 2],
    ["generated/group-production.yaml", 2],
  ]);
  const text = files[4].text;
  ok(text.includes("alert: GPUTemperatureCritical_Production_A100"), text);
  ok(text.includes('DCGM_FI_DEV_GPU_TEMP{group=~"production|training",gpu_type="a100"} > 80 < 1000'), text);
  ok(text.includes('DCGM_FI_DEV_GPU_TEMP{group=~"production|training",gpu_type!="a100"} > 83 < 1000'), text);
  // The rest is the parent's, so it is not written again.
  ok(!text.includes("HighCPUUsage"), text);
  ok(files[1].text.includes('node_cpu_seconds_total{mode!="idle",group!="development"}'), files[1].text);
  ok(files[1].text.includes('node_boot_time_seconds{group!="development"}'));
});

Deno.test("what a group inherits it keeps where it sets another value", () => {
  const [inference] = ruleFiles(settingsOf(SITE)).filter(({ path }) => path.includes("inference"));
  ok(inference.text.includes('DCGM_FI_DEV_GPU_TEMP{group="inference",gpu_type="a100"} > 80'), inference.text);
  ok(inference.text.includes('DCGM_FI_DEV_GPU_TEMP{group="inference",gpu_type!="a100"} > 83'), inference.text);
  strictEqual(inference.text.match(/for: 2m/g)?.length, 2);
});

Deno.test("a value of one group is in one file", () => {
  const before = textsOf(settingsOf(SITE));
  const after = textsOf(settingsOf(SITE.replace("threshold: 95", "threshold: 96")));
  const changed = [...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
  deepStrictEqual([changed, before.size], [["generated/group-development.yaml"], after.size]);
});

Deno.test("the order of the configuration does not change the files", () => {
  const settings = settingsOf(SITE);
  const reversed = { ...settings, groups: new Map([...settings.groups].reverse()) };
  deepStrictEqual(textsOf(reversed), textsOf(settings));
});

Deno.test("a rule of two presets is written once", () => {
  const files = ruleFiles({ presets: ["gpu-basic", "gpu-production", "node"], rules: new Map(), groups: new Map() });
  deepStrictEqual(files.map(({ alerts }) => alerts), [3, 5, 6]);
});

/** Whether a selector takes series with these labels. */
function chosen(matchers: string, labels: Record<string, string>): boolean {
  return [...matchers.matchAll(/(\w+)(=~|!~|!=|=)("(?:[^"\\]|\\.)*")/g)].every(([, label, operator, quoted]) => {
    const value = JSON.parse(quoted);
    const same = operator.endsWith("~")
      ? new RegExp(`^(?:${value})$`).test(labels[label] ?? "")
      : value === (labels[label] ?? "");
    return operator.startsWith("!") ? !same : same;
  });
}

const rule = RULES.get("high_cpu_usage")!;
const threshold = fc.integer({ min: 1, max: 4 });
const own = fc.option(threshold, { nil: undefined });
const conditions = fc.array(
  fc.record({ label: fc.constantFrom("rack", "kind"), is: fc.subarray(["x", "y"], { minLength: 1 }), threshold }),
  { maxLength: 2 },
);
const values = (value: number | undefined) => value === undefined ? new Map() : new Map([["threshold", { value }]]);
const anySettings = fc.record({ own, conditions }).map(({ own, conditions }): RuleSettings => ({
  own: values(own),
  where: conditions.map(({ label, is, threshold }): Condition => ({ label, is, own: values(threshold) })),
}));

/** A forest: each group's parent is one of those before it. */
const forest = fc.array(fc.record({ parent: fc.nat(), settings: fc.option(anySettings, { nil: undefined }) }), {
  maxLength: 8,
}).map((list) =>
  new Map(list.map(({ parent, settings }, index): [string, AlertGroup] => {
    const above = parent % (index + 1);
    return [`g.${index}`, {
      name: `g.${index}`,
      parent: above === index ? undefined : `g.${above}`,
      rules: new Map(settings ? [[rule.id, settings]] : []),
    }];
  }))
);

/** The threshold of a node, found the long way. */
function thresholdOf(settings: AlertSettings, labels: Record<string, string>): number {
  const chain: RuleSettings[] = [];
  for (let at = settings.groups.get(labels.group ?? ""); at; at = settings.groups.get(at.parent ?? "")) {
    chain.push(at.rules.get(rule.id) ?? { own: new Map(), where: [] });
  }
  chain.push(settings.rules.get(rule.id) ?? { own: new Map(), where: [] });
  const met = chain.flatMap(({ where }, level) => where.map((condition) => ({ condition, level })))
    .find(({ condition }) => condition.is.includes(labels[condition.label] ?? ""));
  for (const [level, { own }] of chain.entries()) {
    const set = met?.level === level
      ? met.condition.own.get("threshold") ?? own.get("threshold")
      : own.get("threshold");
    if (set) return set.value as number;
  }
  return rule.parameters.threshold.default as number;
}

Deno.test("every node is under one version of a rule, with the values of its groups", () => {
  fc.assert(fc.property(forest, fc.option(anySettings, { nil: undefined }), (groups, all) => {
    const settings: AlertSettings = { presets: ["node"], rules: new Map(all ? [[rule.id, all]] : []), groups };
    const versions = versionsOf(rule, settings, parentsFirst(groups));
    for (const group of [undefined, "elsewhere", "gx0", ...groups.keys()]) {
      for (const rack of [undefined, "x", "y", "z"]) {
        for (const kind of [undefined, "x"]) {
          const labels = Object.fromEntries(
            Object.entries({ group, rack, kind }).filter(([, value]) => value !== undefined),
          ) as Record<string, string>;
          const holds = versions.flatMap((version) =>
            version.cells.filter((cell) => chosen(matchersOf(version, cell), labels))
          );
          deepStrictEqual(holds.map((cell) => cell.values.threshold), [thresholdOf(settings, labels)], String(group));
        }
      }
    }
  }));
});

/** Processors that are busy for a share of a minute, of a node in a group. */
const busy = (group: string, percent: number) => ({
  series: `node_cpu_seconds_total{cpu="0",mode="user",node="${group}-01",group="${group}"}`,
  values: `0+${percent * 0.6}x40`,
});

Deno.test({
  name: "production is told at 80 %, development at 95 %",
  ignore: path === undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aami-groups-" });
    try {
      const files = ruleFiles(settingsOf(SITE));
      await Deno.mkdir(`${folder}/generated`);
      for (const { path, text } of files) await Deno.writeTextFile(`${folder}/${path}`, text);
      const firing = (samples: readonly string[]) => ({
        expr: 'sum by (alertname, group) (ALERTS{alertstate="firing",rule="high_cpu_usage"})',
        eval_time: "30m",
        exp_samples: samples.map((labels) => ({ labels: `{${labels}}`, value: 1 })),
      });
      const test = (percent: number, ...samples: string[]) => ({
        interval: "1m",
        input_series: ["production", "training", "development", "nobody"].map((group) => busy(group, percent)),
        promql_expr_test: [firing(samples)],
      });
      const three = ["production", "training", "nobody"].map((group) => `alertname="HighCPUUsage",group="${group}"`);
      const development = 'alertname="HighCPUUsage_Development",group="development"';
      const tests = [test(70), test(85, ...three), test(97, ...three, development)];
      const rule_files = files.map(({ path }) => path);
      await Deno.writeTextFile(`${folder}/test.yaml`, JSON.stringify({ rule_files, evaluation_interval: "1m", tests }));
      const { code, text } = await promtool(path!, "test", "rules", `${folder}/test.yaml`);
      strictEqual(code, 0, text);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("ten thousand groups with twenty rules each are written in seconds", () => {
  const presets = ["gpu-production", "node", "storage"];
  const ids = ruleIds(presets).slice(0, 20);
  const groups = new Map<string, AlertGroup>();
  for (let index = 0; index < 10_000; index++) {
    const name = `group-${index}`;
    const set = { own: new Map([["for", { value: `${index + 1}s` }]]), where: [] };
    groups.set(name, {
      name,
      parent: index < 100 ? undefined : `group-${index % 100}`,
      rules: new Map(ids.map((id) => [id, set])),
    });
  }
  const start = performance.now();
  const files = ruleFiles({ presets, rules: new Map(), groups });
  const seconds = (performance.now() - start) / 1000;
  const megabytes = files.reduce((sum, { text }) => sum + text.length, 0) / 1e6;
  console.log(
    `${files.length} files, ${megabytes.toFixed(0)} MB in ${seconds.toFixed(1)} s, ` +
      `${(Deno.memoryUsage().rss / 1e6).toFixed(0)} MB of memory`,
  );
  strictEqual(files.filter(({ path }) => path.startsWith("generated/")).length, 10_000);
  strictEqual(files.filter(({ path }) => path.startsWith("generated/")).every(({ alerts }) => alerts === 20), true);
  ok(seconds < 30, `${seconds} s`);
  // One value of one group.
  const one = groups.get("group-4711")!;
  const changed = new Map(one.rules).set(ids[0], { own: new Map([["for", { value: "1d" }]]), where: [] });
  const again = ruleFiles({
    presets,
    rules: new Map(),
    groups: new Map(groups).set(one.name, { ...one, rules: changed }),
  });
  const different = again.filter(({ text }, index) => text !== files[index].text);
  deepStrictEqual(different.map(({ path }) => path), ["generated/group-group-4711.yaml"]);
});

function ruleIds(presets: readonly string[]): string[] {
  const settings = { presets, rules: new Map(), groups: new Map() };
  return ruleFiles(settings).flatMap(({ text }) => [...text.matchAll(/ rule: (\w+)/g)].map(([, id]) => id));
}
