/**
 * Takes the secrets of a run out of whatever leaves it: as they are, and in the forms that they take on the way (JSON,
 * shell quotes, URLs, base64).
 *
 * @module
 */

import { shellQuote } from "./shell_quote.ts";

/** What stands in place of a secret in every output. */
export const REDACTED = "********";

/** A shorter text is no secret: taking it out would blank out unrelated text. */
export const SHORTEST_SECRET = 4;

/** Fewer characters of base64 are found by chance. */
const SHORTEST_BASE64 = 6;

/** What a secret may look like to a reader of the same text, and is none. */
const PLAIN_WORDS = new Set(["true", "false", "null", "none", "yes", "no", "on", "off"]);

/** Knows the secrets of a run. Without any, every text and value passes as it is, at no cost. */
export class Redactor {
  /** Each form of each secret, and whether it is a decrypted value: these may not be in an argv. */
  readonly #forms = new Map<string, string | undefined>();
  /** The forms by their first characters, the longest first, so that of a secret within another no rest is left. */
  readonly #byStart = new Map<string, string[]>();
  /** The same by their last characters. */
  readonly #byEnd = new Map<string, string[]>();
  #longest = 0;
  /** The hashes of the first characters: most places of a text are passed over by them. */
  readonly #starts = new Uint8Array(0x10000);

  /** Whether there is a secret to take out. */
  get active(): boolean {
    return this.#forms.size > 0;
  }

  /**
   * Remembers a secret; from now on it is taken out. A text of several lines is remembered line by line too. One of
   * less than {@linkcode SHORTEST_SECRET} characters, and words like `true`, are no secrets.
   *
   * @param place of a decrypted value: where it was written, for the message that refuses it in an argv
   */
  add(secret: string, place?: string): void {
    for (const part of new Set([secret, ...secret.split(/\r?\n/)].map((text) => text.trim()))) {
      if (part.length < SHORTEST_SECRET || PLAIN_WORDS.has(part.toLowerCase())) continue;
      if (this.#forms.get(part) !== undefined || (this.#forms.has(part) && place === undefined)) continue;
      for (const form of formsOf(part)) this.#addForm(form, place);
    }
  }

  #addForm(form: string, place: string | undefined): void {
    const known = this.#forms.has(form);
    this.#forms.set(form, place);
    if (known) return;
    insert(this.#byStart, form.slice(0, SHORTEST_SECRET), form);
    insert(this.#byEnd, form.slice(-SHORTEST_SECRET), form);
    this.#longest = Math.max(this.#longest, form.length);
    this.#starts[hashAt(form, 0)] = 1;
  }

  /** The text without the secrets. */
  text(text: string): string {
    if (this.#forms.size === 0) return text;
    let clean = "";
    let at = 0;
    for (const { start, form } of this.#found(text)) {
      clean += text.slice(at, start) + REDACTED;
      at = start + form.length;
    }
    clean += text.slice(at);
    return clean.includes("…") ? this.#withoutCut(clean) : clean;
  }

  /** Whether a text holds a secret. */
  holds(text: string): boolean {
    return this.#forms.size > 0 && !this.#found(text).next().done;
  }

  /** Where the decrypted value was written that a text holds; undefined where it holds none. */
  decryptedIn(text: string): string | undefined {
    if (this.#forms.size === 0) return undefined;
    for (const { form } of this.#found(text)) {
      const place = this.#forms.get(form);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** The secrets in a text, from its beginning; however many are known, it is looked through once. */
  *#found(text: string): Generator<{ start: number; form: string }, void> {
    for (let start = 0; start <= text.length - SHORTEST_SECRET; start++) {
      if (this.#starts[hashAt(text, start)] === 0) continue;
      const forms = this.#byStart.get(text.slice(start, start + SHORTEST_SECRET));
      const form = forms?.find((each) => text.startsWith(each, start));
      if (form === undefined) continue;
      yield { start, form };
      start += form.length - 1;
    }
  }

  /** A copy of a JSON-like value with the secrets taken out of every scalar and key; the value itself if there are none. */
  value<T>(value: T): T {
    if (this.#forms.size === 0) return value;
    return this.#walk(value) as T;
  }

  #walk(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value === "number") return this.#forms.has(String(value)) ? REDACTED : value;
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value !== null && typeof value === "object" && !(value instanceof Uint8Array)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.#walk(item)]));
    }
    return value;
  }

  /** Also takes out the part of a secret that is left where a text was cut for the eye. */
  #withoutCut(text: string): string {
    const parts = text.split("…");
    return parts.map((part, index) => {
      const tail = index < parts.length - 1 ? this.#beginningAtEnd(part) : 0;
      const head = index > 0 ? this.#endAtBeginning(part) : 0;
      if (tail + head === 0) return part;
      if (tail + head >= part.length) return REDACTED;
      return (head > 0 ? REDACTED : "") + part.slice(head, part.length - tail) + (tail > 0 ? REDACTED : "");
    }).join("…");
  }

  /** How many characters at the end of a text begin a secret; 0 for too few to tell. */
  #beginningAtEnd(text: string): number {
    for (let at = Math.max(0, text.length - this.#longest); at <= text.length - SHORTEST_SECRET; at++) {
      const forms = this.#byStart.get(text.slice(at, at + SHORTEST_SECRET));
      if (forms?.some((form) => form.startsWith(text.slice(at)))) return text.length - at;
    }
    return 0;
  }

  /** How many characters at the beginning of a text end a secret; 0 for too few to tell. */
  #endAtBeginning(text: string): number {
    for (let end = Math.min(text.length, this.#longest); end >= SHORTEST_SECRET; end--) {
      const forms = this.#byEnd.get(text.slice(end - SHORTEST_SECRET, end));
      if (forms?.some((form) => form.endsWith(text.slice(0, end)))) return end;
    }
    return 0;
  }
}

/** A number below 2^16 from the first {@linkcode SHORTEST_SECRET} characters of what begins at an offset. */
function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let index = at; index < at + SHORTEST_SECRET; index++) hash = hash * 31 + text.charCodeAt(index);
  return hash & 0xffff;
}

/** Keeps the forms of a key sorted, the longest first. */
function insert(index: Map<string, string[]>, key: string, form: string): void {
  const forms = index.get(key);
  if (!forms) return void index.set(key, [form]);
  const at = forms.findIndex((each) => each.length <= form.length);
  forms.splice(at === -1 ? forms.length : at, 0, form);
}

/** What a secret looks like on its way: as it is, in JSON, in shell quotes, in a URL, in base64. */
function formsOf(secret: string): Set<string> {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret);
  const shell = shellQuote(secret.replaceAll("\0", "")).replace(/^'(.*)'$/s, "$1");
  return new Set([secret, json, shell, url, url.replaceAll("%20", "+"), ...base64Of(secret)]);
}

/**
 * What base64 makes of a secret, wherever it stands in the text that was encoded (`user:SECRET`): the characters that
 * rest on nothing but the secret, for each of the three ways in which it can meet the groups of three bytes.
 */
function base64Of(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = new Uint8Array([...new Uint8Array(before), ...bytes]).toBase64();
    const sure = encoded.slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6));
    if (sure.length < SHORTEST_BASE64) return [];
    return [sure, sure.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
