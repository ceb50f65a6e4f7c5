import { type Diagnostic, DiagnosticError } from "../support/diagnostic.ts";

/** Collects findings, so that a playbook's errors are told in one go: in the order of the file, and each once. */
export class Findings {
  readonly #found: Diagnostic[] = [];

  /** Runs a part of the loading; what is wrong in it is kept, and the rest goes on. */
  async keep<T>(part: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await part();
    } catch (error) {
      this.#take(error);
      return undefined;
    }
  }

  /** As {@linkcode keep}, for a part that does not wait. */
  attempt<T>(part: () => T): T | undefined {
    try {
      return part();
    } catch (error) {
      this.#take(error);
      return undefined;
    }
  }

  /** Adds findings. */
  add(...found: readonly Diagnostic[]): void {
    this.#found.push(...found);
  }

  /**
   * Ends the collecting.
   *
   * @throws {DiagnosticError} with all that was found
   */
  report(): void {
    if (this.#found.length > 0) throw new DiagnosticError(inOrder(this.#found));
  }

  #take(error: unknown): void {
    if (!(error instanceof DiagnosticError)) throw error;
    this.#found.push(...error.diagnostics);
  }
}

/** File by file in the order they were met, each from its top; what a role used twice says twice is said once. */
function inOrder(found: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(found.map((finding) => finding.span?.source.path))];
  const seen = new Set<string>();
  const once = found.filter(({ span, message }) => {
    const key = JSON.stringify([span?.source.path, span?.start, message]);
    return !seen.has(key) && seen.add(key);
  });
  const file = (finding: Diagnostic) => files.indexOf(finding.span?.source.path);
  return once.sort((a, b) => file(a) - file(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
