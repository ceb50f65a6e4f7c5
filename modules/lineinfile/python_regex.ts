/**
 * Python's regular expressions, as playbooks write them, in JavaScript. Unless said otherwise both sides work on bytes: a
 * text is a string in which each character is one byte (Latin 1), as Ansible matches the bytes of a file.
 *
 * @module
 */

/** What is wrong with a pattern, and where: `index` counts characters from 0. */
export class PatternError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "PatternError";
  /** Made with a message without place; `index` counts in the pattern, or in the line that is filled in. */
  constructor(message: string, readonly index: number) {
    super(message);
  }
}

/** How a pattern is read, where not as bytes and without flags. */
export interface PatternOptions {
  /** The pattern and what it is matched against are text: `.` is a character, `\w` knows every alphabet. */
  readonly text?: boolean;
  /** Python's `re.MULTILINE`: `^` and `$` also match at each line. */
  readonly multiline?: boolean;
  /** Python's `re.DOTALL`: `.` also matches a line break. */
  readonly dotAll?: boolean;
  /** Python's `re.match`: only where the text begins. */
  readonly atStart?: boolean;
}

/** Letters that mean the same after a backslash in both languages. */
const SAME = new Set("dDwWbBtnrfv");
/** What Python calls white space in bytes; JavaScript's `\s` knows more. */
const SPACE = " \\t\\n\\r\\f\\v";
/** What Python calls so in text, inside of brackets. */
const TEXT_CLASSES: Readonly<Record<string, string>> = {
  w: "\\p{L}\\p{N}_",
  d: "\\p{Nd}",
  s: "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000",
};
const WORD = `[${TEXT_CLASSES.w}]`;
const EDGES: Readonly<Record<string, string>> = {
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
};
const GROUP_START = /\(\?(?:P<(\w+)>|P=(\w+)\)|([aiLmsux]+)(-[imsx]+)?([:)])|#|<[=!]|[:=!])/y;

/** Translates one pattern; the state of one pass over it. */
class Translator {
  #at = 0;
  #out = "";
  /** The flags outside of any group, and inside each open group. */
  readonly #flags: { multiline: boolean; dotAll: boolean }[];
  #ignoreCase = false;

  constructor(readonly pattern: string, readonly options: PatternOptions) {
    const { multiline = false, dotAll = false } = options;
    this.#flags = [{ multiline, dotAll }];
  }

