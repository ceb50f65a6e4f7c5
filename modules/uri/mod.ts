/**
 * `uri`: one HTTP request from the host. GET and HEAD only read; every other method is an action.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import { netKeyOf } from "../../engine/host/recorder.ts";
import { defineModule, type Module, nothingToDo, type Plan } from "../../engine/module/module.ts";
import { choice, flag, integer, list, path } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { httpUrl, requestArguments, timeoutArgument, withoutSecrets } from "../_shared/http.ts";
import { type Answer, judge, request } from "./request.ts";

const schema = z.strictObject({
  url: httpUrl().describe("The http or https URL. The request leaves from the host."),
  method: choice("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS").default("GET").describe(
    "The method. GET and HEAD run in check mode too and never count as changed; the others always do.",
  ),
  body: z.unknown().optional().describe("The body: a mapping or list for `json` and `form-urlencoded`, else text.")
    .meta({ words: "any" }),
  body_format: choice("raw", "json", "form-urlencoded").default("raw").describe(
    "How the body is written; sets the Content-Type unless `headers` has one.",
  ),
  ...requestArguments,
  status_code: list(integer({ min: 100, max: 599 })).default([200]).describe("The status codes that are success."),
  return_content: flag().default(false).describe(
    "Put the body of the answer into the result as `content`. A JSON body is always there as `json`.",
  ),
  follow_redirects: choice("safe", "all", "none").default("safe").describe(
    "Which redirects are followed: all of GET and HEAD, all, or none.",
  ),
  timeout: timeoutArgument(30).describe("Seconds until the request is given up."),
  creates: path().optional().describe("A path on the host; if it exists nothing is sent."),
  removes: path().optional().describe("A path on the host; if it does not exist nothing is sent."),
}).superRefine((args, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (args.body !== undefined && (args.method === "GET" || args.method === "HEAD")) {
    refuse("body", `'body' needs a method such as POST or PUT, not ${args.method}`);
  }
  if (args.body_format === "raw" && typeof args.body === "object" && args.body !== null) {
    refuse("body", "a 'body' that is a mapping or a list needs 'body_format: json' or 'body_format: form-urlencoded'");
  }
});

/** The arguments of `uri`. */
export type UriArgs = z.output<typeof schema>;

/** What `uri` found. */
export interface State {
  /** Why nothing is sent. */
  readonly skipped?: string;
  /** The answer to a request that only reads. */
  readonly answer?: Answer;
}

/** The `uri` module. */
export default defineModule<UriArgs, State>({
  name: "uri",
  summary: "An HTTP request from the host, and what must come back",
  args: schema,
  examples: [
    { name: "Wait for Prometheus", args: "url: http://localhost:9090/-/ready\ntimeout: 5" },
    {
      name: "Reload it",
      args: "url: http://localhost:9090/-/reload\nmethod: POST",
    },
    {
      name: "A data source for Grafana",
      args:
        "url: http://localhost:3000/api/datasources\nmethod: POST\nbody_format: json\nbody: { name: prometheus, type: prometheus }\nurl_username: admin\nurl_password: secret\nstatus_code: [200, 409]",
    },
  ],
  onlyLooks: isRead,
  async inspect(host, args, signal): Promise<State> {
    const skipped = await guard(host, args);
    if (skipped !== undefined || !isRead(args)) return { skipped };
    return { answer: await request(host, args, signal) };
  },
  plan(state, args): Plan {
    if (state.skipped !== undefined) return { ...nothingToDo({ msg: state.skipped }), skipped: state.skipped };
    if (state.answer) return nothingToDo(judge(state.answer, args));
    const url = withoutSecrets(args.url);
    return {
      changes: [{ path: url, what: "request", before: "", after: `${args.method} ${url}` }],
      actions: [],
      result: { url },
      touches: [{ key: netKeyOf(args.url) }],
    };
  },
  async apply(host, plan, args, signal) {
    if (plan.changes.length === 0) return {};
    return judge(await request(host, args, signal), args);
  },
}) as Module<UriArgs, State>;

function isRead({ method }: UriArgs): boolean {
  return method === "GET" || method === "HEAD";
}

async function guard(host: ReadOnlyHost, { creates, removes }: UriArgs): Promise<string | undefined> {
  const [created, removed] = await Promise.all([
    creates === undefined ? undefined : host.stat(creates, { follow: true }),
    removes === undefined ? true : host.stat(removes, { follow: true }),
  ]);
  if (created) return `skipped, since ${creates} exists`;
  if (!removed) return `skipped, since ${removes} does not exist`;
  return undefined;
}
