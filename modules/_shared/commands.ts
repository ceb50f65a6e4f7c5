/**
 * What command and shell have in common: the free form, the guards that decide whether to run, and the result.
 *
 * @module
 */

import type { CommandResult, Host, ReadOnlyHost, RunOptions } from "../../engine/host/host.ts";
import { ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { flag, path, text } from "../../engine/module/schema.ts";
import { shellCommand } from "../../engine/support/shell_quote.ts";
import type { z } from "../../engine/support/zod.ts";

/** The arguments that command and shell share. */
export const commandArguments = {
  chdir: path().optional().describe("Directory on the host to run the command in."),
  creates: text().optional().describe("Path or glob; when something lies there, the command is not run."),
  removes: text().optional().describe("Path or glob; when nothing lies there, the command is not run."),
  unless: text().optional().describe(
    "Shell command that only reads; when it succeeds, the command is not run. It also runs in check mode.",
  ),
  stdin: text().optional().describe("Text for the command's standard input."),
  stdin_add_newline: flag().default(true).describe("Whether a line break is added to `stdin`."),
  strip_empty_ends: flag().default(true).describe("Whether line breaks at the end of stdout and stderr are removed."),
};

/** The values of {@linkcode commandArguments}. */
export interface CommandArgs {
  /** The directory on the host to run in, absolute; undefined for where the user's shell begins. */
  readonly chdir?: string;
  /** A path or glob; the command is not run where something lies there. */
  readonly creates?: string;
  /** A path or glob; the command is not run where nothing lies there. */
  readonly removes?: string;
  /** A line for /bin/sh that only reads; the command is not run where it succeeds. */
  readonly unless?: string;
  /** Text for the standard input; undefined for none. */
  readonly stdin?: string;
  /** Whether `stdin` gets a line break at its end; default true. */
  readonly stdin_add_newline: boolean;
  /** Whether line breaks at the end of stdout and stderr go; default true. */
  readonly strip_empty_ends: boolean;
}

/** What the guards found on the host. */
export interface GuardState {
  /** What lies at `chdir`: `directory`, another kind of file, or undefined. */
  readonly directory?: string;
  /** Whether something lies at `creates`. */
  readonly created?: boolean;
  /** Whether something lies at `removes`. */
  readonly removable?: boolean;
  /** Whether the `unless` command succeeded. */
  readonly unless?: boolean;
}

/** A word of a command line, and where it stands in the text. */
export interface Word {
  /** Without quotes and backslashes. */
  readonly text: string;
  /** The first character's offset in the line, its quote included. */
  readonly start: number;
  /** The offset behind the last character. */
  readonly end: number;
}

/** A rule for a schema: what makes the arguments no command, found when the playbook is loaded. */
export function refuseUnless<Args>(resolve: (args: Args) => unknown): (args: Args, context: z.RefinementCtx) => void {
  return (args, context) => {
    try {
      resolve(args);
    } catch (error) {
      if (!(error instanceof ModuleError)) throw error;
      context.addIssue({ code: "custom", message: error.message, path: [] });
    }
  };
}

/**
 * Splits a command line as a POSIX shell does, without expanding anything.
 *
 * @throws {ModuleError} for a quote that is not closed
 */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  const pattern = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/y;
  let at = 0;
  while (true) {
    while (/\s/.test(line[at] ?? "")) at++;
    if (at >= line.length) return words;
    const start = at;
    let word = "";
    while (at < line.length && !/\s/.test(line[at])) {
      pattern.lastIndex = at;
      const match = pattern.exec(line);
      if (match === null) {
        const what = line[at] === "\\"
          ? "ends with a lone backslash"
          : `has a quote (${line[at]}) that is never closed`;
        throw new ModuleError(`the command line ${what}: ${line}`);
      }
      const [part, single, double, escaped, plain] = match;
      word += single ?? double?.replace(/\\([$`"\\\n])/g, (_, char) => char === "\n" ? "" : char) ?? escaped ?? plain;
      at += part.length;
    }
    words.push({ text: word, start, end: at });
  }
}

/** A free form without the options that stood in it. */
export interface FreeForm {
  /** What is left: the command line or script, to the letter. */
  readonly text: string;
  /** What was taken out, by name; empty for none. */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Takes `creates=`, `removes=` and `chdir=` out of a free form, as Ansible does; the rest stays to the letter. A text
 * whose quotes do not pair (a here-document in a shell script) is left alone.
 */
export function freeForm(line: string, names: readonly string[] = ["creates", "removes", "chdir"]): FreeForm {
  if (!names.some((name) => line.includes(`${name}=`))) return { text: line, options: {} };
  let words: Word[];
  try {
    words = splitWords(line);
  } catch {
    return { text: line, options: {} };
  }
  const options: Record<string, string> = {};
  let rest = line;
  for (const { text, start, end } of words.toReversed()) {
    const equals = text.indexOf("=");
    const name = text.slice(0, equals);
    if (!names.includes(name) || !line.startsWith(`${name}=`, start)) continue;
    options[name] = text.slice(equals + 1);
    rest = rest.slice(0, start).replace(/[ \t]+$/, start === 0 ? "" : " ") + rest.slice(end).replace(/^[ \t]+/, "");
  }
  return { text: rest.trim(), options };
}

/** Looks at what the guards ask about. */
export async function inspectGuards(host: ReadOnlyHost, args: CommandArgs): Promise<GuardState> {
  const [directory, created, removable, unless] = await Promise.all([
    args.chdir === undefined ? undefined : host.stat(args.chdir, { follow: true }),
    args.creates === undefined ? undefined : someMatch(host, absolute("creates", args.creates, args.chdir)),
    args.removes === undefined ? undefined : someMatch(host, absolute("removes", args.removes, args.chdir)),
    args.unless === undefined ? undefined : host.probe(["/bin/sh", "-c", args.unless], { directory: args.chdir }),
  ]);
  return { directory: directory?.type, created, removable, unless: unless && unless.code === 0 };
}

function absolute(name: string, value: string, chdir: string | undefined): string {
  if (value.startsWith("/")) return value;
  if (chdir !== undefined) return `${chdir}/${value}`;
  throw new ModuleError(
    `${name} is the relative path '${value}': write it from the root, or say with chdir where it is`,
  );
}

/** Whether a path exists, or anything that a glob (`*`, `?`, `[…]`) matches. */
async function someMatch(host: ReadOnlyHost, pattern: string): Promise<boolean> {
  if (!/[*?[]/.test(pattern)) return await host.stat(pattern) !== undefined;
  let found = [""];
  for (const part of pattern.split("/").filter((part) => part !== "")) {
    found = (await Promise.all(found.map((folder) => expand(host, folder, part)))).flat();
  }
  return found.length > 0;
}

async function expand(host: ReadOnlyHost, folder: string, part: string): Promise<string[]> {
  if (!/[*?[]/.test(part)) {
    const path = `${folder}/${part}`;
    return await host.stat(path, { follow: true }) ?? await host.stat(path) ? [path] : [];
  }
  const names = await host.list(folder === "" ? "/" : folder) ?? [];
  const matches = globPattern(part);
  return names.filter((name) => matches.test(name) && (part.startsWith(".") || !name.startsWith(".")))
    .map((name) => `${folder}/${name}`);
}

/** A shell glob (`*`, `?`, `[a-z]`, `[!a-z]`) of one name as a regular expression. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\[!?\]?[^\]]*\]|[^]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 1) return part.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    return RegExp.escape(part);
  });
  return new RegExp(`^${source}$`, "s");
}

/**
 * Decides whether to run.
 *
 * @param shown the command as `cmd` of the result has it
 */
export function planCommand(
  state: GuardState,
  args: CommandArgs,
  argv: readonly string[],
  shown: string | string[],
): Plan {
  if (args.chdir !== undefined && state.directory !== "directory") {
    throw new ModuleError(
      `chdir is ${args.chdir}, ${state.directory === undefined ? "which does not exist" : "which is no directory"}`,
    );
  }
  const skipped = reasonToSkip(state, args);
  if (skipped !== undefined) {
    const result = {
      cmd: shown,
      rc: 0,
      ...output(skipped, ""),
      msg: `Did not run command ${skipped.replace("skipped, ", "")}`,
    };
    return { changes: [], actions: [], result, skipped };
  }
  const line = typeof shown === "string" ? shown : shellCommand(shown);
  const stdin = args.stdin === undefined ? undefined : args.stdin + (args.stdin_add_newline ? "\n" : "");
  return {
    changes: [{ path: `command ${summary(line)}`, what: "run", before: "", after: line }],
    actions: [{
      do: "run",
      argv,
      ...stdin === undefined ? {} : { stdin },
      ...args.chdir === undefined ? {} : { directory: args.chdir },
    }],
    result: { cmd: shown },
    touches: [{ key: "*" }],
  };
}

function reasonToSkip(state: GuardState, args: CommandArgs): string | undefined {
  if (args.creates !== undefined && state.created) return `skipped, since ${args.creates} exists`;
  if (args.removes !== undefined && !state.removable) return `skipped, since ${args.removes} does not exist`;
  if (args.unless !== undefined && state.unless) return `skipped, since the command of unless succeeds: ${args.unless}`;
  return undefined;
}

function summary(line: string): string {
  const first = line.split("\n")[0];
  return first.length > 60 || first !== line ? `${first.slice(0, 60).trimEnd()}…` : first;
}

/** Seconds; as with Ansible, a command may take its time: a week. */
const NO_LIMIT = 7 * 24 * 3600;

/**
 * Runs the planned command.
 *
 * @throws {ModuleError} with the whole result for a non-zero exit status
 */
export async function runCommand(host: Host, plan: Plan, args: CommandArgs): Promise<Result> {
  const [action] = plan.actions;
  if (action?.do !== "run") return {};
  const options: RunOptions = { stdin: action.stdin, directory: action.directory, timeout: NO_LIMIT };
  const start = new Date();
  const done = await host.run(action.argv, options);
  const result = { ...plan.result, ...toResult(done, args.strip_empty_ends), ...times(start, new Date()) };
  if (done.code === 0) return { ...result, msg: "" };
  const msg = "non-zero return code";
  throw new ModuleError(msg, { result: { ...result, msg } });
}

function toResult(done: CommandResult, strip: boolean): Result {
  const ends = (text: string) => strip ? text.replace(/[\r\n]+$/, "") : text;
  return { rc: done.code, ...output(ends(done.stdout), ends(done.stderr)) };
}

function output(stdout: string, stderr: string): Result {
  return { stdout, stdout_lines: lines(stdout), stderr, stderr_lines: lines(stderr) };
}

/** As Python's splitlines: a line break at the end begins no line. */
function lines(text: string): string[] {
  const parts = text.split(/\r\n|\r|\n/);
  if (parts.at(-1) === "") parts.pop();
  return parts;
}

/** Ansible's words for when it ran: `2026-01-31 08:05:09.250000` and `0:00:01.500000`. */
function times(start: Date, end: Date): Result {
  const stamp = (date: Date) => date.toISOString().replace("T", " ").replace("Z", "000");
  const passed = end.getTime() - start.getTime();
  const delta = `${Math.floor(passed / 3_600_000)}:${stamp(new Date(passed)).slice(14)}`;
  return { start: stamp(start), end: stamp(end), delta };
}
