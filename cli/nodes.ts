/**
 * `aami nodes`: adds, lists and removes the nodes of the configuration.
 *
 * @module
 */

import { primaryGroup } from "../cluster/config/groups.ts";
import { issueDiagnostics } from "../cluster/config/issues.ts";
import type { Config } from "../cluster/config/schema.ts";
import type { Node } from "../cluster/config/schema_nodes.ts";
import { node as nodeSchema } from "../cluster/config/schema_nodes.ts";
import { readSource } from "../engine/playbook/read_source.ts";
import { DiagnosticError, inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { entryOf, parseYaml, type PlainValue, toPlain, type YamlSeq } from "../engine/support/yaml.ts";
import { addToList, removeFromList } from "../engine/support/yaml_edit.ts";
import type { Wiring } from "./program.ts";
import { replaceFile } from "./secret/files.ts";
import { type ConfigFlag, readSite, requireSite, type Site } from "./site.ts";

/** The flags that all of `aami nodes` has. */
export interface NodesFlags extends ConfigFlag {
  /** -o. */
  readonly output: "text" | "json";
}

/** The flags of `aami nodes add`. */
export interface AddFlags extends NodesFlags {
  /** --ip. */
  readonly ip?: string;
  /** --user. */
  readonly user?: string;
  /** --key. */
  readonly key?: string;
  /** --port, as text. */
  readonly port?: string;
  /** --labels, `k=v` with commas. */
  readonly labels?: string;
  /** --groups, with commas. */
  readonly groups?: string;
  /** --file. */
  readonly file?: string;
}

/** A node as it is written: only what was given. */
type Written = { [key: string]: PlainValue };

/** The flag that gives each key of a node. */
const FLAGS: Readonly<Record<string, keyof AddFlags>> = {
  ip: "ip",
  ssh_user: "user",
  ssh_key: "key",
  ssh_port: "port",
  groups: "groups",
  labels: "labels",
};

/**
 * `aami nodes add`: adds a node of the flags, or the nodes of a file.
 *
 * @throws {DiagnosticError} for a wrong value, or a node that is there already
 */
export async function addNodes(name: string | undefined, flags: AddFlags, wiring: Wiring): Promise<number> {
  const added = flags.file === undefined ? [nodeOf(name, flags)] : await nodesOf(flags.file, name, flags);
  const site = await requireSite(flags, wiring);
  for (const { name } of added) {
    if (!site.config.nodes.some((node) => node.name === name)) continue;
    throw inputError(
      "config",
      `there is a node '${String(name)}' already`,
      undefined,
      "take it away first: aami nodes remove",
    );
  }
  await change(site, addToList(site.source, ["nodes"], added), wiring);
  told(added.map(({ name }) => String(name)), "added", added, flags, wiring);
  return 0;
}

function nodeOf(name: string | undefined, flags: AddFlags): Written {
  if (name === undefined) {
    throw inputError("usage", "a node needs a name", undefined, "aami nodes add NAME --ip ADDRESS, or --file FILE");
  }
  const port = flags.port === undefined ? undefined : /^\d+$/.test(flags.port) ? Number(flags.port) : flags.port;
  const given: Record<string, PlainValue | undefined> = {
    ...{ name, ip: flags.ip, ssh_user: flags.user, ssh_key: flags.key, ssh_port: port },
    groups: flags.groups?.split(",").map((group) => group.trim()),
    labels: flags.labels === undefined ? undefined : labelsOf(flags.labels),
  };
  const node = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Written;
  const parsed = nodeSchema.safeParse(node);
  if (parsed.success) return node;
  throw new DiagnosticError(parsed.error.issues.map(({ path: [key], message }) => {
    const flag = FLAGS[String(key)];
    const got = flag ? flags[flag] : name;
    const says = message.startsWith("expected")
      ? `${message}, got '${got}'`
      : flag === "port"
      ? `expected a port from 1 to 65535, got '${got}'`
      : message;
    return { severity: "error", code: "flag", message: `${flag ? `--${flag}` : `'${name}'`}: ${says}` } as const;
  }));
}

function labelsOf(text: string): Written {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const at = pair.indexOf("=");
      if (at > 0) return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
      throw inputError("flag", `--labels: '${pair.trim()}' is no label`, undefined, "write k=v,k2=v2");
    }),
  );
}

