/**
 * What the modules user and group share.
 *
 * @module
 */

import { text } from "../../engine/module/schema.ts";
import type { z } from "../../engine/support/zod.ts";

/** The name of a user or group, as the tools of every distribution take it. */
export function accountName(kind: "user" | "group"): z.ZodType<string> {
  return text().superRefine((name, context) => {
    if (/^[A-Za-z0-9_.][A-Za-z0-9_.@+-]*\$?$/.test(name) && !/^(\d+|\.\.?)$/.test(name)) return;
    const message =
      `'${name}' cannot be the name of a ${kind}: use letters, digits, '_', '.' and '-', and not digits alone`;
    context.addIssue({ code: "custom", message });
  });
}
