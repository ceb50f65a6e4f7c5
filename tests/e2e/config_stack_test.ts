/**
 * install-stack with a configuration, on real hosts: labels and groups of nodes, a group's own threshold, who is told,
 * and rules that are wrong.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { waitUntil } from "../fleet/command.ts";
import { Fleet } from "../fleet/fleet.ts";
import type { Host } from "../fleet/host.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { aami, events, temporaryFolder } from "./aami.ts";
import { ask, expectFine, expectNoChange, type Ran, type SentAlert, tasksOf, Webhook } from "./stack.ts";

const obstacle = await fleetObstacle();
const because = obstacle ? ` (${obstacle.reason ?? obstacle.missing.join(" ")})` : "";

interface Site {
  readonly folder: string;
  readonly monitor: Host;
  readonly hooks: { readonly site: Webhook; readonly production: Webhook };
  readonly environment: Record<string, string>;
}

function configuration(fleet: Fleet): string {
  const [monitor, node] = fleet.hosts;
  return `# Two machines of the test.
cluster: { name: fleet }
ssh: { user: root, key: ${fleet.privateKey} }
install: { from: distro, components: [node_exporter, prometheus, alertmanager] }

nodes:
  - { name: ${monitor.name}, ip: ${monitor.address}, groups: [monitoring] }
  - name: ${node.name}
    ip: ${node.address}
    groups: [training] # of production
    labels: { rack: r1 }

groups:
  production:
    notify: { webhook: { url: "\${PRODUCTION_HOOK}" } }
    alerts:
      high_memory_usage: { threshold: 1, for: 1s }
  training:
    parent: production

alerts:
  presets: [node]
  custom:
    - name: SomethingIsUp
      expr: sum(up) > 1000

notifications:
  group_wait: 1s
  group_interval: 1s
  webhook:
    url: \${SITE_HOOK}

prometheus: { scrape_interval: 1s, evaluation_interval: 1s }
`;
}

async function run(site: Site, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return await aami(args, { cwd: site.folder, env: site.environment });
}

async function play(site: Site, playbook: string, ...args: string[]): Promise<Ran> {
  const start = performance.now();
  const { code, stdout, stderr } = await run(
    site,
    "play",
    playbook,
    "--host-key-checking",
    "off",
    "-o",
    "jsonl",
    ...args,
  );
  for (const secret of Object.values(site.environment)) ok(!`${stdout}${stderr}`.includes(secret), "a secret was said");
  return { code, events: events(stdout), stderr, took: performance.now() - start };
}

/** The alerts that Prometheus has, as `NAME NODE`. */
async function alertNames({ monitor }: Site): Promise<string[]> {
  const { data } = await ask<{ data: { alerts: { labels: Record<string, string> }[] } }>(
    `http://${monitor.address}:9090/api/v1/alerts`,
  );
  return data.alerts.map(({ labels }) => `${labels.alertname} ${labels.node}`);
}

async function ruleNames({ monitor }: Site): Promise<string[]> {
  const { data } = await ask<{ data: { groups: { name: string; rules: { name: string }[] }[] } }>(
    `http://${monitor.address}:9090/api/v1/rules`,
  );
  return data.groups.flatMap(({ name, rules }) => rules.map((rule) => `${name} ${rule.name}`));
}

async function expectGroupsThreshold(site: Site, node: Host): Promise<void> {
  const fired = await site.hooks.production.until("firing", "HighMemoryUsage_Production", node.name);
  deepStrictEqual(fired.labels, {
    ...{ alertname: "HighMemoryUsage_Production", cluster: "fleet" },
    ...{ group: "training", groups: "production", instance: `${node.address}:9100`, job: "node", node: node.name },
    ...{ rack: "r1", rule: "high_memory_usage", severity: "warning" },
  });
  const names = await alertNames(site);
  deepStrictEqual(names.filter((name) => name.startsWith("HighMemoryUsage")), [
    `HighMemoryUsage_Production ${node.name}`,
  ]);
  deepStrictEqual(site.hooks.site.received.filter(({ labels }) => labels.node === node.name), []);
}

