/**
 * `aami simulate` as a process of its own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** A fake cluster that runs. */
export class FakeClusterProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, readonly url: string, readonly talk: Promise<string>) {
    this.#process = process;
  }

  /** Starts it on an address, on ports that are free. */
  static async start(address: string, ...args: string[]): Promise<FakeClusterProcess> {
    const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
    const own = ["simulate", "--listen", address, "--port", "0", ...args];
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", root("deno.json"), root("main.ts"), ...own],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const talk = new Response(process.stderr).text();
    let said = "";
    // Its only line of data is its address.
    for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
      said += part;
      if (said.includes("\n")) return new FakeClusterProcess(process, said.trim(), talk);
    }
    throw new Error(`aami simulate ended: ${await talk}`);
  }

  /** The targets of a job, as Prometheus' discovery reads them. */
  async targets(job: string): Promise<unknown[]> {
    return await (await fetch(`${this.url}/targets/${job}`)).json();
  }

  /** A fault begins; its number. */
  async begin(fault: string): Promise<number> {
    const response = await fetch(`${this.url}/fault`, { method: "POST", body: fault });
    if (response.status !== 201) throw new Error(await response.text());
    return (await response.json()).id;
  }

  /** A fault ends. */
  async end(id: number): Promise<void> {
    const response = await fetch(`${this.url}/fault/${id}`, { method: "DELETE" });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`fault ${id}: ${response.status}`);
  }

  /** Interrupts it, as a person would. */
  async stop(): Promise<{ readonly code: number; readonly talk: string }> {
    this.#process.kill("SIGINT");
    return { code: (await this.#process.status).code, talk: await this.talk };
  }

  /** Ends it where it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
    await this.talk;
  }
}
