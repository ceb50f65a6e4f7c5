import assert from "node:assert/strict";
import { dirname } from "node:path";
import { parse } from "yaml";
import { runProgram } from "../../../cli/program.ts";
import { registry } from "../../../modules/registry.ts";
import { keepingTerminal } from "../../e2e/bad_input/driver.ts";
import { findPromtool } from "../../promtool.ts";

async function aami(...args: string[]) {
  const terminal = keepingTerminal();
  const exit = await runProgram(args, { terminal, registry });
  return { exit, out: terminal.outs.join("\n"), talk: terminal.talks.join("\n") };
}

Deno.test("alerts list-presets names the presets with their rules", async () => {
  const { exit, out } = await aami("alerts", "list-presets");
  assert.equal(exit, 0);
  assert.match(out, /^gpu-basic \(3 rules\): /);
  assert.match(out, /\ngpu-production \(8 rules\): .*\n {2}gpu_temperature_critical\n/);
  const presets = JSON.parse((await aami("alerts", "list-presets", "-o", "json")).out);
  assert.deepEqual(presets.map((preset: { name: string }) => preset.name), [
    ...["gpu-basic", "gpu-production", "amd", "slurm", "node", "fabric", "storage", "checks"],
  ]);
});

Deno.test("alerts show tells the parameters, and -o yaml is a rule file", async () => {
  const { out } = await aami("alerts", "show", "gpu-production");
  assert.match(out, /gpu_temperature_critical {2}GPUTemperatureCritical, critical, after 5m\n {2}threshold: 85 °C/);
  assert.match(out, /gpu_xid_error {2}GPUXidError, severity by the error, at once/);
  const file = parse((await aami("alerts", "show", "gpu-production", "-o", "yaml")).out);
  assert.equal(file.groups[0].rules.length, 8);
  assert.equal(file.groups[0].rules[0].annotations.summary, "GPU {{ $labels.gpu }} of {{ $labels.node }} is too hot");
  const data = JSON.parse((await aami("alerts", "show", "gpu-production", "-o", "json")).out);
  assert.equal(data.rules[0].parameters.threshold.default, 85);
});

Deno.test("a preset that is none is told with the nearest", async () => {
  for (const command of ["show", "test"]) {
    const { exit, talk } = await aami("alerts", command, "gpu-prodution");
    assert.equal(exit, 1);
    assert.match(talk, /there is no preset 'gpu-prodution'\n {2}help: did you mean 'gpu-production'\?/);
  }
});

Deno.test("alerts alone shows its help", async () => {
  const { exit, talk } = await aami("alerts");
  assert.equal(exit, 1);
  assert.match(talk, /list-presets/);
  assert.doesNotMatch(talk, /error/);
});

const promtool = await findPromtool();

/** Runs a command line with a PATH of its own. */
async function withPath(path: string, ...args: string[]) {
  const before = Deno.env.get("PATH");
  Deno.env.set("PATH", path);
  try {
    return await aami(...args);
  } finally {
    if (before === undefined) Deno.env.delete("PATH");
    else Deno.env.set("PATH", before);
  }
}

Deno.test({
  name: "alerts test runs a preset's tests",
  ignore: promtool === undefined,
  async fn() {
    const { exit, out } = await withPath(dirname(promtool!), "alerts", "test", "checks");
    assert.deepEqual([exit, out], [0, "✅ checks: 6 rules, 12 tests"]);
  },
});

Deno.test("alerts test without promtool says what to install", async () => {
  const { exit, talk } = await withPath("/nonexistent", "alerts", "test", "checks");
  assert.equal(exit, 1);
  assert.match(talk, /there is no promtool on this machine\n {2}help: install Prometheus/);
});
