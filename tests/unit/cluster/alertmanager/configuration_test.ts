import { deepStrictEqual, match, strictEqual } from "node:assert";
import fc from "fast-check";
import { alertmanagerConfig, alertmanagerYaml, TEMPLATES } from "../../../../cluster/alertmanager/configuration.ts";
import { destinationsOf, type Labels } from "../../../../cluster/alertmanager/route.ts";
import { MESSAGE_TEMPLATES } from "../../../../cluster/alertmanager/templates.ts";
import type { Config } from "../../../../cluster/config/schema.ts";
import { findAmtool } from "../../../amtool.ts";
import { read, sample } from "../config/sample.ts";

const amtool = await findAmtool();

/** Who is told, as `receiver` or `receiver (muted: NAMES)`. */
function told(config: Config, labels: Labels): string[] {
  return destinationsOf(alertmanagerConfig(config).route, labels)
    .map(({ receiver, muted }) => muted.length === 0 ? receiver : `${receiver} (muted: ${muted.join(", ")})`);
}

Deno.test("routes by severity: pagerduty hears of critical alone, a severity that e-mail does not want goes elsewhere", () => {
  const { config } = sample();
  deepStrictEqual(told(config, { severity: "critical" }), ["default"]);
  deepStrictEqual(told(config, { severity: "warning" }), ["default warning (muted: night)"]);
  deepStrictEqual(told(config, { severity: "info" }), ["default info (muted: night)"]);
  const { receivers } = alertmanagerConfig(config);
  const kinds = Object.fromEntries(
    receivers.map(({ name, ...configs }) => [name, Object.keys(configs).map((key) => key.replace("_configs", ""))]),
  );
  deepStrictEqual(kinds.default, ["slack", "email", "pagerduty"]);
  deepStrictEqual(kinds["default warning"], ["slack", "email"]);
  deepStrictEqual(kinds["default info"], ["slack"]);
});

Deno.test("routes by group: a child hears as its parent, and what it changes of that; a team goes before", () => {
  const { config } = sample();
  deepStrictEqual(told(config, { severity: "critical", group: "training" }), ["group production"]);
  deepStrictEqual(told(config, { severity: "critical", group: "inference" }), ["group inference"]);
  deepStrictEqual(told(config, { severity: "critical", group: "rack1" }), ["default"]);
  deepStrictEqual(told(config, { severity: "critical", group: "inference", team: "ml" }), ["team ml"]);
  const { receivers } = alertmanagerConfig(config);
  const inference = receivers.find(({ name }) => name === "group inference")!;
  deepStrictEqual(Object.keys(inference), ["name", "email_configs", "pagerduty_configs"]);
  const production = receivers.find(({ name }) => name === "group production")!;
  strictEqual((production.slack_configs as { channel: string }[])[0].channel, "#production");
});

Deno.test("a severity that no channel wants is told to nobody; no channel at all leaves the page", () => {
  const { config } = read(
    "cluster: {name: a}\nnotifications: {webhook: {url: 'http://127.0.0.1:1/', severities: [critical]}}\n",
  );
  deepStrictEqual(told(config, { severity: "info" }), ["nobody"]);
  const bare = alertmanagerConfig(read("cluster: {name: a}\n").config);
  deepStrictEqual(bare.receivers, [{ name: "default" }]);
  strictEqual(bare.route.routes, undefined);
});

Deno.test("a mute over midnight is two halves, and is of the severities it names", () => {
  const [night] = alertmanagerConfig(sample().config).time_intervals as { time_intervals: unknown[] }[];
  deepStrictEqual(night.time_intervals, [{
    weekdays: ["saturday", "sunday"],
    times: [{ start_time: "22:00", end_time: "24:00" }, { start_time: "00:00", end_time: "06:00" }],
  }]);
});

/** Writes configuration and templates into a folder, the templates' path changed to lie there. */
async function written(config: Config): Promise<{ path: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "aami-amtool-" });
  const path = `${folder}/alertmanager.yml`;
  await Deno.writeTextFile(`${folder}/aami.tmpl`, MESSAGE_TEMPLATES);
  await Deno.writeTextFile(path, alertmanagerYaml(config).replace(TEMPLATES, `${folder}/aami.tmpl`));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

Deno.test({
  name: "amtool takes the configuration with its templates",
  ignore: !amtool,
  async fn() {
    for (const config of [sample().config, read("cluster: {name: a}\n").config]) {
      await using file = await written(config);
      const { code, text } = await amtool!("check-config", file.path);
      strictEqual(code, 0, text);
      match(text, /1 templates/);
    }
  },
});

