/**
 * Reads JSON into positioned nodes: what executable inventories print may be megabytes, which a YAML parser is slow at.
 *
 * @module
 */

import { type DiagnosticError, inputError, type SourceText, type Span } from "../support/diagnostic.ts";
import type { YamlEntry, YamlNode } from "../support/yaml.ts";

const MAX_DEPTH = 200;
const SPACE = /[ \t\r\n]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * Parses a JSON text.
 *
 * @throws {DiagnosticError} at the first character that is not JSON
 */
export function parseJson(source: SourceText): YamlNode {
  return new JsonReader(source).read();
}

class JsonReader {
  #at = 0;
  readonly #text: string;

  constructor(readonly source: SourceText) {
    this.#text = source.text;
  }

  read(): YamlNode {
    const node = this.#value(0);
    if (this.#peek() !== "") throw this.#unexpected();
    return node;
  }

  /** The next character that is no white space. */
  #peek(): string {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
    return this.#text[this.#at] ?? "";
  }

  #unexpected(): DiagnosticError {
    const end = this.#at >= this.#text.length;
    const what = end ? "the JSON ends too early" : `'${this.#text[this.#at]}' is not expected here in JSON`;
    return inputError("json-syntax", what, this.#span(this.#at, this.#at + 1));
  }

  #span(start: number, end = this.#at): Span {
    return { source: this.source, start, end };
  }

  #value(depth: number): YamlNode {
    const char = this.#peek();
    if (depth > MAX_DEPTH) {
      throw inputError("json-depth", `values nest deeper than ${MAX_DEPTH} levels`, this.#span(this.#at, this.#at + 1));
    }
    const start = this.#at;
    if (char === "{") return { kind: "map", entries: this.#entries(depth), span: this.#span(start) };
    if (char === "[") {
      const items = this.#list("]", () => this.#value(depth + 1));
      return { kind: "seq", items, span: this.#span(start) };
    }
    if (char === '"') {
      const value = this.#string();
      return { kind: "scalar", value, written: value, span: this.#span(start) };
    }
    SCALAR.lastIndex = start;
    const written = SCALAR.exec(this.#text)?.[0];
    if (!written) throw this.#unexpected();
    this.#at += written.length;
    return { kind: "scalar", value: JSON.parse(written), written, span: this.#span(start) };
  }

  #string(): string {
    if (this.#peek() !== '"') throw this.#unexpected();
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === "\\" ? 2 : 1;
    const written = this.#text.slice(this.#at, end + 1);
    try {
      const value: string = JSON.parse(written);
      this.#at += written.length;
      return value;
    } catch {
      throw inputError("json-syntax", "the string is not valid JSON", this.#span(this.#at, this.#at + 1));
    }
  }

  #entries(depth: number): YamlEntry[] {
    const entries = new Map<string, YamlEntry>();
    this.#list("}", () => {
      this.#peek();
      const start = this.#at;
      const key = this.#string();
      const keySpan = this.#span(start);
      if (this.#peek() !== ":") throw this.#unexpected();
      this.#at++;
      entries.set(key, { key, keySpan, value: this.#value(depth + 1) });
    });
    return [...entries.values()];
  }

  #list<T>(close: string, read: () => T): T[] {
    const items: T[] = [];
    this.#at++;
    if (this.#peek() !== close) {
      items.push(read());
      while (this.#peek() === ",") {
        this.#at++;
        items.push(read());
      }
      if (this.#peek() !== close) throw this.#unexpected();
    }
    this.#at++;
    return items;
  }
}
