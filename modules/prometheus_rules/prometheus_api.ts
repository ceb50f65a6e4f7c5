/**
 * What is asked of a running Prometheus, from the host: which rules it has loaded, and to read its files again.
 *
 * @module
 */

import { ConnectError } from "../../engine/transport/session.ts";
import { type Host, type ReadOnlyHost, UnknownUntilApplied } from "../../engine/host/host.ts";
import { durationSeconds, type RuleGroup } from "./rule_groups.ts";

/** What a running Prometheus says of one rule file. */
export interface Loaded {
  /** Its groups of the file, as {@linkcode fingerprint} writes them. */
  readonly groups: readonly string[];
  /** When it last took its configuration, in seconds since 1970. */
  readonly configTime: number;
}

interface ApiRule {
  readonly type: "alerting" | "recording";
  readonly name: string;
  readonly duration?: number;
  readonly keepFiringFor?: number;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

interface ApiGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly ApiRule[];
}

const TIMEOUT = 10_000;

/** Asks a Prometheus what it has loaded of a file; undefined where none answers or it is not ready. */
export async function readLoaded(
  host: ReadOnlyHost,
  url: string,
  path: string,
  signal: AbortSignal,
): Promise<Loaded | undefined> {
  const [rules, info] = await Promise.all([
    readData<{ groups: ApiGroup[] }>(host, `${url}/api/v1/rules?file[]=${encodeURIComponent(path)}`, signal),
    readData<{ lastConfigTime: string }>(host, `${url}/api/v1/status/runtimeinfo`, signal),
  ]);
  if (!rules || !info) return undefined;
  return {
    groups: rules.groups.filter((group) => group.file === path).map(fingerprintLoaded),
    configTime: Date.parse(info.lastConfigTime) / 1000,
  };
}

/** What a running Prometheus says of its configuration. */
export interface Taken {
  /** When it last took it, in seconds since 1970. */
  readonly configTime: number;
  /** Whether it took what was there then. */
  readonly good: boolean;
}

/** Asks a Prometheus when it took its configuration; undefined where none answers or it is not ready. */
export async function readTaken(host: ReadOnlyHost, url: string, signal: AbortSignal): Promise<Taken | undefined> {
  interface Info {
    lastConfigTime: string;
    reloadConfigSuccess: boolean;
  }
  const info = await readData<Info>(host, `${url}/api/v1/status/runtimeinfo`, signal);
  return info && { configTime: Date.parse(info.lastConfigTime) / 1000, good: info.reloadConfigSuccess };
}

async function readData<T>(host: ReadOnlyHost, url: string, signal: AbortSignal): Promise<T | undefined> {
  let response: Response;
  try {
    response = await host.fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]) });
  } catch (error) {
    // In check mode, where an earlier task restarts it: it then reads its files, these rules among them.
    if (error instanceof ConnectError || error instanceof UnknownUntilApplied) return undefined;
    throw error;
  }
  if (response.ok) return (await response.json()).data;
  await response.body?.cancel();
  return undefined;
}

/** What a reload said. `refused` is Prometheus' own reason. */
export type ReloadAnswer = "reloaded" | "unreachable" | { readonly refused: string };

/** Has Prometheus read its files again, by HTTP. */
export async function reloadByHttp(host: Host, url: string, signal: AbortSignal): Promise<ReloadAnswer> {
  let response: Response;
  try {
    response = await host.fetch(`${url}/-/reload`, { method: "POST", signal });
  } catch (error) {
    if (error instanceof ConnectError) return "unreachable";
    throw error;
  }
  const body = (await response.text()).trim();
  if (response.ok) return "reloaded";
  const help = response.status === 403 || response.status === 405
    ? " (start it with --web.enable-lifecycle, or use 'reload: signal')"
    : "";
  return { refused: `${body || `HTTP ${response.status}`}${help}` };
}

/** Has Prometheus read its files again, by SIGHUP to the main process of its service. */
export async function reloadBySignal(
  host: Host,
  service: string,
  url: string,
  signal: AbortSignal,
): Promise<ReloadAnswer> {
  const pid = await mainPid(host, service);
  if (pid === undefined) return "unreachable";
  const killed = await host.run(["kill", "-HUP", String(pid)]);
  if (killed.code !== 0) return { refused: `kill -HUP ${pid}: ${killed.stderr.trim()}` };
  // SIGHUP has no answer: give it a moment, then ask.
  for (let wait = 0; wait < 10; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    signal.throwIfAborted();
    const info = await readData<{ reloadConfigSuccess: boolean }>(host, `${url}/api/v1/status/runtimeinfo`, signal);
    if (info && !info.reloadConfigSuccess) return { refused: `its log says why: journalctl -u ${service}` };
  }
  return "reloaded";
}

async function mainPid(host: Host, service: string): Promise<number | undefined> {
  if ((await host.facts()).service_mgr === "systemd") {
    const { mainPid } = await host.unit(service);
    return mainPid > 0 ? mainPid : undefined;
  }
  const bytes = await host.read(`/run/${service}/${service}.pid`) ?? await host.read(`/run/${service}.pid`);
  const pid = Number(new TextDecoder().decode(bytes ?? new Uint8Array()).trim());
  return pid > 0 ? pid : undefined;
}

/** A group in one line, of what Prometheus tells unchanged (it writes expressions in its own way). */
export function fingerprint(group: RuleGroup): string {
  const rules = group.rules.map((rule) => ({
    type: rule.alert === undefined ? "recording" : "alerting",
    name: rule.alert ?? rule.record ?? "",
    duration: durationSeconds(rule.for ?? "0") ?? 0,
    keepFiringFor: durationSeconds(rule.keep_firing_for ?? "0") ?? 0,
    labels: { ...group.labels, ...rule.labels },
    annotations: rule.annotations ?? {},
  } as const));
  return line(group.name, rules);
}

function fingerprintLoaded(group: ApiGroup): string {
  return line(group.name, group.rules);
}

function line(name: string, rules: readonly ApiRule[]): string {
  const plain = rules.map((rule) => [
    rule.type,
    rule.name,
    rule.duration ?? 0,
    rule.keepFiringFor ?? 0,
    sorted(rule.labels),
    sorted(rule.annotations),
  ]);
  return JSON.stringify([name, plain]);
}

function sorted(map: Record<string, string> = {}): [string, string][] {
  return Object.entries(map).filter(([, value]) => value !== "").sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}
