/**
 * The request of `uri`, and what its answer means.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { ModuleError, type Result, type Value } from "../../engine/module/module.ts";
import { exchange, RequestError, withoutSecrets } from "../_shared/http.ts";
import type { UriArgs } from "./mod.ts";

/** What came back, or why nothing did. */
export interface Answer {
  /** -1 where no answer came, as in Ansible. */
  readonly status: number;
  /** The reason phrase, or why no answer came. */
  readonly reason: string;
  /** The URL that answered, after redirects, without user and password. */
  readonly url: string;
  /** The answer's headers, by name in lower case; empty where no answer came. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text; empty where there is none. */
  readonly content: string;
  /** Whole seconds. */
  readonly elapsed: number;
}

/** Sends the request; that nothing came back is an answer too. */
export async function request(host: ReadOnlyHost, args: UriArgs, signal: AbortSignal): Promise<Answer> {
  const start = performance.now();
  const elapsed = () => Math.floor((performance.now() - start) / 1000);
  const { method, follow_redirects } = args;
  const url = withoutSecrets(args.url);
  const follow = follow_redirects === "all" || (follow_redirects === "safe" && (method === "GET" || method === "HEAD"));
  const init: RequestInit = { method, redirect: follow ? "follow" : "manual", ...encodeBody(args) };
  try {
    return await exchange(host, args, init, signal, async (response) => {
      const { status, statusText: reason } = response;
      const headers = Object.fromEntries(response.headers);
      return { status, reason, url: response.url || url, headers, content: await response.text(), elapsed: elapsed() };
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { status: -1, reason: error.message, url, headers: {}, content: "", elapsed: elapsed() };
  }
}

function encodeBody({ body, body_format: format }: UriArgs): RequestInit {
  if (body === undefined || body === null) return {};
  if (format === "json") {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return { body: text, headers: { "content-type": "application/json" } };
  }
  if (format === "form-urlencoded") {
    const text = typeof body === "string" ? body : new URLSearchParams(pairs(body)).toString();
    return { body: text, headers: { "content-type": "application/x-www-form-urlencoded" } };
  }
  return { body: String(body) };
}

/** A mapping or a list of pairs; a list as value repeats its name. */
function pairs(body: unknown): string[][] {
  const entries: unknown[] = Array.isArray(body) ? body : Object.entries(body as Record<string, unknown>);
  return entries.flatMap((entry) => {
    const [name, value] = entry as [unknown, unknown];
    return (Array.isArray(value) ? value : [value]).map((item) => [String(name), String(item ?? "")]);
  });
}

/**
 * What `register` gets of an answer.
 *
 * @throws {ModuleError} for a status that is not among the wanted ones; it carries the same result
 */
export function judge(answer: Answer, args: UriArgs): Result {
  const { status, reason, url, headers, content, elapsed } = answer;
  const wanted = args.status_code;
  const result: Result = {
    ...headerResult(headers),
    url,
    status,
    elapsed,
    redirected: url !== withoutSecrets(args.url),
  };
  const json = jsonOf(headers["content-type"], content);
  if (json !== undefined) result.json = json;
  if (args.return_content) result.content = content;
  if (wanted.includes(status)) return { ...result, msg: `OK (${headers["content-length"] ?? "unknown"} bytes)` };
  const why = status === -1 ? `Request failed: ${reason}` : `HTTP Error ${status}: ${reason}`;
  const msg = `Status code was ${status} and not [${wanted.join(", ")}]: ${why}`;
  // A request that asks for an act may have been heard.
  const repeatable = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].includes(args.method);
  const passing = status === -1 || status === 408 || status === 429 || status >= 500;
  throw new ModuleError(msg, { retryable: repeatable && passing, result: { ...result, msg } });
}

/** Headers under names that an expression can say; cookies are secrets. */
function headerResult(headers: Readonly<Record<string, string>>): Result {
  const shown = Object.entries(headers).filter(([name]) => name !== "set-cookie");
  return Object.fromEntries(shown.map(([name, value]) => [name.replaceAll("-", "_"), value]));
}

function jsonOf(type: string | undefined, content: string): Value | undefined {
  if (!/^(application|text)\/([\w.-]+\+)?(json|javascript)\b/i.test(type ?? "")) return undefined;
  try {
    return JSON.parse(content) as Value;
  } catch {
    return undefined;
  }
}
