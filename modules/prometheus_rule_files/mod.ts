/**
 * Keeps a directory of rule files: those that are given, and no others that the same hand wrote. All new files are
 * checked together before the first old one is replaced; Prometheus is told once, and where it refuses, every file is
 * put back.
 *
 * @module
 */

import type { ReadOnlyHost } from "../../engine/host/host.ts";
import type { Action } from "../../engine/host/action.ts";
import { type Change, defineModule, type Module, type Plan } from "../../engine/module/module.ts";
import { choice, path, rawText, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { ownershipArguments } from "../_shared/arguments.ts";
import { below, digest, type FileState, inspectFile, planFile, requireAccounts } from "../_shared/files.ts";
import { readTaken, type Taken } from "../prometheus_rules/prometheus_api.ts";
import { parseRuleFile } from "../prometheus_rules/rule_groups.ts";
import { exchange } from "./exchange.ts";

const RELATIVE = /^(?:[A-Za-z0-9_.-]+\/)?[A-Za-z0-9_-][A-Za-z0-9_.-]*\.ya?ml$/;

const file = z.strictObject({
  path: text().refine((value) => RELATIVE.test(value) && !value.startsWith(".."), {
    message: "expected a path below the directory such as node.yaml or generated/group-a.yaml",
  }),
  text: rawText(),
});

const schema = z.strictObject({
  directory: path().describe(
    "Where the files lie; it and the directories below it that files name exist. Prometheus' `rule_files` must match them.",
  ),
  files: z.array(file).superRefine((files, context) => {
    const seen = new Set<string>();
    files.forEach(({ path }, index) => {
      if (seen.has(path)) context.addIssue({ code: "custom", path: [index], message: `there are two files '${path}'` });
      seen.add(path);
    });
  }).describe("The files, each with its `path` below the directory and its `text`, taken as it is."),
  marker: text().default("# Written by aami from ").describe(
    "How files begin that are removed where they are not among `files`. Files that begin otherwise stay.",
  ),
  reload: choice("http", "signal", "none").default("http").describe(
    "How Prometheus is told: `POST /-/reload` (needs `--web.enable-lifecycle`), SIGHUP to the service's process, or not at all.",
  ),
  prometheus_url: text().default("http://127.0.0.1:9090").describe("Where Prometheus answers, as seen from the host."),
  service: text().default("prometheus").describe("The service that gets SIGHUP with `reload: signal`."),
  ...ownershipArguments,
});

/** The arguments. */
export type Args = z.output<typeof schema>;

interface State {
  /** What lies where the files should be, in their order. */
  readonly files: readonly FileState[];
  /** The paths of files that are to go. */
  readonly strangers: readonly string[];
  /** What a running Prometheus says; undefined where none answers. */
  readonly taken?: Taken;
}

async function inspect(host: ReadOnlyHost, args: Args, signal: AbortSignal): Promise<State> {
  const [files, strangers, taken] = await Promise.all([
    Promise.all(
      args.files.map((each) => inspectFile(host, below(args.directory, each.path), { sha256: digest(each.text) })),
    ),
    findStrangers(host, args),
    args.reload === "none" ? undefined : readTaken(host, baseUrl(args), signal),
  ]);
  await requireAccounts(host, args, files.map(({ stat }) => stat));
  return { files, strangers, taken };
}

/** Where Prometheus answers, without a slash at the end. */
export function baseUrl({ prometheus_url }: Args): string {
  return prometheus_url.replace(/\/+$/, "");
}

/** Files with the marker that are not among the wanted. */
async function findStrangers(host: ReadOnlyHost, { directory, files, marker }: Args): Promise<string[]> {
  const wanted = new Set(files.map((each) => below(directory, each.path)));
  const folders = ["", "generated", ...files.flatMap(({ path }) => path.includes("/") ? [path.split("/")[0]] : [])];
  const lists = await Promise.all([...new Set(folders)].map(async (folder) => {
    const place = below(directory, folder);
    return (await host.list(place) ?? []).filter((name) => /\.ya?ml$/.test(name)).map((name) => below(place, name));
  }));
  const others = lists.flat().filter((path) => !wanted.has(path));
  const texts = await Promise.all(others.map(async (path) => {
    const stat = await host.stat(path);
    return stat?.type === "file" ? await host.read(path) : undefined;
  }));
  const begins = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes).startsWith(marker);
  return others.filter((_path, index) => begins(texts[index]));
}

function plan({ files, strangers, taken }: State, args: Args): Plan {
  const plans = files.map((state, index) => planFile(state, { ...args, content: args.files[index].text }));
  args.files.forEach(({ path, text }, index) => {
    // What lies there was taken already.
    if (plans[index].actions.some((action) => action.do === "write")) parseRuleFile({ path, text });
  });
  const removals = strangers.map((path): Action => ({ do: "remove", path }));
  const changes: Change[] = [
    ...plans.flatMap((each) => each.changes),
    ...strangers.map((path): Change => ({ path, what: "state", before: "file", after: "absent" })),
  ];
  const actions = [...plans.flatMap((each) => each.actions), ...removals];
  const written = actions.some((action) => action.do !== "ownership");
  const newest = Math.max(0, ...files.map(({ stat }) => Math.floor(stat?.mtime ?? 0)));
  // Its times are whole seconds.
  const stale = taken !== undefined && (!taken.good || taken.configTime < newest);
  const reload = taken !== undefined && (written || stale);
  if (reload && changes.length === 0) {
    changes.push({
      path: "prometheus",
      what: "loaded rules",
      before: "older than the files",
      after: "as in the files",
    });
  }
  return {
    changes,
    actions,
    touches: reload ? [{ key: netKey(args) }] : [],
    result: { directory: args.directory, files: files.length, removed: [...strangers], reload },
  };
}

function netKey(args: Args): string {
  const { hostname, port, protocol } = new URL(baseUrl(args));
  return `net:${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

/** The `prometheus_rule_files` module. */
export default defineModule<Args, State>({
  name: "prometheus_rule_files",
  summary: "Keep a directory of Prometheus rule files, checked and loaded together",
  args: schema as z.ZodType<Args>,
  examples: [
    {
      name: "Two files, and none that was written before",
      args: `directory: /etc/aami/rules
files:
  - path: up.yaml
    text: |
      # Written by aami from an example.
      groups:
        - name: up
          rules:
            - alert: NodeDown
              expr: up{job="node"} == 0
              for: 1m
              annotations: { summary: "{{ $labels.node }} does not answer" }
reload: none
`,
    },
  ],
  reach: (args) => [`path:${args.directory}`, netKey(args)],
  inspect,
  plan,
  apply: exchange,
}) as Module<Args, State>;
