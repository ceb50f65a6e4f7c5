/**
 * `aami status`: the monitoring at a glance.
 *
 * @module
 */

import { DiagnosticError } from "../engine/support/diagnostic.ts";
import {
  askJson,
  askPrometheus,
  findMonitoring,
  type MonitorFlags,
  type Monitoring,
  queryPrometheus,
} from "./monitor_api.ts";
import { statusText } from "./render/status_text.ts";
import type { Wiring } from "./program.ts";

/** The flags of `aami status`. */
export interface StatusFlags extends MonitorFlags {
  /** How to print. */
  readonly output: "text" | "json";
  /** The same as `-o json`. */
  readonly json?: boolean;
}

/** A program of the stack. */
export interface Component {
  /** Its name for people. */
  readonly name: string;
  /** Whether it answers; of exporters, whether all do. */
  readonly up: boolean;
  /** Its version; of exporters all that there are. */
  readonly version?: string;
  /** Where it was asked. */
  readonly url?: string;
  /** Of exporters: how many targets answer, and how many there are. */
  readonly targets?: { readonly up: number; readonly all: number };
  /** Why it counts as down. */
  readonly reason?: string;
}

/** A target that is not up. */
export interface DownTarget {
  /** The job that scrapes it. */
  readonly job: string;
  /** The node's name, or the address where it has none. */
  readonly node: string;
  /** What is scraped. */
  readonly url: string;
  /** What Prometheus says. */
  readonly error: string;
}

/** Room on a file system of the monitoring host. In bytes. */
export interface Disk {
  /** Where it is mounted. */
  readonly path: string;
  /** What a user may still write. */
  readonly available: number;
  /** All of it. */
  readonly size: number;
}

/** What `-o json` prints. */
export interface Status {
  /** Whether nothing is down and nothing critical fires. */
  readonly ok: boolean;
  /** Prometheus first. */
  readonly components: readonly Component[];
  /** The targets of all jobs; not known where Prometheus does not answer. */
  readonly targets?: { readonly up: number; readonly down: readonly DownTarget[] };
  /** Firing alerts by severity; not known where Prometheus does not answer. */
  readonly alerts?: Readonly<Record<string, number>>;
  /** The file system of the metrics, where node_exporter tells of it. */
  readonly disk?: Disk;
  /** What the metrics take, in bytes, and how long they are kept. */
  readonly tsdb?: { readonly bytes: number; readonly retention: string; readonly series: number };
}

/** An active target as Prometheus tells it. */
interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: "up" | "down" | "unknown";
  readonly scrapeUrl: string;
  readonly lastError: string;
}

/** Prints the status. @returns 0, or 2 where something is down or critical */
export async function status(flags: StatusFlags, wiring: Wiring): Promise<number> {
  const { terminal } = wiring;
  const found = await readStatus(await findMonitoring(flags, wiring));
  terminal.out(
    flags.json || flags.output === "json" ? JSON.stringify(found, undefined, 2) : statusText(found, terminal),
  );
  return found.ok ? 0 : 2;
}

async function readStatus({ prometheus: url, alertmanager: named, grafana }: Monitoring): Promise<Status> {
  const prometheus = await component(
    "Prometheus",
    url,
    async () => (await askPrometheus<{ version: string }>(url, "/api/v1/status/buildinfo")).version,
  );
  const others = await Promise.all([alertmanagers(url, named, prometheus.up), readGrafana(url, grafana)]);
  if (!prometheus.up) {
    return { ok: false, components: [prometheus, ...others.flat()] };
  }
  const [targets, firing, builds, tsdb] = await Promise.all([
    askPrometheus<{ activeTargets: Target[] }>(url, "/api/v1/targets?state=active"),
    queryPrometheus(url, 'count by (severity) (ALERTS{alertstate="firing"})'),
    queryPrometheus(url, 'group by (job, version) ({__name__=~"[a-z_]+_exporter_build_info"})'),
    readTsdb(url),
  ]);
  const exporters = exportersOf(targets.activeTargets, builds.map(({ labels }) => labels));
  const components = [prometheus, ...others.flat(), ...exporters];
  const down = targets.activeTargets.filter(({ health }) => health === "down").map(downTarget);
  const alerts = Object.fromEntries(firing.map(({ labels, value }) => [labels.severity ?? "none", value]));
  const ok = components.every(({ up }) => up) && down.length === 0 && !alerts.critical;
  const up = targets.activeTargets.length - down.length;
  const disk = await readDisk(url, targets.activeTargets);
  return { ok, components, targets: { up, down }, alerts, ...disk && { disk }, ...tsdb && { tsdb } };
}

/** A component that is up where `ask` gives its version. */
async function component(name: string, url: string, ask: () => Promise<string>): Promise<Component> {
  const shown = withoutUser(url);
  try {
    return { name, up: true, version: await ask(), url: shown };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { name, up: false, url: shown, reason: error.diagnostics[0].message };
  }
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}

