/**
 * The files of `ansible-vault`: a header, then hex digits in lines. Format 1.1 has no label, 1.2 names one; both are
 * AES256: PBKDF2 with SHA-256 gives the keys, AES-256-CTR encrypts, HMAC-SHA-256 tells a wrong password.
 *
 * Source of the format: "Ansible Vault payload format 1.1 - 1.2" in ansible-core's documentation.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

const MARK = "$ANSIBLE_VAULT;";
const ROUNDS = 10_000;
const BLOCK = 16;
const WIDTH = 80;

/** The label of what names none. */
export const DEFAULT_LABEL = "default";

/** What an encrypted text consists of. */
export interface Envelope {
  /** The vault id that it was encrypted with; `default` where the header names none. */
  readonly label: string;
  /** What the keys are made from beside the password. */
  readonly salt: Uint8Array;
  /** HMAC-SHA-256 of the ciphertext. */
  readonly hmac: Uint8Array;
  /** Padded to whole blocks. */
  readonly ciphertext: Uint8Array;
}

/** A text begins like an encrypted one and is none, or is damaged. The message is a sentence about it. */
export class VaultFormatError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "VaultFormatError";
}

/** Whether a text or a file's bytes are encrypted. */
export function isEncrypted(content: string | Uint8Array): boolean {
  if (typeof content === "string") return content.startsWith(MARK);
  return content.length >= MARK.length && [...MARK].every((char, index) => content[index] === char.charCodeAt(0));
}

/** Whether a text holds an encrypted value, or is one. */
export function holdsEncrypted(text: string): boolean {
  return text.includes(MARK);
}

/**
 * Takes an encrypted text apart.
 *
 * @throws {VaultFormatError} for another format and for damage that can be seen without the password
 */
export function parseEnvelope(text: string): Envelope {
  const [header, ...lines] = text.trim().split(/\r?\n/).map((line) => line.trim());
  const [mark, version, cipher, label] = header.split(";");
  if (`${mark};` !== MARK || !["1.1", "1.2"].includes(version)) {
    throw new VaultFormatError("this is no encrypted text: it begins with neither $ANSIBLE_VAULT;1.1 nor 1.2");
  }
  if (cipher !== "AES256") throw new VaultFormatError("the encrypted text is of another cipher than AES256");
  const parts = textOf(fromHex(lines.join(""))).split("\n");
  if (parts.length !== 3) throw damaged();
  const [salt, hmac, ciphertext] = parts.map(fromHex);
  if (hmac.length !== 32 || ciphertext.length === 0 || ciphertext.length % BLOCK !== 0) throw damaged();
  return { label: label || DEFAULT_LABEL, salt, hmac, ciphertext };
}

/** What was encrypted, or undefined where the password is another one (or a byte was changed). */
export function decryptEnvelope(envelope: Envelope, password: Uint8Array): Uint8Array | undefined {
  const { key, hmacKey, counter } = keysOf(password, envelope.salt);
  const hmac = createHmac("sha256", hmacKey).update(envelope.ciphertext).digest();
  if (!timingSafeEqual(hmac, envelope.hmac)) return undefined;
  const decipher = createDecipheriv("aes-256-ctr", key, counter);
  const padded = Buffer.concat([decipher.update(envelope.ciphertext), decipher.final()]);
  const padding = padded[padded.length - 1];
  if (padding < 1 || padding > BLOCK) throw damaged();
  return new Uint8Array(padded.subarray(0, padded.length - padding));
}

/** Encrypts: format 1.2 with a label, 1.1 without, as `ansible-vault` does. The text ends with a line break. */
export function encryptBytes(content: Uint8Array, password: Uint8Array, label = DEFAULT_LABEL): string {
  const salt = randomBytes(32);
  const { key, hmacKey, counter } = keysOf(password, salt);
  const padding = BLOCK - content.length % BLOCK;
  const cipher = createCipheriv("aes-256-ctr", key, counter);
  const ciphertext = Buffer.concat([
    cipher.update(content),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]);
  const hmac = createHmac("sha256", hmacKey).update(ciphertext).digest();
  const inner = [salt, hmac, ciphertext].map((part) => part.toString("hex")).join("\n");
  const body = Buffer.from(inner).toString("hex");
  const header = label === DEFAULT_LABEL ? `${MARK}1.1;AES256` : `${MARK}1.2;AES256;${label}`;
  return `${[header, ...body.match(new RegExp(`.{1,${WIDTH}}`, "g")) ?? []].join("\n")}\n`;
}

function keysOf(password: Uint8Array, salt: Uint8Array) {
  const derived = pbkdf2Sync(password, salt, ROUNDS, 80, "sha256");
  return { key: derived.subarray(0, 32), hmacKey: derived.subarray(32, 64), counter: derived.subarray(64) };
}

function fromHex(text: string): Uint8Array {
  if (text.length === 0 || text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw damaged();
  return Uint8Array.fromHex(text);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function damaged(): VaultFormatError {
  return new VaultFormatError("the encrypted text is damaged: it is not whole");
}
