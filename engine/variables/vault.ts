/**
 * Opens what is encrypted: whole files and `!vault` values. The passwords are read when something encrypted is first
 * met. Whatever is decrypted is made known to the redactor before anybody sees it.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { DiagnosticError, inputError, placeOf, type SourceText, type Span } from "../support/diagnostic.ts";
import { Redactor } from "../support/redact.ts";
import {
  decryptEnvelope,
  type Envelope,
  holdsEncrypted,
  isEncrypted,
  parseEnvelope,
  VaultFormatError,
} from "../support/vault_format.ts";
import type { YamlNode } from "../support/yaml.ts";
import { secretsIn } from "./vault_secrets.ts";

/** Of a larger file the lines are not looked for in what leaves the run, which would take long. */
const LONGEST_LEARNED = 64 * 1024;

/** A password, read when it is needed. */
export interface VaultPassword {
  /** Its vault id; `default` where none was given. */
  readonly label: string;
  /** Reads it, from wherever it is. @throws {DiagnosticError} saying what to do */
  read(): Promise<Uint8Array>;
}

/** A password that was read. */
export interface KnownPassword {
  /** Its vault id. */
  readonly label: string;
  /** Its bytes. */
  readonly password: Uint8Array;
}

/** What was decrypted, and what opened it. */
export interface Opened extends KnownPassword {
  /** The bytes as they were before. */
  readonly content: Uint8Array;
}

/** Opens what is encrypted with the passwords of a run. */
export class Vault {
  #read: Promise<void> | undefined;
  #known: readonly KnownPassword[] = [];
  /** Decrypting costs some milliseconds of key derivation, so each text is decrypted once. */
  readonly #opened = new Map<string, Opened>();

  /** Reads no password yet. What is decrypted is added to `redactor`. */
  constructor(readonly passwords: readonly VaultPassword[] = [], readonly redactor: Redactor = new Redactor()) {}

  /**
   * The text as it can be read: decrypted where the whole of it is encrypted. Where it holds encrypted values, the
   * passwords are read now, so that {@linkcode decrypt} needs to ask nobody.
   *
   * @throws {DiagnosticError} where it cannot be decrypted
   */
  async open(source: SourceText): Promise<SourceText> {
    if (!holdsEncrypted(source.text)) return source;
    await this.ready();
    if (!isEncrypted(source.text)) return source;
    const span = headerOf(source);
    const text = this.#text(this.decrypt(source.text, span).content, span);
    return { path: source.path, text, secret: true };
  }

  /** Makes variables known as secrets if they come from a file that was decrypted. */
  learn(node: YamlNode): void {
    if (!node.span.source.secret) return;
    for (const { text, place } of secretsIn(node)) this.redactor.add(text, place);
  }

  /**
   * A file's bytes, decrypted where they are encrypted; else undefined.
   *
   * @throws {DiagnosticError} where they cannot be decrypted
   */
  async openBytes(path: string, content: Uint8Array): Promise<Uint8Array | undefined> {
    if (!isEncrypted(content)) return undefined;
    await this.ready();
    const source = { path, text: new TextDecoder().decode(content) };
    const opened = this.decrypt(source.text, headerOf(source)).content;
    // Its lines may be words that commands hold too, so they are taken out and not refused.
    if (opened.length <= LONGEST_LEARNED) this.redactor.add(new TextDecoder().decode(opened));
    return opened;
  }

  /** The value of a `!vault` text. @throws {DiagnosticError} at `span` where it cannot be decrypted */
  value(text: string, span: Span): string {
    const value = this.#text(this.decrypt(text, span).content, span);
    this.redactor.add(value, placeOf(span));
    return value;
  }

