/**
 * Runs a command of the controller and measures it: time on the clock, CPU of it and all its children, memory.
 * @module
 */

/** What a run took. */
export interface Figures {
  /** Seconds on the clock. */
  readonly wall: number;
  /** Seconds of CPU, user and system, of the command and all that it started. */
  readonly cpu: number;
}

/** A command of the controller. */
export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Processes that stay behind (ssh's masters) have this text in their command line; they count too, and are ended. */
  readonly leaves?: string;
}

/** What a command printed, and what it took. */
export interface Measured extends Figures {
  readonly stdout: string;
}

/** bash tells the times of all children that were waited for, to the millisecond. */
const TIMED = `TIMEFORMAT='%R %U %S'; { time "$@" 2>"$BENCH_ERR"; } 2>"$BENCH_TIMES"`;

/** Runs a command. @throws {Error} when it fails, with the end of what it printed */
export async function measure(command: Command): Promise<Measured> {
  const folder = await Deno.makeTempDir({ prefix: "aami-bench-run-" });
  try {
    const process = new Deno.Command("bash", {
      args: ["-c", TIMED, "bash", ...command.argv],
      env: { ...command.env, BENCH_ERR: `${folder}/err`, BENCH_TIMES: `${folder}/times` },
      cwd: command.cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    });
    const { code, stdout } = await process.output();
    const text = new TextDecoder().decode(stdout);
    const left = command.leaves === undefined ? 0 : endLeftOver(command.leaves);
    if (code !== 0) throw new Error(failure(command, code, text, await Deno.readTextFile(`${folder}/err`)));
    const [wall, user, system] = (await Deno.readTextFile(`${folder}/times`)).trim().split(/\s+/).map(Number);
    return { wall, cpu: user + system + left, stdout: text };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function failure(command: Command, code: number, stdout: string, stderr: string): string {
  const said = [stdout, stderr].map((text) => text.trim().split("\n").slice(-25).join("\n")).join("\n");
  return `${command.argv.join(" ").slice(0, 200)} ended with ${code}\n${said}`;
}

/** Runs a command and looks at the memory of all its processes meanwhile; the peak of the sum, in MiB. */
export async function peakMemory(command: Command): Promise<number> {
  const child = new Deno.Command(command.argv[0], {
    args: command.argv.slice(1),
    env: command.env,
    cwd: command.cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let peak = 0;
  let ended = false;
  const status = child.status.then(() => ended = true);
  while (!ended) {
    peak = Math.max(peak, residentOf(child.pid, command.leaves));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await status;
  if (command.leaves !== undefined) endLeftOver(command.leaves);
  return peak / 1024 / 1024;
}

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  /** Seconds. */
  readonly cpu: number;
  /** Bytes. */
  readonly resident: number;
}

/** The processes of this machine. Ticks are hundredths, pages 4 KiB, on all machines that Debian runs on here. */
function processes(): Process[] {
  const found: Process[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      found.push({
        pid: Number(name),
        name: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
        parent: Number(fields[1]),
        cpu: (Number(fields[11]) + Number(fields[12])) / 100,
        resident: Number(fields[21]) * 4096,
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

function residentOf(root: number, leaves: string | undefined): number {
  const all = processes();
  const children = Map.groupBy(all, (process) => process.parent);
  const tree = all.filter((process) => process.pid === root);
  for (const above of tree) tree.push(...children.get(above.pid) ?? []);
  const left = leaves === undefined ? [] : leftOver(all, leaves).filter((process) => !tree.includes(process));
  return [...tree, ...left].reduce((sum, process) => sum + process.resident, 0);
}

function leftOver(all: readonly Process[], text: string): Process[] {
  return all.filter((process) => {
    if (process.name !== "ssh") return false;
    try {
      return Deno.readTextFileSync(`/proc/${process.pid}/cmdline`).includes(text);
    } catch {
      return false;
    }
  });
}

/** Ends what a command left behind and gives its CPU. */
function endLeftOver(text: string): number {
  const left = leftOver(processes(), text);
  for (const { pid } of left) {
    try {
      Deno.kill(pid, "SIGTERM");
    } catch {
      // It has ended meanwhile.
    }
  }
  return left.reduce((sum, process) => sum + process.cpu, 0);
}

/** The middle one; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
