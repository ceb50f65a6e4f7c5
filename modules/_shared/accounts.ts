/**
 * What the modules user and group share.
 *
 * @module
 */

import { text } from "../../engine/module/schema.ts";
import type { z } from "../../engine/support/zod.ts";

/** The name of a user or group, as the tools of every distribution take it. */
export function accountName(kind: "user" | "group"): z.ZodType<string> {
  return text().refine((name) => /^[A-Za-z0-9_.][A-Za-z0-9_.@+-]*\$?$/.test(name) && !/^(\d+|\.\.?)$/.test(name), {
    message: `a ${kind}'s name is made of letters, digits, '_', '.' and '-', and not of digits alone`,
  });
}
