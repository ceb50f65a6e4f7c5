/**
 * Python's regular expressions, as playbooks write them, in JavaScript. Both sides work on bytes: a text is a string in
 * which each character is one byte (Latin 1), as Ansible matches the bytes of a file.
 *
 * @module
 */

/** What is wrong with a pattern, and where: `index` counts characters from 0. */
export class PatternError extends Error {
  override readonly name = "PatternError";
  constructor(message: string, readonly index: number) {
    super(message);
  }
}

/** Letters that mean the same after a backslash in both languages. */
const SAME = new Set("dDwWbBtnrfv");
/** What Python calls white space in bytes; JavaScript's `\s` knows more. */
const SPACE = " \\t\\n\\r\\f\\v";
const GROUP_START = /\(\?(?:P<(\w+)>|P=(\w+)\)|([aiLmsux]+)(-[imsx]+)?([:)])|#|<[=!]|[:=!])/y;

/** Translates one pattern; the state of one pass over it. */
class Translator {
  #at = 0;
  #out = "";
  /** The flags outside of any group, and inside each open group. */
  readonly #flags: { multiline: boolean; dotAll: boolean }[] = [{ multiline: false, dotAll: false }];
  #ignoreCase = false;

  constructor(readonly pattern: string) {}

  translate(): RegExp {
    while (this.#at < this.pattern.length) this.#step();
    try {
      return new RegExp(this.#out, this.#ignoreCase ? "i" : "");
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
    else if (character === "+" && /[*+?}]$/.test(this.#out) && this.#possessive()) {
      throw new PatternError("possessive quantifiers are not supported", this.#at - 1);
    } else this.#out += character;
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
    return /^\d+(,\d*)?\}/.test(rest) ? "{" : "\\{";
  }

  #escape(inSet: boolean): void {
    const start = this.#at++;
    const letter = this.pattern[this.#at++];
    if (letter === undefined) throw new PatternError("the pattern ends with a backslash", start);
    const rest = this.pattern.slice(this.#at);
    if (letter === "s") this.#out += inSet ? SPACE : `[${SPACE}]`;
    else if (letter === "S") this.#out += this.#notSpace(inSet, start);
    else if (letter === "A" && !inSet) this.#out += "(?<![^])";
    else if (letter === "Z" && !inSet) this.#out += "(?![^])";
    else if (letter === "a") this.#out += "\\x07";
    else if (letter === "x" && /^[0-9A-Fa-f]{2}/.test(rest)) this.#out += "\\x";
    else if (/[0-9]/.test(letter)) this.#number(letter, inSet, start);
    else if (SAME.has(letter) && !(inSet && letter === "B")) this.#out += `\\${letter}`;
    else if (/[A-Za-z]/.test(letter)) throw new PatternError(`there is no escape '\\${letter}'`, start);
    else this.#out += `\\${letter}`;
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
export function compilePattern(pattern: string): RegExp {
  return new Translator(toBytes(pattern)).translate();
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
