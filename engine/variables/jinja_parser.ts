/**
 * Parses a Jinja expression and writes it in CEL. CEL's own operators are understood too, since people mix them.
 *
 * @module
 */

import type { JinjaToken } from "./jinja_tokens.ts";
import { type Cel, filterToCel, methodToCel, testToCel } from "./jinja_words.ts";

/** The first part of the text that is Jinja. */
export interface JinjaPart {
  /** The first character's offset in the expression. */
  readonly start: number;
  /** The offset behind the last character. */
  readonly end: number;
  /** How the message shows it. */
  readonly shown: string;
  /** Its word, for help where the whole cannot be translated. */
  readonly word: string;
}

/** Precedences of CEL, low to high. */
const TERNARY = 1, OR = 2, AND = 3, COMPARE = 4, ADD = 6, MULTIPLY = 7, UNARY = 8, POSTFIX = 9;

const CONSTANTS: ReadonlyMap<string, string> = new Map([["True", "true"], ["False", "false"], ["None", "null"], [
  "none",
  "null",
]]);

class Unknown extends Error {}

/** A recursive-descent parser; recursion is bounded by the number of brackets. */
export class JinjaParser {
  /** The first part that is Jinja, if any. */
  habit: JinjaPart | undefined;
  #at = 0;
  #depth = 0;

  /** Made with all tokens of one expression, in order. */
  constructor(readonly tokens: readonly JinjaToken[]) {}

