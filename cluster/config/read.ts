/**
 * Reads a configuration: its text becomes a checked value with every default, or every finding at its place.
 *
 * @module
 */

import {
  type Diagnostic,
  DiagnosticError,
  inputError,
  type SourceText,
  type Span,
} from "../../engine/support/diagnostic.ts";
import { didYouMean } from "../../engine/support/suggest.ts";
import { offsetInScalar, parseYaml, type PlainValue, type YamlMap, type YamlNode } from "../../engine/support/yaml.ts";
import { checkPromql } from "../../engine/support/promql.ts";
import { type AlertSettings, readAlertSettings } from "../alerts/settings.ts";
import { type Environment, withEnvironment } from "./environment.ts";
import { issueDiagnostics, nodeAt, pathText } from "./issues.ts";
import { wholeSeconds } from "./values.ts";
import { type Config, configSchema, type JsonSchema, schemaAt } from "./schema.ts";

/** What was read. */
export interface ReadConfig {
  /** The configuration with every default. */
  readonly config: Config;
  /** Its alerts and groups. */
  readonly alerts: AlertSettings;
  /** Its text, with positions; variables of the environment are put in. */
  readonly root: YamlMap;
  /** What is odd but no error. */
  readonly warnings: readonly Diagnostic[];
}

/** Told a secret value, and where it stands. */
export type Learn = (secret: string, span: Span) => void;

/** How to read. */
export interface ReadOptions {
  /** The environment. */
  readonly environment: Environment;
  /** Told each secret value, before anything is said of the text. */
  readonly learn?: Learn;
}

/**
 * Reads a configuration.
 *
 * @throws {DiagnosticError} with all that is wrong
 */
export function readConfig(source: SourceText, { environment, learn }: ReadOptions): ReadConfig {
  const written = parseYaml(source);
  const start = { source, start: 0, end: 1 };
  if (!written) throw inputError("config", "the configuration is empty", start, "write: cluster: {name: my-cluster}");
  if (written.kind !== "map") throw inputError("config", "a configuration is a mapping", written.span);
  const findings: Diagnostic[] = [];
  const root = withEnvironment(written, environment, findings) as YamlMap;
  const unset = findings.map(({ span }) => span!);
  const known = (span: Span) => !unset.some(({ start }) => start >= span.start && start < span.end);
  if (learn) tellSecrets(root, [], (secret, span) => known(span) && learn(secret, span));
  const parsed = configSchema.safeParse(plainValue(root, []));
  if (!parsed.success) {
    // What is not known cannot be wrong.
    const issues = parsed.error.issues.filter(({ path }) => {
      const node = nodeAt(path, root);
      return node.kind !== "scalar" || known(node.span);
    });
    findings.push(...issueDiagnostics(issues, root));
  }
  const alerts = collect(findings, () => readAlertSettings(part(root, "alerts"), part(root, "groups")));
  if (parsed.success) findings.push(...contradictions(parsed.data, root));
  // What two readers say of one place is told once.
  const told = new Map(findings.map((finding) => [`${finding.span?.start} ${finding.message}`, finding]));
  if (told.size > 0) throw new DiagnosticError([...told.values()].sort(byPlace));
  const config = parsed.data!;
  return { config, alerts: alerts!.settings, root, warnings: [...alerts!.warnings, ...oddities(config, root)] };
}

function byPlace(left: Diagnostic, right: Diagnostic): number {
  return (left.span?.start ?? 0) - (right.span?.start ?? 0);
}

function collect<T>(findings: Diagnostic[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    findings.push(...error.diagnostics);
    return undefined;
  }
}

function part(root: YamlMap, key: string): YamlNode | undefined {
  return root.entries.find((entry) => entry.key === key)?.value;
}

