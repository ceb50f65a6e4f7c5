/**
 * `aami alerts route | silence | silences | fire`: who is told of alerts, and Alertmanager itself by its API v2.
 *
 * @module
 */

import { CHANNELS } from "../cluster/alertmanager/channels.ts";
import { type AlertmanagerConfig, alertmanagerConfig } from "../cluster/alertmanager/configuration.ts";
import { type Destination, destinationsOf, type Labels } from "../cluster/alertmanager/route.ts";
import { RULES } from "../cluster/alerts/presets.ts";
import { nodeLabels } from "../cluster/config/groups.ts";
import { monitorOf } from "../cluster/config/variables.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { nodeOfSite } from "./alerts_site.ts";
import type { Wiring } from "./program.ts";
import { type ConfigFlag, configPath, requireSite, type Site } from "./site.ts";

/** The flags of these commands. */
export interface AlertmanagerFlags extends ConfigFlag {
  /** --alertmanager, where it answers. */
  readonly alertmanager?: string;
  /** -o. */
  readonly output: "text" | "json";
}

/**
 * `aami alerts route k=v…`: who would be told of an alert with these labels. A node's name brings its labels with it.
 *
 * @throws {DiagnosticError} for what is no label
 */
export async function route(words: readonly string[], flags: AlertmanagerFlags, wiring: Wiring): Promise<number> {
  const given = labelsOf(words);
  const site = await requireSite(flags, wiring);
  const node = given.node === undefined ? undefined : site.config.nodes.find(({ name }) => name === given.node);
  const labels = { cluster: site.config.cluster.name, ...(node && nodeLabels(site.config, node)), ...given };
  const made = alertmanagerConfig(site.config);
  const found = destinationsOf(made.route, labels);
  const { terminal } = wiring;
  if (flags.output === "json") terminal.out(JSON.stringify({ labels, told: found }, undefined, 2));
  else for (const line of found.flatMap((each) => destinationText(each, made))) terminal.out(line);
  return 0;
}

function labelsOf(words: readonly string[]): Labels {
  return Object.fromEntries(words.map((word) => {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined) return [name, value];
    throw inputError("usage", `'${word}' is no label`, undefined, "write k=v, e.g. severity=critical");
  }));
}

function destinationText({ receiver, matchers, muted }: Destination, made: AlertmanagerConfig): string[] {
  const configs = made.receivers.find(({ name }) => name === receiver);
  const channels = CHANNELS.flatMap((name) => {
    const list = (configs?.[`${name}_configs`] ?? []) as readonly { channel?: string; to?: string }[];
    return list.map(({ channel, to }) => [name, channel ?? to].filter((word) => word !== undefined).join(" "));
  });
  return [
    `${receiver}: ${channels.length === 0 ? "nobody, Alertmanager's page alone" : channels.join(", ")}`,
    ...(matchers.length === 0 ? [] : [`  by ${matchers.join(" and ")}`]),
    ...muted.map((name) => `  not at '${name}'`),
  ];
}

/** Where Alertmanager answers: the flag, the configuration, else this machine. */
async function apiOf(flags: AlertmanagerFlags, wiring: Wiring): Promise<{ url: string; site?: Site }> {
  const site = await configPath(flags) === undefined ? undefined : await requireSite(flags, wiring);
  const { port = 9093, url } = site?.config.alertmanager ?? {};
  const monitor = site && monitorOf(site.config);
  const host = monitor ? monitor.ip ?? monitor.name : "127.0.0.1";
  const base = flags.alertmanager ?? url ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) {
    throw inputError("flag", `--alertmanager: '${base}' is no address`, undefined, "write http://HOST:9093");
  }
  return { url: base.replace(/\/+$/, ""), site };
}