async function alertmanagers(prometheus: string, named: string | undefined, ask: boolean): Promise<Component[]> {
  const urls = named !== undefined ? [named] : ask ? await toldAlertmanagers(prometheus) : [];
  if (urls.length === 0 && ask) {
    return [{ name: "Alertmanager", up: false, reason: "Prometheus sends its alerts to none" }];
  }
  return await Promise.all(urls.map((url) =>
    component("Alertmanager", url, async () => {
      const answer = await askJson<{ versionInfo: { version: string } }>("Alertmanager", url, "/api/v2/status");
      return answer.versionInfo.version;
    })
  ));
}

/** Those that Prometheus sends to; what is local to its host is asked there. */
async function toldAlertmanagers(prometheus: string): Promise<string[]> {
  const told = await askPrometheus<{ activeAlertmanagers: { url: string }[] }>(prometheus, "/api/v1/alertmanagers");
  return told.activeAlertmanagers.map(({ url }) => {
    const own = new URL(url.replace(/\/api\/v[12]\/alerts$/, ""));
    if (/^(127\.|localhost$|\[::1\]$)/.test(own.hostname)) own.hostname = new URL(prometheus).hostname;
    return own.href.replace(/\/$/, "");
  });
}

/** Grafana need not be there: where nobody names one, none is no fault. */
async function readGrafana(prometheus: string, named: string | undefined): Promise<Component[]> {
  const beside = new URL(prometheus);
  const url = named ?? `${beside.protocol}//${beside.hostname}:3000`;
  const found = await component("Grafana", url, async () => {
    const answer = await askJson<{ version?: string; database?: string }>("Grafana", url, "/api/health");
    return answer.version ?? "";
  });
  return found.up || named !== undefined ? [found] : [];
}

/** The jobs that are no part of the stack itself, each with the versions of its exporters. */
function exportersOf(targets: readonly Target[], builds: readonly Readonly<Record<string, string>>[]): Component[] {
  const jobs = new Map<string, Target[]>();
  for (const target of targets) {
    if (/^(prometheus|alertmanager|grafana)$/.test(target.labels.job)) continue;
    jobs.set(target.labels.job, [...jobs.get(target.labels.job) ?? [], target]);
  }
  return [...jobs].sort(([a], [b]) => a < b ? -1 : 1).map(([job, its]) => {
    const up = its.filter(({ health }) => health === "up").length;
    const versions = builds.filter((build) => build.job === job).map(({ version }) => version).sort();
    const reason = up === its.length ? {} : { reason: `${its.length - up} of ${its.length} targets do not answer` };
    const version = versions.length > 0 ? { version: versions.join(", ") } : {};
    return { name: `${job} exporter`, up: up === its.length, ...version, targets: { up, all: its.length }, ...reason };
  });
}

function downTarget({ labels, scrapeUrl, lastError }: Target): DownTarget {
  return { job: labels.job, node: labels.node ?? labels.instance, url: scrapeUrl, error: lastError };
}

/** What Prometheus tells of its own store, where it scrapes itself. */
async function readTsdb(url: string): Promise<Status["tsdb"]> {
  const [runtime, sizes] = await Promise.all([
    askPrometheus<{ storageRetention: string }>(url, "/api/v1/status/runtimeinfo"),
    queryPrometheus(
      url,
      'sum by (__name__) ({__name__=~"prometheus_tsdb_(storage_blocks_bytes|wal_storage_size_bytes|head_chunks_storage_size_bytes|head_series)",job="prometheus"})',
    ),
  ]);
  if (sizes.length === 0) return undefined;
  const series = sizes.find(({ labels }) => labels.__name__ === "prometheus_tsdb_head_series")?.value ?? 0;
  const bytes = sizes.filter(({ labels }) => labels.__name__ !== "prometheus_tsdb_head_series")
    .reduce((sum, { value }) => sum + value, 0);
  return { bytes, retention: runtime.storageRetention, series };
}

/** The file system that holds the metrics, from node_exporter on Prometheus' host. */
async function readDisk(url: string, targets: readonly Target[]): Promise<Disk | undefined> {
  const node = targets.find(({ labels }) => labels.job === "prometheus")?.labels.node;
  if (node === undefined) return undefined;
  const selector = `{node=${JSON.stringify(node)}}`;
  const [flags, available, size] = await Promise.all([
    askPrometheus<Record<string, string>>(url, "/api/v1/status/flags"),
    queryPrometheus(url, `max by (mountpoint) (node_filesystem_avail_bytes${selector})`),
    queryPrometheus(url, `max by (mountpoint) (node_filesystem_size_bytes${selector})`),
  ]);
  const path = flags["storage.tsdb.path"] ?? "/";
  const holds = (mount: string) => mount === "/" || path === mount || path.startsWith(`${mount}/`);
  const mounts = available.filter(({ labels }) => holds(labels.mountpoint))
    .sort((a, b) => b.labels.mountpoint.length - a.labels.mountpoint.length);
  if (mounts.length === 0) return undefined;
  const [{ labels: { mountpoint }, value }] = mounts;
  const all = size.find(({ labels }) => labels.mountpoint === mountpoint)?.value ?? 0;
  return { path: mountpoint, available: value, size: all };
}
