/**
 * Writes a file of rule groups and has Prometheus take it. Every expression is parsed before anything travels; the file
 * is checked by promtool where the host has it, replaced atomically, loaded, read back, and put back if Prometheus
 * refuses it: the old rules never stop.
 *
 * @module
 */

import type { Host, ReadOnlyHost } from "../../engine/host/host.ts";
import {
  type Change,
  defineModule,
  type Module,
  ModuleError,
  type Plan,
  type Result,
  type Touch,
} from "../../engine/module/module.ts";
import { choice, type FileSource, fileSource, path, templateSource, text } from "../../engine/module/schema.ts";
import { toYaml } from "../../engine/support/yaml.ts";
import { z } from "../../engine/support/zod.ts";
import { ownershipArguments } from "../_shared/arguments.ts";
import { digest, type FileState, inspectFile, planFile, requireAccounts } from "../_shared/files.ts";
import { fingerprint, type Loaded, readLoaded, reloadByHttp, reloadBySignal } from "./prometheus_api.ts";
import { runRuleTests } from "./rule_tests.ts";
import { parseRuleFile, type RuleGroup, ruleGroups } from "./rule_groups.ts";

const schema = z.strictObject({
  path: path().describe("The rule file on the host. Prometheus' `rule_files` must match it."),
  state: choice("present", "absent").default("present").describe("Whether the file should be there."),
  groups: z.unknown().transform((value, context) => {
    if (value === undefined) return undefined;
    const parsed = ruleGroups.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    return z.NEVER;
  }).optional().meta({ raw: true, type: "array", words: "list of rule groups, taken as it is" }).describe(
    "The rule groups, as in a rule file: `name`, `interval`, `rules` with `alert` or `record`, `expr`, `for`, `labels`, `annotations`. `{{ $labels.x }}` stays as it is.",
  ),
  src: fileSource().optional().describe("A rule file of the controller, instead of `groups`; taken as it is."),
  template: templateSource().optional().describe(
    "A template of a rule file, instead of `groups`. Write Prometheus' own braces as `\\{{ $labels.x }}`.",
  ),
  tests: fileSource().optional().describe(
    "A file of promtool's unit tests on the controller; its `rule_files` names the rule file without a directory. They run at apply, before the new rules replace the old ones.",
  ),
  reload: choice("http", "signal", "none").default("http").describe(
    "How Prometheus is told: `POST /-/reload` (needs `--web.enable-lifecycle`), SIGHUP to the service's process, or not at all.",
  ),
  prometheus_url: text().default("http://127.0.0.1:9090").describe("Where Prometheus answers, as seen from the host."),
  service: text().default("prometheus").describe("The service that gets SIGHUP with `reload: signal`."),
  ...ownershipArguments,
}).superRefine((args, context) => {
  const given = (["groups", "src", "template"] as const).filter((name) => args[name] !== undefined);
  const problem = (message: string) => context.addIssue({ code: "custom", path: [], message });
  if (args.state === "present" && given.length === 0) problem("one of 'groups', 'src' and 'template' is needed");
  if (given.length > 1) problem(`'${given.join("' and '")}' exclude each other`);
});

type Args = z.output<typeof schema>;

interface State {
  readonly file: FileState;
  /** What a running Prometheus has loaded of the file. */
  readonly loaded?: Loaded;
  readonly promtool?: string;
}

interface RuleFile {
  readonly text: string;
  readonly groups: readonly RuleGroup[];
}

/** Parsing every expression takes its time, and each step asks for it. */
const parsed = new WeakMap<Args, RuleFile>();

/** The text of the file and the groups in it. @throws {DiagnosticError} for a source file that is wrong */
function ruleFile(args: Args): RuleFile {
  let file = parsed.get(args);
  if (!file) parsed.set(args, file = readRuleFile(args));
  return file;
}

function readRuleFile(args: Args): RuleFile {
  if (args.groups) return { text: toYaml({ groups: args.groups }), groups: args.groups };
  const source = args.template ?? args.src;
  if (typeof source !== "object") throw new ModuleError("'src' is a file of the controller, not of the host");
  if (source.kind === "tree") throw new ModuleError(`${source.path} is a directory: 'src' is one rule file`);
  if (source.kind === "file" && !(source.content instanceof Uint8Array)) {
    throw new ModuleError(`${source.path} is too large for a rule file (${source.size} bytes)`);
  }
  const text = source.kind === "rendered" ? source.text : new TextDecoder().decode(source.content as Uint8Array);
  return { text, groups: parseRuleFile({ path: source.path, text }) };
}

async function inspect(host: ReadOnlyHost, args: Args, signal: AbortSignal): Promise<State> {
  const wanted = args.state === "present" ? digest(ruleFile(args).text) : undefined;
  const [file, promtool, loaded] = await Promise.all([
    inspectFile(host, args.path, { sha256: wanted }),
    args.state === "present" ? host.which("promtool") : undefined,
    args.reload === "none" ? undefined : readLoaded(host, baseUrl(args), args.path, signal),
  ]);
  await requireAccounts(host, args, args.state === "present" ? [file.stat] : []);
  return { file, loaded, promtool };
}

function baseUrl(args: Args): string {
  return args.prometheus_url.replace(/\/+$/, "");
}

function plan(state: State, args: Args): Plan {
  const rules = args.state === "present" ? ruleFile(args) : undefined;
  const file = rules ? planPresent(state, args, rules) : planAbsent(state, args);
  const reload = needsReload(state, file, rules);
  const changes = reload && file.changes.length === 0 ? [loadChange(state, rules)] : file.changes;
  const touches: Touch[] = reload ? [{ key: netKey(args) }] : [];
  return { ...file, changes, touches, result: { ...file.result, groups: rules?.groups.length ?? 0, reload } };
}

