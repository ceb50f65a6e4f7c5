/**
 * What a bundle was built from. A checkout has none: it asks git. `deno task compile` puts a module of this form, with
 * the values, in this one's place.
 *
 * @module
 */

/** A commit. */
export interface Build {
  /** Seven digits of its hash, and `+changes` where the files were not the commit's. */
  readonly commit: string;
  /** When it was made, e.g. `2026-11-20T10:00:00Z`. */
  readonly date: string;
}

/** The commit of a bundle; undefined in a checkout. */
export const build: Build | undefined = undefined as Build | undefined;
