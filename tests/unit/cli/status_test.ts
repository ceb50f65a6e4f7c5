import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import { health } from "../../../cli/health.ts";
import { type Status, status } from "../../../cli/status.ts";
import type { Wiring } from "../../../cli/program.ts";
import { Redactor } from "../../../engine/support/redact.ts";

/** What a monitoring that is named fake answers, by path. */
interface Fake {
  readonly [path: string]: unknown;
}

/** The answers of one where all is well. */
const WELL: Fake = {
  "/api/v1/status/buildinfo": { data: { version: "3.15.0" } },
  "/api/v1/alertmanagers": { data: { activeAlertmanagers: [] } },
  "/api/v2/status": { versionInfo: { version: "0.33.0" } },
  "/api/health": { database: "ok", version: "13.0.1" },
  "/api/v1/targets": {
    data: {
      activeTargets: [
        target("prometheus", "monitor", "up"),
        target("node", "monitor", "up"),
        target("node", "gpu-01", "up"),
      ],
    },
  },
  "/api/v1/status/runtimeinfo": { data: { storageRetention: "15d" } },
  "/api/v1/status/flags": { data: { "storage.tsdb.path": "/var/lib/aami/prometheus" } },
  'count by (severity) (ALERTS{alertstate="firing"})': [[{ severity: "warning" }, 2]],
  'group by (job, version) ({__name__=~"[a-z_]+_exporter_build_info"})': [[{ job: "node", version: "1.9.1" }, 1]],
  'max by (mountpoint) (node_filesystem_avail_bytes{node="monitor"})': [
    [{ mountpoint: "/" }, 5e9],
    [{ mountpoint: "/var" }, 2 ** 31],
    [{ mountpoint: "/var/lib/aami2" }, 1],
  ],
  'max by (mountpoint) (node_filesystem_size_bytes{node="monitor"})': [[{ mountpoint: "/var" }, 2 ** 33]],
};

function target(job: string, node: string, health: string, lastError = "") {
  return { labels: { job, node, instance: `${node}:9100` }, health, scrapeUrl: `http://${node}/metrics`, lastError };
}

/** Serves fake answers; a query's answer is found by its text. */
function serve(fake: Fake): { url: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/api/v1/query") {
      return pathname in fake ? Response.json(fake[pathname]) : new Response("", { status: 404 });
    }
    const query = new URLSearchParams(await request.text()).get("query")!;
    const samples = (fake[query] ?? []) as [Record<string, string>, number][];
    const result = samples.map(([metric, value]) => ({ metric, value: [0, String(value)] }));
    return Response.json({ data: { result } });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

function listen(): { wiring: Wiring; text: () => string } {
  const lines: string[] = [];
  const terminal = { out: (text: string) => lines.push(text), paint: (_: string, text: string) => text };
  return { wiring: { terminal, redactor: new Redactor() } as unknown as Wiring, text: () => lines.join("\n") };
}

async function look(
  fake: Fake,
  more: { alertmanager?: false } = {},
): Promise<{ code: number; status: Status; text: string }> {
  await using server = serve(fake);
  const flags = {
    prometheus: server.url,
    grafana: server.url,
    ...more.alertmanager === false ? {} : { alertmanager: server.url },
  };
  const [data, text] = [listen(), listen()];
  const code = await status({ output: "json", ...flags }, data.wiring);
  await status({ output: "text", ...flags }, text.wiring);
  return { code, status: JSON.parse(data.text()), text: text.text().replaceAll(server.url, "URL") };
}

Deno.test("status: all is well", async () => {
  const { code, status, text } = await look(WELL);
  strictEqual(code, 0);
  strictEqual(status.ok, true);
  strictEqual(
    text,
    `Components
  Prometheus     up    3.15.0  URL
  Alertmanager   up    0.33.0  URL
  Grafana        up    13.0.1  URL
  node exporter  up    1.9.1  2 of 2

Targets  3 up, 0 down
Alerts   2 warning
Disk     2.0 GiB of 8.0 GiB left on /var

All is well.`,
  );
});