async function expectSynthetic(site: Site, node: Host): Promise<void> {
  const { monitor, hooks } = site;
  const { stdout, stderr, code } = await run(site, "alerts", "fire", "node_down", "--node", monitor.name);
  strictEqual(code, 0, stderr);
  strictEqual(stdout, `✅ Fired NodeDown on ${monitor.name}, for default\n`);
  await hooks.site.until("firing", "NodeDown", monitor.name);
  const route = await run(site, "alerts", "route", "severity=warning", `node=${node.name}`, "-o", "json");
  deepStrictEqual(JSON.parse(route.stdout).told.map(({ receiver }: { receiver: string }) => receiver), [
    "group production",
  ]);
  const listed = await ask<(SentAlert & { receivers: { name: string }[] })[]>(
    `http://${monitor.address}:9093/api/v2/alerts`,
  );
  const memory = listed.find(({ labels }) => labels.rule === "high_memory_usage");
  deepStrictEqual(memory?.receivers.map(({ name }) => name), ["group production"]);
  const silenced = await run(site, "alerts", "silence", `node=${node.name}`, "--for", "1h", "--comment", "fans");
  match(silenced.stdout, /^✅ Silenced node=/);
  match((await run(site, "alerts", "silences")).stdout, new RegExp(`active +until .* node=${node.name} .*: fans`));
  await waitUntil(
    "the alert is silenced",
    async () => {
      const now = await ask<{ labels: Record<string, string>; status: { state: string } }[]>(
        `http://${monitor.address}:9093/api/v2/alerts`,
      );
      return now.some(({ labels, status }) => labels.rule === "high_memory_usage" && status.state === "suppressed");
    },
    20_000,
    200,
  );
}

/** What aami's own parser takes and Prometheus does not. */
async function expectOldRulesKept(site: Site): Promise<void> {
  const path = `${site.folder}/aami.yaml`;
  const good = await Deno.readTextFile(path);
  const rules = await ruleNames(site);
  const files = (await site.monitor.exec("cd /etc/aami/rules && find . -type f | sort | xargs sha256sum")).stdout;
  await Deno.writeTextFile(path, good.replace("sum(up) > 1000", 'sum(up) > "many"'));
  const refused = await play(site, "install-stack");
  strictEqual(refused.code, 2);
  match(
    String(tasksOf(refused).find(({ status }) => status === "failed")?.result.msg),
    /promtool refuses .*the old ones stay/,
  );
  strictEqual((await site.monitor.exec("cd /etc/aami/rules && find . -type f | sort | xargs sha256sum")).stdout, files);
  deepStrictEqual(await ruleNames(site), rules);
  await Deno.writeTextFile(path, good);
  expectNoChange(await play(site, "install-stack"));
}

const TESTED = `- hosts: monitoring
  tasks:
    - prometheus_rules:
        path: /etc/aami/rules/site.yaml
        groups: [{ name: site, rules: [{ alert: Down, expr: up == 0, for: "{{ wait }}" }] }]
        tests: tests.yaml
`;

const UNIT_TESTS = `rule_files: [site.yaml]
tests:
  - interval: 1m
    input_series: [{ series: 'up{job="node"}', values: "0 0 0 0 0 0" }]
    alert_rule_test:
      - { eval_time: 3m, alertname: Down, exp_alerts: [{ exp_labels: { job: node } }] }
`;

/** promtool's unit tests have their say before the rules. */
async function expectTestsCount(site: Site): Promise<void> {
  await Deno.writeTextFile(`${site.folder}/tests.yaml`, UNIT_TESTS);
  const withWait = async (wait: string) => {
    await Deno.writeTextFile(`${site.folder}/site.yml`, TESTED.replace("{{ wait }}", wait));
    return await play(site, "site.yml");
  };
  expectFine(await withWait("1m"));
  const refused = await withWait("5m");
  strictEqual(refused.code, 2);
  match(String(tasksOf(refused)[0].result.msg), /the tests of \/etc\/aami\/rules\/site\.yaml fail, the old rules stay/);
  const kept = await site.monitor.exec("grep -c 'for: 1m' /etc/aami/rules/site.yaml; ls -A /etc/aami/rules");
  match(kept.stdout, /^1\n/);
  ok(!kept.stdout.includes(".aami-"), kept.stdout);
  await site.monitor.exec("rm /etc/aami/rules/site.yaml", { mustSucceed: true });
}

const EXCHANGED = `- hosts: monitoring
  tasks:
    - prometheus_rule_files:
        directory: /etc/aami/rules
        files:
          - { path: node.yaml, text: "groups: []\\n" }
          - { path: more.yaml, text: "groups: []\\n" }
`;