/** The nodes of a file: a list, or a mapping with `nodes`. */
async function nodesOf(file: string, name: string | undefined, flags: AddFlags): Promise<Written[]> {
  const other = name !== undefined ? `'${name}'` : Object.values(FLAGS).find((flag) => flags[flag] !== undefined);
  if (other !== undefined) {
    throw inputError("flag", `${other.startsWith("'") ? other : `--${other}`} and --file exclude each other`);
  }
  const source = await readSource(file);
  const root = parseYaml(source);
  const list = root?.kind === "map" ? entryOf(root, "nodes")?.value : root;
  if (list?.kind !== "seq" || list.items.length === 0) {
    const help = "write a list: - {name: gpu01, ip: 10.0.0.1}";
    throw inputError("type", "there is no list of nodes", list?.span ?? { source, start: 0, end: 1 }, help);
  }
  const findings = list.items.flatMap((item, index) => {
    const parsed = nodeSchema.safeParse(toPlain(item));
    if (parsed.success) return [];
    // As if it stood in the configuration, where the schema knows the path.
    const issues = parsed.error.issues.map((issue) => ({ ...issue, path: ["nodes", index, ...issue.path] }));
    const above = {
      kind: "map",
      span: list.span,
      entries: [{ key: "nodes", keySpan: list.span, value: list }],
    } as const;
    return issueDiagnostics(issues, above);
  });
  if (findings.length > 0) throw new DiagnosticError(findings);
  return twice(list).map((item) => item as Written);
}

/** The items of a list. @throws {DiagnosticError} where two have one name */
function twice(list: YamlSeq): PlainValue[] {
  const names = new Set<PlainValue>();
  return list.items.map((item) => {
    const plain = toPlain(item) as Written;
    if (names.has(plain.name)) throw inputError("config", `there are two nodes named '${plain.name}'`, item.span);
    names.add(plain.name);
    return plain;
  });
}

/** Writes the new text where it is a configuration as good as the old. */
export async function change({ path, source }: Site, text: string, { redactor }: Wiring): Promise<void> {
  try {
    readSite({ ...source, text }, redactor);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    // What is wrong is what was to be added: its place is in no file.
    throw new DiagnosticError(error.diagnostics.map((finding) => ({ ...finding, span: undefined })));
  }
  await replaceFile(path, text);
}

function told(
  names: readonly string[],
  what: string,
  nodes: readonly PlainValue[],
  flags: NodesFlags,
  { terminal }: Wiring,
): void {
  if (flags.output === "json") return terminal.out(JSON.stringify(nodes, undefined, 2));
  for (const name of names) terminal.out(`✅ Node ${name} ${what}`);
}

/**
 * `aami nodes remove`.
 *
 * @throws {DiagnosticError} for a name that no node has
 */
export async function removeNodes(names: readonly string[], flags: NodesFlags, wiring: Wiring): Promise<number> {
  const site = await requireSite(flags, wiring);
  const known = site.config.nodes.map(({ name }) => name);
  const indexes = [...new Set(names)].map((name) => {
    const index = known.indexOf(name);
    if (index >= 0) return index;
    throw inputError(
      "unknown-host",
      `there is no node '${name}'`,
      undefined,
      didYouMean(name, known) ?? "'aami nodes list' lists them",
    );
  });
  await change(site, removeFromList(site.source, ["nodes"], indexes), wiring);
  told([...new Set(names)], "removed", names as string[], flags, wiring);
  return 0;
}

/** `aami nodes list`: a table, or the nodes as data. */
export async function listNodes(flags: NodesFlags, wiring: Wiring): Promise<number> {
  const { config } = await requireSite(flags, wiring);
  if (flags.output === "json") wiring.terminal.out(JSON.stringify(config.nodes, undefined, 2));
  else if (config.nodes.length === 0) wiring.terminal.talk("There is no node yet: aami nodes add NAME --ip ADDRESS");
  else wiring.terminal.out(table(config));
  return 0;
}

function table(config: Config): string {
  const rows = [["NAME", "IP", "USER", "GROUP", "LABELS"], ...config.nodes.map((node) => row(config, node))];
  const widths = rows[0].map((_cell, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

function row(config: Config, node: Node): string[] {
  const labels = Object.entries(node.labels).map(([name, value]) => `${name}=${value}`).join(",");
  return [
    node.name,
    node.ip ?? "-",
    node.ssh_user ?? config.ssh.user ?? "-",
    primaryGroup(config, node) ?? "-",
    labels,
  ];
}
