/**
 * The folder of journals: one file a run, for its owner alone, named after when the run began and its id.
 *
 * @module
 */

import { join } from "node:path";
import { EXIT } from "./run.ts";
import { type EndLine, Journal, type JournalLine, type RunLine } from "./journal.ts";

/** So many runs are kept; the oldest go. */
const KEPT = 50;

/** As much of a file's end surely holds its last line. */
const TAIL = 4096;

/** How much of an id people type. */
const SHORT = 8;

/** A run that has a journal. */
export interface KnownRun {
  /** Where its journal is. */
  readonly path: string;
  /** The first part of its id, as people type it. */
  readonly short: string;
  /** Which run it is. */
  readonly header: RunLine;
  /** How it ended; undefined where its controller was killed, and while it is under way. */
  readonly end?: EndLine;
  /** Whether a controller is at it now. */
  readonly isUnderWay: boolean;
}

/** A journal that is written. */
export interface OpenJournal {
  /** Keeps the events. */
  readonly journal: Journal;
  /** Lets go of the file; the journal takes no more. */
  close(): void;
}

/** The folder for this user's journals; undefined where no home is known. */
export function journalFolder(): string | undefined {
  const state = Deno.env.get("XDG_STATE_HOME");
  if (state?.startsWith("/")) return join(state, "aami", "runs");
  const home = Deno.env.get("HOME");
  return home ? join(home, ".local", "state", "aami", "runs") : undefined;
}

/** The first part of an id, as people type it. */
export function shortId(id: string): string {
  return id.slice(0, SHORT);
}

/** The journals of a folder. */
export class Journals {
  /** Nothing is read or made yet. */
  constructor(readonly folder: string) {}

  /**
   * Begins a journal; the oldest beyond the last fifty goes.
   *
   * @param lost called once when nothing more can be written
   * @throws {Error} of the system, where the folder cannot be made or written
   */
  begin(header: Omit<RunLine, "line" | "schema" | "id" | "at">, lost: (error: unknown) => void): OpenJournal {
    Deno.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.#forgetOld();
    const id = crypto.randomUUID();
    const at = new Date().toISOString();
    const name = `${at.replace(/[-:.]/g, "")}-${id}.jsonl`;
    const file = Deno.openSync(join(this.folder, name), { append: true, read: true, createNew: true, mode: 0o600 });
    lock(file);
    writeAll(file, `${JSON.stringify({ line: "run", schema: 1, id, at, ...header })}\n`);
    return opened(id, file, lost);
  }

  /**
   * Goes on with a journal; a line that its controller did not write to the end is taken off.
   *
   * @throws {Error} of the system, or where another controller is at it
   */
  resume({ path, header }: KnownRun, lost: (error: unknown) => void): OpenJournal & { readonly lines: JournalLine[] } {
    const file = Deno.openSync(path, { read: true, append: true });
    if (!lock(file)) {
      file.close();
      throw new Error("it is still under way");
    }
    const bytes = Deno.readFileSync(path);
    file.truncateSync(bytes.lastIndexOf(10) + 1);
    const lines = linesOf(new TextDecoder().decode(bytes));
    writeAll(file, `${JSON.stringify({ line: "resumed", at: new Date().toISOString() })}\n`);
    return { ...opened(header.id, file, lost), lines };
  }

  /** The runs, the newest first; files that are none are left out. */
  list(): KnownRun[] {
    return this.#names().flatMap((name) => this.#known(join(this.folder, name)) ?? []);
  }

  /** What a run wrote, without a line that was not written to the end. */
  read({ path }: KnownRun): JournalLine[] {
    return linesOf(Deno.readTextFileSync(path));
  }

  #names(): string[] {
    try {
      return [...Deno.readDirSync(this.folder)].map(({ name }) => name).filter((name) => name.endsWith(".jsonl"))
        .sort().reverse();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  #known(path: string): KnownRun | undefined {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path, { read: true });
    } catch {
      // Gone, as another run began meanwhile.
      return undefined;
    }
    try {
      const isUnderWay = !lock(file);
      const header = firstLine(file);
      if (header?.line !== "run" || header.schema !== 1) return undefined;
      const end = isUnderWay ? undefined : lastLine(file);
      const ended = end?.line === "end" ? { end } : {};
      return { path, short: shortId(header.id), header, isUnderWay, ...ended };
    } finally {
      file.close();
    }
  }

  #forgetOld(): void {
    for (const name of this.#names().slice(KEPT - 1)) {
      const path = join(this.folder, name);
      if (this.#known(path)?.isUnderWay) continue;
      try {
        Deno.removeSync(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}

/** Whether a run can be resumed: it is not under way, changes things, and did not end well. */
export function canBeResumed({ header, end, isUnderWay }: KnownRun): boolean {
  return !isUnderWay && !header.check && end?.exit !== EXIT.fine;
}

function opened(id: string, file: Deno.FsFile, lost: (error: unknown) => void): OpenJournal {
  const journal = new Journal(id, (text) => writeAll(file, text), lost);
  return {
    journal,
    close() {
      journal.flush();
      file.close();
    },
  };
}

function writeAll(file: Deno.FsFile, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

/** Whether nobody else is at a file. The system lets go of the lock when the process ends, however it does. */
function lock(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch {
    // A file system without locks.
    return true;
  }
}

function firstLine(file: Deno.FsFile): JournalLine | undefined {
  let text = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(TAIL);
  while (!text.includes("\n")) {
    const count = file.readSync(buffer);
    if (count === null) return undefined;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return linesOf(text.slice(0, text.indexOf("\n") + 1))[0];
}

function lastLine(file: Deno.FsFile): JournalLine | undefined {
  const { size } = file.statSync();
  const from = Math.max(0, size - TAIL);
  file.seekSync(from, Deno.SeekMode.Start);
  const buffer = new Uint8Array(size - from);
  for (let done = 0; done < buffer.length;) {
    const count = file.readSync(buffer.subarray(done));
    if (count === null) break;
    done += count;
  }
  return linesOf(new TextDecoder().decode(buffer)).at(-1);
}

/** The lines of a text that are whole. */
function linesOf(text: string): JournalLine[] {
  return text.split("\n").slice(0, -1).flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalLine];
    } catch {
      return [];
    }
  });
}