const RULE_SUMS = "cd /etc/aami/rules && find . | sort && find . -type f | sort | xargs sha256sum";

/** promtool has nothing against the files, and Prometheus refuses all the same: something else is wrong there. */
async function expectPutBack(site: Site): Promise<void> {
  const { monitor } = site;
  const [before, rules] = [(await monitor.exec(RULE_SUMS)).stdout, await ruleNames(site)];
  await monitor.exec("cp -p /etc/aami/prometheus.yml /tmp/kept; echo 'nonsense: 1' >> /etc/aami/prometheus.yml");
  await Deno.writeTextFile(`${site.folder}/site.yml`, EXCHANGED);
  const refused = await play(site, "site.yml");
  strictEqual(refused.code, 2);
  match(
    String(tasksOf(refused)[0].result.msg),
    /Prometheus refuses the new rules .*, the old ones are back: .*nonsense/s,
  );
  strictEqual((await monitor.exec(RULE_SUMS)).stdout, before);
  deepStrictEqual(await ruleNames(site), rules);
  // What a killed run left is no hindrance, and goes.
  const left =
    "mkdir /etc/aami/rules/.aami-new; touch /etc/aami/rules/.aami-new/old.yaml; rm /etc/aami/rules/node.yaml";
  await monitor.exec(`mv /tmp/kept /etc/aami/prometheus.yml; ${left}`, { mustSucceed: true });
  expectFine(await play(site, "install-stack"));
  strictEqual((await monitor.exec(RULE_SUMS)).stdout, before);
}

Deno.test({
  name: `install-stack with a configuration on real hosts${because}`,
  ignore: obstacle !== undefined,
  async fn(t) {
    await using fleet = await Fleet.up({ hosts: 2 });
    const [monitor, node] = fleet.hosts;
    await using folder = await temporaryFolder();
    await using siteHook = new Webhook(fleet.gateway);
    await using productionHook = new Webhook(fleet.gateway);
    const site: Site = {
      folder: folder.path,
      monitor,
      hooks: { site: siteHook, production: productionHook },
      environment: {
        SITE_HOOK: `${siteHook.url}site-secret`,
        PRODUCTION_HOOK: `${productionHook.url}production-secret`,
      },
    };
    await Deno.writeTextFile(`${folder.path}/aami.yaml`, configuration(fleet));
    let going = true;
    const step = async (name: string, body: () => Promise<void>) => {
      if (going) going = await t.step(name, body);
    };
    await step("the whole is put in place, and again nothing changes", async () => {
      expectFine(await play(site, "install-stack"));
      expectNoChange(await play(site, "install-stack"));
      expectNoChange(await play(site, "install-stack", "--check"));
      const mode = await monitor.exec("stat -c '%a %U %G' /etc/aami/alertmanager.yml");
      strictEqual(mode.stdout, "640 root prometheus\n");
    });
    await step(
      "a group's threshold fires in the group alone, and the group is told",
      () => expectGroupsThreshold(site, node),
    );
    await step("a synthetic alert arrives, a silence holds", () => expectSynthetic(site, node));
    await step("rules that Prometheus would refuse leave the old ones", () => expectOldRulesKept(site));
    await step(
      "rules that Prometheus does refuse are put back; what a killed run left goes",
      () => expectPutBack(site),
    );
    await step("rules whose own tests fail leave the old ones", () => expectTestsCount(site));
    await step("a preset less: its file goes, the playbook's own rules are there again", async () => {
      const { code, stderr } = await run(site, "alerts", "remove-preset", "node");
      strictEqual(code, 0, stderr);
      match(await Deno.readTextFile(`${folder.path}/aami.yaml`), /groups: \[training\] # of production/);
      expectFine(await play(site, "install-stack"));
      const rules = await ruleNames(site);
      ok(rules.includes("node NodeDiskFull") && !rules.some((name) => name.includes("HighMemoryUsage")), rules.join());
      expectNoChange(await play(site, "install-stack"));
    });
    await step("uninstall leaves no rule of it", async () => {
      expectFine(await play(site, "uninstall-stack"));
      strictEqual((await monitor.exec("ls -A /etc/aami 2>&1 || true")).stdout.replace(/^ls: .*\n/, ""), "");
    });
  },
});
