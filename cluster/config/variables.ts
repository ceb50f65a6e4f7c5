/**
 * The variables of the built-in playbooks that follow from a configuration.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { alertmanagerYaml } from "../alertmanager/configuration.ts";
import { MESSAGE_TEMPLATES } from "../alertmanager/templates.ts";
import { siteRuleFiles } from "../alerts/site_files.ts";
import type { ReadConfig } from "./read.ts";
import { MONITORING } from "./read.ts";
import type { Config } from "./schema.ts";
import type { Node } from "./schema_nodes.ts";
import { wholeSeconds } from "./values.ts";
import { nodeLabels, primaryGroup } from "./groups.ts";

/** A value of a variable, as YAML has it. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Variables by name; those that take work are made when they are asked for. */
export type Variables = Readonly<Record<string, () => Value>>;

/** The keys of a section that are variables of the same name with the section's before it. */
const SAME: Readonly<Record<"prometheus" | "alertmanager" | "grafana", readonly string[]>> = {
  prometheus: [
    ...["address", "port", "retention", "storage_path", "scrape_interval", "evaluation_interval", "external_url"],
  ],
  alertmanager: ["address", "port", "storage_path"],
  grafana: ["url", "sha256", "address", "port", "admin_password"],
};

/** The variables of all hosts. What the configuration leaves out is left to the playbooks' own defaults. */
export function siteVariables(read: ReadConfig): Variables {
  const { config } = read;
  const given: Record<string, Value | undefined> = {
    install_from: config.install.from,
    release_mirror: config.install.mirror,
    components: config.install.components,
    alert_presets: read.alerts.presets,
    prometheus_external_labels: { cluster: config.cluster.name, ...config.prometheus.external_labels },
    ansible_user: config.ssh.user,
    ansible_port: config.ssh.port,
    ansible_ssh_private_key_file: config.ssh.key,
  };
  for (const [section, keys] of Object.entries(SAME)) {
    const values = config[section as keyof typeof SAME] as Readonly<Record<string, Value | undefined>>;
    for (const key of keys) given[`${section}_${key}`] = values[key];
  }
  const known = Object.entries(given).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(known.map(([name, value]) => [name, () => value])),
    alert_rule_files: once(() => siteRuleFiles(read).map(({ path, text }) => ({ path, text }))),
    alertmanager_configuration: once(() => alertmanagerYaml(config)),
    alertmanager_message_templates: () => MESSAGE_TEMPLATES,
    checks: () => checksOf(read),
  };
}

/** The checks as the role `checks` takes them: times in seconds, files from where the configuration lies. */
function checksOf({ config, root }: ReadConfig): Value {
  return config.checks.map(({ name, check, script, file, groups, interval, timeout, config }) => ({
    name,
    ...(check === undefined ? {} : { check }),
    ...(script === undefined ? {} : { script }),
    ...(file === undefined ? {} : { file: file.startsWith("/") ? file : join(dirname(root.span.source.path), file) }),
    groups,
    interval: wholeSeconds(interval),
    timeout: timeout === undefined ? Math.min(30, wholeSeconds(interval)) : wholeSeconds(timeout),
    config: config as Value,
  }));
}

function once(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => value ??= make();
}

/** The variables of one node. */
export function nodeVariables(config: Config, node: Node): Readonly<Record<string, Value>> {
  const group = primaryGroup(config, node);
  const given: Record<string, Value | undefined> = {
    ansible_host: node.ip,
    ansible_user: node.ssh_user,
    ansible_port: node.ssh_port,
    ansible_ssh_private_key_file: node.ssh_key,
    node_labels: nodeLabels(config, node),
    node_group: group,
  };
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** Whether a node is where Prometheus, Alertmanager and Grafana run; without one that is this machine. */
export function hasMonitor({ nodes, groups }: Config): boolean {
  return monitorOf({ nodes, groups }) !== undefined;
}

/** The first node of the group `monitoring`. */
export function monitorOf({ nodes }: Pick<Config, "nodes" | "groups">): Node | undefined {
  return nodes.find((node) => node.groups.includes(MONITORING));
}
