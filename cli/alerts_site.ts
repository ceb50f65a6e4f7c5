/**
 * `aami alerts` on the configuration: which presets are on, what their rules come to for a node, and what would change.
 *
 * @module
 */

import { join } from "node:path";
import { differences } from "../cluster/alerts/difference.ts";
import { type EffectiveRule, effectiveRules, type EffectiveValue } from "../cluster/alerts/effective.ts";
import { siteRuleFiles } from "../cluster/alerts/site_files.ts";
import { nodeLabels } from "../cluster/config/groups.ts";
import type { Node } from "../cluster/config/schema_nodes.ts";
import { inputError, placeOf } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { addToList, removeFromList } from "../engine/support/yaml_edit.ts";
import { presetOf } from "./alerts.ts";
import { change } from "./nodes.ts";
import type { Wiring } from "./program.ts";
import { changeLines } from "./render/changes.ts";
import { type ConfigFlag, requireSite, type Site } from "./site.ts";

/**
 * `aami alerts apply-preset NAME`: adds it to `alerts.presets`.
 *
 * @throws {DiagnosticError} where there is no such preset
 */
export async function applyPreset(name: string, flags: ConfigFlag, wiring: Wiring): Promise<number> {
  const { rules } = presetOf(name);
  const site = await requireSite(flags, wiring);
  const there = site.alerts.presets.includes(name);
  if (!there) await change(site, addToList(site.source, ["alerts", "presets"], [name]), wiring);
  wiring.terminal.out(`✅ Applied preset ${name} (${rules.length} rules)`);
  wiring.terminal.talk(
    there ? `${site.path} had it already` : "It counts from the next 'aami play install-stack' on",
  );
  return 0;
}

/**
 * `aami alerts remove-preset NAME`: takes it out of `alerts.presets`.
 *
 * @throws {DiagnosticError} where it is not among them
 */
export async function removePreset(name: string, flags: ConfigFlag, wiring: Wiring): Promise<number> {
  const site = await requireSite(flags, wiring);
  const { presets } = site.alerts;
  if (!presets.includes(name)) {
    presetOf(name);
    const help = presets.length === 0 ? "no preset is" : `these are: ${presets.join(", ")}`;
    throw inputError("unknown-preset", `the preset '${name}' is not applied`, undefined, help);
  }
  await change(site, removeFromList(site.source, ["alerts", "presets"], [presets.indexOf(name)]), wiring);
  wiring.terminal.out(`✅ Removed preset ${name}`);
  return 0;
}

/** `aami alerts diff`: what differs between the rule files of a directory and those that the configuration makes. */
export async function diffRules(
  flags: ConfigFlag & { readonly directory: string },
  wiring: Wiring,
): Promise<number> {
  const site = await requireSite(flags, wiring);
  const found = differences(siteRuleFiles(site), await existingFiles(flags.directory));
  const { terminal } = wiring;
  if (found.length === 0) terminal.talk(`${flags.directory} is as the configuration makes it`);
  for (const { path, kind, before, after } of found) {
    terminal.out(`${kind} ${join(flags.directory, path)}`);
    const whole = { path: join(flags.directory, path), what: "content", before, after };
    for (const line of changeLines([whole], { diff: true, check: false, verbosity: 0 }, terminal)) terminal.out(line);
  }
  return 0;
}

async function existingFiles(directory: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const folder of ["", "generated"]) {
    try {
      for await (const { name, isFile } of Deno.readDir(join(directory, folder))) {
        if (!isFile || !name.endsWith(".yaml")) continue;
        files.set(join(folder, name), await Deno.readTextFile(join(directory, folder, name)));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        throw inputError("file-unreadable", `cannot read ${directory}: ${(error as Error).message}`);
      }
    }
  }
  return files;
}

/** The node of a name. @throws {DiagnosticError} where the configuration has none */
export function nodeOfSite({ config, path }: Site, name: string): Node {
  const node = config.nodes.find((each) => each.name === name);
  if (node) return node;
  const names = config.nodes.map((each) => each.name);
  const help = didYouMean(name, names) ?? "'aami nodes list' lists them";
  throw inputError("unknown-host", `${path} has no node '${name}'`, undefined, help);
}

/**
 * `aami alerts effective NODE`: each rule that watches it, with where its values come from.
 *
 * @throws {DiagnosticError} where there is no such node
 */
export async function effective(
  name: string,
  flags: ConfigFlag & { readonly output: "text" | "json" },
  wiring: Wiring,
): Promise<number> {
  const site = await requireSite(flags, wiring);
  const labels = nodeLabels(site.config, nodeOfSite(site, name));
  const rules = effectiveRules(site.alerts, labels);
  const { terminal } = wiring;
  if (flags.output === "json") {
    terminal.out(JSON.stringify({ node: name, labels, rules: rules.map(ruleData) }, undefined, 2));
    return 0;
  }
  terminal.out(
    `${terminal.paint("bold", name)}  ${Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(" ")}`,
  );
  for (const rule of rules) {
    const where = rule.condition ? ` where ${rule.condition.label} is ${rule.condition.is.join(" or ")}` : "";
    const off = rule.enabled ? "" : ", off";
    terminal.out(`\n${terminal.paint("bold", rule.rule.id)}  ${rule.alert}${where}${off}, ${rule.file}`);
    for (const value of rule.values) {
      if (value.name !== "enabled" || !value.value) terminal.out(`  ${valueText(value)}`);
    }
  }
  return 0;
}

function valueText({ name, value, unit, origin }: EffectiveValue): string {
  const shown = typeof value === "string" && value.startsWith("{{") ? "by the error" : value;
  const with_ = unit && unit !== "duration" ? ` ${unit}` : "";
  return `${name}: ${shown}${with_}  (${originText(origin)})`;
}

function originText({ kind, group, set }: EffectiveValue["origin"]): string {
  const place = set?.span ? `, ${placeOf(set.span)}` : "";
  if (kind === "default") return "default";
  return kind === "all" ? `all nodes${place}` : `group ${group}${place}`;
}

function ruleData({ rule, values, ...rest }: EffectiveRule): object {
  return {
    id: rule.id,
    ...rest,
    values: values.map(({ name, value, unit, origin }) => ({
      ...{ name, value, unit },
      origin: { kind: origin.kind, group: origin.group, place: origin.set?.span && placeOf(origin.set.span) },
    })),
  };
}
