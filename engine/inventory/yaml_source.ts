/**
 * Reads YAML inventories as Ansible does.
 *
 * @module
 */

import { inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import type { YamlEntry, YamlNode } from "../support/yaml.ts";
import { expandHosts } from "./address.ts";
import type { GroupRecord, InventoryData } from "./model.ts";
import { Piece } from "./piece.ts";

const KEYS = ["hosts", "children", "vars"];

/**
 * Reads a YAML inventory: groups at the top, each with `hosts`, `children` and `vars`.
 *
 * @throws {DiagnosticError} for another structure, unknown keys included
 */
export function readYamlInventory(root: YamlNode, data: InventoryData): void {
  if (root.kind !== "map") {
    const help = "the groups stand at the top: all: {hosts: {web1:}}";
    throw inputError("inventory-structure", "a YAML inventory is a mapping of groups", root.span, help);
  }
  for (const entry of root.entries) readGroup(entry, data);
}

function readGroup(entry: YamlEntry, data: InventoryData): GroupRecord {
  if (entry.key === "") throw inputError("group-name", "a group name is empty", entry.keySpan);
  if (isNull(entry.value)) return data.addGroup(entry.key, entry.keySpan);
  if (entry.value.kind !== "map") {
    const help = KEYS.includes(entry.key)
      ? `'${entry.key}' belongs into a group, such as 'all'`
      : "a group has 'hosts', 'children' and 'vars'";
    throw inputError("inventory-structure", `group '${entry.key}' must be a mapping`, entry.value.span, help);
  }
  const group = data.addGroup(entry.key, entry.keySpan);
  for (const section of entry.value.entries) {
    if (!KEYS.includes(section.key)) throw unknownKey(section, group);
    for (const child of namesOf(section, group)) readEntry(section.key, child, group, data);
  }
  return group;
}

function readEntry(section: string, entry: YamlEntry, group: GroupRecord, data: InventoryData): void {
  if (section === "vars") data.setGroupVariable(group, entry.key, entry.keySpan, entry.value);
  else if (section === "children") data.link(group, readGroup(entry, data), entry.keySpan);
  else readHosts(entry, group, data);
}

function unknownKey(section: YamlEntry, group: GroupRecord): Error {
  const near = didYouMean(section.key, KEYS);
  const help = near ??
    (isNull(section.value) || section.value.kind === "map"
      ? `hosts belong under 'hosts', groups under 'children'`
      : `variables belong under 'vars'`);
  return inputError("unknown-key", `unknown key '${section.key}' in group '${group.name}'`, section.keySpan, help);
}

/** The entries of a section. A bare name stands for itself without anything. */
function namesOf(section: YamlEntry, group: GroupRecord): readonly YamlEntry[] {
  const { value } = section;
  if (isNull(value)) return [];
  if (value.kind === "map") return value.entries;
  if (value.kind === "scalar" && typeof value.value === "string") {
    return [{ key: value.value, keySpan: value.span, value: { ...value, value: null, written: "" } }];
  }
  const help = section.key === "vars"
    ? "write key: value"
    : `write a key for each, with a colon: ${section.key === "hosts" ? "web1:" : "web:"}`;
  throw inputError(
    "inventory-structure",
    `'${section.key}' of group '${group.name}' must be a mapping`,
    value.span,
    help,
  );
}

function readHosts(entry: YamlEntry, group: GroupRecord, data: InventoryData): void {
  const hosts = data.addHosts(expandHosts(keyPiece(entry)), group, entry.keySpan);
  if (isNull(entry.value)) return;
  if (entry.value.kind !== "map") {
    const help = "variables of a host are a mapping below it";
    throw inputError("inventory-structure", `host '${entry.key}' must be a mapping or empty`, entry.value.span, help);
  }
  for (const { key, keySpan, value } of entry.value.entries) data.setHostVariable(hosts, key, keySpan, value);
}

/** The key as a text with places, without its quotes. */
function keyPiece({ key, keySpan }: YamlEntry): Piece {
  const { source, start, end } = keySpan;
  const quote = /["']/.test(source.text[start] ?? "") ? 1 : 0;
  if (source.text.slice(start + quote, start + quote + key.length) === key) {
    return Piece.of(source, start + quote, start + quote + key.length);
  }
  const offsets = Array.from(key, () => start);
  return new Piece(source, key, offsets, end);
}

/** Whether nothing was written there. */
export function isNull(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Warns about a name that is both, at the host; Ansible takes the host then. */
export function warnAmbiguous(data: InventoryData): void {
  for (const [name, host] of data.hosts) {
    const group = data.groups.get(name);
    if (!group) continue;
    const span: Span | undefined = host.span ?? group.span;
    data.warn("ambiguous-name", `'${name}' is both a host and a group; a pattern '${name}' means the host`, span);
  }
}
