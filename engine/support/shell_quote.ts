/**
 * Quotes one argument for a POSIX shell: what arrives is the very text, and nothing else runs. The one function that
 * every shell argument goes through.
 *
 * @throws {TypeError} for a text with a NUL character, which no argument can hold
 */
export function shellQuote(argument: string): string {
  if (argument.includes("\0")) throw new TypeError("an argument cannot hold a NUL character");
  if (/^[A-Za-z0-9_\/.:=@%+,-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** Quotes each argument and joins them with spaces. */
export function shellCommand(argv: readonly string[]): string {
  return argv.map(shellQuote).join(" ");
}
