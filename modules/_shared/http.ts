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
export function timeoutArgument(seconds: number): z.ZodDefault<z.ZodType<number>> {
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
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly url_username?: string;
  readonly url_password?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** A request that got no answer. The message is for the operator. */
export class RequestError extends Error {
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
 * Sends a request from the host. Credentials in the URL go into the header, so that no message can show them.
 *
 * @throws {RequestError} when no answer came; what the task's signal gives up is thrown as it is
 */
export async function send(
  host: ReadOnlyHost,
  args: RequestArgs,
  init: RequestInit,
  signal: AbortSignal,
): Promise<Response> {
  const { url, timeout } = args;
  const headers = new Headers(args.headers);
  for (const [name, value] of new Headers(init.headers)) if (!headers.has(name)) headers.set(name, value);
  const credentials = credentialsOf(args);
  if (credentials && !headers.has("authorization")) headers.set("authorization", `Basic ${credentials}`);
  const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
  const signals = limit ? AbortSignal.any([signal, limit]) : signal;
  try {
    return await host.fetch(withoutSecrets(url), { ...init, headers, signal: signals });
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    if (limit?.aborted) throw new RequestError(`${withoutSecrets(url)} did not answer within ${timeout} s`);
    if (error.name === "ConnectError" || error.name === "TypeError") throw new RequestError(error.message);
    throw error;
  }
}

function credentialsOf({ url, url_username, url_password }: RequestArgs): string | undefined {
  const { username, password } = new URL(url);
  const user = url_username ?? decodeURIComponent(username);
  if (user === "") return undefined;
  return new TextEncoder().encode(`${user}:${url_password ?? decodeURIComponent(password)}`).toBase64();
}