/** Each value that the schema calls secret. */
function tellSecrets(node: YamlNode, path: readonly PropertyKey[], learn: Learn): void {
  if (node.kind === "map") { for (const { key, value } of node.entries) tellSecrets(value, [...path, key], learn); }
  else if (node.kind === "seq") node.items.forEach((item, index) => tellSecrets(item, [...path, index], learn));
  else if (node.value !== null && schemaAt(path)?.writeOnly) learn(String(node.value), node.span);
}

/** What nothing was written for counts as left out; of things by name, as one that has nothing of its own. */
function plainValue(node: YamlNode, path: readonly PropertyKey[]): PlainValue {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "seq") return node.items.map((item, index) => plainValue(item, [...path, index]));
  const named = isNamed(schemaAt(path));
  return Object.fromEntries(node.entries.flatMap(({ key, value }) => {
    const nothing = value.kind === "scalar" && value.value === null;
    return nothing && !named ? [] : [[key, nothing ? {} : plainValue(value, [...path, key])]];
  }));
}

function isNamed(schema: JsonSchema | undefined): boolean {
  const more = schema?.additionalProperties;
  return typeof more === "object" && more.properties !== undefined;
}

/** What no single value is wrong about. */
function contradictions(config: Config, root: YamlNode): Diagnostic[] {
  return [
    ...repeatedNodes(config, root),
    ...unknownGroups(config, root),
    ...wrongAlerts(config, root),
    ...shards(config, root),
    ...wrongChecks(config, root),
  ];
}

function error(message: string, path: readonly PropertyKey[], root: YamlNode, help?: string): Diagnostic {
  return { severity: "error", code: "config", message, span: nodeAt(path, root).span, help };
}

function repeatedNodes({ nodes }: Config, root: YamlNode): Diagnostic[] {
  const names = new Set<string>();
  const places = new Map<string, string>();
  return nodes.flatMap(({ name, ip, ssh_port }, index) => {
    const found: Diagnostic[] = [];
    if (names.has(name)) found.push(error(`there are two nodes named '${name}'`, ["nodes", index, "name"], root));
    names.add(name);
    const place = `${ip} ${ssh_port}`;
    const other = ip === undefined ? undefined : places.get(place);
    if (other !== undefined && other !== name) {
      found.push(error(`'${other}' has the address ${ip} too`, ["nodes", index, "ip"], root, "a machine is one node"));
    }
    if (ip !== undefined) places.set(place, name);
    return found;
  });
}

/** The group of the machines that Prometheus, Alertmanager and Grafana run on, which needs no entry in `groups`. */
export const MONITORING = "monitoring";

function unknownGroups({ nodes, groups }: Config, root: YamlNode): Diagnostic[] {
  const known = new Set([...Object.keys(groups), MONITORING]);
  return nodes.flatMap((node, index) =>
    node.groups.flatMap((group, at) => {
      if (known.has(group)) return [];
      const span = nodeAt(["nodes", index, "groups", at], root).span;
      const help = didYouMean(group, known) ?? `add it to 'groups': ${group}: {}`;
      return [
        { severity: "error", code: "unknown-group", message: `there is no group '${group}'`, span, help } as const,
      ];
    })
  );
}

function wrongAlerts({ alerts }: Config, root: YamlNode): Diagnostic[] {
  return alerts.custom.flatMap(({ name, expr }, index) => {
    const repeated = alerts.custom.findIndex((other) => other.name === name) !== index;
    const path = ["alerts", "custom", index];
    const node = nodeAt([...path, "expr"], root);
    return [
      ...(repeated ? [error(`there are two alerts named '${name}'`, [...path, "name"], root)] : []),
      ...checkPromql(expr).map(({ from, to, message }): Diagnostic => {
        const start = node.kind === "scalar" ? offsetInScalar(node, from) : node.span.start;
        const span = { ...node.span, start, end: start + Math.max(1, to - from) };
        return { severity: "error", code: "rules", message: `'${name}': ${message}`, span };
      }),
    ];
  });
}

