/**
 * A controller that is killed at any moment, and the run that goes on: in the end all is as if nothing had happened.
 *
 * `AAMI_KILLS` says at how many moments (50 with `deno task test:full`, else 6), `AAMI_SEED` which ones.
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { waitUntil } from "../fleet/command.ts";
import { type Sshd, sshdPath, startSshd } from "../unit/transport/sshd.ts";
import { aami, aamiCommand, type Run, temporaryFolder } from "./aami.ts";

const SITE = fileURLToPath(new URL("resume/", import.meta.url));
const KILLS = Number(Deno.env.get("AAMI_KILLS") ?? (Deno.env.get("AAMI_CONFORMANCE") === "full" ? 50 : 6));
const SEED = Number(Deno.env.get("AAMI_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

/** Numbers from 0 to 1, the same ones for a seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Four hosts in folders of one place: two by ssh where there is a server, the others local. */
class Place {
  constructor(readonly folder: string, readonly sshd: Sshd | undefined) {}

  async make(): Promise<void> {
    for (const host of ["h1", "h2", "h3", "h4"]) await Deno.mkdir(`${this.folder}/root/${host}`, { recursive: true });
    const remote = this.sshd && `ansible_host=127.0.0.1 ansible_port=${this.sshd.port} ansible_user=root ` +
        `ansible_ssh_private_key_file=${this.sshd.keyPath}`;
    const local = "ansible_connection=local";
    const lines = [`h1 ${remote ?? local}`, `h2 ${remote ?? local}`, `h3 ${local}`, `h4 ${local}`];
    await Deno.mkdir(`${this.folder}/state/aami/runs`, { recursive: true });
    await Deno.writeFile(`${this.folder}/large.bin`, new Uint8Array(3_000_000).fill(65));
    await Deno.writeTextFile(`${this.folder}/hosts.ini`, `[nodes]\n${lines.join("\n")}\n`);
  }

  get arguments(): string[] {
    const flags = ["-e", `root=${this.folder}/root`, "--host-key-checking", "off"];
    return ["play", `${SITE}site.yml`, "-i", "hosts.ini", ...flags];
  }

  get options() {
    return { cwd: this.folder, env: { XDG_STATE_HOME: `${this.folder}/state` } };
  }

  play(...flags: string[]): Promise<Run> {
    return aami([...this.arguments, ...flags], this.options);
  }

  /** Begins a run and kills its controller after so many milliseconds; whether it was still at it. */
  async killAfter(milliseconds: number, ...flags: string[]): Promise<boolean> {
    const child = aamiCommand([...this.arguments, ...flags], { ...this.options, quiet: true }).spawn();
    let ended = false;
    const status = child.status.finally(() => ended = true);
    const timer = setTimeout(() => ended || child.kill("SIGKILL"), milliseconds);
    const { signal } = await status;
    clearTimeout(timer);
    return signal === "SIGKILL";
  }

  /** Whether a run has begun: its journal is there. */
  async hasBegun(): Promise<boolean> {
    for await (const { name } of Deno.readDir(`${this.folder}/state/aami/runs`)) {
      if (name.endsWith(".jsonl")) return true;
    }
    return false;
  }

  /** Every path below the root with its mode and content; what hosts did together in the order of its lines. */
  async tree(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const walk = async (below: string) => {
      for await (const entry of Deno.readDir(`${this.folder}/root${below}`)) {
        const path = `${below}/${entry.name}`;
        const full = `${this.folder}/root${path}`;
        const { mode, size } = await Deno.lstat(full);
        const content = !entry.isFile ? "" : size > 100_000 ? `${size} bytes` : await Deno.readTextFile(full);
        const sorted = path === "/all" ? content.split("\n").sort().join("\n") : content;
        found[path] = `${(mode! & 0o7777).toString(8)} ${sorted}`;
        if (entry.isDirectory) await walk(path);
      }
    };
    await walk("");
    return found;
  }
}

const temporary = (tree: Record<string, string>) => Object.keys(tree).filter((path) => path.includes(".aami-"));

/** What may have been run twice: a command that was under way. */
function withoutRepeats(tree: Record<string, string>): Record<string, string> {
  return { ...tree, "/once": [...new Set(tree["/once"]?.split("\n"))].join("\n") };
}

/** Kills a run at each moment, and lets it go on; the run at the end, undefined where the last one had ended before. */
async function killAndResume(place: Place, moments: readonly number[]): Promise<Run | undefined> {
  let killed = 0;
  for (const [index, moment] of moments.entries()) {
    if (!await place.killAfter(moment, ...index > 0 && await place.hasBegun() ? ["--resume"] : [])) break;
    killed++;
  }
  if (killed === 0) return undefined;
  const run = await place.hasBegun() ? await place.play("--resume") : await place.play();
  return /ended well: nothing is left to do/.test(run.stderr) ? undefined : run;
}

Deno.test(`a controller killed at ${KILLS} moments (AAMI_SEED=${SEED}): the run that goes on ends as an undisturbed one`, async (t) => {
  await using folder = await temporaryFolder();
  await using sshd = sshdPath ? await startSshd() : undefined;
  const calm = new Place(`${folder.path}/calm`, sshd);
  await calm.make();
  const start = performance.now();
  const undisturbed = await calm.play();
  const took = performance.now() - start;
  strictEqual(undisturbed.code, 0, undisturbed.stdout + undisturbed.stderr);
  const expected = await calm.tree();
  const recap = (run: Run) => run.stdout.slice(run.stdout.indexOf("PLAY RECAP"));
  const random = chance(SEED);
  for (let index = 0; index < KILLS; index++) {
    // One in each part of the run, every fourth time another one in the run that goes on.
    const moments = [(index + random()) / KILLS * took, ...index % 4 === 3 ? [took * (0.3 + 0.4 * random())] : []];
    await t.step(`after ${moments.map((moment) => `${Math.round(moment)} ms`).join(" and ")}`, async () => {
      const place = new Place(`${folder.path}/${index}`, sshd);
      await place.make();
      const run = await killAndResume(place, moments);
      if (run) {
        strictEqual(run.code, 0, run.stdout + run.stderr);
        deepStrictEqual(recap(run).match(/ok=\d+ .*failed=\d+/g), recap(undisturbed).match(/ok=\d+ .*failed=\d+/g));
      }
      // What a killed controller had under way on a host ends on its own.
      await waitUntil("no temporary file is left", async () => temporary(await place.tree()).length === 0, 5_000);
      deepStrictEqual(withoutRepeats(await place.tree()), withoutRepeats(expected));
    });
  }
});
