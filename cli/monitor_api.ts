/**
 * What commands ask a running Prometheus and Alertmanager, over HTTP from this machine.
 *
 * @module
 */

import type { Config } from "../cluster/config/schema.ts";
import { monitorOf } from "../cluster/config/variables.ts";
import type { Sample } from "../cluster/health/report.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import type { Redactor } from "../engine/support/redact.ts";
import type { Wiring } from "./program.ts";
import { type ConfigFlag, configPath, requireSite } from "./site.ts";

/** Seconds that an answer may take. */
const TIMEOUT = 20;

/** The flags that say where the monitoring is. */
export interface MonitorFlags extends ConfigFlag {
  /** The URL of Prometheus. */
  readonly prometheus?: string;
  /** The URL of Alertmanager. */
  readonly alertmanager?: string;
  /** The URL of Grafana. */
  readonly grafana?: string;
}

/** Where the monitoring answers; the URLs have no slash at their ends. */
export interface Monitoring {
  /** Prometheus. */
  readonly prometheus: string;
  /** Alertmanager, where somebody says. */
  readonly alertmanager?: string;
  /** Grafana, where somebody says. */
  readonly grafana?: string;
  /** The configuration, where there is one. */
  readonly config?: Config;
}

/**
 * Where the monitoring is: the flags, else `AAMI_PROMETHEUS` and its like, else the configuration's monitoring host, else
 * this machine.
 *
 * @throws {DiagnosticError} for what is no address, or a configuration that is wrong
 */
export async function findMonitoring(flags: MonitorFlags, wiring: Wiring): Promise<Monitoring> {
  const config = await configPath(flags) === undefined ? undefined : (await requireSite(flags, wiring)).config;
  const monitor = config && monitorOf(config);
  const host = monitor ? monitor.ip ?? monitor.name : "localhost";
  const own = (port: number) => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const { redactor } = wiring;
  const alertmanager = urlOf("alertmanager", flags, redactor) ?? config?.alertmanager.url;
  return {
    prometheus: urlOf("prometheus", flags, redactor) ?? own(config?.prometheus.port ?? 9090),
    alertmanager,
    grafana: urlOf("grafana", flags, redactor),
    config,
  };
}

function urlOf(
  name: "prometheus" | "alertmanager" | "grafana",
  flags: MonitorFlags,
  redactor: Redactor,
): string | undefined {
  const variable = `AAMI_${name.toUpperCase()}`;
  const url = flags[name] ?? (Deno.env.get(variable) || undefined);
  if (url === undefined) return undefined;
  if (/^https?:\/\/[^\s/]+/.test(url) && URL.canParse(url)) {
    const { password } = new URL(url);
    if (password !== "") redactor.add(decodeURIComponent(password));
    return url.replace(/\/+$/, "");
  }
  const where = flags[name] === undefined ? variable : `--${name}`;
  throw inputError("flag", `${where}: '${url}' is no address`, undefined, "write http://HOST:PORT");
}

/**
 * Asks for JSON.
 *
 * @param base a URL; a user and password in it are sent as a header and are in no message
 * @throws {DiagnosticError} where none answers, or with something else
 */
export async function askJson<T>(
  who: "Prometheus" | "Alertmanager" | "Grafana",
  base: string,
  path: string,
  form?: URLSearchParams,
): Promise<T> {
  const { url, headers } = withoutCredentials(base);
  const fail = (why: string, help?: string): never => {
    throw inputError("prometheus", `${who} at ${url} ${why}`, undefined, help);
  };
  let response: Response;
  try {
    const signal = AbortSignal.timeout(TIMEOUT * 1000);
    response = await fetch(`${url}${path}`, { headers, signal, ...form && { method: "POST", body: form } });
  } catch (error) {
    return fail(
      `does not answer: ${reasonOf(error)}`,
      `name it with --${who.toLowerCase()}; does it run, and can this machine reach it?`,
    );
  }
  const text = await response.text();
  const answer = parsed<T & { error?: string }>(text);
  if (!response.ok) return fail(`says ${response.status} ${answer?.error ?? response.statusText}`.trimEnd());
  return answer ?? fail("does not speak its API: what came is no JSON", "is something else listening there?");
}

function withoutCredentials(base: string): { url: string; headers: Record<string, string> } {
  const url = new URL(base);
  if (url.username === "" && url.password === "") return { url: base, headers: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = url.password = "";
  const headers = { authorization: `Basic ${new TextEncoder().encode(pair).toBase64()}` };
  return { url: url.href.replace(/\/+$/, ""), headers };
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** Why a request got no answer, without the URL. */
function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return `not within ${TIMEOUT} s`;
  const { message, cause } = error as Error;
  const text = cause instanceof Error ? cause.message : message;
  const reason = /^error sending request.*?: client error \([^)]*\): (.*)$/s.exec(text)?.[1] ?? text;
  return reason.replace(/^.*: ([^:]+) \(os error \d+\)$/s, "$1");
}

/** The data of an answer of Prometheus' API. */
export async function askPrometheus<T>(base: string, path: string, form?: URLSearchParams): Promise<T> {
  return (await askJson<{ data: T }>("Prometheus", base, path, form)).data;
}

/** An instant query, at the server's present time. */
export async function queryPrometheus(base: string, query: string): Promise<Sample[]> {
  const data = await askPrometheus<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
    base,
    "/api/v1/query",
    new URLSearchParams({ query }),
  );
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
