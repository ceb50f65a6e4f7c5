/**
 * `aami play --resume` and `--limit @failed`: what a run takes over from one before it.
 *
 * @module
 */

import { canBeResumed, type KnownRun } from "../../engine/run/journals.ts";
import type { RunOptions } from "../../engine/run/context.ts";
import { EXIT } from "../../engine/run/run.ts";
import { inputError } from "../../engine/support/diagnostic.ts";
import type { PlayFlags } from "../play_options.ts";
import { findRun, ownJournals, runsOf } from "./find.ts";
import { hostsOutOf, reportOf } from "./report.ts";

/** Flags that a resumed run takes over where they are not given. None of them is a secret. */
const KEPT = [
  ...["config", "inventory", "limit", "tags", "skipTags", "startAtTask", "user", "privateKey", "connection"],
  ...["become", "becomeUser", "becomeMethod", "connectionPasswordFile", "becomePasswordFile", "forceHandlers"],
  ...["vaultPasswordFile", "vaultId"],
];

/** Those of a run's flags that a journal keeps. */
export function keptFlags(flags: PlayFlags): { [flag: string]: unknown } {
  const given = Object.entries(flags).filter(([name, value]) => KEPT.includes(name) && isGiven(value));
  return Object.fromEntries(given);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

/**
 * The run that `--resume` names: one of this playbook that did not end well; undefined where none is asked for.
 *
 * @param names the playbooks as they were typed
 * @param paths the same, absolute
 * @throws {DiagnosticError} where there is none, or nothing is left of it
 */
export function runToResume(
  { resume }: Pick<PlayFlags, "resume">,
  names: readonly string[],
  paths: readonly string[],
): KnownRun | undefined {
  if (resume === undefined) return undefined;
  if (names.length === 1) return findResumable(resume, paths[0], names[0]);
  const help = "give the one that did not end, then the others without --resume";
  throw inputError("flag", `--resume goes on with one playbook, got ${names.length}`, undefined, help);
}

function findResumable(id: string | true, playbook: string, name: string): KnownRun {
  const own = runsOf(playbook).filter(({ header }) => !header.check);
  if (id === true && own.length === 0) {
    const help = runsOf(playbook).length > 0 ? "runs in check mode change nothing: none can be resumed" : undefined;
    throw inputError("no-run", `there is no run of '${name}' to resume`, undefined, help);
  }
  const run = id === true ? own[0] : findRun(id);
  const which = id === true ? `the last run of '${name}' (${run.short})` : `run ${run.short}`;
  if (run.header.playbook !== playbook) {
    const help = `it is one of '${run.header.playbook}'`;
    throw inputError("resume", `run ${run.short} is none of '${name}'`, undefined, help);
  }
  if (run.isUnderWay) throw inputError("resume", `${which} is still under way`);
  if (run.header.check) throw inputError("resume", `${which} was in check mode, which changes nothing`);
  if (!canBeResumed(run)) throw inputError("resume", `${which} ended well: nothing is left to do`);
  if (run.header.directory !== Deno.cwd()) {
    const help = `resume it from there: cd ${run.header.directory}`;
    throw inputError("resume", `${which} was begun in another directory`, undefined, help);
  }
  return run;
}

/** The flags of a run that goes on: those that are given, else those of the run. */
export function resumedFlags(flags: PlayFlags, { header }: KnownRun): PlayFlags {
  if (flags.check) {
    throw inputError("flag", "--resume goes on with what changes things, and --check changes nothing");
  }
  const before = Object.entries(header.flags).filter(([name]) => !isGiven(flags[name as keyof PlayFlags]));
  return { ...flags, ...Object.fromEntries(before) };
}

/**
 * Holds that the variables of the command line are given again: their values are not kept.
 *
 * @throws {DiagnosticError} naming those that are missing
 */
export function checkExtraVars({ header, short }: KnownRun, { extraVars }: Pick<RunOptions, "extraVars">): void {
  const missing = header.extraVars.filter((name) => !extraVars.has(name));
  if (missing.length === 0) return;
  const help = `their values are not kept: give them again with -e`;
  throw inputError("resume", `run ${short} had the variables ${missing.join(", ")}`, undefined, help);
}

/**
 * The pattern of `--limit` with `@failed` replaced by the hosts that failed or could not be reached in the last run.
 *
 * @param playbook absolute
 * @throws {DiagnosticError} where there is no such host
 */
export function withFailedHosts(limit: string | undefined, playbook: string, name: string): string | undefined {
  if (limit === undefined || !/(^|[,:])!?@failed($|[,:])/.test(limit)) return limit;
  const run = runsOf(playbook)[0];
  if (!run) throw inputError("no-run", `--limit @failed: there is no run of '${name}' yet`);
  const hosts = hostsOutOf(reportOf(ownJournals().read(run)));
  if (hosts.length === 0) {
    const help = run.end?.exit === EXIT.fine ? undefined : "it did not end: '--resume' goes on with it";
    const message = `--limit @failed: no host failed in the last run of '${name}' (${run.short})`;
    throw inputError("no-run", message, undefined, help);
  }
  return limit.replace(
    /(^|[,:])(!?)@failed(?=$|[,:])/g,
    (_all, before, not) => before + hosts.map((host) => not + host),
  );
}
