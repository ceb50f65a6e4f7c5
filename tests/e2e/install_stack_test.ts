/**
 * install-stack on real hosts without internet: one monitoring host and three nodes, once from the distribution's
 * packages, once from a release mirror.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { waitUntil } from "../fleet/command.ts";
import { ensureImages } from "../fleet/images.ts";
import type { Host } from "../fleet/host.ts";
import { Mirror } from "../fleet/mirror.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { diffSnapshots, snapshot } from "../fleet/snapshot.ts";
import {
  ask,
  bootCluster,
  type Cluster,
  expectFine,
  expectNoChange,
  expectParity,
  recapOf,
  type SentAlert,
  tasksOf,
  untilAllUp,
  Webhook,
} from "./stack.ts";

const obstacle = await fleetObstacle();
const because = obstacle ? ` (${obstacle.reason ?? obstacle.missing.join(" ")})` : "";

/** Short times, so that an alert fires while a person can wait for it. */
const QUICK = {
  prometheus_scrape_interval: "1s",
  prometheus_evaluation_interval: "1s",
  node_down_for: "2s",
  alertmanager_group_wait: "1s",
  alertmanager_group_interval: "1s",
};

const UNITS = ["prometheus", "prometheus-alertmanager", "prometheus-node-exporter"];

type Step = (name: string, body: () => Promise<void>) => Promise<void>;

/** Each step rests on those before it: the first that fails is the last. */
function steps(t: Deno.TestContext): Step {
  return async (name, body) => {
    if (!await t.step(name, body)) throw new Error(`stopped at: ${name}`);
  };
}

/** All that must hold, whatever the programs come from. */
async function exercise(step: Step, cluster: Cluster, webhook: Webhook): Promise<void> {
  const { fleet, monitor, nodes } = cluster;
  await step("check on bare hosts writes nothing and foretells the run", async () => {
    const before = await Promise.all(fleet.hosts.map(snapshot));
    const check = await cluster.play("install-stack", "--check");
    expectFine(check);
    const after = await Promise.all(fleet.hosts.map(snapshot));
    for (const [index, host] of fleet.hosts.entries()) {
      deepStrictEqual(diffSnapshots(before[index], after[index]), [], host.name);
    }
    const apply = await cluster.play("install-stack");
    expectFine(apply);
    console.log(`install: ${seconds(apply.took)}`, expectParity(check, apply));
    match(JSON.stringify(apply.events.filter((event) => event.type === "notice")), /Grafana is not installed on node1/);
    await untilAllUp(cluster);
  });
  await step("again: nothing changes, in check and in earnest", async () => {
    const again = await cluster.play("install-stack");
    expectNoChange(again);
    expectNoChange(await cluster.play("install-stack", "--check"));
    console.log(`again: ${seconds(again.took)}`, recapOf(again).node1);
  });
  await step("the rules are loaded and sound", () => expectRules(monitor));
  await step("a node's exporter that stops is told of, and that it is back", () => expectAlert(cluster, webhook));
  await step("what was changed by hand is found, nothing else, and mended", () => expectDriftFound(cluster));
  await step("after a reboot all is back", async () => {
    await Promise.all(fleet.hosts.map((host) => host.reboot()));
    for (const unit of UNITS) strictEqual((await monitor.exec(`systemctl is-enabled ${unit}`)).stdout, "enabled\n");
    await untilAllUp(cluster);
    expectNoChange(await cluster.play("install-stack"));
  });
  await step("a rule file that is wrong is refused, and the old rules go on", () => expectOldRulesKept(cluster));
  await step("uninstall takes it away, data when told", async () => {
    await expectUninstalled(cluster);
    ok(nodes.length > 0);
  });
}

async function expectRules(monitor: Host): Promise<void> {
  interface Answer {
    data: { groups: { name: string; rules: { name: string; health: string }[] }[] };
  }
  const { data } = await ask<Answer>(`http://${monitor.address}:9090/api/v1/rules`);
  deepStrictEqual(data.groups.map((group) => group.name).sort(), ["monitoring", "node"]);
  for (const { rules } of data.groups) deepStrictEqual(rules.filter((rule) => rule.health !== "ok"), []);
}

