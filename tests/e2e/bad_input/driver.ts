/**
 * Runs many command lines of aami in one process, each in a folder of its own, and prints what each said. The working
 * directory belongs to a whole process, so the tests keep this in one of its own.
 *
 * Reads a JSON list of {@linkcode Job} from stdin, prints a JSON list of {@linkcode Said}.
 *
 * @module
 */

import { runProgram } from "../../../cli/program.ts";
import type { Terminal } from "../../../cli/terminal.ts";
import { registry } from "../../../modules/registry.ts";

/** One command line. */
export interface Job {
  readonly directory: string;
  readonly args: readonly string[];
}

/** What it said. */
export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly talk: string;
}

/** A terminal that keeps what is written. */
export function keepingTerminal(): Terminal & { readonly outs: string[]; readonly talks: string[] } {
  const outs: string[] = [];
  const talks: string[] = [];
  return {
    outs,
    talks,
    out: (text) => void outs.push(text),
    talk: (text) => void talks.push(text),
    paint: (_style, text) => text,
    paintTalk: (_style, text) => text,
    progress: () => {},
    columns: 80,
    isTerminal: false,
    askSecret: () => Promise.resolve(undefined),
    canAsk: false,
    ask: () => Promise.resolve(undefined),
  };
}

/** Seconds after which a command counts as hanging. */
const PATIENCE = 20;

async function run({ directory, args }: Job): Promise<Said> {
  Deno.chdir(directory);
  Deno.env.set("XDG_STATE_HOME", `${directory}/state`);
  const terminal = keepingTerminal();
  let exit = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no end after ${PATIENCE} s: ${args.join(" ")}`)), PATIENCE * 1000);
    });
    exit = await Promise.race([runProgram(args, { terminal, registry }), late]);
  } catch (error) {
    // What main.ts would print as a stack trace.
    terminal.talk(error instanceof Error ? error.stack ?? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
  return { exit, out: terminal.outs.join("\n"), talk: terminal.talks.join("\n") };
}

if (import.meta.main) {
  const jobs: Job[] = await new Response(Deno.stdin.readable).json();
  const said: Said[] = [];
  for (const job of jobs) said.push(await run(job));
  console.log(JSON.stringify(said));
  // A command that hangs must not hold up the rest.
  Deno.exit(0);
}
