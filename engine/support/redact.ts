/** What stands in place of a secret in every output. */
export const REDACTED = "********";

/**
 * Knows the secret texts of a run and takes them out of whatever leaves it. A secret shorter than 3 characters is not
 * replaced: it would blank out unrelated text.
 */
export class Redactor {
  readonly #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  /** Remembers a secret; from now on it is replaced. A text of several lines is remembered line by line too. */
  add(secret: string): void {
    for (const part of [secret, ...secret.split("\n")]) {
      if (part.trim().length < 3 || this.#secrets.has(part)) continue;
      this.#secrets.add(part);
      // A value may also leave JSON-escaped.
      const escaped = JSON.stringify(part).slice(1, -1);
      if (escaped !== part) this.#secrets.add(escaped);
      this.#pattern = undefined;
    }
  }

  /** The text without the secrets. */
  text(text: string): string {
    if (this.#secrets.size === 0) return text;
    this.#pattern ??= new RegExp(
      [...this.#secrets].sort((a, b) => b.length - a.length).map((secret) => RegExp.escape(secret)).join("|"),
      "g",
    );
    return text.replace(this.#pattern, REDACTED);
  }

  /** A copy of a JSON-like value with the secrets taken out of every string and key; the value itself if there are none. */
  value<T>(value: T): T {
    if (this.#secrets.size === 0) return value;
    return this.#walk(value) as T;
  }

  #walk(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value !== null && typeof value === "object" && !(value instanceof Uint8Array)) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.#walk(item)]));
    }
    return value;
  }
}