async function expectAlert({ monitor, nodes }: Cluster, webhook: Webhook): Promise<void> {
  const [, node] = nodes;
  webhook.received.length = 0;
  await node.exec("systemctl stop prometheus-node-exporter", { mustSucceed: true });
  const fired = await webhook.until("firing", "NodeDown", node.name);
  deepStrictEqual({ ...fired.labels }, {
    alertname: "NodeDown",
    group: "gpu",
    instance: `${node.address}:9100`,
    job: "node",
    node: node.name,
    severity: "critical",
  });
  match(fired.annotations.summary, new RegExp(`^${node.name} does not answer$`));
  const listed = await ask<SentAlert[]>(`http://${monitor.address}:9093/api/v2/alerts`);
  deepStrictEqual(listed.map(({ labels }) => `${labels.alertname} ${labels.node}`), [`NodeDown ${node.name}`]);
  await node.exec("systemctl start prometheus-node-exporter", { mustSucceed: true });
  await webhook.until("resolved", "NodeDown", node.name);
  deepStrictEqual([...new Set(webhook.received.map(({ labels }) => labels.alertname))], ["NodeDown"]);
  await waitUntil("no alert is left", async () => {
    return (await ask<SentAlert[]>(`http://${monitor.address}:9093/api/v2/alerts`)).length === 0;
  }, 30_000);
}

/** A file, a mode and a unit, each on its own host. */
async function expectDriftFound(cluster: Cluster): Promise<void> {
  const { monitor, nodes: [one, two] } = cluster;
  await monitor.exec("echo '# by hand' >> /etc/aami/prometheus.yml", { mustSucceed: true });
  await one.exec("chmod 0600 /etc/default/prometheus-node-exporter", { mustSucceed: true });
  await two.exec("systemctl disable --now prometheus-node-exporter", { mustSucceed: true });
  const check = await cluster.play("install-stack", "--check");
  const found = tasksOf(check).flatMap((task) => task.changes.map(({ path, what }) => `${task.host} ${path} ${what}`));
  const unit = "unit prometheus-node-exporter.service";
  deepStrictEqual(found.sort(), [
    "node1 /etc/aami/prometheus.yml content",
    // What the handlers do of it.
    "node1 unit prometheus.service state",
    "node2 /etc/default/prometheus-node-exporter mode",
    `node2 ${unit} state`,
    `node3 ${unit} enabled`,
    `node3 ${unit} state`,
  ]);
  const open = tasksOf(check).filter(({ status }) => status === "unknown" || status === "failed");
  deepStrictEqual(open.map(({ host, name, status, result }) => `${host} ${name}: ${status}: ${result.msg}`), []);
  const apply = await cluster.play("install-stack");
  expectFine(apply);
  expectParity(check, apply);
  expectNoChange(await cluster.play("install-stack", "--check"));
}

async function expectOldRulesKept(cluster: Cluster): Promise<void> {
  const { monitor, fleet } = cluster;
  const playbook = `${fleet.folder}/rules.yml`;
  const rules = (expr: string) =>
    Deno.writeTextFile(
      playbook,
      `- hosts: monitoring
  tasks:
    - prometheus_rules:
        path: /etc/aami/rules/site.yaml
        groups:
          - name: site
            rules:
              - alert: SiteDown
                expr: ${expr}
                annotations: { summary: "{{ $labels.node }} {{ $value }}" }
`,
    );
  const loaded = async () =>
    JSON.stringify((await ask<{ data: unknown }>(`http://${monitor.address}:9090/api/v1/rules`)).data);
  await rules('up{job="site"} == 0');
  expectFine(await cluster.play(playbook));
  match(await loaded(), /SiteDown/);
  await rules('sum(up{job="site"} == 0');
  const typo = await cluster.play(playbook);
  strictEqual(typo.code, 1, "nothing was contacted");
  match(typo.stderr, /rules\.yml:9:46: error: .*the expression ends too early, expected '\)'/);
  // Sound by its grammar, and refused by Prometheus all the same.
  await rules('"label_replace(up)"');
  const refused = await cluster.play(playbook);
  strictEqual(refused.code, 2);
  match(await monitor.read("/etc/aami/rules/site.yaml"), /up\{job="site"\} == 0/);
  // Without promtool it is Prometheus that refuses: the file is put back and loaded again.
  const path = (await monitor.exec("command -v promtool", { mustSucceed: true })).stdout.trim();
  await monitor.exec(`mv ${path} ${path}.away`, { mustSucceed: true });
  const again = await cluster.play(playbook);
  await monitor.exec(`mv ${path}.away ${path}`, { mustSucceed: true });
  strictEqual(again.code, 2);
  const [failed] = tasksOf(again).filter((task) => task.status === "failed");
  match(String(failed.result.msg), /Prometheus refuses the new \/etc\/aami\/rules\/site\.yaml, the old rules are back/);
  match(await monitor.read("/etc/aami/rules/site.yaml"), /up\{job="site"\} == 0/);
  const { data } = await ask<{ data: { reloadConfigSuccess: boolean } }>(
    `http://${monitor.address}:9090/api/v1/status/runtimeinfo`,
  );
  deepStrictEqual([data.reloadConfigSuccess, /SiteDown/.test(await loaded())], [true, true]);
}

