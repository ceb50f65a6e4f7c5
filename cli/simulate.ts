/**
 * `aami simulate`: a fake GPU cluster for tests, and for people who try aami without GPUs.
 *
 * @module
 */

import { FakeCluster, type Fault } from "../cluster/simulate/cluster.ts";
import { parseFault } from "../cluster/simulate/faults.ts";
import { FAKE_EXPORTERS, type FakeExporter } from "../cluster/simulate/models.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import { didYouMean } from "../engine/support/suggest.ts";
import { serveSimulation } from "./simulate_server.ts";
import type { Terminal } from "./terminal.ts";
import { wholeNumber } from "./usage.ts";

/** The flags, as they are written. */
export interface SimulateFlags {
  /** How many nodes. */
  readonly nodes: string;
  /** GPUs a node. */
  readonly gpus: string;
  /** The nodes' exporters, in turn. */
  readonly exporter: readonly string[];
  /** What the values come from. */
  readonly seed: string;
  /** The address. */
  readonly listen: string;
  /** The first port. */
  readonly port: string;
  /** Faults by script. */
  readonly fault: readonly string[];
}

/**
 * Serves until it is interrupted.
 *
 * @throws {DiagnosticError} for flags that are wrong and ports that cannot be had
 */
export async function simulate(flags: SimulateFlags, terminal: Terminal): Promise<number> {
  const nodes = wholeNumber("--nodes", flags.nodes, 1, 1000);
  const gpus = wholeNumber("--gpus", flags.gpus, 1, 64);
  const cluster = new FakeCluster({
    ...{ nodes, gpus, seed: wholeNumber("--seed", flags.seed, 0) },
    exporters: exportersOf(flags.exporter),
    start: Math.floor(Date.now() / 1000),
  });
  for (const fault of flags.fault) cluster.addFault(parseFault(fault, "--fault"), "--fault");
  const port = wholeNumber("--port", flags.port, 0, 65535 - nodes);
  const onFault = ({ id, spec, state }: Fault, second: number) => {
    const what = state === "active" ? "begins" : "is over";
    terminal.talk(`${second} s: fake fault ${id} ${what}: ${spec.text}`);
  };
  const ended = interrupted();
  await using simulation = await serveSimulation(cluster, { hostname: flags.listen, port, onFault });
  const { url } = simulation;
  terminal.talk(`A fake cluster: ${nodes} fake nodes with ${gpus} fake GPUs each. Nothing of it is real.`);
  terminal.talk(`Try it: curl -s ${url}/prometheus.yml > fake.yml && prometheus --config.file=fake.yml`);
  terminal.talk(`A fault: curl -d xid79:fake1/gpu0 ${url}/fault`);
  terminal.out(url);
  await ended;
  return 0;
}

function exportersOf(names: readonly string[]): readonly FakeExporter[] {
  const unknown = names.find((name) => !FAKE_EXPORTERS.includes(name as FakeExporter));
  if (unknown !== undefined) {
    const help = didYouMean(unknown, FAKE_EXPORTERS) ?? `there are ${FAKE_EXPORTERS.join(", ")}`;
    throw inputError("flag", `--exporter: there is no '${unknown}' to fake`, undefined, help);
  }
  return names.length === 0 ? ["dcgm"] : names as FakeExporter[];
}

/** Settles when somebody ends the program. */
function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSignal = () => {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
    resolve();
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  return promise;
}
