/**
 * Permission bits as operators write them: octal or symbolic, resolved against what is there.
 *
 * @module
 */

const SHIFT: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const SPECIAL: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  u: { s: 0o4000 },
  g: { s: 0o2000 },
  o: { t: 0o1000 },
};

/** The umask that a new path is expected to meet, and that a clause without `ugoa` respects. */
const UMASK = 0o022;

/** The bits of a new path that is given no mode. */
export function defaultMode(directory: boolean): number {
  return (directory ? 0o777 : 0o666) & ~UMASK;
}

/** Four octal digits, e.g. `0644`. */
export function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/**
 * The bits that a mode argument asks for.
 *
 * @param wanted octal (`0644`) or symbolic (`u=rwX,g-w`), as the schema's `mode()` lets through
 * @param current the bits that are there, or {@linkcode defaultMode} for a new path
 */
export function resolveMode(wanted: string, current: number, directory: boolean): number {
  if (/^[0-7]+$/.test(wanted)) return parseInt(wanted, 8);
  let mode = current;
  for (const clause of wanted.split(",")) {
    const users = /^[ugoa]*/.exec(clause)?.[0] ?? "";
    // As in chmod, a clause that names nobody leaves alone what the umask takes away.
    const mask = users === "" ? ~UMASK : ~0;
    for (const [, operator, letters] of clause.slice(users.length).matchAll(/([-+=])([^-+=]*)/g)) {
      for (const user of users === "" || users.includes("a") ? "ugo" : users) {
        const bits = bitsOf(user, letters, current, directory) & mask;
        mode = operator === "+" ? mode | bits : operator === "-" ? mode & ~bits : mode & ~allBits(user) | bits;
      }
    }
  }
  return mode;
}

function bitsOf(user: string, letters: string, current: number, directory: boolean): number {
  let bits = 0;
  for (const letter of letters) bits |= bitOf(user, letter, current, directory);
  return bits;
}

function bitOf(user: string, letter: string, current: number, directory: boolean): number {
  const shift = SHIFT[user];
  if (letter === "r") return 4 << shift;
  if (letter === "w") return 2 << shift;
  if (letter === "x") return 1 << shift;
  if (letter === "X") return directory || (current & 0o111) !== 0 ? 1 << shift : 0;
  if (letter in SHIFT) return ((current >> SHIFT[letter]) & 7) << shift;
  return SPECIAL[user][letter] ?? 0;
}

function allBits(user: string): number {
  const special = Object.values(SPECIAL[user]).reduce((sum, bit) => sum | bit, 0);
  return 7 << SHIFT[user] | special;
}
