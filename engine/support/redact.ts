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
  #pattern: RegExp | undefined;

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
      for (const form of formsOf(part)) this.#forms.set(form, place);
      this.#pattern = undefined;
    }
  }

  /** The text without the secrets. */
  text(text: string): string {
    if (this.#forms.size === 0) return text;
    const whole = text.replace(this.#regExp(), REDACTED);
    return whole.includes("…") ? this.#withoutCut(whole) : whole;
  }

  /** Whether a text holds a secret. */
  holds(text: string): boolean {
    return this.#forms.size > 0 && text.search(this.#regExp()) !== -1;
  }

  /** Where the decrypted value was written that a text holds; undefined where it holds none. */
  decryptedIn(text: string): string | undefined {
    if (this.#forms.size === 0) return undefined;
    for (const [found] of text.matchAll(this.#regExp())) {
      const place = this.#forms.get(found);
      if (place !== undefined) return place;
    }
    return undefined;
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

  /** The longest first, so that of a secret within another no rest is left. */
  #regExp(): RegExp {
    return this.#pattern ??= new RegExp(
      [...this.#forms.keys()].sort((a, b) => b.length - a.length).map((form) => RegExp.escape(form)).join("|"),
      "g",
    );
  }

  /** Also takes out the part of a secret that is left where a text was cut for the eye. */
  #withoutCut(text: string): string {
    const parts = text.split("…");
    const forms = [...this.#forms.keys()];
    return parts.map((part, index) => {
      const tail = index < parts.length - 1 ? longest(forms, (form, size) => part.endsWith(form.slice(0, size))) : 0;
      const head = index > 0 ? longest(forms, (form, size) => part.startsWith(form.slice(-size))) : 0;
      if (tail + head === 0) return part;
      if (tail + head >= part.length) return REDACTED;
      return (head > 0 ? REDACTED : "") + part.slice(head, part.length - tail) + (tail > 0 ? REDACTED : "");
    }).join("…");
  }
}

/** How much of a form stands there, by the form of which most does; 0 for too little to tell. */
function longest(forms: readonly string[], stands: (form: string, size: number) => boolean): number {
  let most = 0;
  for (const form of forms) {
    for (let size = form.length - 1; size > most && size >= SHORTEST_SECRET; size--) {
      if (stands(form, size)) most = size;
    }
  }
  return most;
}

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
