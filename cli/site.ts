/**
 * The configuration of the site: where it lies, and what it says.
 *
 * @module
 */

import { join } from "node:path";
import { type ReadConfig, readConfig } from "../cluster/config/read.ts";
import { readSource } from "../engine/playbook/read_source.ts";
import { inputError, placeOf, type SourceText } from "../engine/support/diagnostic.ts";
import type { Redactor } from "../engine/support/redact.ts";
import type { Wiring } from "./program.ts";

/** The flag of every command that the configuration counts for. */
export interface ConfigFlag {
  /** --config, a path. */
  readonly config?: string;
}

/** Where it lies without being named, in the order that is looked. */
export const USUAL_CONFIGS = ["aami.yaml", "/etc/aami/config.yaml"] as const;

/** Its path: what --config or AAMI_CONFIG names, else the first of the usual places; undefined where there is none. */
export async function configPath({ config }: ConfigFlag): Promise<string | undefined> {
  const named = config ?? (Deno.env.get("AAMI_CONFIG") || undefined);
  if (named !== undefined) return named;
  for (const path of USUAL_CONFIGS) if (await isFile(path)) return path;
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}

/** A configuration with its path. */
export interface Site extends ReadConfig {
  /** Its path as it was named or found. */
  readonly path: string;
  /** The text as it was read. */
  readonly source: SourceText;
}

/**
 * Reads the configuration.
 *
 * @throws {DiagnosticError} where there is none, or for what is wrong in it
 */
export async function requireSite(flags: ConfigFlag, { redactor }: Pick<Wiring, "redactor">): Promise<Site> {
  const { path, source } = await requireSource(flags);
  return { path, source, ...readSite(source, redactor) };
}

/**
 * The text of the configuration.
 *
 * @throws {DiagnosticError} where there is none
 */
export async function requireSource(flags: ConfigFlag): Promise<{ path: string; source: SourceText }> {
  const path = await configPath(flags);
  if (path !== undefined && await isFile(path)) return { path, source: await readSource(path) };
  const named = flags.config !== undefined ? "--config" : "AAMI_CONFIG";
  const message = path === undefined ? "there is no configuration" : `${named}: there is no file '${path}'`;
  const help = path === undefined
    ? `write ./aami.yaml or /etc/aami/config.yaml, or name one with --config; it begins with cluster: {name: …}`
    : undefined;
  throw inputError("no-config", message, undefined, help);
}

/** Reads a text; its secrets are in nothing that is said from then on. */
export function readSite(source: SourceText, redactor: Redactor): ReadConfig {
  return readConfig(source, {
    environment: (name) => Deno.env.get(name),
    learn: (secret, span) => redactor.add(secret, placeOf(span)),
  });
}

/** A path of the configuration with `~` as the home directory. */
export function fromHome(path: string): string {
  const home = Deno.env.get("HOME");
  return home && path.startsWith("~/") ? join(home, path.slice(2)) : path;
}
