/**
 * Alerts from end to end: install-stack with a configuration of all presets makes a real Prometheus and Alertmanager,
 * which watch fake GPUs of each exporter and tell a receiver. Each fault raises its alerts and no other, and they end with
 * it; meanwhile every query of every dashboard is asked.
 *
 * @module
 */

import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import { PRESETS, RULES } from "../../cluster/alerts/presets.ts";
import { DASHBOARDS } from "../../cluster/dashboards/dashboards.ts";
import { GPUS } from "../../cluster/dashboards/gpu.ts";
import { grafanaJson } from "../../cluster/dashboards/grafana.ts";
import { QUANTITIES } from "../../cluster/dashboards/quantities.ts";
import { healthRules } from "../../cluster/health/recording_rules.ts";
import { DEFAULT_WEIGHTS } from "../../cluster/health/score.ts";
import { INSTRUCTIONS } from "../../cluster/xid/catalogue.ts";
import { waitUntil } from "../fleet/command.ts";
import { Fleet } from "../fleet/fleet.ts";
import type { Host } from "../fleet/host.ts";
import { fleetObstacle } from "../fleet/prerequisites.ts";
import { aami, temporaryFolder } from "./aami.ts";
import { FakeClusterProcess } from "./fake_cluster.ts";
import { type Asked, GrafanaQueries, several } from "./grafana.ts";
import { ask, type SentAlert, Webhook } from "./stack.ts";

const obstacle = await fleetObstacle();
const because = obstacle ? ` (${obstacle.reason ?? obstacle.missing.join(" ")})` : "";

/** What is not 3 s, or counts over a shorter window. */
const SHORT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Where the node is gone it is told first.
  gpu_exporter_down: { for: "6s" },
  gpu_ecc_errors: { window: "30s" },
  amd_gpu_ecc_errors: { window: "30s" },
  gpu_nvlink_error: { window: "15s" },
};

/** Every rule waits 3 s at most, so that one which should stay silent has the time to be wrong. */
function quickRules(): Record<string, Record<string, string>> {
  const rules = [...RULES.values()].map((
    { id, for: wait },
  ) => [id, { ...(wait === "0s" ? {} : { for: "3s" }), ...SHORT[id] }]);
  return Object.fromEntries(rules.filter(([, own]) => Object.keys(own).length > 0));
}

const NVIDIA = (node: string): [string, string[]][] => [
  [`xid79:${node}/gpu0`, [`GPUXidError critical ${node} 0 79`]],
  [`thermal:${node}/gpu1`, [`GPUTemperatureWarning warning ${node} 1`, `GPUTemperatureCritical critical ${node} 1`]],
  [`dbe:${node}/gpu2`, [`GPUECCErrors critical ${node} 2`, `GPUXidError critical ${node} 2 48`]],
  [`nvlink:${node}/gpu3`, [`GPUNVLinkError critical ${node} 3`, `GPUXidError critical ${node} 3 74`]],
  [`memory-leak:${node}/gpu4`, [`GPUMemoryHigh warning ${node} 4`, `GPUMemoryLeak warning ${node} 4`]],
  [`xid13:${node}/gpu5`, [`GPUXidError warning ${node} 5 13`]],
  // A repair that was recorded.
  [`xid63:${node}/gpu6`, []],
];

/** Faults, and the alerts that each must raise. */
const FAULTS: readonly [string, string[]][] = [
  ...NVIDIA("fake1"),
  ...NVIDIA("fake2"),
  ["thermal:fake3/gpu1", ["AMDGPUTemperatureWarning warning fake3 1", "AMDGPUTemperatureCritical critical fake3 1"]],
  [
    "dbe:fake3/gpu2",
    ["AMDGPUECCErrors critical fake3 2", "AMDGPUAfidError critical fake3 2 20", "AMDGPUUnhealthy critical fake3 2"],
  ],
  ["afid22:fake3/gpu3", ["AMDGPUAfidError warning fake3 3 22"]],
  // Corrected.
  ["afid24:fake3/gpu4", []],
  ["memory-leak:fake3/gpu5", ["AMDGPUMemoryHigh warning fake3 5"]],
  ["thermal:fake5/gpu1", ["AMDGPUTemperatureWarning warning fake5 1", "AMDGPUTemperatureCritical critical fake5 1"]],
  ["node-loss:fake4", ["NodeDown critical fake4", "GPUExporterDown warning fake4", "SlurmNodesDown warning"]],
];

/** What a graver alert may explain: whether the receiver is told of it depends on which was first. */
const EXPLAINED = /^(GPUExporterDown|(AMD)?GPUTemperatureWarning) /;

const EXPECTED = FAULTS.flatMap(([, alerts]) => alerts).sort();

/** An alert as the table above writes it. */
function shortOf({ labels }: { readonly labels: Readonly<Record<string, string>> }): string {
  const { alertname, severity, node, gpu, gpu_id, xid, afid } = labels;
  return [alertname, severity, node, gpu ?? gpu_id, xid ?? afid].filter((part) => part !== undefined).join(" ");
}

