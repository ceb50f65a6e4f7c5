/**
 * What lies at a clone's place, and what its remote has. Reads only: git is told to refresh no index.
 *
 * @module
 */

import type { CommandResult, FileStat, ReadOnlyHost } from "../../engine/host/host.ts";
import { parentOf } from "../_shared/files.ts";
import type { GitArgs } from "./mod.ts";
import { environment, lastLine, mayPass, remoteKey, storedUrl } from "./remote.ts";

/** A clone that is on the host. */
export interface Clone {
  /** Why git does not work with it (another owner); nothing else is known then. */
  readonly refused?: string;
  /** The commit that is checked out; undefined where there is none yet. */
  readonly head?: string;
  /** The branch that is checked out; undefined for none. */
  readonly branch?: string;
  /** The remote's URL; undefined where it has no such remote. */
  readonly url?: string;
  /** Files of the repository that were changed, as `git status` tells them. */
  readonly modified: readonly string[];
  /** Submodules that are not there, or at another commit. */
  readonly submodules: readonly string[];
  /** Of a bare one: commits by ref. */
  readonly refs?: Readonly<Record<string, string>>;
}

/** What the remote has. */
export interface Remote {
  /** Commits by ref: `HEAD`, `refs/heads/main`, `refs/tags/v1` (that of an annotated tag is the commit it names). */
  readonly refs: Readonly<Record<string, string>>;
  /** The branch of its HEAD. */
  readonly head?: string;
  /** Why it cannot be asked. */
  readonly refused?: string;
  /** Whether that may pass. */
  readonly retryable?: boolean;
}

/** What `git` found. */
export interface State {
  /** Whether the host has git. */
  readonly git: boolean;
  /** What lies at `dest`; undefined for nothing. */
  readonly dest?: FileStat["type"];
  /** Whether it is an empty directory. */
  readonly empty?: boolean;
  /** The clone there, if it is one. */
  readonly clone?: Clone;
  /** The remote, where it had to be asked. */
  readonly remote?: Remote;
}

/** Whether a version is a commit. */
export function isCommit(version: string): boolean {
  return /^[0-9a-f]{40}$/.test(version);
}

/** Looks at clone and remote. A commit that is checked out is not asked for. */
export async function inspect(host: ReadOnlyHost, args: GitArgs): Promise<State> {
  const { dest, bare } = args;
  const [program, stat, names] = await Promise.all([
    host.which("git"),
    host.stat(dest, { follow: true, typeOnly: true }),
    host.list(dest),
  ]);
  if (program === undefined) return { git: false };
  const found = { git: true, ...stat && { dest: stat.type }, ...names && { empty: names.length === 0 } };
  const isClone = names?.includes(bare ? "objects" : ".git") ?? false;
  const [clone, remote] = await Promise.all([
    isClone ? inspectClone(host, args) : undefined,
    (isCommit(args.version) && !bare) || (isClone && !args.update) ? undefined : askRemote(host, args),
  ]);
  return { ...found, ...clone && { clone }, ...remote && { remote } };
}

async function inspectClone(host: ReadOnlyHost, args: GitArgs): Promise<Clone> {
  const { dest, bare, remote, recursive } = args;
  const options = {
    reads: [`path:${dest}`, "program:git"],
    // A broken clone is not to be taken for part of one that it lies in.
    environment: { ...environment(args, { reading: true }), GIT_CEILING_DIRECTORIES: parentOf(dest) },
    timeout: 300,
  };
  const ask = (...words: string[]) => host.probe(["git", "-C", dest, ...words], options);
  const [head, branch, url, status, submodules, refs] = await Promise.all([
    ask("rev-parse", "--verify", "HEAD^{commit}"),
    ask("symbolic-ref", "--quiet", "--short", "HEAD"),
    ask("config", "--get", `remote.${remote}.url`),
    bare ? nothing : ask("status", "--porcelain", "--untracked-files=no"),
    bare || !recursive ? nothing : ask("submodule", "status", "--recursive"),
    bare ? ask("for-each-ref", "--format=%(objectname) %(*objectname) %(refname)", "refs/heads", "refs/tags") : nothing,
  ]);
  // A repository without a commit has no HEAD, which is no refusal.
  const failed = [status, refs].find(({ code }) => code !== 0);
  if (failed) return { refused: lastLine(failed.stderr), modified: [], submodules: [] };
  return {
    ...head.code === 0 && { head: head.stdout.trim() },
    ...branch.code === 0 && { branch: branch.stdout.trim() },
    ...url.code === 0 && { url: url.stdout.trim() },
    modified: lines(status.stdout),
    submodules: lines(submodules.stdout).filter((line) => !line.startsWith(" ")).map((line) => line.split(" ")[1]),
    ...bare && { refs: refsOf(refs.stdout) },
  };
}

const nothing: CommandResult = { code: 0, stdout: "", stderr: "" };

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Lines of `COMMIT [COMMIT] REF`, where the second is what an annotated tag names. */
function refsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    lines(text).map((line) => {
      const words = line.split(/\s+/);
      return [words.at(-1)!, words[words.length - 2]];
    }),
  );
}

/** What a version may be called at the remote; of a bare clone everything counts. */
function patterns({ bare, version }: GitArgs): string[] {
  if (bare) return ["HEAD", "refs/heads/*", "refs/tags/*"];
  if (version === "HEAD") return ["HEAD"];
  return [`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`];
}

async function askRemote(host: ReadOnlyHost, args: GitArgs): Promise<Remote> {
  const answer = await host.probe(["git", "ls-remote", "--symref", storedUrl(args.repo), ...patterns(args)], {
    reads: [remoteKey(args.repo), "program:git", ...args.key_file ? [`path:${args.key_file}`] : []],
    environment: environment(args, { reading: true }),
    timeout: 300,
  });
  if (answer.code !== 0) {
    return { refs: {}, refused: lastLine(answer.stderr), retryable: mayPass(answer.stderr) };
  }
  const refs: Record<string, string> = {};
  let head: string | undefined;
  for (const line of lines(answer.stdout)) {
    const [value, ref] = line.split("\t");
    if (value.startsWith("ref: ")) head = ref === "HEAD" ? value.slice("ref: refs/heads/".length) : head;
    // An annotated tag comes twice: itself, then with ^{} the commit that it names.
    else refs[ref.replace(/\^\{\}$/, "")] = value;
  }
  return { refs, ...head !== undefined && { head } };
}
