/**
 * Runs the system's own tools for the fleet.
 * @module
 */

/** How to run a command. */
export interface CommandOptions {
  /** Text for standard input; none means an empty one. */
  stdin?: string;
  /** Variables added to this process's environment. */
  env?: Record<string, string>;
  /** Use `env` alone, without this process's environment. */
  clearEnv?: boolean;
  /** Return a failure instead of throwing it. */
  mayFail?: boolean;
  /** Ends the command (SIGTERM) when it fires. */
  signal?: AbortSignal;
}

/** What a command left behind. */
export interface CommandResult {
  /** Its exit status; 128 + n after signal n. */
  code: number;
  /** Standard output as UTF-8 text. */
  stdout: string;
  /** Standard error as UTF-8 text. */
  stderr: string;
}

/**
 * Runs one program with its arguments, without a shell.
 *
 * @throws {Error} when it exits other than 0 (unless `mayFail`), with the end of what it wrote
 */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const command = new Deno.Command(argv[0], {
    args: argv.slice(1),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    env: options.env,
    clearEnv: options.clearEnv,
    signal: options.signal,
  });
  const child = command.spawn();
  const fed = options.stdin === undefined ? undefined : feed(child.stdin, options.stdin);
  const [output] = await Promise.all([child.output(), fed]);
  const decoder = new TextDecoder();
  const result = { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
  if (result.code !== 0 && !options.mayFail) {
    const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-15).join("\n");
    throw new Error(`Command failed with ${result.code}: ${argv.join(" ").slice(0, 300)}\n${said}`);
  }
  return result;
}

/** Writes the whole input; a program that stops reading early is not an error here, its exit status tells. */
async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // The program has ended: closing is all that is left, and it may be closed already.
    await writer.abort().catch(() => {});
  }
}

/** Whether a path exists (a dangling link does). */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** The text of a file, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Polls until the condition gives something other than undefined or false, and returns that.
 *
 * @param what the condition in words, for the error
 * @param deadline milliseconds from now
 * @param interval milliseconds between two looks
 * @throws {Error} when the deadline passes first
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  deadline: number,
  interval = 20,
): Promise<T> {
  const end = performance.now() + deadline;
  while (true) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() >= end) throw new Error(`Gave up after ${deadline} ms waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}

/**
 * Runs a function while holding an exclusive lock on a file, which is made where it is missing. The kernel gives the
 * lock back when the process dies.
 */
export async function withLock<T>(path: string, body: () => Promise<T>): Promise<T> {
  await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
  using file = await Deno.open(path, { create: true, write: true });
  await file.lock(true);
  return await body();
}
