/**
 * The kinds of values that the configuration is made of. A schema's `description` is its line in the reference; `writeOnly`
 * keeps the value out of everything that is shown.
 *
 * @module
 */

import { DURATION, secondsOf } from "../duration.ts";
import { z } from "../../engine/support/zod.ts";

/** A duration as Prometheus writes it. */
export function duration(): z.ZodString {
  return z.string().regex(DURATION, "expected a duration such as 30s or 5m");
}

/** A duration in seconds, at least one. */
export function wholeSeconds(duration: string): number {
  return Math.max(1, Math.round(secondsOf(duration)));
}

/** A TCP port. */
export function port(): z.ZodNumber {
  return z.int().min(1).max(65535);
}

/** An absolute path on the host. */
export function absolutePath(): z.ZodString {
  return z.string().regex(/^\//, "expected an absolute path");
}

/** Text that says something. */
export function filled(): z.ZodString {
  return z.string().min(1, "expected some text");
}

/** An address that begins with http:// or https://. */
export function httpUrl(): z.ZodString {
  return z.string().refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), {
    error: "expected an address such as https://host/path",
  });
}

/** A text that nobody else may see. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), writeOnly: true }) as T;
}

/** A name for an e-mail's sender or receiver: `name@host`, or `Name <name@host>`. */
export function mailAddress(): z.ZodString {
  return z.string().regex(
    /^[^<>@]*<[^\s@<>]+@[^\s@<>]+>$|^[^\s@<>]+@[^\s@<>]+$/,
    "expected an address such as ops@example.com",
  );
}

/** Labels of Prometheus; numbers and booleans become text. */
export function labels(reserved: Readonly<Record<string, string>> = {}): z.ZodType<Record<string, string>> {
  const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
  return z.record(z.string(), value).superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      const help = reserved[name];
      const message = !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith("__")
        ? `'${name}' is no name for a label: letters, digits and _, and not __ at the start`
        : help && `the label '${name}' is aami's own: ${help}`;
      if (message) context.addIssue({ code: "custom", path: [name], message, params: { atKey: true } });
    }
  }) as z.ZodType<Record<string, string>>;
}
