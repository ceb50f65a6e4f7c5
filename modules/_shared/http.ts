/**
 * HTTP requests of modules. They leave from the host; what goes wrong is said without passwords and headers.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { flag, integer, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";

/** The arguments of every request. */
export const requestArguments = {
  headers: z.record(z.string(), text()).default({}).describe("More headers, as a mapping.").meta({ words: "mapping" }),
  url_username: text().optional().describe("The user for HTTP basic authentication."),
  url_password: text().optional().describe("The password for HTTP basic authentication."),
  force_basic_auth: flag().default(true).describe(
    "Kept for Ansible's playbooks: the user and password are always sent at once.",
  ),
};

/** Seconds that a request may take. */
export function timeoutArgument(seconds: number): z.ZodType<number> {
  return integer({ min: 1 }).default(seconds);
}

/** An http or https URL. */
export function httpUrl(): z.ZodType<string> {
  return text().refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ""), {
    error: ({ input }) => `expected a URL that begins with http:// or https://, got '${withoutSecrets(String(input))}'`,
  });
}

/** What a request needs of a module's arguments. */
export interface RequestArgs {
  /** An http or https URL; user and password in it are sent in the header. */
  readonly url: string;
  /** Sent as they are, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The user for HTTP basic authentication; undefined for the one in the URL, if any. */
  readonly url_username?: string;
  /** The password for HTTP basic authentication; undefined for the one in the URL. */
  readonly url_password?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** A request that got no answer. The message is for the operator. */
export class RequestError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "RequestError";
}

/** The URL without user and password, to be shown. */
export function withoutSecrets(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || (parsed.username === "" && parsed.password === "")) return url;
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

/**
 * Sends a request from the host and has `use` read the answer; what it leaves of it is dropped. Credentials in the URL
 * go into the header, so that no message can show them. The timeout counts from the start, and again from each call of
 * `alive`.
 *
 * @throws {RequestError} when no whole answer came; what the task's signal gives up is thrown as it is
 */
export async function exchange<T>(
  host: ReadOnlyHost,
  args: RequestArgs,
  init: RequestInit,
  signal: AbortSignal,
  use: (response: Response, alive: () => void) => Promise<T>,
): Promise<T> {
  const url = withoutSecrets(args.url);
  const timeout = args.timeout ?? 30;
  const late = new AbortController();
  const arm = () => setTimeout(() => late.abort(), timeout * 1000);
  let timer = arm();
  const alive = () => {
    clearTimeout(timer);
    timer = arm();
  };
  let response: Response | undefined;
  try {
    const signals = AbortSignal.any([signal, late.signal]);
    response = await host.fetch(url, { ...init, headers: headersOf(args, init), signal: signals });
    return await use(response, alive);
  } catch (error) {
    if (signal.aborted) throw error;
    if (late.signal.aborted) throw new RequestError(`no answer from ${url} within ${timeout} s`);
    if (error instanceof Error && error.name === "ConnectError") throw new RequestError(error.message);
    throw error;
  } finally {
    clearTimeout(timer);
    // A body that was read to its end, or is still being read, cannot be given up.
    await response?.body?.cancel().catch(() => {});
  }
}

function headersOf(args: RequestArgs, init: RequestInit): Headers {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(args.headers ?? {})) headers.set(name, value);
  const credentials = credentialsOf(args);
  if (credentials && !headers.has("authorization")) headers.set("authorization", `Basic ${credentials}`);
  return headers;
}

function credentialsOf({ url, url_username, url_password }: RequestArgs): string | undefined {
  const { username, password } = new URL(url);
  const user = url_username ?? decodeURIComponent(username);
  if (user === "") return undefined;
  return new TextEncoder().encode(`${user}:${url_password ?? decodeURIComponent(password)}`).toBase64();
}
