/**
 * The HTTP side of `aami simulate`: a port for each fake node, as exporters have, and one to control them.
 *
 * @module
 */

import type { FakeCluster, FakeNode, Fault } from "../cluster/simulate/cluster.ts";
import { parseFault } from "../cluster/simulate/faults.ts";
import { isNvidia } from "../cluster/simulate/models.ts";
import { DiagnosticError, inputError } from "../engine/support/diagnostic.ts";

/** Where to listen, and who is told. */
export interface ServeOptions {
  /** The address. */
  readonly hostname: string;
  /** The port to control it; the nodes have the next ones. 0 takes ports that are free. */
  readonly port: number;
  /** Told when a fault begins or ends. */
  readonly onFault: (fault: Fault, second: number) => void;
}

/** A simulation that runs. */
export interface Simulation extends AsyncDisposable {
  /** Where it is controlled, e.g. `http://127.0.0.1:9500`. */
  readonly url: string;
}

/** One entry of Prometheus' HTTP discovery. */
interface Target {
  readonly targets: readonly [string];
  readonly labels: Readonly<Record<string, string>>;
}

/** The jobs that the alert rules and the dashboards know. */
const JOBS = ["node", "dcgm", "rocm", "slurm"] as const;

/**
 * Serves a fake cluster, second by second as the clock goes.
 *
 * @throws {DiagnosticError} where a port cannot be had
 */
export async function serveSimulation(cluster: FakeCluster, options: ServeOptions): Promise<Simulation> {
  const start = performance.now();
  const known = new Map<Fault, Fault["state"]>();
  const goOn = () => {
    cluster.advance(Math.floor((performance.now() - start) / 1000));
    for (const fault of cluster.faults) {
      const changed = fault.state !== (known.get(fault) ?? "planned");
      known.set(fault, fault.state);
      if (changed) options.onFault(fault, cluster.second);
    }
  };
  const servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.shutdown()));
  };
  const ports = new Map<FakeNode, number>();
  try {
    const serve = (port: number, answer: (request: Request) => Response | Promise<Response>) => {
      const server = listen(options.hostname, port, async (request) => {
        goOn();
        const response = await answer(request);
        goOn();
        return response;
      });
      servers.push(server);
      return server.addr.port;
    };
    const port = serve(options.port, (request) => control(request, cluster, ports));
    for (const [index, node] of cluster.nodes.entries()) {
      const own = options.port === 0 ? 0 : options.port + 1 + index;
      ports.set(node, serve(own, (request) => exporter(request, cluster, node)));
    }
    const timer = setInterval(goOn, 1000);
    goOn();
    return {
      url: `http://${authority(options.hostname, port)}`,
      [Symbol.asyncDispose]: () => {
        clearInterval(timer);
        return close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(hostname: string, port: number, handler: Deno.ServeHandler): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen() {} }, handler);
  } catch (error) {
    const place = authority(hostname, port);
    if (!(error instanceof Deno.errors.AddrInUse) && !(error instanceof Deno.errors.AddrNotAvailable)) throw error;
    throw error instanceof Deno.errors.AddrInUse
      ? inputError("usage", `something else listens on ${place}`, undefined, "take others with --port")
      : inputError("usage", `this machine has no address ${hostname}`, undefined, "'ip address' shows what it has");
  }
}

function authority(hostname: string, port: number): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

const text = (body: string, status = 200) => new Response(body, { status, headers: { "content-type": "text/plain" } });
const metrics = (body: string) => new Response(body, { headers: { "content-type": "text/plain; version=0.0.4" } });

/** What a node answers. A lost one refuses all. */
function exporter(request: Request, cluster: FakeCluster, node: FakeNode): Response {
  const { pathname } = new URL(request.url);
  if (!node.answers) return text(`the fake ${node.name} is lost (aami simulate)\n`, 503);
  if (pathname === "/metrics") return metrics(cluster.gpuMetrics(node));
  if (pathname === "/node/metrics") return metrics(cluster.hostMetrics(node));
  return text(`a fake node of aami simulate: /metrics (fake GPUs), /node/metrics (fake node exporter)\n`, 404);
}

