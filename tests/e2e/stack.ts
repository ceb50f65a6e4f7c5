/**
 * What the tests of install-stack share: aami as a process of its own, a cluster of real hosts, Prometheus' own word.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert";
import type { Event, HostCounts, TaskEvent } from "../../engine/run/event.ts";
import { waitUntil } from "../fleet/command.ts";
import { Fleet } from "../fleet/fleet.ts";
import type { Host } from "../fleet/host.ts";
import { aami, events } from "./aami.ts";

/** What a run of aami came to. */
export interface Ran {
  readonly code: number;
  readonly events: readonly Event[];
  readonly stderr: string;
  /** Milliseconds. */
  readonly took: number;
}

/** Runs a playbook with `-o jsonl`. */
async function play(...args: string[]): Promise<Ran> {
  const start = performance.now();
  const { code, stdout, stderr } = await aami(["play", ...args, "-o", "jsonl"]);
  return { code, events: events(stdout), stderr, took: performance.now() - start };
}

/** The task events. */
export function tasksOf(ran: Ran): TaskEvent[] {
  return ran.events.filter((event) => event.type === "task");
}

/** The recap's counts by host. */
export function recapOf(ran: Ran): Readonly<Record<string, HostCounts>> {
  const recap = ran.events.find((event) => event.type === "recap");
  ok(recap, `there is no recap: ${ran.stderr}`);
  return recap.hosts;
}

/** Fails unless the run was fine, with the tasks that were not. */
export function expectFine(ran: Ran): void {
  const failures = tasksOf(ran).filter(({ status }) => status === "failed" || status === "unreachable")
    .map(({ host, name, result }) => `${host}: ${name}: ${result.msg}`);
  deepStrictEqual(failures, []);
  strictEqual(ran.code, 0, ran.stderr);
}

/** Fails unless nothing changed on any host, and in check mode nothing was unknown. */
export function expectNoChange(ran: Ran): void {
  expectFine(ran);
  for (const [host, { changed, unknown }] of Object.entries(recapOf(ran))) {
    const which = tasksOf(ran).filter((task) => task.host === host && !["ok", "skipped"].includes(task.status));
    deepStrictEqual({ host, changed, unknown, which: which.map(({ name }) => name) }, {
      host,
      changed: 0,
      unknown: 0,
      which: [],
    });
  }
}

/** What a task came to on a host, by `host id`; handlers, which have ids of their own, included. */
function statuses(ran: Ran): Map<string, TaskEvent> {
  return new Map(tasksOf(ran).map((task) => [`${task.host} ${task.id}`, task]));
}

/**
 * Lays a check beside the run that followed: what it called ok is ok, what it called changed or predicted changes, what
 * it skipped is skipped; only the rest may be unknown.
 *
 * @returns how often check and apply met, as `CHECK → APPLY`
 */
export function expectParity(check: Ran, apply: Ran): Record<string, number> {
  const applied = statuses(apply);
  const counts: Record<string, number> = {};
  const broken: string[] = [];
  for (const [key, { status, name }] of statuses(check)) {
    const was = applied.get(key)?.status ?? "not run";
    const pair = `${status} → ${was}`;
    counts[pair] = (counts[pair] ?? 0) + 1;
    const expected = status === "predicted" ? "changed" : status;
    if (status !== "unknown" && was !== expected) broken.push(`${key} ${name}: ${pair}`);
  }
  deepStrictEqual(broken, []);
  const unforeseen = [...applied].filter(([key, task]) => task.status === "changed" && !statuses(check).has(key));
  deepStrictEqual(unforeseen.map(([key, { name }]) => `${key} ${name}`), []);
  return counts;
}

/** A cluster: node1 is the monitoring host, the others are of the group gpu. */
export interface Cluster extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly monitor: Host;
  readonly nodes: readonly Host[];
  /** Runs a playbook on it. */
  play(playbook: string, ...args: string[]): Promise<Ran>;
}

/** Boots a cluster whose inventory has the given variables. */
export async function bootCluster(hosts: number, variables: (fleet: Fleet) => unknown): Promise<Cluster> {
  const fleet = await Fleet.up({ hosts });
  const [monitor, ...nodes] = fleet.hosts;
  const entries = (list: readonly Host[]) =>
    Object.fromEntries(list.map((host) => [host.name, { ansible_host: host.address }]));
  const inventory = {
    all: {
      vars: { ansible_user: "root", ansible_ssh_private_key_file: fleet.privateKey, ...variables(fleet) as object },
      children: { monitoring: { hosts: entries([monitor]) }, gpu: { hosts: entries(nodes) } },
    },
  };
  const file = `${fleet.folder}/stack.yml`;
  await Deno.writeTextFile(file, JSON.stringify(inventory));
  return {
    fleet,
    monitor,
    nodes,
    play: (playbook, ...args) => play(playbook, "-i", file, "--host-key-checking", "off", ...args),
    [Symbol.asyncDispose]: () => fleet.down(),
  };
}

/** Asks an HTTP API for JSON. */
export async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return await response.json();
}

/** `job node` of each target, and whether it is up, as Prometheus has it now. */
export async function targets(monitor: Host): Promise<string[]> {
  interface Answer {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  }
  const { data } = await ask<Answer>(`http://${monitor.address}:9090/api/v1/query?query=up`);
  return data.result.map(({ metric, value }) => `${metric.job} ${metric.node} ${metric.group ?? "-"} ${value[1]}`)
    .sort();
}

/** What `targets` says when all is well. */
export function allUp({ monitor, nodes }: Cluster): string[] {
  return [
    ...nodes.map(({ name }) => `node ${name} gpu 1`),
    `node ${monitor.name} monitoring 1`,
    `prometheus ${monitor.name} - 1`,
    `alertmanager ${monitor.name} - 1`,
  ].sort();
}

/** Waits until every target is up. */
export async function untilAllUp(cluster: Cluster): Promise<void> {
  const expected = JSON.stringify(allUp(cluster));
  await waitUntil(
    "every target is up",
    async () => {
      const found = await targets(cluster.monitor).catch(() => []);
      return JSON.stringify(found) === expected;
    },
    60_000,
    250,
  );
}

/** One alert that a webhook was sent. */
export interface SentAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A receiver of Alertmanager's webhooks. */
export class Webhook implements AsyncDisposable {
  readonly received: SentAlert[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly url: string;

  constructor(hostname: string) {
    this.#server = Deno.serve({ hostname, port: 0, onListen() {} }, async (request) => {
      const { alerts } = await request.json() as { alerts: SentAlert[] };
      this.received.push(...alerts);
      return new Response();
    });
    this.url = `http://${hostname}:${this.#server.addr.port}/`;
  }

  /** Waits for an alert on a node. */
  async until(status: SentAlert["status"], alertname: string, node: string): Promise<SentAlert> {
    return await waitUntil(
      `${alertname} of ${node} is ${status}`,
      () => {
        const found = this.received.find((alert) =>
          alert.status === status && alert.labels.alertname === alertname && alert.labels.node === node
        );
        return Promise.resolve(found);
      },
      60_000,
      100,
    );
  }

  /** Ends the receiver. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
