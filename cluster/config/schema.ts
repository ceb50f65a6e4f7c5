/**
 * The configuration of a site: the schema that reading, the reference and editors share.
 *
 * @module
 */

import { z } from "../../engine/support/zod.ts";
import { PRESETS } from "../alerts/presets.ts";
import { checks, health } from "./schema_checks.ts";
import { cluster, groups, nodes, ssh } from "./schema_nodes.ts";
import { customAlert, notifications } from "./schema_notifications.ts";
import { absolutePath, duration, filled, httpUrl, labels, port, secret } from "./values.ts";

const install = z.strictObject({
  from: z.enum(["auto", "distro", "release"]).optional().describe(
    "Where programs come from: what is there already, else releases, else packages (`auto`); packages; releases.",
  ),
  mirror: httpUrl().optional().describe("Serves the releases instead of github.com."),
  components: z.array(z.enum(["node_exporter", "prometheus", "alertmanager", "grafana"])).optional().describe(
    "What is installed; all of it without a list.",
  ),
}).describe("How the stack is installed.");

const alerts = z.strictObject({
  presets: z.unknown().optional().meta({
    type: "array",
    items: { type: "string", enum: PRESETS.map(({ name }) => name) },
  }).describe("The presets that are on: `aami alerts list-presets` shows them."),
  rules: z.unknown().optional().meta({ type: "object" }).describe(
    "Values of alert rules for all nodes, by rule: see [alerts](alerts.md#groups).",
  ),
  custom: z.array(customAlert).default([]).describe("Alerts of your own."),
}).describe("The alert rules. With a preset on, these rules are in place of those that install-stack brings.");

const prometheus = z.strictObject({
  address: z.string().optional().describe("The address it listens on; all without one."),
  port: port().optional().describe("Its port; 9090 without one."),
  retention: duration().optional().describe("How long metrics are kept; 15d without it."),
  storage_path: absolutePath().optional().describe("Where they are kept; /var/lib/aami/prometheus without it."),
  scrape_interval: duration().optional().describe("How often nodes are asked; 15s without it."),
  evaluation_interval: duration().optional().describe("How often rules are looked at; 15s without it."),
  external_labels: labels({ cluster: "it is 'cluster.name'" }).optional().describe(
    "More labels of everything that leaves this Prometheus.",
  ),
  external_url: httpUrl().optional().describe("How people reach it through a proxy."),
}).describe("Prometheus.");

const alertmanager = z.strictObject({
  address: z.string().optional().describe("The address it listens on; all without one."),
  port: port().optional().describe("Its port; 9093 without one."),
  storage_path: absolutePath().optional().describe("Where silences are kept; /var/lib/aami/alertmanager without it."),
  url: httpUrl().optional().describe(
    "Where `aami alerts` reaches it; without it the monitoring host's address and port.",
  ),
}).describe("Alertmanager.");

const grafana = z.strictObject({
  url: httpUrl().optional().describe("The archive to install; without it the package is taken where there is one."),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits").optional().describe("Its digest."),
  address: z.string().optional().describe("The address it listens on; all without one."),
  port: port().optional().describe("Its port; 3000 without one."),
  admin_password: secret(filled()).optional().describe("The password of its first start; one is made up without it."),
}).describe("Grafana.");

const slurm = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether Slurm is used."),
  endpoint: httpUrl().optional().describe("slurmrestd; without it Slurm's own commands are used."),
  pre_job_check: z.boolean().default(false).describe("Whether GPUs are checked before a job starts."),
  post_job_check: z.boolean().default(false).describe("Whether GPUs are checked after a job ends."),
  auto_drain: z.boolean().default(false).describe("Whether a node whose GPU fails is drained."),
}).describe("Slurm.");

const shard = z.strictObject({
  name: filled().describe("The shard's name."),
  host: filled().describe("The node that its Prometheus runs on."),
  nodes: z.array(filled()).min(1, "expected at least one node").describe("Names of nodes and groups."),
  port: port().optional().describe("Its port; without one 9091 and on."),
});

const federation = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether the cluster is split."),
  shards: z.array(shard).default([]).describe("The Prometheus servers that scrape a part of the nodes each."),
}).describe("Several Prometheus servers, for clusters from 500 nodes on.");

const schema = z.strictObject({
  cluster,
  nodes: nodes,
  ssh: ssh.prefault({}),
  groups,
  alerts: alerts.prefault({}),
  notifications: notifications.prefault({}),
  checks,
  health,
  install: install.prefault({}),
  prometheus: prometheus.prefault({}),
  alertmanager: alertmanager.prefault({}),
  grafana: grafana.prefault({}),
  slurm: slurm.optional(),
  federation: federation.optional(),
});

/** A configuration with every default filled in. */
export type Config = z.output<typeof schema>;
/** The whole file. */
export const configSchema: z.ZodType<Config> = schema;

/** A JSON Schema, or a part of one. */
export interface JsonSchema {
  /** The keys of a mapping. */
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** What the other keys hold. */
  readonly additionalProperties?: JsonSchema | boolean;
  /** What a list holds. */
  readonly items?: JsonSchema;
  /** The keys that must be there. */
  readonly required?: readonly string[];
  /** One line on what it is. */
  readonly description?: string;
  /** What counts where it is left out. */
  readonly default?: unknown;
  /** Nobody else may see it. */
  readonly writeOnly?: boolean;
  /** `${NAME}` in it is not ours to read. */
  readonly raw?: boolean;
  /** `string`, `integer`, … */
  readonly type?: string | readonly string[];
  /** One of these. */
  readonly enum?: readonly unknown[];
  /** Any of these. */
  readonly anyOf?: readonly JsonSchema[];
}

let json: JsonSchema | undefined;

/** The schema of the file as JSON Schema, draft 7. */
export function configJsonSchema(): JsonSchema {
  return json ??= z.toJSONSchema(configSchema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema;
}

/** The same for editors: what may be left out may be empty too. */
export function editorSchema(): JsonSchema {
  return withNothing(configJsonSchema());
}

function withNothing(schema: JsonSchema): JsonSchema {
  const { raw: _ours, ...rest } = schema;
  const { properties, additionalProperties, items, required = [] } = rest;
  const part = (name: string, each: JsonSchema) =>
    required.includes(name) ? withNothing(each) : orNothing(withNothing(each));
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, part(name, each)])),
    }),
    ...(typeof additionalProperties === "object" &&
      { additionalProperties: orNothing(withNothing(additionalProperties)) }),
    ...(items && { items: withNothing(items) }),
  };
}

function orNothing(schema: JsonSchema): JsonSchema {
  const { type, enum: words } = schema;
  return {
    ...schema,
    ...(type === undefined ? {} : { type: [...(Array.isArray(type) ? type : [type]), "null"] }),
    ...(words && { enum: [...words, null] }),
  };
}

/** The schema of what stands at a path; undefined where the file has nothing there. */
export function schemaAt(path: readonly PropertyKey[]): JsonSchema | undefined {
  let at: JsonSchema | undefined = configJsonSchema();
  for (const part of path) {
    const more: JsonSchema | boolean | undefined = at?.additionalProperties;
    at = typeof part === "number"
      ? at?.items
      : at?.properties?.[String(part)] ?? (typeof more === "object" ? more : undefined);
  }
  return at;
}