const XID = {
  Status: "firing",
  CommonLabels: { alertname: "GPUXidError", severity: "critical", group: "training" },
  Alerts: [{
    Status: "firing",
    Labels: { alertname: "GPUXidError", node: "gpu01", xid: "79", action: "reboot_node" },
    Annotations: {
      summary: "Xid 79 on gpu01",
      description: "GPU 3 has fallen off the bus.",
      runbook: "Drain the node and reboot it.",
    },
  }],
};

Deno.test({
  name: "a message of an Xid error says what to do",
  ignore: !amtool,
  async fn() {
    await using file = await written(sample().config);
    const folder = file.path.replace("alertmanager.yml", "");
    const render = async (text: string, data: object) => {
      await Deno.writeTextFile(`${folder}data.json`, JSON.stringify(data));
      const glob = [
        `--template.glob=${folder}aami.tmpl`,
        `--template.text=${text}`,
        `--template.data=${folder}data.json`,
      ];
      const { code, text: said } = await amtool!("template", "render", ...glob);
      strictEqual(code, 0, said);
      return said;
    };
    strictEqual((await render('{{ template "aami.title" . }}', XID)).trim(), "[FIRING 1] critical: Xid 79 on gpu01");
    const body = await render('{{ template "aami.text" . }}', XID);
    strictEqual(
      body.trim(),
      "Xid 79 on gpu01\nGPU 3 has fallen off the bus.\nXid 79, reboot_node (aami explain xid 79)\n" +
        "What to do: Drain the node and reboot it.",
    );
    const over = { ...XID, Status: "resolved", Alerts: [{ ...XID.Alerts[0], Status: "resolved" }] };
    match(await render('{{ template "aami.text" . }}', over), /^\s*Over: Xid 79 on gpu01/);
  },
});

Deno.test({
  name: "who is told is what amtool says: 40 configurations by chance, 6 alerts each",
  ignore: !amtool,
  async fn() {
    const groups = ["a", "b", "c", "d"];
    const severities = fc.subarray(["critical", "warning", "info"], { minLength: 1 });
    const notify = fc.record({
      webhook: fc.record({ enabled: fc.boolean(), severities }, { requiredKeys: [] }),
      slack: fc.record({ channel: fc.constant("#x"), severities }, { requiredKeys: ["channel"] }),
    }, { requiredKeys: [] });
    const configs = fc.record({
      parents: fc.array(fc.option(fc.nat(3), { nil: undefined }), { minLength: 4, maxLength: 4 }),
      notifies: fc.array(fc.option(notify, { nil: undefined }), { minLength: 4, maxLength: 4 }),
      webhook: fc.record({ severities }),
      slack: fc.option(fc.record({ severities }), { nil: undefined }),
      team: fc.option(notify, { nil: undefined }),
      mute: fc.option(severities, { nil: undefined }),
    });
    const alerts = fc.array(
      fc.record({
        group: fc.constantFrom(...groups, "other"),
        severity: fc.constantFrom("critical", "warning", "info", "none"),
        team: fc.constantFrom("ml", "else"),
      }, { requiredKeys: [] }),
      { minLength: 6, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(configs, alerts, async (drawn, asked) => {
        const { config } = read(JSON.stringify({
          cluster: { name: "a" },
          groups: Object.fromEntries(groups.map((name, index) => {
            const parent = drawn.parents[index];
            // A parent stands before: no loops.
            return [name, {
              ...(parent !== undefined && parent < index ? { parent: groups[parent] } : {}),
              notify: drawn.notifies[index],
            }];
          })),
          notifications: {
            webhook: { url: "http://127.0.0.1:1/", ...drawn.webhook },
            slack: drawn.slack && { webhook_url: "http://127.0.0.1:2/", ...drawn.slack },
            teams: drawn.team ? { ml: drawn.team } : {},
            mute: drawn.mute ? [{ name: "night", severities: drawn.mute }] : [],
          },
        }));
        await using file = await written(config);
        for (const labels of asked) {
          const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
          const { code, text } = await amtool!("config", "routes", "test", `--config.file=${file.path}`, ...words);
          strictEqual(code, 0, text);
          const own = destinationsOf(alertmanagerConfig(config).route, labels).map(({ receiver }) => receiver);
          strictEqual(own.join(","), text.split("\n")[0]);
        }
      }),
      { numRuns: 40 },
    );
  },
});
