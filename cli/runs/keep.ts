/**
 * Keeps the journals of `aami play`.
 *
 * @module
 */

import type { RunOptions } from "../../engine/run/context.ts";
import { journalFolder, Journals, type KnownRun, type OpenJournal, shortId } from "../../engine/run/journals.ts";
import { Replay } from "../../engine/run/replay.ts";
import { formatDiagnostic, inputError } from "../../engine/support/diagnostic.ts";
import type { PlayFlags } from "../play_options.ts";
import type { Terminal } from "../terminal.ts";
import { ownJournals } from "./find.ts";
import { keptFlags } from "./resume.ts";

/** The journal of one run. */
export interface Kept {
  /** What the playbook was called on the command line. */
  readonly name: string;
  /** What the run is given. */
  readonly options: Pick<RunOptions, "journal" | "replay">;
  /** The first part of the run's id; undefined where no journal is kept. */
  readonly short?: string;
  /** Lets go of the journal. */
  close(): void;
}

/** What journals are begun with. */
export interface Keeping {
  /** The flags of the run. */
  readonly flags: PlayFlags;
  /** The same, read. */
  readonly options: RunOptions;
  /** Where is told that no journal can be kept. */
  readonly terminal: Terminal;
  /** The run that goes on; undefined for a new one. */
  readonly resumed?: KnownRun;
}

/**
 * Begins the journal of a run, or goes on with the one of a run that is resumed. Where no new one can be kept, that is
 * told, and the run goes on without.
 *
 * @param path the playbook, absolute
 * @param name what it was called on the command line
 * @throws {DiagnosticError} where a run cannot be resumed
 */
export function keepRun(path: string, name: string, { flags, options, terminal, resumed }: Keeping): Kept {
  return { ...resumed ? keepOn(resumed, terminal) : keep(path, flags, options, terminal), name };
}

function keep(playbook: string, flags: PlayFlags, options: RunOptions, terminal: Terminal): Omit<Kept, "name"> {
  const lost = (error: unknown) => tellLost(error, terminal);
  try {
    const folder = journalFolder();
    if (folder === undefined) throw new Error("neither HOME nor XDG_STATE_HOME is set");
    const header = {
      playbook,
      check: options.check,
      directory: Deno.cwd(),
      flags: keptFlags(flags),
      extraVars: [...options.extraVars.keys()],
    };
    return kept(new Journals(folder).begin(header, lost));
  } catch (error) {
    lost(error);
    return { options: {}, close: () => {} };
  }
}

function keepOn(run: KnownRun, terminal: Terminal): Omit<Kept, "name"> {
  try {
    const open = ownJournals().resume(run, (error) => tellLost(error, terminal));
    const { options, ...rest } = kept(open);
    return { ...rest, options: { ...options, replay: new Replay(open.lines) } };
  } catch (error) {
    throw inputError("resume", `run ${run.short} cannot be resumed: ${reason(error)}`);
  }
}

function kept({ journal, close }: OpenJournal): Omit<Kept, "name"> {
  return { options: { journal }, short: shortId(journal.id), close };
}

function tellLost(error: unknown, terminal: Terminal): void {
  const message = `no journal of this run is kept, so it cannot be resumed: ${reason(error)}`;
  const help = "set XDG_STATE_HOME to a folder that can be written";
  terminal.talk(formatDiagnostic({ severity: "warning", code: "journal", message, help }, terminal.paintTalk));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
