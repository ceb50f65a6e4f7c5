/** A text that no path, name or argument can be, as the system ends them at NUL. */
export class NulError extends TypeError {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "NulError";
  /** Made with the text. */
  constructor(text: string) {
    const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).replaceAll("\\u0000", "\\0");
    super(`a path, a name or an argument of a command cannot hold a NUL character: ${shown}`);
  }
}

/**
 * Quotes one argument for a POSIX shell: what arrives is the very text, and nothing else runs. The one function that
 * every shell argument goes through.
 *
 * @throws {NulError} for a text with a NUL character, which no argument can hold
 */
export function shellQuote(argument: string): string {
  if (argument.includes("\0")) throw new NulError(argument);
  if (/^[A-Za-z0-9_\/.:=@%+,-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** Quotes each argument and joins them with spaces. */
export function shellCommand(argv: readonly string[]): string {
  return argv.map(shellQuote).join(" ");
}
