/**
 * The configuration as an inventory: its nodes are hosts, its groups groups, the rest variables of all hosts.
 *
 * @module
 */

import type { ReadConfig } from "../cluster/config/read.ts";
import { MONITORING } from "../cluster/config/read.ts";
import { hasMonitor, nodeVariables, siteVariables, type Value } from "../cluster/config/variables.ts";
import type { InventoryFormat } from "../engine/inventory/load.ts";
import type { GroupRecord, InventoryData } from "../engine/inventory/model.ts";
import type { Redactor } from "../engine/support/redact.ts";
import { entryOf, type YamlMap } from "../engine/support/yaml.ts";
import type { Variable } from "../engine/variables/variable.ts";
import { fromHome, readSite, type Site } from "./site.ts";

/**
 * Reads configurations as inventories. Their secrets are told to the redactor.
 *
 * @param site the configuration that was read already
 */
export function siteFormat(redactor: Redactor, site?: Site): InventoryFormat {
  return {
    fits: (root, path) => path === site?.path || isConfig(root),
    read(source, data) {
      const read = source.text === site?.source.text ? site : readSite(source, redactor);
      data.warnings.push(...read.warnings);
      addSite(read, data);
    },
  };
}

/** No group of an inventory has these. */
function isConfig(root: YamlMap): boolean {
  const cluster = entryOf(root, "cluster")?.value;
  const name = cluster?.kind === "map" && entryOf(cluster, "name")?.value.kind === "scalar";
  return name || entryOf(root, "nodes")?.value.kind === "seq";
}

function addSite(read: ReadConfig, data: InventoryData): void {
  const { config, root } = read;
  const groups = entryOf(root, "groups")?.value;
  const group = (name: string): GroupRecord => {
    const span = groups?.kind === "map" ? entryOf(groups, name)?.keySpan : undefined;
    const record = data.addGroup(name, span);
    const parent = config.groups[name]?.parent;
    if (parent !== undefined) data.link(group(parent), record, span);
    return record;
  };
  for (const name of Object.keys(config.groups)) group(name);
  const nodes = entryOf(root, "nodes")?.value;
  for (const [index, node] of config.nodes.entries()) {
    const span = nodes?.kind === "seq" ? nodes.items[index].span : undefined;
    const names = node.groups.length === 0 ? ["ungrouped"] : node.groups;
    for (const name of names) {
      const host = data.addHost(node.name, group(name), span);
      for (const [key, value] of Object.entries(nodeVariables(config, node))) setVariable(host.vars, key, () => value);
    }
  }
  if (!hasMonitor(config)) {
    const here = data.addHost("localhost", data.addGroup(MONITORING));
    setVariable(here.vars, "ansible_connection", () => "local");
  }
  for (const [name, make] of Object.entries(siteVariables(read))) setVariable(data.addGroup("all").vars, name, make);
}

const PATHS = new Set(["ansible_ssh_private_key_file"]);
/** What is made when somebody asks for it. */
const LAZY = new Set(["alert_rule_files", "alertmanager_configuration", "alertmanager_message_templates"]);

/** No expression of ours: what looks like one in a value stays as it is. */
function setVariable(vars: Map<string, Variable>, name: string, make: () => Value): void {
  const evaluate = make as Variable["evaluate"];
  if (LAZY.has(name)) return void vars.set(name, { evaluate });
  const value = PATHS.has(name) ? fromHome(String(make())) : make() as ReturnType<typeof evaluate>;
  vars.set(name, { constant: value, evaluate: () => value });
}