  /**
   * Makes known what a function made of a secret text (`upper`, `split`, a hash): a text or a list of them that tells as
   * much. A value taken out of a map or a list is none.
   */
  learnDerived(args: readonly Value[], result: Value): void {
    if (!this.redactor.active) return;
    for (const arg of args) {
      const place = typeof arg === "string" ? this.redactor.decryptedIn(arg) : undefined;
      if (place === undefined) continue;
      const before = new Set(String(arg).split("\n"));
      const made = (Array.isArray(result) ? result : [result]).filter((each) => typeof each === "string");
      for (const line of made.flatMap((text) => text.split("\n"))) {
        // A line that stood there before is a secret already, or none.
        if (!before.has(line)) this.redactor.add(line, place);
      }
    }
  }

  /** Reads the passwords, once. @throws {DiagnosticError} where one cannot be had */
  ready(): Promise<void> {
    return this.#read ??= (async () => {
      const known: KnownPassword[] = [];
      // One after the other: several may ask at the terminal.
      for (const { label, read } of this.passwords) known.push({ label, password: await read() });
      this.#known = known;
    })();
  }

  /**
   * Decrypts with the passwords that were read: first those of the text's own vault id, then the others.
   *
   * @throws {DiagnosticError} at `span`
   */
  decrypt(text: string, span: Span): Opened {
    const before = this.#opened.get(text);
    if (before) return before;
    const envelope = envelopeOf(text, span);
    if (this.#known.length === 0) throw noPassword(envelope, span);
    const own = (known: KnownPassword) => known.label === envelope.label;
    for (const known of [...this.#known.filter(own), ...this.#known.filter((known) => !own(known))]) {
      const content = orDamaged(span, () => decryptEnvelope(envelope, known.password));
      if (!content) continue;
      const opened = { content, ...known };
      this.#opened.set(text, opened);
      return opened;
    }
    const count = this.#known.length === 1 ? "the vault password does not fit" : "none of the vault passwords fits";
    throw inputError("vault-password", count, span, helpForWrong(envelope, this.#known.map(({ label }) => label)));
  }

  #text(content: Uint8Array, span: Span): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(content);
    } catch {
      throw inputError("vault", "what was decrypted is no UTF-8 text", span);
    }
  }
}

/** Opens nothing: there is no password. */
export const NO_VAULT: Vault = new Vault();

/** Takes an encrypted file for an empty one: to look, without a password, at what stands around it. */
export const CLOSED_VAULT: Vault = new class extends Vault {
  override open(source: SourceText): Promise<SourceText> {
    return Promise.resolve(isEncrypted(source.text) ? { path: source.path, text: "", secret: true } : source);
  }
}();

/**
 * Takes an encrypted text apart.
 *
 * @throws {DiagnosticError} at `span` where it is damaged or of another format
 */
export function envelopeOf(text: string, span: Span): Envelope {
  return orDamaged(span, () => parseEnvelope(text));
}

/** Whether an error says that there is no password that fits. */
export function lacksPassword(error: unknown): error is DiagnosticError {
  return error instanceof DiagnosticError && error.diagnostics.every(({ code }) => code === "vault-password");
}

function orDamaged<T>(span: Span, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof VaultFormatError)) throw error;
    const help = "restore it from a copy, or encrypt it again: aami secret encrypt";
    throw inputError("vault", error.message, span, help);
  }
}

/** The first line of an encrypted text. */
function headerOf(source: SourceText): Span {
  const end = source.text.search(/\r?\n|$/);
  return { source, start: 0, end };
}

function noPassword({ label }: Envelope, span: Span): DiagnosticError {
  const help = label === "default"
    ? "give --vault-password-file FILE, or -J to be asked for it"
    : `give --vault-id ${label}@FILE, or --vault-id ${label}@prompt to be asked for it`;
  return inputError("vault-password", "this is encrypted, and no vault password was given", span, help);
}

function helpForWrong({ label }: Envelope, given: readonly string[]): string {
  if (label === "default" || given.includes(label)) {
    return "give the password that it was encrypted with; if this is the one, the text was changed since";
  }
  return `it was encrypted with the vault id '${label}': give --vault-id ${label}@FILE`;
}
