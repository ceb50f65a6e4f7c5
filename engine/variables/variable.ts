/**
 * What the parts of the engine share about variables. A variable is evaluated when it is looked at, in the scope of the
 * host and task that look at it, as operators expect from Ansible.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import type { Span } from "../support/diagnostic.ts";

/** Something that has a value in a scope. */
export interface Variable {
  /** Where it was written, if an operator wrote it. */
  readonly span?: Span;
  /** The value where it does not depend on the scope. */
  readonly constant?: Value;
  /**
   * Its value in a scope.
   *
   * @throws {DiagnosticError} for an undefined name, a type error, a loop of references
   * @throws {PendingError} when it rests on something that is not known yet
   */
  evaluate(scope: Scope): Value;
}

/** The variables of one level of precedence. */
export type Layer = ReadonlyMap<string, Variable>;

/** The variables that one host's task sees: layers by precedence. */
export interface Scope {
  /** The variable's value, evaluated once per scope, or undefined where no layer has it. */
  get(name: string): Value | undefined;
  /** Whether a layer has it; does not evaluate. */
  has(name: string): boolean;
  /** Where the variable was written; undefined where it is not there, or was not written by an operator. */
  placeOf(name: string): Span | undefined;
  /** All names, for suggestions. */
  names(): Iterable<string>;
  /** What `env()` and `file()` read; this process's environment and working directory where it is left out. */
  readonly controller?: Controller;
}

/** What expressions may read of the machine that aami runs on. */
export interface Controller {
  /** An environment variable, or undefined where it is unset. */
  env(name: string): string | undefined;
  /** A file's text; a relative path is relative to the playbook's directory. @throws {Error} where it cannot be read */
  readFile(path: string): string;
  /** The value of a `!vault` text. @throws {DiagnosticError} at `span` where it cannot be decrypted */
  decrypt(text: string, span: Span): string;
  /** Told what a function made of its arguments: what it made of a secret is one too. */
  derived(args: readonly Value[], result: Value): void;
}

/**
 * A value that is not known yet: the result of a task that has not run (lookahead), or that check mode did not run.
 * Whoever looks at it becomes unknown too.
 */
export class PendingError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "PendingError";
  /**
   * Made with the name of what is not known, which the message repeats.
   *
   * @param what names it for the operator, e.g. `'release.stdout', which task 'Read the release' sets`
   */
  constructor(readonly what: string) {
    super(`rests on ${what}`);
  }
}

/** Thrown when a fact is looked at that has not been gathered; the engine gathers the facts and evaluates again. */
export class FactsNeeded extends PendingError {
  constructor() {
    super("the host's facts");
  }
}