async function expectUninstalled(cluster: Cluster): Promise<void> {
  const { fleet, monitor } = cluster;
  expectFine(await cluster.play("uninstall-stack"));
  for (const host of fleet.hosts) {
    strictEqual((await host.exec("ls -d /opt/aami /usr/local/bin/prom* /usr/local/bin/node_exporter")).stdout, "");
    strictEqual((await host.exec(`systemctl is-active ${UNITS.join(" ")} | sort -u`)).stdout, "inactive\n");
    strictEqual((await host.exec("find /etc/systemd/system -name 'prometheus*'")).stdout, "");
  }
  // What the operator put there, and the data.
  strictEqual((await monitor.exec("find /etc/aami -type f")).stdout, "/etc/aami/rules/site.yaml\n");
  strictEqual((await monitor.exec("ls /var/lib/aami")).stdout, "alertmanager\nprometheus\n");
  expectNoChange(await cluster.play("uninstall-stack"));
  await monitor.exec("rm /etc/aami/rules/site.yaml");
  expectFine(await cluster.play("uninstall-stack", "-e", "remove_data=true"));
  for (const host of fleet.hosts) strictEqual((await host.exec("ls -d /var/lib/aami /etc/aami")).stdout, "");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

Deno.test({ name: `install-stack from packages${because}`, ignore: obstacle !== undefined }, async (t) => {
  let webhook: Webhook | undefined;
  await using cluster = await bootCluster(4, (fleet) => {
    webhook = new Webhook(fleet.gateway);
    return { ...QUICK, install_from: "distro", alertmanager_webhook_url: webhook.url };
  });
  await using receiver = webhook!;
  await exercise(steps(t), cluster, receiver);
});

Deno.test({ name: `install-stack from releases${because}`, ignore: obstacle !== undefined }, async (t) => {
  const { releases } = await ensureImages();
  let webhook: Webhook | undefined;
  let mirror: Mirror | undefined;
  await using cluster = await bootCluster(4, (fleet) => {
    webhook = new Webhook(fleet.gateway);
    mirror = Mirror.serve({ releases, hostname: fleet.gateway });
    return { ...QUICK, install_from: "release", release_mirror: mirror.url, alertmanager_webhook_url: webhook.url };
  });
  await using receiver = webhook!;
  await using source = mirror!;
  const versions = (await source.releases()).flatMap(({ project, version }) => [
    "-e",
    `${project.split("/")[1]}_version=${version}`,
  ]);
  // Debian's Alertmanager, which the mirror repacks, reads its templates from /usr/share; upstream's has them inside.
  await cluster.monitor.exec(
    "dpkg-deb --fsys-tarfile /srv/repo/prometheus-alertmanager_*.deb | tar -xC / --wildcards '*.tmpl'",
    { mustSucceed: true },
  );
  const step = steps(t);
  const pinned: Cluster = { ...cluster, play: (playbook, ...args) => cluster.play(playbook, ...versions, ...args) };
  await step("a damaged archive is refused, and nothing is installed", async () => {
    source.fault = "corrupt";
    const ran = await pinned.play("install-stack", "--limit", "node4");
    source.fault = undefined;
    strictEqual(ran.code, 2);
    match(JSON.stringify(tasksOf(ran).at(-1)?.result), /sha256/i);
    strictEqual((await cluster.nodes[2].exec("ls /opt/aami")).stdout, "");
    await cluster.fleet.reset(cluster.nodes[2]);
  });
  await exercise(step, pinned, receiver);
  await step("a release whose checksum has changed since is refused", async () => {
    const [node] = cluster.nodes;
    expectFine(await pinned.play("install-stack", "--limit", node.name));
    await node.exec("rm -r /opt/aami; echo 0 > /var/lib/aami/releases/$(ls /var/lib/aami/releases)", {
      mustSucceed: true,
    });
    const ran = await pinned.play("install-stack", "--limit", node.name);
    strictEqual(ran.code, 2);
    match(String(tasksOf(ran).at(-1)?.result.msg), /said to have another sha256/);
  });
  await step("auto takes the release where the mirror answers, else the packages", async () => {
    await cluster.fleet.reset(cluster.nodes[0]);
    const auto = ["-e", "install_from=auto", "--limit", "node2"];
    source.fault = "hang";
    const check = await pinned.play("install-stack", "--check", ...auto);
    expectFine(check);
    const [asked] = tasksOf(check).filter(({ name }) => name.endsWith("Ask whether the source of releases answers"));
    ok(asked.seconds >= 3 && asked.seconds < 5, `the mirror was given up after ${asked.seconds} s`);
    source.fault = undefined;
    expectFine(await pinned.play("install-stack", ...auto));
    strictEqual(
      (await cluster.nodes[0].exec("readlink /usr/local/bin/node_exporter")).stdout.slice(0, 10),
      "/opt/aami/",
    );
    source.fault = "missing";
    expectNoChange(await pinned.play("install-stack", ...auto));
  });
});
