/**
 * `aami config check` and `aami config show`.
 *
 * @module
 */

import { alertmanagerConfig } from "../cluster/alertmanager/configuration.ts";
import { siteRuleFiles } from "../cluster/alerts/site_files.ts";
import { nodeAt } from "../cluster/config/issues.ts";
import { schemaAt } from "../cluster/config/schema.ts";
import { type Diagnostic, diagnosticToJson, formatDiagnostic } from "../engine/support/diagnostic.ts";
import { REDACTED } from "../engine/support/redact.ts";
import { toYaml, type YamlNode } from "../engine/support/yaml.ts";
import type { Wiring } from "./program.ts";
import { type ConfigFlag, fromHome, readSite, requireSource, type Site } from "./site.ts";

/**
 * `aami config check`: checks the whole configuration, and what is made from it.
 *
 * @returns 0 where nothing is wrong
 * @throws {DiagnosticError} for all that is
 */
export async function checkConfig(
  flags: ConfigFlag & { readonly output: "text" | "json" },
  { terminal, redactor }: Wiring,
): Promise<number> {
  const { path, source } = await requireSource(flags);
  const site = { path, source, ...readSite(source, redactor) };
  const warnings = [...site.warnings, ...await missingKeys(site), ...await readableSecrets(site)];
  const { config } = site;
  const made = {
    nodes: config.nodes.length,
    groups: Object.keys(config.groups).length,
    alerts: siteRuleFiles(site).reduce((sum, { alerts }) => sum + alerts, 0),
    receivers: alertmanagerConfig(config).receivers.length,
  };
  if (flags.output === "json") {
    const diagnostics = redactor.value(warnings.map(diagnosticToJson));
    terminal.out(JSON.stringify({ path, ...made, diagnostics }, undefined, 2));
    return 0;
  }
  for (const warning of warnings) terminal.talk(formatDiagnostic(warning, terminal.paintTalk));
  const counts = Object.entries(made).map(([what, count]) =>
    count === 1 ? `1 ${what.slice(0, -1)}` : `${count} ${what}`
  );
  terminal.out(`✅ ${path}: ${counts.join(", ")}`);
  return 0;
}

/** Keys that are named and not there. */
async function missingKeys({ config, root }: Site): Promise<Diagnostic[]> {
  const keys: [string | undefined, (string | number)[]][] = [
    [config.ssh.key, ["ssh", "key"]],
    ...config.nodes.map(({ ssh_key }, index): [string | undefined, (string | number)[]] => [
      ssh_key,
      ["nodes", index, "ssh_key"],
    ]),
  ];
  const warnings: Diagnostic[] = [];
  for (const [key, place] of keys) {
    if (key === undefined || await Deno.stat(fromHome(key)).then(() => true, () => false)) continue;
    const message = `there is no key '${key}' on this machine`;
    warnings.push({ severity: "warning", code: "config", message, span: nodeAt(place, root).span });
  }
  return warnings;
}

/** A file that others may read should hold no secrets. */
async function readableSecrets({ path, source, root }: Site): Promise<Diagnostic[]> {
  const mode = (await Deno.stat(path)).mode ?? 0;
  if ((mode & 0o004) === 0) return [];
  const literal = secretsOf(root, []).find(({ span }) => !source.text.slice(span.start, span.end).includes("${"));
  if (!literal) return [];
  const message = `everybody on this machine may read ${path}, and there is a secret in it`;
  const help = `chmod 0640 ${path}, or write \${NAME} and set the environment variable`;
  return [{ severity: "warning", code: "config", message, span: literal.span, help }];
}

function secretsOf(node: YamlNode, path: readonly (string | number)[]): YamlNode[] {
  if (node.kind === "map") return node.entries.flatMap(({ key, value }) => secretsOf(value, [...path, key]));
  if (node.kind === "seq") return node.items.flatMap((item, index) => secretsOf(item, [...path, index]));
  return schemaAt(path)?.writeOnly && node.value !== null ? [node] : [];
}

/**
 * `aami config show`: the configuration with every default and without secrets.
 *
 * @throws {DiagnosticError} for what is wrong in it
 */
export async function showConfig(
  flags: ConfigFlag & { readonly output: "yaml" | "json" },
  { terminal, redactor }: Wiring,
): Promise<number> {
  const { source } = await requireSource(flags);
  const { config } = readSite(source, redactor);
  const shown = redactor.value(withoutSecrets(config, []));
  terminal.out(flags.output === "json" ? JSON.stringify(shown, undefined, 2) : toYaml(shown).trimEnd());
  return 0;
}

function withoutSecrets(value: unknown, path: readonly (string | number)[]): unknown {
  if (schemaAt(path)?.writeOnly && value !== undefined) return REDACTED;
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSecrets(each, [...path, key])]));
}