  translate(): RegExp {
    while (this.#at < this.pattern.length) this.#step();
    try {
      const { text, atStart } = this.options;
      return new RegExp(this.#out, `${this.#ignoreCase ? "i" : ""}${text ? "u" : ""}${atStart ? "y" : ""}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^.*: /, "") : String(error);
      throw new PatternError(reason, 0);
    }
  }

  #step(): void {
    const character = this.pattern[this.#at];
    const { multiline, dotAll } = this.#flags.at(-1)!;
    if (character === "\\") return this.#escape(false);
    if (character === "[") return this.#set();
    if (character === "(") return this.#group();
    if (character === ")" && this.#flags.length > 1) this.#flags.pop();
    this.#at++;
    if (character === ".") this.#out += dotAll ? "[^]" : "[^\\n]";
    else if (character === "^") this.#out += multiline ? "(?<![^\\n])" : "(?<![^])";
    else if (character === "$") this.#out += multiline ? "(?![^\\n])" : "(?=\\n?(?![^]))";
    else if (character === "{") this.#out += this.#brace();
    else if (character === "+" && /([*+?]|(?<!\\)\})$/.test(this.#out) && this.#possessive()) {
      throw new PatternError("possessive quantifiers are not supported", this.#at - 1);
    } else this.#out += character === "}" || character === "]" ? `\\${character}` : character;
  }

  #possessive(): boolean {
    return /[*+?}]/.test(this.pattern[this.#at - 2] ?? "") && this.pattern[this.#at - 3] !== "\\";
  }

  /** A brace that is no repetition is a character. */
  #brace(): string {
    const rest = this.pattern.slice(this.#at);
    const upTo = /^,(\d+)\}/.exec(rest);
    if (upTo) {
      this.#at += upTo[0].length;
      return `{0,${upTo[1]}}`;
    }
    const repetition = /^\d+(,\d*)?\}/.exec(rest)?.[0];
    if (!repetition) return "\\{";
    this.#at += repetition.length;
    return `{${repetition}`;
  }

  #escape(inSet: boolean): void {
    const start = this.#at++;
    const letter = this.pattern[this.#at++];
    if (letter === undefined) throw new PatternError("the pattern ends with a backslash", start);
    const rest = this.pattern.slice(this.#at);
    if (this.options.text && /[wWdDsSbB]/.test(letter)) this.#textClass(letter, inSet, start);
    else if (letter === "s") this.#out += inSet ? SPACE : `[${SPACE}]`;
    else if (letter === "S") this.#out += this.#notSpace(inSet, start);
    else if (letter === "A" && !inSet) this.#out += "(?<![^])";
    else if (letter === "Z" && !inSet) this.#out += "(?![^])";
    else if (letter === "a") this.#out += "\\x07";
    else if (letter === "x" && /^[0-9A-Fa-f]{2}/.test(rest)) this.#out += "\\x";
    else if (/[0-9]/.test(letter)) this.#number(letter, inSet, start);
    else if (SAME.has(letter) && !(inSet && letter === "B")) this.#out += `\\${letter}`;
    else if (/[A-Za-z]/.test(letter)) throw new PatternError(`there is no escape '\\${letter}'`, start);
    else this.#out += /[$()*+\-./?[\\\]^{|}]/.test(letter) && (inSet || letter !== "-") ? `\\${letter}` : letter;
  }

  /** A class or an edge of words, which in text knows every alphabet. */
  #textClass(letter: string, inSet: boolean, start: number): void {
    const members = TEXT_CLASSES[letter.toLowerCase()];
    if (letter === "b" && inSet) this.#out += "\\x08";
    else if (inSet && members && letter !== letter.toLowerCase()) {
      throw new PatternError(`'\\${letter}' inside brackets is not supported`, start);
    } else if (inSet && members) this.#out += members;
    else if (members) this.#out += letter === letter.toLowerCase() ? `[${members}]` : `[^${members}]`;
    else this.#out += EDGES[letter] ?? "";
  }

  #notSpace(inSet: boolean, start: number): string {
    if (inSet) throw new PatternError("'\\S' inside brackets is not supported", start);
    return `[^${SPACE}]`;
  }

  /** A reference to a group, or a byte in octal. */
  #number(first: string, inSet: boolean, start: number): void {
    const octal = /^(0[0-7]{0,2}|[1-3][0-7]{2})/.exec(first + this.pattern.slice(this.#at));
    if (octal) {
      this.#at += octal[0].length - 1;
      this.#out += `\\x${parseInt(octal[0], 8).toString(16).padStart(2, "0")}`;
    } else if (inSet) {
      throw new PatternError(`there is no escape '\\${first}' inside brackets`, start);
    } else {
      const second = /^\d/.exec(this.pattern.slice(this.#at))?.[0] ?? "";
      this.#at += second.length;
      this.#out += `(?:\\${first}${second})`;
    }
  }

  /** A set of characters: a closing bracket that comes first is one of them. */
  #set(): void {
    const start = this.#at++;
    this.#out += "[";
    if (this.pattern[this.#at] === "^") this.#out += this.pattern[this.#at++];
    if (this.pattern[this.#at] === "]") {
      this.#out += "\\]";
      this.#at++;
    }
    while (this.pattern[this.#at] !== "]") {
      if (this.#at >= this.pattern.length) throw new PatternError("a '[' is not closed", start);
      if (this.pattern[this.#at] === "\\") this.#escape(true);
      else this.#out += this.pattern[this.#at++];
    }
    this.#out += "]";
    this.#at++;
  }

  #group(): void {
    const start = this.#at;
    this.#open();
    if (this.pattern[start + 1] !== "?") {
      this.#out += "(";
      this.#at++;
      return;
    }
    GROUP_START.lastIndex = start;
    const match = GROUP_START.exec(this.pattern);
    if (!match) throw new PatternError(`'${this.pattern.slice(start, start + 3)}' is not supported here`, start);
    const [whole, name, reference, on, off, end] = match;
    this.#at += whole.length;
    if (name) this.#out += `(?<${name}>`;
    else if (reference) this.#close(`\\k<${reference}>`);
    else if (whole === "(?#") this.#comment(start);
    else if (on) this.#setFlags(on, off, end, start);
    else this.#out += whole;
  }

  #open(): void {
    this.#flags.push({ ...this.#flags.at(-1)! });
  }

  #close(text: string): void {
    this.#flags.pop();
    this.#out += text;
  }

  #comment(start: number): void {
    const end = this.pattern.indexOf(")", this.#at);
    if (end === -1) throw new PatternError("a comment is not closed", start);
    this.#at = end + 1;
    this.#close("");
  }

  #setFlags(on: string, off: string | undefined, end: string, start: number): void {
    const wrong = /[Lux]/.exec(on)?.[0];
    if (wrong) throw new PatternError(`the flag '${wrong}' is not supported`, start);
    if (end === ")") {
      if (start !== 0) throw new PatternError(`flags for the whole pattern stand at its start: '(?${on})'`, start);
      this.#flags.pop();
    }
    const flags = this.#flags.at(-1)!;
    if (on.includes("m")) flags.multiline = true;
    if (on.includes("s")) flags.dotAll = true;
    if (off?.includes("m")) flags.multiline = false;
    if (off?.includes("s")) flags.dotAll = false;
    if (end === ")") this.#ignoreCase ||= on.includes("i");
    else this.#out += `(?${on.includes("i") ? "i" : ""}${off?.includes("i") ? "-i" : ""}:`;
  }
}

/**
 * Compiles a Python pattern.
 *
 * @throws {PatternError} for what Python would refuse and for what has no counterpart
 */
export function compilePattern(pattern: string, options: PatternOptions = {}): RegExp {
  return new Translator(options.text ? pattern : toBytes(pattern), options).translate();
}

/**
 * Fills a Python replacement (`\1`, `\g<name>`) from a match.
 *
 * @throws {PatternError} for a group that the pattern does not have
 */
export function expand(template: string, match: RegExpExecArray): string {
  return template.replace(
    /\\(?:g<(\w+)>|([1-9]\d?)|(0[0-7]{0,2})|([^]))/g,
    (whole, name, number, octal, other, index) => {
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
      if (other !== undefined) return control(whole, other, index);
      const group = name ?? number;
      if (/^\d+$/.test(group)) {
        if (Number(group) >= match.length) throw new PatternError(`there is no group ${group}`, index);
        return match[Number(group)] ?? "";
      }
      if (!Object.hasOwn(match.groups ?? {}, group)) throw new PatternError(`there is no group '${group}'`, index);
      return match.groups![group] ?? "";
    },
  );
}

const CONTROLS: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
  b: "\b",
  "\\": "\\",
};

function control(whole: string, letter: string, index: number): string {
  if (Object.hasOwn(CONTROLS, letter)) return CONTROLS[letter];
  if (/[A-Za-z]/.test(letter)) throw new PatternError(`there is no escape '\\${letter}'`, index);
  return whole;
}

/** The UTF-8 bytes of a text, one character a byte. */
export function toBytes(text: string): string {
  return fromBytes(new TextEncoder().encode(text));
}

/** Bytes as a string, one character a byte. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** The bytes of a string in which each character is one byte. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
