/**
 * What the tests of the one file share: it is built once, and runs where there is neither Deno nor a network.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { compile } from "../../tools/compile.ts";
import { type Origin, originOf } from "../../tools/compile/commit.ts";
import type { Made } from "../../tools/compile/self_extracting.ts";
import type { Run } from "./aami.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What the first start needs, with a shell's `mkdir`, `mv`, `rm`, `ls`; `env` and `unshare` start it. */
export const BARE_TOOLS: readonly string[] = ["sh", "tail", "tar", "gzip", "mkdir", "chmod", "mv", "rm", "ls"];

/** What a machine without Deno and Node does not have. */
const NOT_THERE = /^(?:deno|denort|node|nodejs|npm|npx|corepack)$/;

/** A built file, and folders in which it runs. */
export class SingleFile implements AsyncDisposable {
  /** Made by `build`. */
  private constructor(
    /** A folder for all that the tests make. */
    readonly folder: string,
    /** What it was built from. */
    readonly origin: Origin,
    /** What was built. */
    readonly made: Made,
    /** Milliseconds that the build took. */
    readonly took: number,
  ) {}

  /** Builds it from the checkout. */
  static async build(): Promise<SingleFile> {
    const folder = await Deno.makeTempDir({ prefix: "aami-single-" });
    const origin = originOf(ROOT);
    const start = performance.now();
    const made = await compile(ROOT, `${folder}/work`, `${folder}/out`, origin);
    return new SingleFile(folder, origin, made, performance.now() - start);
  }

  /** Builds it again from the same sources, elsewhere. */
  async again(): Promise<Made> {
    return await compile(
      `${this.folder}/work/source`,
      `${this.folder}/else/where/deeper`,
      `${this.folder}/again`,
      this.origin,
    );
  }

  /** Removes all that was made. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }

  /** A new folder below `folder`. */
  async newFolder(name: string): Promise<string> {
    const path = await Deno.makeTempDir({ dir: this.folder, prefix: `${name}-` });
    await Deno.chmod(path, 0o755);
    return path;
  }

  /** A PATH with the given programs, or with all of this machine but Deno and Node. */
  async path(programs?: readonly string[]): Promise<string> {
    const folder = await this.newFolder("bin");
    for (const place of ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]) {
      for await (const { name } of Deno.readDir(place)) {
        const wanted = programs ? programs.includes(name) : !NOT_THERE.test(name);
        if (wanted) await Deno.symlink(`${place}/${name}`, `${folder}/${name}`).catch(() => {});
      }
    }
    return folder;
  }

  /** How to run a command without network, with the given environment and no other. */
  isolated(command: readonly string[], env: Readonly<Record<string, string>>, namespaces = "-n"): string[] {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return [
      ...Deno.uid() === 0 ? ["unshare"] : ["unshare", "-r"],
      namespaces,
      "/usr/bin/env",
      "-i",
      ...variables,
      ...command,
    ];
  }

  /** Runs the file without network, with the given environment and no other. */
  async aami(args: readonly string[], env: Readonly<Record<string, string>>, cwd = this.folder): Promise<Run> {
    return await output(this.isolated([this.made.path, ...args], env), cwd);
  }
}

/** Runs a program to its end. */
export async function output(argv: readonly string[], cwd?: string): Promise<Run> {
  const command = new Deno.Command(argv[0], { args: argv.slice(1), cwd, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** What commands took. */
export interface Times {
  /** Milliseconds of the quickest run. */
  readonly least: number;
  /** Milliseconds of the run in the middle. */
  readonly middle: number;
}

/** What each of some commands takes, run by turns so that what else the machine does meets all of them. */
export async function timed(commands: readonly (readonly string[])[], runs: number): Promise<Times[]> {
  const times = commands.map((): number[] => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, argv] of commands.entries()) {
      const start = performance.now();
      await output(argv);
      times[index].push(performance.now() - start);
    }
  }
  return times.map((taken) => {
    taken.sort((a, b) => a - b);
    return { least: Math.round(taken[0]), middle: Math.round(taken[runs >> 1]) };
  });
}

/** Why nothing can be run without network here; undefined where it can. */
export async function isolationObstacle(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "the file is for Linux";
  try {
    const flags = Deno.uid() === 0 ? ["-n"] : ["-r", "-n"];
    const { success } = await new Deno.Command("unshare", { args: [...flags, "true"], stderr: "null" }).output();
    return success ? undefined : "unshare -n is refused here";
  } catch {
    return "there is no unshare here";
  }
}