function planPresent({ file, promtool }: State, args: Args, rules: RuleFile): Plan {
  const validate = promtool === undefined ? undefined : `${promtool} check rules %s`;
  return planFile(file, { ...args, content: rules.text, validate });
}

function planAbsent({ file }: State, args: Args): Plan {
  if (!file.stat) return { changes: [], actions: [], result: { dest: args.path, state: "absent" } };
  if (file.stat.type === "directory") throw new ModuleError(`${args.path} is a directory, not a rule file`);
  return {
    changes: [{ path: args.path, what: "state", before: "file", after: "absent" }],
    actions: [{ do: "remove", path: args.path }],
    result: { dest: args.path, state: "absent" },
  };
}

/** A running Prometheus is told when the file changes, or when it does not have what the file says. */
function needsReload({ file, loaded }: State, plan: Plan, rules: RuleFile | undefined): boolean {
  if (!loaded) return false;
  if (plan.actions.some((action) => action.do === "write" || action.do === "remove")) return true;
  // Its times are whole seconds. Expressions come back rewritten, so that only the time tells of a change in one.
  const stale = file.stat !== undefined && loaded.configTime < Math.floor(file.stat.mtime);
  return stale || !sameGroups(loaded, rules);
}

function sameGroups(loaded: Loaded, rules: RuleFile | undefined): boolean {
  const wanted = (rules?.groups ?? []).map(fingerprint).sort();
  return JSON.stringify(wanted) === JSON.stringify([...loaded.groups].sort());
}

function loadChange({ loaded }: State, rules: RuleFile | undefined): Change {
  const names = (lines: readonly string[]) => lines.map((line) => JSON.parse(line)[0]).join(", ");
  return {
    path: "prometheus",
    what: "loaded rules",
    before: names(loaded?.groups ?? []),
    after: names((rules?.groups ?? []).map(fingerprint)),
  };
}

function netKey(args: Args): string {
  const { hostname, port, protocol } = new URL(baseUrl(args));
  return `net:${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

async function apply(host: Host, plan: Plan, args: Args, signal: AbortSignal): Promise<Result> {
  const rules = args.state === "present" ? ruleFile(args) : undefined;
  const old = await oldFile(host, args.path);
  if (rules && args.tests !== undefined && plan.actions.some((action) => action.do === "write")) {
    await runRuleTests(host, testsOf(args.tests), { path: args.path, text: rules.text });
  }
  for (const action of plan.actions) await host.perform(action);
  if (plan.result.reload !== true) return {};
  const refused = await load(host, args, rules, signal);
  if (refused === undefined) return { loaded: true };
  if (refused === "unreachable") return { loaded: false };
  if (plan.actions.length === 0) throw new ModuleError(`Prometheus refuses ${args.path}: ${refused}`);
  await putBack(host, args.path, old);
  await reloadOnce(host, args, signal);
  throw new ModuleError(`Prometheus refuses the new ${args.path}, the old rules are back: ${refused}`);
}

function testsOf(tests: NonNullable<Args["tests"]>): FileSource {
  if (typeof tests === "object" && tests.kind === "file") return tests;
  throw new ModuleError("'tests' is a file of the controller");
}

/** What to put back. */
type OldFile = { content: Uint8Array; mode: number; owner: string; group: string } | undefined;

async function oldFile(host: Host, path: string): Promise<OldFile> {
  const [stat, content] = await Promise.all([host.stat(path, { follow: true }), host.read(path)]);
  return stat && content && { content, mode: stat.mode, owner: String(stat.uid), group: String(stat.gid) };
}

async function putBack(host: Host, path: string, old: OldFile): Promise<void> {
  await host.perform(old ? { do: "write", path, ...old } : { do: "remove", path });
}

function reloadOnce(host: Host, args: Args, signal: AbortSignal) {
  const url = baseUrl(args);
  return args.reload === "signal" ? reloadBySignal(host, args.service, url, signal) : reloadByHttp(host, url, signal);
}

/** Has Prometheus take the file and reads it back; undefined when it did, else why not. */
async function load(
  host: Host,
  args: Args,
  rules: RuleFile | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await reloadOnce(host, args, signal);
  if (typeof answer === "object") return answer.refused;
  if (answer === "unreachable") return answer;
  for (let attempt = 0; attempt < 20; attempt++) {
    const loaded = await readLoaded(host, baseUrl(args), args.path, signal);
    if (loaded && sameGroups(loaded, rules)) return undefined;
    if (loaded && attempt > 3 && loaded.groups.length === 0) {
      return `it has loaded nothing from there: does a pattern of 'rule_files' in its configuration match ${args.path}?`;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
    signal.throwIfAborted();
  }
  return "it says that it has reloaded, but /api/v1/rules does not list these groups";
}

/** The `prometheus_rules` module. */
export default defineModule<Args, State>({
  name: "prometheus_rules",
  summary: "Write a file of Prometheus rules, checked, loaded and read back",
  args: schema as z.ZodType<Args>,
  examples: [
    {
      name: "One alert",
      args: `path: /etc/aami/rules/node.yaml
groups:
  - name: node
    rules:
      - alert: NodeDown
        expr: up{job="node"} == 0
        for: 1m
        labels:
          severity: critical
        annotations:
          summary: "{{ $labels.node }} does not answer"
reload: none
`,
    },
    {
      name: "No rules there",
      args: `path: /etc/aami/rules/node.yaml
state: absent
reload: none
`,
    },
  ],
  reach: (args) => [`path:${args.path}`, netKey(args)],
  inspect,
  plan,
  apply,
}) as Module<Args, State>;
