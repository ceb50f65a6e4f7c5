/**
 * The tools that are compared, each as a command of the controller.
 * @module
 */

import { fileURLToPath } from "node:url";
import { type Files, writeBarePlan, writeRawScript } from "./emit.ts";
import type { Command } from "./measure.ts";
import type { BenchTask } from "./tasks.ts";
import type { Target, Targets } from "./targets.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** aami's entry point. */
export const MAIN: string = here("../../main.ts");
const CONFIG = here("../../deno.json");

/** Where deno keeps its cache: the tools get another HOME than ours. */
async function denoFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], stderr: "null" }).output();
  return (JSON.parse(new TextDecoder().decode(stdout)) as { denoDir: string }).denoDir;
}

/** Makes the commands for some hosts. */
export class Cases {
  private constructor(readonly targets: Targets, readonly denoDir: string) {}

  /** Looks up what the commands need. */
  static async of(targets: Targets): Promise<Cases> {
    return new Cases(targets, await denoFolder());
  }

  /** The environment in which aami and the bare session run. */
  get env(): Record<string, string> {
    return { HOME: this.targets.home, DENO_DIR: this.denoDir, NO_COLOR: "1", SSH_AUTH_SOCK: "" };
  }

  /** A deno program of this repository. */
  deno(script: string, ...args: string[]): Command {
    const argv = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", `--config=${CONFIG}`, script, ...args];
    return { argv, env: this.env };
  }

  /** `aami play` on a playbook. */
  aami(playbook: string, inventory: string, ...flags: string[]): Command {
    return this.deno(MAIN, "play", playbook, "-i", inventory, "--host-key-checking", "strict", ...flags);
  }

  /** ansible-playbook: tuned as its guides advise, or as it comes. */
  ansible(playbook: string, inventory: string, tuned = true): Command {
    const control = `${this.targets.home}/cp`;
    const master = tuned
      ? "-o ControlMaster=auto -o ControlPersist=60s "
      : "-C -o ControlMaster=auto -o ControlPersist=60s ";
    const env: Record<string, string> = {
      HOME: this.targets.home,
      ANSIBLE_NOCOLOR: "1",
      ANSIBLE_CONFIG: `${this.targets.folder}/ansible.cfg`,
      ANSIBLE_SSH_CONTROL_PATH_DIR: control,
      ANSIBLE_SSH_ARGS: `${master}-F none -o UserKnownHostsFile=${this.targets.knownHosts}`,
      SSH_AUTH_SOCK: "",
      ...tuned ? { ANSIBLE_PIPELINING: "1", ANSIBLE_FORKS: "50" } : {},
    };
    return { argv: ["ansible-playbook", "-i", inventory, playbook], env, leaves: control };
  }

  /** One exec of ssh a host with all checks. */
  async raw(files: Files, tasks: readonly BenchTask[], hosts: readonly Target[], kex?: string): Promise<Command> {
    const script = await writeRawScript(files.folder, tasks, this.targets, hosts);
    return { argv: [script, kex ?? "curve25519-sha256"] };
  }

  /** The engine's session without the engine. */
  async bare(
    files: Files,
    mode: "each" | "pipelined" | "once" | "connect",
    tasks: readonly BenchTask[],
    hosts: readonly Target[],
  ): Promise<Command> {
    return this.deno(here("./bare.ts"), await writeBarePlan(files.folder, mode, tasks, this.targets, hosts));
  }
}

/** What the recap of aami or ansible says, as both print it. @throws {Error} where a host failed or none is in it */
export function changedIn(output: string): number {
  const rows = [...output.matchAll(/ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)/g)];
  if (rows.length === 0) throw new Error(`there is no recap:\n${output.slice(-1000)}`);
  if (rows.some((row) => row[3] !== "0" || row[4] !== "0")) throw new Error(`a host failed:\n${output.slice(-2000)}`);
  return rows.reduce((sum, row) => sum + Number(row[2]), 0);
}
