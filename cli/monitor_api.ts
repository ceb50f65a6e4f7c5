/**
 * What commands ask a running Prometheus and Alertmanager, over HTTP from this machine.
 *
 * @module
 */

import type { Sample } from "../cluster/health/report.ts";
import { inputError } from "../engine/support/diagnostic.ts";

/** Seconds that an answer may take. */
const TIMEOUT = 20;

/** Where Prometheus is: the flag, else `AAMI_PROMETHEUS`, else this machine. Without a slash at its end. */
export function prometheusUrl(flag: string | undefined): string {
  return urlOf("--prometheus", flag, "AAMI_PROMETHEUS", "http://localhost:9090");
}

/** Where Alertmanager is: the flag, else `AAMI_ALERTMANAGER`; undefined where neither says. */
export function alertmanagerUrl(flag: string | undefined): string | undefined {
  return urlOf("--alertmanager", flag, "AAMI_ALERTMANAGER", "") || undefined;
}

/** Where Grafana is: the flag, else `AAMI_GRAFANA`; undefined where neither says. */
export function grafanaUrl(flag: string | undefined): string | undefined {
  return urlOf("--grafana", flag, "AAMI_GRAFANA", "") || undefined;
}

function urlOf(
  name: string,
  flag: string | undefined,
  variable: string,
  otherwise: string,
): string {
  const own = Deno.env.get(variable);
  const url = flag ?? (own || otherwise);
  if (url === "" || /^https?:\/\/[^\s/]+/.test(url) && URL.canParse(url)) return url.replace(/\/+$/, "");
  const where = flag === undefined ? variable : name;
  throw inputError("usage", `${where}: expected a URL that begins with http:// or https://, got '${url}'`);
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
