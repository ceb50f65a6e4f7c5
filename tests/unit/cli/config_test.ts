import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { runProgram } from "../../../cli/program.ts";
import { registry } from "../../../modules/registry.ts";
import { keepingTerminal } from "../../e2e/bad_input/driver.ts";
import { SAMPLE } from "../cluster/config/sample.ts";

const SECRETS = ["sEcReT", "s3cret", "0123456789abcdef0123456789abcdef", "hello world"];
const TEXT = SAMPLE.replace("${SLACK_WEBHOOK}", "https://hooks.slack.example/T0/B0/sEcReT")
  .replace("${SMTP_PASSWORD}", '"mail: #s3cret"').replace("${PAGERDUTY_KEY}", '"0123456789abcdef0123456789abcdef"');

async function withConfig(
  text: string,
  body: (
    aami: (...args: string[]) => Promise<{ exit: number; out: string; talk: string }>,
    path: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "aami-config-" });
  const path = `${folder}/aami.yaml`;
  await Deno.writeTextFile(path, text, { mode: 0o640 });
  try {
    await body(async (...args) => {
      const terminal = keepingTerminal();
      const exit = await runProgram([...args, "--config", path], { terminal, registry });
      const [out, talk] = [terminal.outs.join("\n"), terminal.talks.join("\n")];
      for (const secret of SECRETS) assert.ok(!`${out}${talk}`.includes(secret), `${args[0]} says a secret`);
      return { exit, out, talk };
    }, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("config check counts what the configuration makes, config show hides every secret", () =>
  withConfig(TEXT, async (aami, path) => {
    const { exit, out, talk } = await aami("config", "check");
    assert.equal(exit, 0, talk);
    assert.equal(out, `✅ ${path}: 3 nodes, 4 groups, 16 alerts, 12 receivers`);
    assert.match(talk, /warning: there is no key '~\/\.ssh\/id_ed25519' on this machine/);
    const shown = parse((await aami("config", "show")).out);
    assert.equal(shown.notifications.slack.webhook_url, "********");
    assert.equal(shown.grafana.admin_password, "********");
    assert.equal(shown.notifications.group_wait, "30s");
    assert.deepEqual(JSON.parse((await aami("config", "show", "-o", "json")).out), shown);
  }));

Deno.test("config check warns of secrets that everybody may read", () =>
  withConfig("cluster: { name: a }\ngrafana: { admin_password: hello world }\n", async (aami, path) => {
    assert.doesNotMatch((await aami("config", "check")).talk, /everybody/);
    await Deno.chmod(path, 0o644);
    assert.match((await aami("config", "check")).talk, /everybody on this machine may read/);
    const { diagnostics } = JSON.parse((await aami("config", "check", "-o", "json")).out);
    assert.equal(diagnostics[0].range.start.line, 2);
  }));

Deno.test("nodes add leaves every other character, the mode, and every comment", () =>
  withConfig(TEXT, async (aami, path) => {
    const { exit, out, talk } = await aami(
      ...["nodes", "add", "gpu03", "--ip", "10.0.0.3", "--user", "root", "--key", "~/.ssh/other", "--port", "2222"],
      ...["--labels", "rack=r2,gpu_type=h100", "--groups", "training"],
    );
    assert.equal(exit, 0, talk);
    assert.equal(out, "✅ Node gpu03 added");
    const text = await Deno.readTextFile(path);
    const added = `  - name: gpu03
    ip: 10.0.0.3
    ssh_user: root
    ssh_key: ~/.ssh/other
    ssh_port: 2222
    groups:
      - training
    labels:
      rack: r2
      gpu_type: h100
`;
    assert.equal(text, TEXT.replace("  - name: login\n", `  - name: login\n${added}`));
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o640);
    assert.equal((await aami("nodes", "remove", "gpu03")).out, "✅ Node gpu03 removed");
    assert.equal(await Deno.readTextFile(path), TEXT);
  }));

Deno.test("nodes add --file adds all or none; nodes list shows them", () =>
  withConfig("cluster: { name: a }\n", async (aami, path) => {
    const file = path.replace("aami.yaml", "rack.yaml");
    await Deno.writeTextFile(file, "nodes:\n  - { name: a1, ip: 10.0.0.1 }\n  - { name: a2, ip: 10.0.0.1 }\n");
    assert.match((await aami("nodes", "add", "--file", file)).talk, /'a1' has the address 10\.0\.0\.1 too/);
    assert.equal(await Deno.readTextFile(path), "cluster: { name: a }\n");
    await Deno.writeTextFile(file, "- { name: a1, ip: 10.0.0.1, labels: { rack: 1 } }\n- { name: a2 }\n");
    const { out } = await aami("nodes", "add", "--file", file);
    assert.equal(out, "✅ Node a1 added\n✅ Node a2 added");
    assert.equal(
      (await aami("nodes", "list")).out,
      "NAME  IP        USER  GROUP  LABELS\na1    10.0.0.1  -     -      rack=1\na2    -         -     -",
    );
    const nodes = JSON.parse((await aami("nodes", "list", "-o", "json")).out);
    assert.deepEqual(nodes[0], { name: "a1", ip: "10.0.0.1", groups: [], labels: { rack: "1" } });
  }));

Deno.test("presets are applied and removed in place, and told with their rules", () =>
  withConfig(TEXT, async (aami, path) => {
    assert.equal((await aami("alerts", "apply-preset", "amd")).out, "✅ Applied preset amd (7 rules)");
    assert.match(await Deno.readTextFile(path), /presets: \[gpu-production, node, amd\]/);
    assert.equal((await aami("alerts", "apply-preset", "amd")).out, "✅ Applied preset amd (7 rules)");
    assert.equal((await aami("alerts", "remove-preset", "amd")).out, "✅ Removed preset amd");
    assert.equal(await Deno.readTextFile(path), TEXT);
  }));

Deno.test("alerts effective tells where each value comes from", () =>
  withConfig(TEXT, async (aami) => {
    const { out } = await aami("alerts", "effective", "gpu01");
    assert.match(
      out,
      /gpu_temperature_critical {2}GPUTemperatureCritical_Production, generated\/group-production\.yaml\n/,
    );
    assert.match(out, /threshold: 83 °C {2}\(group production, .*aami\.yaml:\d+:\d+\)/);
    const { rules } = JSON.parse((await aami("alerts", "effective", "login", "-o", "json")).out);
    assert.equal(
      rules.find(({ id }: { id: string }) => id === "gpu_temperature_critical").values[0].origin.kind,
      "default",
    );
  }));

Deno.test("alerts route takes a node's labels along; alerts diff shows what a directory lacks", () =>
  withConfig(TEXT, async (aami, path) => {
    const { out } = await aami("alerts", "route", "severity=critical", "node=gpu02");
    assert.equal(out, 'group inference: email inference@example.com, pagerduty\n  by group="inference"');
    assert.match((await aami("alerts", "route", "severity=info", "group=none")).out, /not at 'night'/);
    const folder = path.replace("aami.yaml", "rules");
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/old.yaml`, "# Written by aami from x\n");
    await Deno.writeTextFile(`${folder}/own.yaml`, "groups: []\n");
    const { out: diff } = await aami("alerts", "diff", "--directory", folder);
    assert.match(diff, /^added .*custom\.yaml$/m);
    assert.match(diff, /^removed .*old\.yaml$/m);
    assert.doesNotMatch(diff, /own\.yaml/);
  }));

Deno.test("the schema for editors takes the sample and refuses what is wrong in it", async () => {
  const terminal = keepingTerminal();
  assert.equal(await runProgram(["config", "schema"], { terminal, registry }), 0);
  const valid = new Ajv({ allowUnionTypes: true, strictTypes: false, strictRequired: false }).compile(
    JSON.parse(terminal.outs.join("\n")),
  );
  assert.ok(valid(parse(SAMPLE)), JSON.stringify(valid.errors));
  assert.ok(!valid({ cluster: { name: "a" }, nodse: [] }));
  assert.ok(!valid({ nodes: [] }));
});
