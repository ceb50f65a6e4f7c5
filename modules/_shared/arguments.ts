/**
 * Arguments that several modules have in common.
 *
 * @module
 */

import { mode, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";

/** `mode`, `owner`, `group`: whose a path is and who may read it. */
export const ownershipArguments = {
  mode: mode().optional().describe(
    'Permission bits, octal in quotes (`"0644"`) or symbolic (`u=rw,g=r,o=`). Without it a new path gets the host\'s default and an existing one keeps its own.',
  ),
  owner: text().optional().describe("The user who owns it, by name or number. Without it the owner stays as it is."),
  group: text().optional().describe("The group it belongs to, by name or number. Without it the group stays as it is."),
};

/** `validate`: a check of the new file before it replaces the old one. */
export const validateArgument: z.ZodType<string | undefined> = text().refine((command) => command.includes("%s"), {
  message: "'validate' must contain %s, which stands for the new file",
}).optional().describe(
  "A command that must succeed before the new file replaces the old one; `%s` stands for the new file. Runs at apply only.",
);

/** A path on the host that keeps its trailing slash, which says that it is a directory. */
export function destination(): z.ZodType<string> {
  return z.unknown().transform((value, context) => {
    const plain = forward(path(), value, context);
    return plain !== "/" && String(value).endsWith("/") ? `${plain}/` : plain;
  }).meta({ type: "string", words: "path on the host" });
}

/** A mode, or `preserve` for that of the source. */
export function modeOrPreserve(): z.ZodType<string> {
  return z.unknown().transform((value, context) => value === "preserve" ? value : forward(mode(), value, context))
    .meta({ type: "string", words: "mode | preserve" });
}

/** What another argument type makes of a value; what it says is wrong is said here. */
function forward<T>(schema: z.ZodType<T>, value: unknown, context: z.core.$RefinementCtx): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { message } of parsed.error.issues) context.addIssue({ code: "custom", message });
  return z.NEVER;
}

/**
 * Lets arguments be written under other names, as Ansible does. What is wrong is said of the name that was written.
 *
 * @param aliases other name → name in the schema
 */
export function aliased<T>(schema: z.ZodType<T>, aliases: Readonly<Record<string, string>>): z.ZodType<T> {
  return z.preprocess((value, context) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const written = Object.keys(value).filter((key) => Object.hasOwn(aliases, key));
    if (written.length === 0) return value;
    const renamed: Record<string, unknown> = { ...value };
    for (const key of written) {
      const name = aliases[key];
      if (Object.hasOwn(renamed, name)) {
        context.addIssue({
          code: "custom",
          path: [key],
          message: `'${key}' is another name of '${name}': give one of them`,
        });
      }
      renamed[name] = renamed[key];
      delete renamed[key];
    }
    const parsed = schema.safeParse(renamed);
    for (const issue of parsed.error?.issues ?? []) {
      const alias = written.find((key) => aliases[key] === issue.path[0]);
      const path = alias === undefined ? issue.path : [alias, ...issue.path.slice(1)];
      context.issues.push({ ...issue, path, input: value } as z.core.$ZodRawIssue);
    }
    return renamed;
  }, schema).meta({ aliases }) as unknown as z.ZodType<T>;
}
