/**
 * A real Prometheus on this machine, for tests of rules and queries: from the fleet's releases.
 *
 * @module
 */

import { run } from "./fleet/command.ts";
import { ensureImages } from "./fleet/images.ts";
import { fleetObstacle } from "./fleet/prerequisites.ts";

/** What it runs with. */
export interface PrometheusSetup {
  /** The text of prometheus.yml. `rules.yaml` in it is the file below. */
  readonly configuration: string;
  /** The text of a rule file beside it. */
  readonly rules?: string;
}

/** One that runs. */
export interface RunningPrometheus extends AsyncDisposable {
  /** Where, without a slash at the end. */
  readonly url: string;
  /** The folder of its configuration. */
  readonly folder: string;
}

/** Why there is none; undefined where one can be started. */
export async function prometheusObstacle(): Promise<string | undefined> {
  const obstacle = await fleetObstacle();
  return obstacle && (obstacle.reason ?? `needs ${obstacle.missing.join(" ")}`);
}

/** Starts one on a free port of loopback, and waits until it is ready. */
export async function startPrometheus({ configuration, rules }: PrometheusSetup): Promise<RunningPrometheus> {
  const folder = await Deno.makeTempDir({ prefix: "aami-prometheus-" });
  const { releases } = await ensureImages();
  await run([
    "sh",
    "-c",
    'tar -xzf "$1"/prometheus/prometheus/releases/download/*/prometheus-*.tar.gz -C "$2" --strip-components=1',
    "sh",
    releases,
    folder,
  ]);
  await Deno.writeTextFile(`${folder}/site.yml`, configuration);
  if (rules !== undefined) await Deno.writeTextFile(`${folder}/rules.yaml`, rules);
  const port = freePort();
  const child = new Deno.Command(`${folder}/prometheus`, {
    args: [
      `--config.file=${folder}/site.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-lifecycle",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = new Response(child.stderr).text();
  const stop = async () => {
    try {
      child.kill("SIGKILL");
    } catch { /* It has ended by itself. */ }
    await Promise.all([child.status, log]);
    await Deno.remove(folder, { recursive: true });
  };
  const url = `http://127.0.0.1:${port}`;
  let ended = false;
  child.status.then(() => ended = true);
  try {
    await until(async () => {
      if (ended) throw new Error(`Prometheus has ended:\n${await log}`);
      return await isReady(url);
    }, 30);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, folder, [Symbol.asyncDispose]: stop };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/-/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Asks again and again until the answer is yes. @throws where it never is */
export async function until(yes: () => Promise<boolean>, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!await yes()) {
    if (performance.now() > end) throw new Error(`not so within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
