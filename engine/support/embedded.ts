/**
 * The built-in files that a bundle carries. A checkout has none: it reads them from disk. `deno task compile` puts a
 * module of this form, with the texts, in this one's place.
 *
 * @module
 */

/** The built-in files of a bundle. */
export interface Embedded {
  /** Path below the root, e.g. `playbooks/install-stack.yml`, and its text. */
  readonly texts: Readonly<Record<string, string>>;
  /** Those that may be executed. */
  readonly executable: readonly string[];
}

/** Loads the built-in files; undefined in a checkout. */
export const embedded: (() => Promise<Embedded>) | undefined = undefined as (() => Promise<Embedded>) | undefined;