Deno.test("status: a target that is down is named, with what Prometheus says", async () => {
  const activeTargets = [target("node", "a", "up"), target("node", "b", "down", "connection refused")];
  const { code, status, text } = await look({ ...WELL, "/api/v1/targets": { data: { activeTargets } } });
  strictEqual(code, 2);
  deepStrictEqual(status.targets?.down, [
    { job: "node", node: "b", url: "http://b/metrics", error: "connection refused" },
  ]);
  match(text, /down {2}node on b \(http:\/\/b\/metrics\): connection refused/);
  match(text, /node exporter {2}down {2}1\.9\.1 {2}1 of 2 {2}1 of 2 targets do not answer/);
});

Deno.test("status: a critical alert is a reason to look", async () => {
  const { code, text } = await look({
    ...WELL,
    'count by (severity) (ALERTS{alertstate="firing"})': [[{ severity: "info" }, 1], [{ severity: "critical" }, 3]],
  });
  strictEqual(code, 2);
  match(text, /Alerts {3}3 critical, 1 info/);
});

Deno.test("status: a Prometheus without Alertmanager tells nobody", async () => {
  const { code, text } = await look(WELL, { alertmanager: false });
  strictEqual(code, 2);
  match(text, /Alertmanager {3}down {2}Prometheus sends its alerts to none/);
});

Deno.test("status: where nothing answers, that is the status", async () => {
  const { wiring, text } = listen();
  const code = await status({ output: "json", prometheus: "http://u:geheim@127.0.0.1:59999" }, wiring);
  strictEqual(code, 2);
  const found = JSON.parse(text());
  deepStrictEqual(found.components, [{
    name: "Prometheus",
    up: false,
    url: "http://127.0.0.1:59999",
    reason: "Prometheus at http://127.0.0.1:59999 does not answer: Connection refused",
  }]);
  strictEqual("targets" in found, false);
});

Deno.test("a user and password of the address go as a header, and are said nowhere", async () => {
  const headers: (string | null)[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    headers.push(request.headers.get("authorization"));
    return new Response("no", { status: 401, statusText: "Unauthorized" });
  });
  const { wiring, text } = listen();
  const prometheus = `http://ops:s3cret%21@127.0.0.1:${server.addr.port}/base/`;
  strictEqual(await status({ output: "text", prometheus }, wiring), 2);
  strictEqual(headers[0], `Basic ${btoa("ops:s3cret!")}`);
  strictEqual(/s3cret|ops/.test(text()), false);
  match(text(), /127\.0\.0\.1:\d+\/base {2}Prometheus at http:\/\/127\.0\.0\.1:\d+\/base says 401/);
});

Deno.test("health: what Prometheus does not know is said, with the name that is near", async () => {
  await using server = serve({ "/api/v1/label/node/values": { data: ["gpu-01", "monitor"] } });
  const ask = (...names: string[]) => health(names, { output: "text", prometheus: server.url }, listen().wiring);
  await rejects(ask(), /Prometheus knows of no GPU/);
  await rejects(ask("gpu-1"), /Prometheus knows no node 'gpu-1'[^]*did you mean 'gpu-01'/);
  await rejects(ask("monitor"), /Prometheus knows of no GPU of the node 'monitor'/);
});

Deno.test("health: weights that make no sense are refused", async () => {
  const ask = (weights: string) => health([], { output: "text", weights }, listen().wiring);
  await rejects(ask("nvlnk=3"), /there is no factor 'nvlnk'[^]*did you mean 'nvlink'/);
  await rejects(ask("ecc=much"), /expected ecc=POINTS, got 'ecc=much'/);
  await rejects(ask("temperature=0,ecc=0,xid=0,uptime=0"), /no factor is left/);
});
