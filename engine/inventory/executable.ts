/**
 * Executable inventories: `PATH --list` prints groups as JSON, `_meta.hostvars` the variables of hosts; without
 * `_meta`, `PATH --host NAME` is asked for each.
 *
 * @module
 */

import { inputError, type SourceText } from "../support/diagnostic.ts";
import { entryOf, type YamlEntry, type YamlMap, type YamlNode } from "../support/yaml.ts";
import { parseJson } from "./json.ts";
import type { GroupRecord, HostRecord, InventoryData } from "./model.ts";

/** Runs a program and gives what it printed. */
export type RunProgram = (path: string, args: readonly string[]) => Promise<ProgramOutput>;

/** What a program printed and how it ended. */
export interface ProgramOutput {
  /** The exit status; anything but 0 is a failure. */
  readonly code: number;
  /** What must be JSON. */
  readonly stdout: string;
  /** What it said; its end is shown where it failed. */
  readonly stderr: string;
}

const AT_ONCE = 8;

/**
 * Runs an executable inventory and reads what it prints.
 *
 * @throws {DiagnosticError} where it fails, prints no JSON, or JSON of another structure
 */
export async function readExecutable(path: string, data: InventoryData, run: RunProgram): Promise<void> {
  const root = await ask(path, ["--list"], run);
  if (root?.kind !== "map") {
    throw inputError("inventory-executable", `${path} --list must print a JSON object of groups`, root?.span);
  }
  const hosts = new Set<HostRecord>();
  for (const entry of root.entries) if (entry.key !== "_meta") readGroup(entry, data, hosts);
  const hostvars = metaOf(root);
  if (hostvars) {
    for (const host of hosts) setAll(host, entryOf(hostvars, host.name)?.value, data);
    return;
  }
  const queue = [...hosts];
  const answers: (YamlNode | undefined)[] = new Array(queue.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < queue.length; index = next++) {
      answers[index] = await ask(path, ["--host", queue[index].name], run);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  queue.forEach((host, index) => setAll(host, answers[index], data));
}

async function ask(path: string, args: readonly string[], run: RunProgram): Promise<YamlNode | undefined> {
  const command = [path, ...args].join(" ");
  const { code, stdout, stderr } = await run(path, args);
  if (code !== 0) {
    const said = stderr.trim().split("\n").slice(-3).join("; ") || "it printed nothing to stderr";
    throw inputError("inventory-executable", `${command} failed with exit code ${code}`, undefined, `it said: ${said}`);
  }
  const source: SourceText = { path: command, text: stdout };
  if (stdout.trim() === "") {
    if (args[0] === "--host") return undefined;
    throw inputError("inventory-executable", `${command} printed nothing`, undefined, "it must print JSON");
  }
  return parseJson(source);
}

function metaOf(root: YamlMap): YamlMap | undefined {
  const meta = entryOf(root, "_meta");
  if (!meta) return undefined;
  if (meta.value.kind !== "map") throw inputError("inventory-structure", "'_meta' must be an object", meta.value.span);
  const hostvars = entryOf(meta.value, "hostvars");
  if (!hostvars) return undefined;
  if (hostvars.value.kind === "map") return hostvars.value;
  throw inputError("inventory-structure", "'_meta.hostvars' must be an object", hostvars.value.span);
}

function setAll(host: HostRecord, values: YamlNode | undefined, data: InventoryData): void {
  if (!values) return;
  if (values.kind !== "map") {
    throw inputError("inventory-structure", `the variables of host '${host.name}' must be an object`, values.span);
  }
  for (const { key, keySpan, value } of values.entries) data.setHostVariable([host], key, keySpan, value);
}

function readGroup({ key, keySpan, value }: YamlEntry, data: InventoryData, hosts: Set<HostRecord>): void {
  if (key === "") throw inputError("group-name", "a group name is empty", keySpan);
  const group = data.addGroup(key, keySpan);
  const add = (node: YamlNode) => hosts.add(data.addHost(nameIn(node, group), group, node.span));
  if (value.kind !== "map") return listOf(value, "hosts", group).forEach(add);
  const [members, variables, children] = ["hosts", "vars", "children"].map((name) => entryOf(value, name)?.value);
  if (!members && !variables && !children) {
    // The short form: a host named like the group, and its variables.
    hosts.add(data.addHost(key, group, keySpan));
    return setGroup(group, value, data);
  }
  if (members) listOf(members, "hosts", group).forEach(add);
  if (variables) setGroup(group, variables, data);
  for (const child of children ? listOf(children, "children", group) : []) {
    data.link(group, data.addGroup(nameIn(child, group), child.span), child.span);
  }
}

function setGroup(group: GroupRecord, values: YamlNode, data: InventoryData): void {
  if (values.kind !== "map") {
    throw inputError("inventory-structure", `'vars' of group '${group.name}' must be an object`, values.span);
  }
  for (const { key, keySpan, value } of values.entries) data.setGroupVariable(group, key, keySpan, value);
}

function listOf(node: YamlNode, what: string, group: GroupRecord): readonly YamlNode[] {
  if (node.kind === "seq") return node.items;
  throw inputError("inventory-structure", `'${what}' of group '${group.name}' must be a list`, node.span);
}

function nameIn(node: YamlNode, group: GroupRecord): string {
  if (node.kind === "scalar" && typeof node.value === "string" && node.value !== "") return node.value;
  throw inputError("inventory-structure", `the names in group '${group.name}' must be text`, node.span);
}