/** An alert as Alertmanager lists it. */
interface Listed extends Omit<SentAlert, "status"> {
  readonly status: { readonly state: "active" | "suppressed" };
}

/** What Alertmanager has of the fake cluster; the monitoring host's own alerts are none of it. */
async function alertsOf(monitor: Host): Promise<Listed[]> {
  const all = await ask<Listed[]>(`http://${monitor.address}:9093/api/v2/alerts`);
  return all.filter(({ labels }) => labels.fake === "true");
}

/** The configuration of a site with one host, all presets and a webhook. */
function configuration({ hosts: [monitor], privateKey }: Fleet, webhook: Webhook): object {
  return {
    cluster: { name: "fake" },
    ssh: { user: "root", key: privateKey },
    install: { from: "distro", components: ["node_exporter", "prometheus", "alertmanager"] },
    nodes: [{ name: monitor.name, ip: monitor.address, groups: ["monitoring"] }],
    alerts: { presets: PRESETS.map(({ name }) => name), rules: quickRules() },
    notifications: { group_wait: "1s", group_interval: "1s", webhook: { url: webhook.url } },
    prometheus: { scrape_interval: "1s", evaluation_interval: "1s" },
  };
}

/** Installs the stack, and adds the fake cluster's targets and the health score. */
async function setUp(fleet: Fleet, webhook: Webhook, fake: FakeClusterProcess): Promise<void> {
  const [monitor] = fleet.hosts;
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/aami.yaml`, JSON.stringify(configuration(fleet, webhook)));
  const { code, stdout, stderr } = await aami(["play", "install-stack", "--host-key-checking", "off"], {
    cwd: folder.path,
  });
  strictEqual(code, 0, `${stdout}${stderr}`);
  for (const job of ["node", "dcgm", "rocm", "slurm"]) {
    await monitor.write(`/etc/aami/targets/${job}-fake.json`, JSON.stringify(await fake.targets(job)));
  }
  const health = healthRules(DEFAULT_WEIGHTS).replace("interval: 1m", "interval: 1s");
  await monitor.write("/etc/aami/rules/health.yaml", health);
  const reload = await fetch(`http://${monitor.address}:9090/-/reload`, { method: "POST" });
  strictEqual(reload.status, 200, await reload.text());
}

/** Waits until Alertmanager has these alerts and no other. */
async function untilAlerts(monitor: Host, expected: readonly string[]): Promise<Listed[]> {
  let found: Listed[] = [];
  try {
    return await waitUntil(
      "the expected alerts are there",
      async () => {
        found = await alertsOf(monitor);
        return JSON.stringify(found.map(shortOf).sort()) === JSON.stringify(expected) ? found : undefined;
      },
      90_000,
      250,
    );
  } catch {
    deepStrictEqual(found.map(shortOf).sort(), expected);
    return found;
  }
}

