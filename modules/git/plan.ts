/**
 * What makes a place the clone that it should be.
 *
 * @module
 */

import type { RunAction } from "../../engine/host/action.ts";
import { type Change, ModuleError, nothingToDo, type Plan, type Result } from "../../engine/module/module.ts";
import { type Clone, isCommit, type Remote, type State } from "./inspect.ts";
import type { GitArgs } from "./mod.ts";
import { environment, storedUrl } from "./remote.ts";

/** What a version comes to. */
interface Target {
  readonly commit: string;
  /** The branch to be on; undefined for a tag or a commit. */
  readonly branch?: string;
  /** The tag, if it is one. */
  readonly tag?: string;
}

/** Decides what to run. @throws {ModuleError} */
export function planGit(state: State, args: GitArgs): Plan {
  const { dest, repo } = args;
  if (!state.git) throw new ModuleError("the host has no git: install it first, with the module 'package'");
  const { clone, remote } = state;
  if (clone?.refused !== undefined) throw new ModuleError(`git does not work with ${dest}: ${clone.refused}`);
  if (clone && !args.update) return nothingToDo(resultOf(clone.head, clone.head));
  if (remote?.refused !== undefined) {
    const message = `${storedUrl(repo)} cannot be read: ${remote.refused}`;
    throw new ModuleError(message, { retryable: remote.retryable });
  }
  const target = targetOf(remote, args);
  if (clone) return planUpdate(clone, target, state, args);
  if (!args.clone) return nothingToDo(resultOf(undefined, target.commit));
  if (state.dest !== undefined && !state.empty) {
    const what = state.dest === "directory" ? "is not empty and no clone of git" : `is a ${state.dest}`;
    throw new ModuleError(`${dest} ${what}: remove it first, or choose another place`);
  }
  return planClone(target, args);
}

function targetOf(remote: Remote | undefined, { version, repo }: GitArgs): Target {
  if (isCommit(version)) return { commit: version };
  const refs = remote?.refs ?? {};
  const of = (commit: string | undefined, more: Partial<Target>) => commit && { commit, ...more };
  const found = version === "HEAD"
    ? of(refs.HEAD, { branch: remote?.head })
    : of(refs[`refs/heads/${version}`], { branch: version }) || of(refs[`refs/tags/${version}`], { tag: version });
  if (found) return found;
  const url = storedUrl(repo);
  if (version === "HEAD") throw new ModuleError(`${url} has no commit that its HEAD names: give 'version'`);
  const hint = /^[0-9a-f]{7,39}$/.test(version) ? "; a commit is given by all its 40 digits" : "";
  throw new ModuleError(`there is no branch or tag '${version}' in ${url}${hint}`);
}

function resultOf(before: string | undefined, after: string | undefined, urlChanged = false): Result {
  return { before: before ?? null, after: after ?? null, remote_url_changed: urlChanged };
}

function planClone(target: Target, args: GitArgs): Plan {
  const { dest, depth, remote, bare } = args;
  const name = target.branch ?? target.tag;
  // A single commit cannot be asked for by a clone: what is there first is the history of the remote's own branch.
  const fetched = name === undefined && depth !== undefined;
  const words = [
    ...bare ? ["--bare"] : ["--origin", remote],
    ...name === undefined ? bare ? [] : ["--no-checkout"] : ["--branch", name],
    ...depth === undefined ? [] : ["--depth", String(depth)],
    // A depth alone would mean one branch too, and a later version could not be fetched.
    ...args.single_branch ? ["--single-branch"] : depth === undefined ? [] : ["--no-single-branch"],
    ...args.recursive && !bare && name !== undefined ? ["--recurse-submodules"] : [],
  ];
  const actions = [run(args, ["git", "clone", ...words, "--", storedUrl(args.repo), dest])];
  if (name === undefined && !bare) {
    if (fetched) actions.push(fetchAction(target, args));
    actions.push(...checkoutActions(target, args));
  }
  return {
    changes: [{ path: dest, what: "commit", before: "", after: target.commit }],
    actions,
    result: resultOf(undefined, target.commit),
    touches: [{ key: `path:${dest}` }],
  };
}

