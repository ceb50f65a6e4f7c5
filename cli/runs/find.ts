/**
 * Finds runs by what people type: the first characters of an id, or nothing for the last one.
 *
 * @module
 */

import { journalFolder, Journals, type KnownRun } from "../../engine/run/journals.ts";
import { inputError } from "../../engine/support/diagnostic.ts";
import { didYouMean } from "../../engine/support/suggest.ts";

/** This user's journals. @throws {DiagnosticError} where no home is known */
export function ownJournals(): Journals {
  const folder = journalFolder();
  if (folder !== undefined) return new Journals(folder);
  throw inputError("no-run", "there is no place for journals of runs", undefined, "set HOME or XDG_STATE_HOME");
}

/** The runs of a playbook, newest first; of all playbooks where none is named. */
export function runsOf(playbook?: string): KnownRun[] {
  return ownJournals().list().filter(({ header }) => playbook === undefined || header.playbook === playbook);
}

/**
 * The run whose id begins so; the last one where nothing is said.
 *
 * @throws {DiagnosticError} where there is none, or several begin so
 */
export function findRun(id: string | undefined, runs: readonly KnownRun[] = runsOf()): KnownRun {
  if (id === undefined) {
    if (runs.length > 0) return runs[0];
    throw inputError("no-run", "there is no run yet", undefined, "'aami play' keeps a journal of each run");
  }
  const found = runs.filter(({ header }) => header.id.startsWith(id));
  if (found.length === 1) return found[0];
  if (found.length > 1 && id !== "") {
    const help = `there are ${found.map(({ header }) => header.id).join(", ")}`;
    throw inputError("no-run", `several runs begin with '${id}'`, undefined, help);
  }
  const help = didYouMean(id, runs.map(({ short }) => short)) ?? "'aami runs list' lists the last 50";
  throw inputError("no-run", `there is no run '${id}'`, undefined, help);
}