/** Asks Alertmanager. @throws {DiagnosticError} where it does not answer or refuses */
async function ask<T>(url: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${url}/api/v2/${path}`, {
      ...(body === undefined
        ? {}
        : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      signal: AbortSignal.timeout(10_000),
    });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    const message = late ? `${url} did not answer in 10 s` : `no Alertmanager answers at ${url}`;
    throw inputError("alertmanager", message, undefined, "say where it is with --alertmanager URL");
  }
  const text = await response.text();
  if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  throw inputError("alertmanager", `${url} refuses: ${text.trim() || `HTTP ${response.status}`}`);
}

/** What a silence matches. */
interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** A silence as the API tells it. */
interface Silence {
  readonly id: string;
  readonly status: { readonly state: "active" | "pending" | "expired" };
  readonly matchers: readonly Matcher[];
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

/** The flags of `aami alerts silence`. */
export interface SilenceFlags extends AlertmanagerFlags {
  /** --for, a duration. */
  readonly for: string;
  /** --comment. */
  readonly comment: string;
}

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440, w: 10_080 };

/**
 * `aami alerts silence MATCHER…`: nobody is told of the alerts that all matchers fit.
 *
 * @throws {DiagnosticError} for a wrong matcher, and where Alertmanager does not answer
 */
export async function silence(words: readonly string[], flags: SilenceFlags, wiring: Wiring): Promise<number> {
  const matchers = words.map(matcherOf);
  const minutes = durationMinutes(flags.for);
  const { url } = await apiOf(flags, wiring);
  const startsAt = new Date();
  const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
  const createdBy = Deno.env.get("USER") || "aami";
  const { silenceID } = await ask<{ silenceID: string }>(url, "silences", {
    ...{ matchers, startsAt, endsAt, createdBy, comment: flags.comment },
  });
  if (flags.output === "json") wiring.terminal.out(JSON.stringify({ id: silenceID, matchers, endsAt }, undefined, 2));
  else wiring.terminal.out(`✅ Silenced ${words.join(" ")} until ${localTime(endsAt)} (${silenceID})`);
  return 0;
}

function matcherOf(word: string): Matcher {
  const [, name, operator, value] = /^([A-Za-z_][A-Za-z0-9_]*)(=~|!~|!=|=)(.*)$/s.exec(word) ?? [];
  if (name === undefined) {
    const help = "write k=v, k!=v, k=~pattern or k!~pattern, e.g. node=gpu01";
    throw inputError("usage", `'${word}' is no matcher`, undefined, help);
  }
  return { name, value, isRegex: operator.endsWith("~"), isEqual: !operator.startsWith("!") };
}

function durationMinutes(text: string): number {
  const [, count, unit] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  if (Number(count) > 0) return Number(count) * MINUTES[unit];
  throw inputError("flag", `--for: '${text}' is no duration`, undefined, "write 30m, 2h, 1d or 1w");
}

function localTime(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `aami alerts silences`: those that hold or will. @throws {DiagnosticError} where Alertmanager does not answer */
export async function silences(flags: AlertmanagerFlags, wiring: Wiring): Promise<number> {
  const { url } = await apiOf(flags, wiring);
  const all = await ask<Silence[]>(url, "silences");
  const held = all.filter(({ status }) => status.state !== "expired");
  if (flags.output === "json") wiring.terminal.out(JSON.stringify(held, undefined, 2));
  else if (held.length === 0) wiring.terminal.talk("Nothing is silenced");
  else for (const each of held) wiring.terminal.out(silenceText(each));
  return 0;
}

function silenceText({ id, status, matchers, endsAt, createdBy, comment }: Silence): string {
  const shown = matchers.map(({ name, value, isRegex, isEqual }) =>
    `${name}${isEqual ? (isRegex ? "=~" : "=") : isRegex ? "!~" : "!="}${value}`
  );
  return `${id}  ${status.state}  until ${localTime(new Date(endsAt))}  ${shown.join(" ")}  ${createdBy}: ${comment}`;
}

/** The flags of `aami alerts fire`. */
export interface FireFlags extends AlertmanagerFlags {
  /** --node. */
  readonly node: string;
  /** --severity. */
  readonly severity?: string;
}

/** How long a synthetic alert goes on, in milliseconds: longer than the first message waits. */
const FIRES_FOR = 5 * 60_000;

/**
 * `aami alerts fire NAME --node N`: hands Alertmanager an alert that Prometheus did not raise, to see who is told.
 *
 * @throws {DiagnosticError} for an alert or a node that is not there, and where Alertmanager does not answer
 */
export async function fire(name: string, flags: FireFlags, wiring: Wiring): Promise<number> {
  const { url, site } = await apiOf(flags, wiring);
  const { alert, rule, severity } = alertOf(name, site);
  const own: Labels = site
    ? { cluster: site.config.cluster.name, ...nodeLabels(site.config, nodeOfSite(site, flags.node)) }
    : { node: flags.node };
  const labels = { ...own, alertname: alert, rule, severity: flags.severity ?? severity, synthetic: "true" };
  const startsAt = new Date();
  const annotations = {
    summary: `Test: ${alert} on ${flags.node}`,
    description: "Nothing is wrong: somebody tries who is told of alerts (aami alerts fire).",
  };
  await ask(url, "alerts", [{ labels, annotations, startsAt, endsAt: new Date(startsAt.getTime() + FIRES_FOR) }]);
  const told = site
    ? destinationsOf(alertmanagerConfig(site.config).route, labels).map(({ receiver }) => receiver)
    : [];
  if (flags.output === "json") wiring.terminal.out(JSON.stringify({ labels, told }, undefined, 2));
  else wiring.terminal.out(`✅ Fired ${alert} on ${flags.node}${told.length === 0 ? "" : `, for ${told.join(", ")}`}`);
  return 0;
}

function alertOf(name: string, site: Site | undefined): { alert: string; rule: string; severity: string } {
  const custom = site?.config.alerts.custom.find((each) => each.name === name);
  if (custom) return { alert: name, rule: name, severity: custom.severity };
  const rule = RULES.get(name) ?? [...RULES.values()].find(({ alert }) => alert === name);
  if (rule) {
    return { alert: rule.alert, rule: rule.id, severity: rule.severity.startsWith("{{") ? "critical" : rule.severity };
  }
  const known = [...RULES.values()].flatMap(({ id, alert }) => [id, alert]);
  const help = didYouMean(name, known) ?? "'aami alerts list-presets' shows the rules";
  throw inputError("unknown-rule", `there is no alert '${name}'`, undefined, help);
}