/** Each alert's words say what it is about, and an Xid's what to do. */
function expectWords(received: readonly SentAlert[]): void {
  for (const { labels, annotations } of received) {
    for (const text of [annotations.summary, annotations.description, annotations.runbook]) {
      ok(text.length > 10, JSON.stringify(labels));
      doesNotMatch(text, /\{\{|<no value>|\$[a-z]/, JSON.stringify(labels));
    }
    if (labels.node !== undefined) match(`${annotations.summary} ${annotations.description}`, new RegExp(labels.node));
    if (labels.alertname !== "GPUXidError") continue;
    match(annotations.summary, new RegExp(`^Xid ${labels.xid} on GPU ${labels.gpu} of ${labels.node}$`));
    strictEqual(annotations.runbook, INSTRUCTIONS[labels.action as keyof typeof INSTRUCTIONS]);
  }
  const advice = new Map(received.map(({ labels }) => [labels.xid, labels.action]));
  deepStrictEqual(["79", "48", "74", "13"].map((code) => advice.get(code)), [
    ...["reboot_node", "reset_gpu", "check_nvlink", "restart_application"],
  ]);
}

/** Every query of every dashboard, with all that can be chosen, as one choice and as many. */
async function expectDashboards(monitor: Host): Promise<void> {
  const grafana = new GrafanaQueries(`http://${monitor.address}:9090`);
  const counts: Record<string, number> = {};
  const empty: Asked[] = [];
  for (const dashboard of DASHBOARDS.map((each) => JSON.parse(grafanaJson(each)))) {
    const values = await grafana.valuesOf(dashboard);
    for (const [name, choices] of values) ok(choices.length > 0, `${dashboard.uid}: nothing to choose for ${name}`);
    const all = new Map([...values.keys()].map((name) => [name, ".*"]));
    const each = new Map([...values].map(([name, choices]) => [name, several(choices)]));
    const asked = [...await grafana.askAll(dashboard, all), ...await grafana.askAll(dashboard, each)];
    counts[dashboard.uid] = asked.length / 2;
    empty.push(...asked.filter(({ series }) => series === 0));
  }
  const sum = Object.values(counts).reduce((total, count) => total + count);
  console.log(`${sum} queries of ${DASHBOARDS.length} dashboards, ${empty.length} without an answer`, counts);
  deepStrictEqual(empty, []);
}

/** Panels of GPUs that only NVIDIA's answer. */
const NVIDIA_ONLY = [
  "aami-gpu: Last Xid of each GPU, 0 where there was none",
  ...["remapped", "engine", "tensor", "pcieSent", "pcieReceived", "slowedForHeat"],
  ...["nvlinkCrc", "nvlinkReplays", "nvlinkRecoveries"],
].map((name) => name in QUANTITIES ? `aami-gpu: ${QUANTITIES[name as keyof typeof QUANTITIES].title}` : name);

/** The dashboard of GPUs serves each exporter by itself. */
async function expectEachExporter(monitor: Host): Promise<void> {
  const grafana = new GrafanaQueries(`http://${monitor.address}:9090`);
  const dashboard = JSON.parse(grafanaJson(GPUS));
  const empty: Record<string, string[]> = {};
  for (const node of ["fake1", "fake2", "fake3", "fake5"]) {
    const asked = await grafana.askAll(dashboard, new Map([["group", ".*"], ["node", node], ["gpu", ".*"]]));
    empty[node] = asked.filter(({ series }) => series === 0).map(({ place }) => place);
  }
  deepStrictEqual(empty, {
    fake1: [],
    fake2: [],
    fake3: NVIDIA_ONLY,
    // An MI200 does not tell them.
    fake5: ["aami-gpu: PCIe replays", ...NVIDIA_ONLY],
  });
}

Deno.test({ name: `alerts and dashboards of a fake cluster${because}`, ignore: obstacle !== undefined }, async (t) => {
  await using fleet = await Fleet.up({ hosts: 1 });
  await using receiver = new Webhook(fleet.gateway);
  const exporters = ["dcgm", "dcgm-4.9", "amd-mi3xx", "dcgm", "amd-mi2xx"].flatMap((name) => ["--exporter", name]);
  await using fake = await FakeClusterProcess.start(fleet.gateway, "--nodes", "5", ...exporters);
  const step = async (name: string, body: () => Promise<void>) => {
    if (!await t.step(name, body)) throw new Error(`stopped at: ${name}`);
  };
  const [monitor] = fleet.hosts;
  const asPrometheus = (query: string) =>
    ask<{ data: { result: { metric: Record<string, string>; value: [number, string] }[] } }>(
      `http://${monitor.address}:9090/api/v1/query?${new URLSearchParams({ query })}`,
    ).then(({ data }) => data.result);
  await step("a healthy fake cluster is scraped, and nothing fires", async () => {
    await setUp(fleet, receiver, fake);
    await waitUntil("all 11 fake targets are scraped and the rules are judged", async () => {
      const up = await asPrometheus('sum(sum_over_time(up{fake="true"}[7s]) >= bool 6)');
      return up[0]?.value[1] === "11";
    }, 60_000);
    deepStrictEqual((await asPrometheus('ALERTS{fake="true"}')).map(({ metric }) => metric), []);
  });
  const ids: number[] = [];
  await step("each fault raises its alerts and no other", async () => {
    for (const [fault] of FAULTS) ids.push(await fake.begin(fault));
    const listed = await untilAlerts(monitor, EXPECTED);
    const suppressed = listed.filter(({ status }) => status.state === "suppressed").map(shortOf);
    deepStrictEqual(suppressed.filter((alert) => !EXPLAINED.test(alert)), []);
    ok(suppressed.includes("GPUExporterDown warning fake4"), "a node that is down explains its exporter");
  });
  await step("every query of every dashboard answers", () => expectDashboards(monitor));
  await step("the dashboard of GPUs serves each exporter", () => expectEachExporter(monitor));
  await step("they end when the faults end", async () => {
    for (const id of ids) await fake.end(id);
    await untilAlerts(monitor, []);
  });
  await step("the receiver was told of each, with its words, and of its end", async () => {
    const of = (status: string) =>
      receiver.received.filter((alert) => alert.status === status && alert.labels.fake === "true");
    const told = EXPECTED.filter((alert) => !EXPLAINED.test(alert));
    await waitUntil("all ends are told", () => {
      const ended = new Set(of("resolved").map(shortOf));
      return Promise.resolve(told.every((alert) => ended.has(alert)));
    }, 30_000);
    const fired = [...new Set(of("firing").map(shortOf))].sort();
    deepStrictEqual(fired.filter((alert) => !EXPLAINED.test(alert)), told);
    deepStrictEqual(fired.filter((alert) => !EXPECTED.includes(alert)), []);
    expectWords(of("firing"));
    // Prometheus remembers what fired at any time.
    const remembered = await asPrometheus('max_over_time(ALERTS{alertstate="firing",fake="true"}[10m])');
    deepStrictEqual([...new Set(remembered.map(({ metric }) => shortOf({ labels: metric })))].sort(), EXPECTED);
  });
  await step("an interrupt ends the simulation", async () => {
    const { code, talk } = await fake.stop();
    strictEqual(code, 0);
    match(talk, /^A fake cluster: 5 fake nodes with 8 fake GPUs each\. Nothing of it is real\.\n/);
    strictEqual(talk.match(/fake fault \d+ begins/g)?.length, FAULTS.length);
  });
});