async function control(
  request: Request,
  cluster: FakeCluster,
  ports: ReadonlyMap<FakeNode, number>,
): Promise<Response> {
  const url = new URL(request.url);
  const [, first, second, more] = url.pathname.split("/");
  const at = more === undefined ? `${request.method} ${first}${second === undefined ? "" : "/…"}` : "";
  if (at === "GET ") return text(indexPage(url.origin));
  if (at === "GET prometheus.yml") return text(prometheusConfiguration(url.origin));
  if (at === "GET slurm/…" && second === "metrics") return metrics(cluster.slurmMetrics());
  if (at === "GET targets/…") return Response.json(targetsOf(second, url, cluster, ports));
  if (at === "GET fault") return Response.json(cluster.faults.map((fault) => told(fault)));
  if (at === "POST fault") return addFault((await request.text()).trim(), cluster);
  if (at === "DELETE fault/…") {
    const fault = cluster.endFault(Number(second));
    return fault ? Response.json(told(fault)) : text(`there is no fault ${second}\n`, 404);
  }
  return text(`there is no ${request.method} ${url.pathname}\n${indexPage(url.origin)}`, 404);
}

function addFault(spec: string, cluster: FakeCluster): Response {
  try {
    const asked = parseFault(spec, "fault");
    // Over HTTP a start counts from now.
    const at = asked.at === undefined ? undefined : cluster.second + asked.at;
    return Response.json(told(cluster.addFault({ ...asked, at }, "fault")), { status: 201 });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return text(`${error.message}\n`, 400);
  }
}

function told({ id, spec, state, from, until }: Fault): object {
  return { id, fault: spec.text, state, from, until: until === Infinity ? null : until };
}

/** The targets of a job, with the label that says they are fake. */
function targetsOf(job: string, url: URL, cluster: FakeCluster, ports: ReadonlyMap<FakeNode, number>): Target[] {
  const fake = { fake: "true" };
  const exporterOf = (node: FakeNode) => isNvidia(node.exporter) ? "dcgm" : "rocm";
  if (job === "slurm") return [{ targets: [url.host], labels: { ...fake, __metrics_path__: "/slurm/metrics" } }];
  return cluster.nodes.filter((node) => job === "node" || exporterOf(node) === job).map((node) => ({
    targets: [`${url.hostname}:${ports.get(node)}`] as const,
    labels: {
      ...{ node: node.name, group: "gpu", ...fake },
      ...(job === "node" ? { __metrics_path__: "/node/metrics" } : {}),
    },
  }));
}

function prometheusConfiguration(origin: string): string {
  const jobs = JOBS.map((job) =>
    `  - job_name: ${job}\n    http_sd_configs:\n      - url: ${origin}/targets/${job}\n        refresh_interval: 15s\n`
  );
  const head = "# For Prometheus, to scrape the fake cluster of aami simulate.\n";
  const rules = "rule_files: [rules*.yaml] # e.g. aami alerts show gpu-production -o yaml > rules.yaml\n";
  return `${head}global:\n  scrape_interval: 5s\n  evaluation_interval: 5s\n${rules}scrape_configs:\n${jobs.join("")}`;
}

function indexPage(origin: string): string {
  return `A fake GPU cluster, by aami simulate. Nothing here is real.

GET    ${origin}/prometheus.yml     a configuration of Prometheus that scrapes it
GET    ${origin}/targets/JOB        the targets of ${JOBS.join(", ")}, for http_sd_configs
GET    ${origin}/slurm/metrics      the fake Slurm
POST   ${origin}/fault              a fault: KIND[@START][+DURATION]:NODE[/gpuN]
GET    ${origin}/fault              all faults
DELETE ${origin}/fault/ID           ends one
`;
}