function shards({ federation, nodes, groups }: Config, root: YamlNode): Diagnostic[] {
  const names = nodes.map(({ name }) => name);
  const unknown = (name: string, known: readonly string[], path: readonly PropertyKey[]) =>
    known.includes(name) ? [] : [error(`there is no node '${name}'`, path, root, didYouMean(name, known))];
  return (federation?.shards ?? []).flatMap((shard, index) => [
    ...unknown(shard.host, names, ["federation", "shards", index, "host"]),
    ...shard.nodes.flatMap((name, at) =>
      unknown(name, [...names, ...Object.keys(groups)], ["federation", "shards", index, "nodes", at])
    ),
  ]);
}

function wrongChecks({ checks, groups, health }: Config, root: YamlNode): Diagnostic[] {
  const known = [...Object.keys(groups), MONITORING];
  const all = Object.entries(health.weights);
  return [
    ...checks.flatMap(({ name, groups, interval, timeout }, index) => [
      ...(checks.findIndex((other) => other.name === name) === index
        ? []
        : [error(`there are two checks named '${name}'`, ["checks", index, "name"], root)]),
      ...groups.flatMap((group, at) => {
        const path = ["checks", index, "groups", at];
        return known.includes(group)
          ? []
          : [error(`there is no group '${group}'`, path, root, didYouMean(group, known))];
      }),
      ...(timeout === undefined || wholeSeconds(timeout) <= wholeSeconds(interval) ? [] : [
        error(
          `'${name}' may take ${timeout}, which is longer than its interval of ${interval}`,
          ["checks", index, "timeout"],
          root,
        ),
      ]),
    ]),
    ...(all.some(([name, weight]) => name !== "nvlink" && weight > 0)
      ? []
      : [error("no factor is left that every GPU has", ["health", "weights"], root)]),
  ];
}

/** Parts that no built-in playbook of this version reads. */
const UNREAD = ["slurm", "federation"];

function oddities({ notifications, checks, alerts }: Config, root: YamlMap): Diagnostic[] {
  const warnings: Diagnostic[] = UNREAD.flatMap((key) => {
    const entry = root.entries.find((each) => each.key === key);
    if (!entry) return [];
    const message = `'${key}' is checked, but no playbook of this version reads it`;
    return [{ severity: "warning", code: "config", message, span: entry.keySpan } as const];
  });
  warnings.push(...unquoted(root, []));
  const presets = Array.isArray(alerts.presets) ? alerts.presets : [];
  if (checks.length > 0 && !presets.includes("checks")) {
    const message = "nobody is told when a check fails: the alert preset 'checks' is not on";
    const span = root.entries.find((each) => each.key === "checks")!.keySpan;
    warnings.push({ severity: "warning", code: "config", message, span, help: "aami alerts apply-preset checks" });
  }
  const { email } = notifications;
  if (email?.password !== undefined && email.tls === "off") {
    const span = nodeAt(["notifications", "email", "tls"], root).span;
    warnings.push({ severity: "warning", code: "config", message: "the mail password travels without TLS", span });
  }
  return warnings;
}

/** Texts that are comments, as they begin with # and have no quotes. */
function unquoted(node: YamlNode, path: readonly PropertyKey[]): Diagnostic[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "seq") return node.items.flatMap((item, index) => unquoted(item, [...path, index]));
  return node.entries.flatMap(({ key, keySpan, value }): Diagnostic[] => {
    const here = [...path, key];
    const comment = /^\s*:[ \t]*(#\S*)/.exec(keySpan.source.text.slice(keySpan.end))?.[1];
    const empty = value.kind === "scalar" && value.value === null;
    if (!empty || comment === undefined || schemaAt(here)?.type !== "string") return unquoted(value, here);
    const message = `nothing is written for ${pathText(here)}: what follows is a comment`;
    const help = `a value that begins with # needs quotes: "${comment}"`;
    return [{ severity: "warning", code: "config", message, span: keySpan, help }];
  });
}
