/**
 * Public keys of SSH as authorized_keys and known_hosts have them.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** A public key. */
export interface PublicKey {
  /** E.g. `ssh-ed25519`. */
  readonly type: string;
  /** In base64. */
  readonly data: string;
  /** What follows the data; empty for nothing. */
  readonly comment: string;
}

const TYPE = /^(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9-]+(@openssh\.com)?$/;

/** Whether a word is the type of a key. */
export function isKeyType(word: string): boolean {
  return TYPE.test(word);
}

/** Reads `TYPE DATA COMMENT`; undefined where it is none. */
export function parseKey(text: string): PublicKey | undefined {
  const [, type, data, comment] = /^(\S+)[ \t]+(\S+)[ \t]*(.*?)\s*$/.exec(text) ?? [];
  return type !== undefined && isKeyType(type) ? { type, data, comment } : undefined;
}

/** The lines of an argument of several keys, without comments. */
export function keyLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

/** What is wrong with a key, or undefined: that a copied key was cut short shows in its data. */
export function wrongKey({ type, data }: PublicKey): string | undefined {
  const bytes = decode(data);
  if (bytes === undefined) return `the data of the ${type} key is not base64: a character was lost or added`;
  const fields = fieldsOf(bytes, /-cert-v01@/.test(type) ? 1 : Infinity);
  if (fields === undefined) return `the ${type} key is cut short or was changed: copy it again`;
  const inside = new TextDecoder().decode(fields[0]);
  return inside === type ? undefined : `the key says ${type}, but its data is a key of type ${inside}`;
}

function decode(data: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(data);
  } catch {
    return undefined;
  }
}

/** The fields of a key's data, each with its length before it; undefined where they do not fill it. */
function fieldsOf(bytes: Uint8Array, most: number): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Uint8Array[] = [];
  let at = 0;
  while (fields.length < most && at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields.length > Math.min(1, most - 1) ? fields : undefined;
}

/** A key as operators know it: `ssh-ed25519 SHA256:… comment`. */
export function fingerprint({ type, data, comment }: PublicKey): string {
  const digest = createHash("sha256").update(decode(data) ?? data).digest("base64").replace(/=+$/, "");
  return `${type} SHA256:${digest}${comment && ` ${comment}`}`;
}
