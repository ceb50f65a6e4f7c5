/**
 * The closed list of things a plan may do to a host. Actions are data: unit cases compare them, check mode derives the
 * planned state of files from them, and {@linkcode Host.perform} is the one place that carries them out.
 *
 * @module
 */

/** A file of the controller that is too large to hold in memory; sent as a stream. */
export interface LocalFile {
  /** Its path on the controller. */
  readonly local: string;
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
}

/** What a file will hold. */
export type Content = string | Uint8Array | LocalFile;

/** Whose a path is and who may read it; what is left out stays as it is, or is the default for a new path. */
export interface Ownership {
  /** Permission bits, e.g. 0o644. A new file without it gets 0666 less the umask. */
  readonly mode?: number;
  /** A user name or number. */
  readonly owner?: string;
  readonly group?: string;
}

/** Writes a file atomically: temp file on the same filesystem, fsync, owner and mode, rename. */
export interface WriteAction extends Ownership {
  readonly do: "write";
  readonly path: string;
  readonly content: Content;
  /** A command line that must succeed on the new file (`%s`) before it replaces the old one. */
  readonly validate?: string;
  /** Keep the old file beside it as `PATH.<pid>.<time>~`. */
  readonly backup?: boolean;
}

/** Makes one directory; its parent exists. */
export interface MakeDirectoryAction extends Ownership {
  readonly do: "mkdir";
  readonly path: string;
}

/** Makes a symbolic (or hard) link, replacing a link that is there. */
export interface LinkAction {
  readonly do: "link";
  readonly path: string;
  readonly target: string;
  readonly hard?: boolean;
}

/** Removes a path and, of a directory, everything below it. */
export interface RemoveAction {
  readonly do: "remove";
  readonly path: string;
}

/** Sets permission bits and owner of a path that exists. Links are not followed for the owner. */
export interface OwnershipAction extends Ownership {
  readonly do: "ownership";
  readonly path: string;
  /** Also everything below; `mode` is then per entry in `modes` of the plan, not here. */
  readonly recursive?: boolean;
}

/** Sets the times of a file, making it empty if it is not there. Seconds since 1970, or `now`. */
export interface TimesAction {
  readonly do: "times";
  readonly path: string;
  readonly mtime?: number | "now";
  readonly atime?: number | "now";
}

/** Runs a command; any exit status but those in `accept` (default 0) fails the task with its output. */
export interface RunAction {
  readonly do: "run";
  readonly argv: readonly string[];
  /** Bytes or text for its standard input; the place for what must not be in an argv. */
  readonly stdin?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly accept?: readonly number[];
}

/** One thing a plan does. */
export type Action =
  | WriteAction
  | MakeDirectoryAction
  | LinkAction
  | RemoveAction
  | OwnershipAction
  | TimesAction
  | RunAction;
