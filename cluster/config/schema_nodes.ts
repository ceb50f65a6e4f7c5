/**
 * The part of the configuration about the cluster, its nodes, their groups, and how they are reached.
 *
 * @module
 */

import { isIP } from "node:net";
import { z } from "../../engine/support/zod.ts";
import { channelChanges } from "./schema_notifications.ts";
import { filled, labels, port } from "./values.ts";

/** What a node and a group may be called. */
const name = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
  "expected a name of letters, digits, '.', '_' and '-'",
);

const NODE_LABELS = {
  node: "it is the node's name",
  group: "give the group in 'groups'",
  groups: "give them in the node's 'groups'",
  instance: "it is the target's address",
  job: "it is what is scraped",
};

const nodeSchema = z.strictObject({
  name: name.refine((value) => value !== "all", "no node can be named 'all', which means all of them")
    .describe("The node's name: its label `node`, and what playbooks call it."),
  ip: z.string().refine((value) => isIP(value) !== 0, "expected an IP address").optional()
    .describe("Its address; without one its name is looked up."),
  ssh_user: filled().optional().describe("Who logs in, instead of `ssh.user`."),
  ssh_key: filled().optional().describe("The private key on this machine, instead of `ssh.key`; `~` is your home."),
  ssh_port: port().optional().describe("The port of its sshd, instead of `ssh.port`."),
  groups: z.array(name).default([]).describe(
    "The groups that it is in. The deepest of them is its label `group`; the others are its label `groups`.",
  ),
  labels: labels(NODE_LABELS).default({}).describe("Labels of all its metrics and alerts: rack, zone, team, gpu_type…"),
});

/** One node. */
export type Node = z.output<typeof nodeSchema>;
/** One node. */
export const node: z.ZodType<Node> = nodeSchema;

const nodesSchema = z.array(node).default([]).describe("The machines that are watched.");

/** All nodes. */
export type Nodes = z.output<typeof nodesSchema>;
/** `nodes`. */
export const nodes: z.ZodType<Nodes> = nodesSchema;

const clusterSchema = z.strictObject({
  name: name.describe("The label `cluster` of everything that leaves this Prometheus."),
}).describe("What the whole is called.");

/** What the whole is called. */
export type Cluster = z.output<typeof clusterSchema>;
/** `cluster`. */
export const cluster: z.ZodType<Cluster> = clusterSchema;

const groupsSchema = z.record(
  // The reader of alerts tells what is wrong with a name.
  z.string(),
  z.strictObject({
    parent: filled().optional().describe("The group whose values and notifications it takes over."),
    labels: labels(NODE_LABELS).default({}).describe("Labels that its nodes get; a node's own go before."),
    alerts: z.unknown().optional().meta({ type: "object" }).describe(
      "Values of alert rules for its nodes, by rule: see [alerts](alerts.md#groups).",
    ),
    notify: channelChanges.optional().describe("Who is told of alerts of its nodes, where that differs."),
  }),
).default({}).describe(
  "Groups of nodes by name, each with what differs from its parent. The group `monitoring` is where Prometheus, " +
    "Alertmanager and Grafana run; without a node in it that is this machine.",
);

/** Groups by name. */
export type Groups = z.output<typeof groupsSchema>;
/** `groups`. */
export const groups: z.ZodType<Groups> = groupsSchema;

const sshSchema = z.strictObject({
  user: filled().optional().describe("Who logs in; without it the name that ssh's own configuration gives."),
  key: filled().optional().describe(
    "The private key on this machine; without it ssh's agent and usual keys are tried.",
  ),
  port: port().optional().describe("The port of sshd; without it 22, or what ssh's own configuration gives."),
  max_parallel: z.int().min(1).default(50).describe("How many nodes are worked on at the same time; `-f` goes before."),
  connect_timeout: z.int().min(1).default(10).describe("Seconds for a connection to come up; `-T` goes before."),
  command_timeout: z.int().min(1).default(300).describe(
    "Seconds for a command to end; `--command-timeout` goes before.",
  ),
}).describe("How nodes are reached.");

/** How nodes are reached; times are seconds. */
export type Ssh = z.output<typeof sshSchema>;
/** `ssh`. */
export const ssh: z.ZodType<Ssh> = sshSchema;
