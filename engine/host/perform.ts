/**
 * Carries out the actions of a plan, the one place that changes a host.
 *
 * @module
 */

import type { Action, LocalFile, RunAction, WriteAction } from "./action.ts";
import { changeScript } from "./change_scripts.ts";
import { type CommandResult, HostError, type RunOptions } from "./host.ts";
import { absolutePath, becomeHint, parentOf, randomName, reasonOf, saysForbidden, shown, tail } from "./script.ts";
import type { ScriptAnswer } from "./script.ts";
import { shellCommand, shellQuote } from "../support/shell_quote.ts";
import { INLINE_STDIN_LIMIT } from "../transport/frame.ts";
import { temporaryBeside, WRITE_STEPS, writeScript, type WriteSetting } from "./write_script.ts";

/** What an action is done with. */
export interface Performer {
  /** The user commands run as. */
  readonly user: string;
  /** The task's environment, which a `validate` command gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a script as that user, bytes for its standard input beside it. A non-zero exit is an answer. */
  script(text: string, stdin?: Uint8Array | ReadableStream<Uint8Array>, streamSize?: number): Promise<ScriptAnswer>;
  /** Runs a script even after what is under way was given up; never throws. */
  clean(text: string): Promise<void>;
  /** Runs a command in the task's environment. A non-zero exit is an answer. */
  command(argv: readonly string[], options: RunOptions): Promise<CommandResult>;
}

/**
 * Does one action. Of `write` with `backup`, the answer's stdout is the path of the backup.
 *
 * @throws {HostError} when the host refuses, with the reason in an operator's words
 * @throws {Deno.errors.NotFound} when a file of the controller is not there any more
 */
export async function performAction(performer: Performer, action: Action): Promise<CommandResult> {
  if (action.do === "run") return await run(performer, action);
  const path = absolutePath(action.path);
  if (action.do === "write") return await write(performer, { ...action, path });
  const temporary = temporaryBeside(path, randomName());
  const answer = await unlessGivenUp(
    performer,
    temporary,
    () => performer.script(changeScript(action, path, temporary)),
  );
  if (answer.code !== 0) throw refused(verbOf(action.do), path, answer.stderr, performer.user);
  return answer;
}

async function run(performer: Performer, action: RunAction): Promise<CommandResult> {
  const { argv, stdin, environment, directory, accept = [0] } = action;
  const result = await performer.command(argv, { stdin, environment, directory });
  if (accept.includes(result.code)) return result;
  const line = shellCommand(argv);
  const command = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  const output = tail(result.stderr) || tail(result.stdout);
  throw new HostError(`${command} failed with exit status ${result.code}${output ? `:\n${output}` : ""}`);
}

async function write(performer: Performer, action: WriteAction): Promise<CommandResult> {
  const { path } = action;
  const content = isLocalFile(action.content) ? action.content : bytesOf(action.content);
  const temporary = temporaryBeside(path, randomName());
  const script = writeScript(action, {
    temporary,
    expected: await expectedOf(content),
    environment: performer.environment,
  });
  const answer = await unlessGivenUp(performer, temporary, () => {
    if (isLocalFile(content)) return streamed(content, (stream) => performer.script(script, stream, content.size));
    return performer.script(script, content);
  });
  if (answer.code === 0) return answer;
  throw writeRefused(action, answer, performer.user);
}

async function expectedOf(content: Uint8Array | LocalFile): Promise<WriteSetting["expected"]> {
  if (isLocalFile(content)) return { sha256: content.sha256, large: true };
  if (content.length <= INLINE_STDIN_LIMIT) return { size: content.length };
  return { sha256: await digestOf(content), large: false };
}

/** A script that is given up is killed where it stands: what it left is removed by another. */
async function unlessGivenUp<T>(performer: Performer, temporary: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await performer.clean(`rm -f -- ${shellQuote(temporary)}`);
    throw error;
  }
}

/** Whether content is a file of the controller. */
export function isLocalFile(content: string | object): content is LocalFile {
  return typeof content === "object" && "local" in content;
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

async function streamed<T>(file: LocalFile, use: (stream: ReadableStream<Uint8Array>) => Promise<T>): Promise<T> {
  const open = await Deno.open(file.local);
  try {
    return await use(open.readable);
  } finally {
    try {
      open.close();
    } catch {
      // Read to its end, it closed itself.
    }
  }
}

/** The sha256 of bytes in hex. */
export async function digestOf(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
}

function verbOf(kind: Action["do"]): string {
  const verbs: Record<Action["do"], string> = {
    write: "write",
    mkdir: "make the directory",
    link: "make the link",
    remove: "remove",
    ownership: "set owner and mode of",
    times: "set the times of",
    run: "run",
  };
  return verbs[kind];
}

/** The error for something that the host refused: what was tried, the path, the reason. */
function refused(verb: string, path: string, stderr: string, user: string): HostError {
  const reason = reasonOf(stderr);
  if (/resource busy/i.test(reason)) {
    const why = "it is a mount point (bind-mounted), which cannot be replaced or removed";
    return new HostError(`cannot ${verb} ${shown(path)}: ${why}; change it where it comes from, or unmount it`);
  }
  return new HostError(`cannot ${verb} ${shown(path)}: ${reason}${saysForbidden(reason) ? becomeHint(user) : ""}`);
}

function writeRefused(action: WriteAction, answer: ScriptAnswer, user: string): HostError {
  const { path, validate } = action;
  const reason = reasonOf(answer.stderr);
  switch (WRITE_STEPS[answer.code]) {
    case "parent":
      if (!/no such file/i.test(reason)) return refused("write", path, answer.stderr, user);
      return new HostError(`cannot write ${shown(path)}: the directory ${shown(parentOf(path))} does not exist`);
    case "directory":
      return new HostError(`cannot write ${shown(path)}: a directory lies there`);
    case "arrived":
      return new HostError(`cannot write ${shown(path)}: the content that arrived is not what was sent`, true);
    case "owner":
      return refused("set owner and mode of", path, answer.stderr, user);
    case "attributes":
      return refused("keep the ACL and label of", path, answer.stderr, user);
    case "validate": {
      const output = tail(answer.stderr);
      return new HostError(
        `${shown(path)} is unchanged: the new content failed '${validate}'${output && `:\n${output}`}`,
      );
    }
    case "backup":
      return refused("back up", path, answer.stderr, user);
    default:
      return refused("write", path, answer.stderr, user);
  }
}
