/**
 * Loaded before ssh2, which has no native part here: ssh2 makes three ChaCha20 ciphers for each packet and never ends
 * them, and what is not ended Deno never frees (300 bytes each, 30 MB a gigabyte). Each of them is used for one `update`,
 * so it can be ended there. {@linkcode restoreCiphers} gives `node:crypto` back as it was once ssh2 has taken its
 * functions.
 *
 * @module
 */

import crypto from "node:crypto";

const original = { createCipheriv: crypto.createCipheriv, createDecipheriv: crypto.createDecipheriv };

/** The part of a cipher that ssh2 uses with ChaCha20. */
interface OneUse {
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

function endedAfterUse(make: (...args: never[]) => OneUse): (...args: never[]) => OneUse {
  return (...args: never[]) => {
    const cipher = make(...args);
    if (String(args[0]) !== "chacha20") return cipher;
    const update = cipher.update.bind(cipher);
    cipher.update = (data) => {
      const result = update(data);
      cipher.final();
      return result;
    };
    return cipher;
  };
}

Object.assign(crypto, {
  createCipheriv: endedAfterUse(original.createCipheriv as unknown as (...args: never[]) => OneUse),
  createDecipheriv: endedAfterUse(original.createDecipheriv as unknown as (...args: never[]) => OneUse),
});

/** Undoes what loading this module did. */
export function restoreCiphers(): void {
  Object.assign(crypto, original);
}