  /** The expression in CEL; undefined where it cannot be said. */
  parse(): string | undefined {
    try {
      const result = this.#ternary();
      return this.#at === this.tokens.length ? result.text : undefined;
    } catch (error) {
      if (error instanceof Unknown || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  #peek(text: string, ahead = 0): boolean {
    const token = this.tokens[this.#at + ahead];
    return token !== undefined && token.kind !== "string" && token.text === text;
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new Unknown();
  }

  #name(): string {
    const token = this.tokens[this.#at++];
    if (token?.kind !== "name") throw new Unknown();
    return token.text;
  }

  /** Remembers the tokens from `first` up to the current one as Jinja. */
  #mark(first: number, shown?: string): void {
    if (this.habit) return;
    const from = this.tokens[first];
    const words = this.tokens.slice(first, this.#at).map((token) => token.text).join(" ");
    const { end } = this.tokens[Math.max(first, this.#at - 1)];
    this.habit = { start: from.start, end, shown: shown ?? words, word: from.text };
  }

  #ternary(): Cel {
    if (++this.#depth > 100) throw new Unknown();
    const value = this.#or();
    this.#depth--;
    const first = this.#at;
    if (this.#take("?")) {
      const then = this.#ternary();
      this.#expect(":");
      return { text: `${wrap(value, OR)} ? ${then.text} : ${this.#ternary().text}`, level: TERNARY };
    }
    if (!this.#take("if")) return value;
    this.#mark(first);
    const condition = this.#or();
    const otherwise = this.#take("else") ? this.#ternary().text : "''";
    return { text: `${wrap(condition, OR)} ? ${wrap(value, OR)} : ${otherwise}`, level: TERNARY };
  }

  #or(): Cel {
    return this.#chain(["or", "||"], "||", OR, () => this.#and());
  }

  #and(): Cel {
    return this.#chain(["and", "&&"], "&&", AND, () => this.#not());
  }

  #chain(words: readonly [string, string], operator: string, level: number, next: () => Cel): Cel {
    let left = next();
    while (true) {
      const first = this.#at;
      if (this.#take(words[0])) this.#mark(first);
      else if (!this.#take(words[1])) return left;
      left = { text: `${wrap(left, level)} ${operator} ${wrap(next(), level + 1)}`, level };
    }
  }

  #not(): Cel {
    const first = this.#at;
    if (!this.#take("not")) return this.#compare();
    this.#mark(first);
    return negate(this.#not());
  }

  #compare(): Cel {
    let left = this.#add();
    while (true) {
      const first = this.#at;
      const operator = ["==", "!=", "<", "<=", ">", ">=", "in"].find((one) => this.#take(one));
      if (operator) {
        left = { text: `${wrap(left, COMPARE)} ${operator} ${wrap(this.#add(), ADD)}`, level: COMPARE };
      } else if (this.#peek("not") && this.#peek("in", 1)) {
        this.#at += 2;
        this.#mark(first);
        left = negate({ text: `${wrap(left, COMPARE)} in ${wrap(this.#add(), ADD)}`, level: COMPARE });
      } else return left;
    }
  }

  #add(): Cel {
    let left = this.#multiply();
    while (true) {
      const first = this.#at;
      if (this.#take("~")) {
        this.#mark(first);
        left = { text: `${asString(left)} + ${asString(this.#multiply())}`, level: ADD };
        continue;
      }
      const operator = this.#take("+") ? "+" : this.#take("-") ? "-" : undefined;
      if (!operator) return left;
      left = { text: `${wrap(left, ADD)} ${operator} ${wrap(this.#multiply(), MULTIPLY)}`, level: ADD };
    }
  }

  #multiply(): Cel {
    let left = this.#unary();
    while (true) {
      const first = this.#at;
      if (this.#take("**")) {
        this.#mark(first);
        throw new Unknown();
      }
      const operator = ["*", "/", "%", "//"].find((one) => this.#take(one));
      if (!operator) return left;
      if (operator === "//") this.#mark(first);
      left = { text: `${wrap(left, MULTIPLY)} ${operator[0]} ${wrap(this.#unary(), UNARY)}`, level: MULTIPLY };
    }
  }

  #unary(): Cel {
    if (this.#take("!")) return negate(this.#unary());
    if (this.#take("-")) return { text: `-${wrap(this.#unary(), UNARY)}`, level: UNARY };
    return this.#postfix(this.#primary());
  }

  #postfix(start: Cel): Cel {
    let value = start;
    while (true) {
      const first = this.#at;
      if (this.#take(".")) value = this.#member(value, first);
      else if (this.#take("[")) {
        const index = this.#ternary();
        this.#expect("]");
        value = { text: `${wrap(value, POSTFIX)}[${index.text}]`, level: POSTFIX };
      } else if (this.#take("|")) {
        const name = this.#name();
        this.#mark(first, `| ${name}`);
        value = this.#known(filterToCel(name, value, this.#peek("(") ? this.#arguments() : []));
      } else if (this.#take("is")) value = this.#test(value, first);
      else return value;
    }
  }

  #test(value: Cel, first: number): Cel {
    const isNegated = this.#take("not");
    const name = this.#name();
    this.#mark(first);
    const args = this.#peek("(") ? this.#arguments() : [];
    const result = this.#known(testToCel(name, value, args));
    return isNegated ? negate(result) : result;
  }

  #member(value: Cel, first: number): Cel {
    const name = this.#name();
    const nameAt = this.#at - 1;
    if (!this.#peek("(")) return { text: `${wrap(value, POSTFIX)}.${name}`, level: POSTFIX };
    const args = this.#arguments();
    const translated = methodToCel(name, value, args);
    if (!translated) {
      return { text: `${wrap(value, POSTFIX)}.${name}(${args.map((arg) => arg.text).join(", ")})`, level: POSTFIX };
    }
    const end = this.#at;
    this.#at = nameAt + 1;
    this.#mark(Math.max(first, nameAt), `.${name}()`);
    this.#at = end;
    return translated;
  }

  #primary(): Cel {
    const token = this.tokens[this.#at++];
    if (!token) throw new Unknown();
    if (token.kind === "number" || token.kind === "string") return { text: token.text, level: POSTFIX };
    if (token.kind === "name") return this.#nameOrCall(token);
    if (token.text === "(") {
      const inner = this.#ternary();
      this.#expect(")");
      return inner;
    }
    if (token.text === "[") return { text: `[${this.#until("]", () => this.#ternary().text)}]`, level: POSTFIX };
    if (token.text !== "{") throw new Unknown();
    const entry = () => {
      const key = this.#ternary().text;
      this.#expect(":");
      return `${key}: ${this.#ternary().text}`;
    };
    return { text: `{${this.#until("}", entry)}}`, level: POSTFIX };
  }

  #nameOrCall(token: JinjaToken): Cel {
    const first = this.#at - 1;
    const constant = CONSTANTS.get(token.text);
    if (constant) {
      this.#mark(first);
      return { text: constant, level: POSTFIX };
    }
    if (/^(is|and|or|not|if|else|in)$/.test(token.text)) throw new Unknown();
    if (!this.#peek("(")) return { text: token.text, level: POSTFIX };
    const args = this.#arguments();
    if (token.text !== "lookup" && token.text !== "query" && token.text !== "q") {
      return { text: `${token.text}(${args.map((arg) => arg.text).join(", ")})`, level: POSTFIX };
    }
    const end = this.#at;
    this.#at = first + 1;
    this.#mark(first, `${token.text}()`);
    this.#at = end;
    const kind = args[0]?.text.slice(1, -1);
    if ((kind !== "env" && kind !== "file") || args.length !== 2) throw new Unknown();
    return { text: `${kind}(${args[1].text})`, level: POSTFIX };
  }

  #arguments(): Cel[] {
    this.#expect("(");
    const args: Cel[] = [];
    this.#until(")", () => {
      const keyword = this.tokens[this.#at]?.kind === "name" && this.#peek("=", 1) ? this.#name() : undefined;
      if (keyword) this.#expect("=");
      args.push({ ...this.#ternary(), keyword });
      return "";
    });
    return args;
  }

  #until(close: string, item: () => string): string {
    const items: string[] = [];
    while (!this.#take(close)) {
      if (items.length > 0) this.#expect(",");
      if (this.#take(close)) break;
      items.push(item());
    }
    return items.join(", ");
  }

  #known(value: Cel | undefined): Cel {
    if (value) return value;
    throw new Unknown();
  }
}

function wrap(value: Cel, level: number): string {
  return value.level < level ? `(${value.text})` : value.text;
}

function negate(value: Cel): Cel {
  return { text: `!${wrap(value, UNARY)}`, level: UNARY };
}

function asString(value: Cel): string {
  return /^['"]/.test(value.text) || value.text.startsWith("string(") || value.level === ADD
    ? wrap(value, ADD)
    : `string(${value.text})`;
}
