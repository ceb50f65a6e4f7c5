/** Small things the transport tests share. */

import type { ExecResult } from "../../../engine/transport/mod.ts";

/** A text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A result with its streams as text. */
export function text(result: ExecResult): { code: number; stdout: string; stderr: string } {
  const decoder = new TextDecoder();
  return { code: result.code, stdout: decoder.decode(result.stdout), stderr: decoder.decode(result.stderr) };
}
