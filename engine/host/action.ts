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
  /** In bytes. */
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
  /** A group name or number. */
  readonly group?: string;
}

/** Writes a file atomically: temp file on the same filesystem, fsync, owner and mode, rename. */
export interface WriteAction extends Ownership {
  /** The kind of action: the path becomes a file of this content. */
  readonly do: "write";
  /** Where the file lies, absolute. */
  readonly path: string;
  /** What the file holds afterwards, the whole of it. */
  readonly content: Content;
  /** A command line that must succeed on the new file (`%s`) before it replaces the old one. */
  readonly validate?: string;
  /** Keep the old file beside it as `PATH.<pid>.<time>~`. */
  readonly backup?: boolean;
}

/** Makes one directory; its parent exists. */
export interface MakeDirectoryAction extends Ownership {
  /** The kind of action: a directory is made. */
  readonly do: "mkdir";
  /** The directory to make, absolute. */
  readonly path: string;
}

/** Makes a symbolic (or hard) link, replacing a link that is there. */
export interface LinkAction {
  /** The kind of action: a link is made. */
  readonly do: "link";
  /** Where the link lies, absolute. */
  readonly path: string;
  /** What a symbolic link holds, as written; of a hard link the path of a file that exists. */
  readonly target: string;
  /** A hard link instead of a symbolic one; default false. */
  readonly hard?: boolean;
}

/** Removes a path and, of a directory, everything below it. */
export interface RemoveAction {
  /** The kind of action: whatever lies at the path goes. */
  readonly do: "remove";
  /** What to remove, absolute; it is no error where nothing lies there. */
  readonly path: string;
}

/** Sets permission bits and owner of a path that exists. Links are not followed for the owner. */
export interface OwnershipAction extends Ownership {
  /** The kind of action: mode and owner are set. */
  readonly do: "ownership";
  /** What gets the mode and owner, absolute; it exists. */
  readonly path: string;
  /** Also everything below; `mode` is then per entry in `modes` of the plan, not here. */
  readonly recursive?: boolean;
}

/** Sets the times of a file, making it empty if it is not there. Seconds since 1970, or `now`. */
export interface TimesAction {
  /** The kind of action: times are set. */
  readonly do: "times";
  /** The file, absolute. */
  readonly path: string;
  /** When its content changed; undefined leaves it. Fractions of a second are dropped. */
  readonly mtime?: number | "now";
  /** When it was read; undefined leaves it. Fractions of a second are dropped. */
  readonly atime?: number | "now";
}

/** Runs a command; any exit status but those in `accept` (default 0) fails the task with its output. */
export interface RunAction {
  /** The kind of action: a command runs. */
  readonly do: "run";
  /** The program and its arguments; no shell expands them. */
  readonly argv: readonly string[];
  /** Bytes or text for its standard input; the place for what must not be in an argv. */
  readonly stdin?: string | Uint8Array;
  /** Variables beside the task's own, which they override. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The working directory, absolute; undefined for where the user's shell begins. */
  readonly directory?: string;
  /** The exit statuses that count as success; default `[0]`. */
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