function planUpdate(clone: Clone, target: Target, { remote }: State, args: GitArgs): Plan {
  const { dest, force, bare } = args;
  const url = storedUrl(args.repo);
  if (clone.modified.length > 0 && !force) {
    const files = clone.modified.slice(0, 3).map((line) => line.slice(3)).join(", ");
    const more = clone.modified.length > 3 ? ` and ${clone.modified.length - 3} more` : "";
    throw new ModuleError(`in ${dest} there are local modifications (${files}${more}): 'force: true' would drop them`, {
      result: resultOf(clone.head, clone.head),
    });
  }
  const changes: Change[] = [];
  const change = (what: string, before = "", after = "", sensitive = false) => {
    if (before !== after) changes.push({ path: dest, what, before, after, ...sensitive && { sensitive } });
  };
  // A URL with a password may have been stored by other hands.
  change(`remote ${args.remote}`, clone.url, url, storedUrl(clone.url ?? "") !== clone.url);
  const urlChanged = changes.length > 0;
  change("local modifications", clone.modified.join("\n"));
  if (bare) change("refs", refText(clone.refs, remote?.refs), refText(remote?.refs, remote?.refs));
  else {
    change("commit", clone.head, target.commit);
    if (target.branch !== undefined) change("branch", clone.branch, target.branch);
  }
  change("submodules", clone.submodules.length > 0 ? `astray: ${clone.submodules.join(", ")}` : "");
  const result = resultOf(clone.head, target.commit, urlChanged);
  if (changes.length === 0) return nothingToDo(result);
  return {
    changes,
    actions: updateActions(clone, target, args, url),
    result,
    touches: [{ key: `path:${dest}` }],
    ...clone.modified.length > 0 && { destructive: true },
  };
}

function updateActions(clone: Clone, target: Target, args: GitArgs, url: string): RunAction[] {
  const git = ["git", "-C", args.dest];
  const actions: RunAction[] = [];
  if (clone.url !== url) {
    actions.push(run(args, [...git, "remote", clone.url === undefined ? "add" : "set-url", args.remote, url]));
  }
  if (clone.modified.length > 0) actions.push(run(args, [...git, "reset", "--hard"]));
  // A bare one is told by its refs, of which any may have moved.
  if (args.bare || clone.url !== url || clone.head !== target.commit || clone.branch !== target.branch) {
    actions.push(fetchAction(target, args));
  }
  return args.bare ? actions : [...actions, ...checkoutActions(target, args)];
}

/** Fetches what the version needs, by its refs: a clone of one branch knows of no other. */
function fetchAction(target: Target, args: GitArgs): RunAction {
  const depth = args.depth === undefined ? [] : ["--depth", String(args.depth)];
  const everything = ["--tags", args.remote, `+refs/heads/*:refs/${args.bare ? "heads" : `remotes/${args.remote}`}/*`];
  const refs = args.bare
    ? everything
    : target.branch !== undefined
    ? [args.remote, `+refs/heads/${target.branch}:refs/remotes/${args.remote}/${target.branch}`]
    : target.tag !== undefined
    ? [args.remote, `+refs/tags/${target.tag}:refs/tags/${target.tag}`]
    : args.depth === undefined
    ? everything
    : [args.remote, target.commit];
  return run(args, ["git", "-C", args.dest, "fetch", "--force", ...depth, ...refs]);
}

function checkoutActions(target: Target, args: GitArgs): RunAction[] {
  const git = ["git", "-C", args.dest];
  const { branch, commit } = target;
  const words = branch === undefined ? [["checkout", "--force", "--detach", commit]] : [
    ["checkout", "--force", "--no-track", "-B", branch, `refs/remotes/${args.remote}/${branch}`],
    // What --track would write, which refuses a branch that a clone of one branch does not fetch by itself.
    ["config", `branch.${branch}.remote`, args.remote],
    ["config", `branch.${branch}.merge`, `refs/heads/${branch}`],
  ];
  if (args.recursive) words.push(["submodule", "update", "--init", "--recursive", "--force"]);
  return words.map((each) => run(args, [...git, ...each]));
}

function run(args: GitArgs, argv: string[]): RunAction {
  return { do: "run", argv, environment: environment(args, { reading: false }) };
}

/** The refs that the remote has too, a line each. */
function refText(refs: Readonly<Record<string, string>> = {}, known: Readonly<Record<string, string>> = {}): string {
  return Object.keys(known).filter((ref) => ref !== "HEAD" && refs[ref] !== undefined).sort()
    .map((ref) => `${refs[ref]} ${ref}`).join("\n");
}
